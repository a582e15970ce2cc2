// Volumes that stand for themselves (pkg/apis/core/validation, ValidatePersistentVolume, 1.36.3).
import { deepEqual } from '../../../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import { quantityOf } from '../../../kube/quantity.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, listOf, objectOf, textOf, without } from '../edit.ts'
import { sentValue } from '../emptied.ts'
import { accessModeFaults } from './claims.ts'
import { forbiddenValue, invalidValue, notSupported, requiredValue } from './faults.ts'
import { internalValue } from './internal-values.ts'
import { valueDiff } from './line-diff.ts'
import { immutable } from './metadata.ts'
import { nameIfSet, requiredName, requiredTexts, ruleFaults } from './named-faults.ts'
import { dnsLabel, dnsSubdomain } from './names.ts'
import { choiceIfSet, positiveQuantity } from './numbers.ts'
import { steplessPath } from './paths.ts'
import { nodeSelectorFaults } from './pod-placement.ts'
import { sortedMap } from './selectors.ts'
import { driverFaults, STORAGE_SOURCES, type SourceRule } from './storage-sources.ts'

/** What volumes may be kept by, in the order upstream looks at them. */
const ORDER = ['hostPath', 'gcePersistentDisk', 'awsElasticBlockStore', 'glusterfs', 'flocker', 'nfs', 'rbd', 'quobyte', 'cephfs', 'iscsi', 'cinder', 'fc', 'flexVolume', 'azureFile', 'vsphereVolume', 'photonPersistentDisk', 'portworxVolume', 'azureDisk', 'scaleIO', 'local', 'storageos', 'csi'] // prettier-ignore

/** Where these differ from what pods name: their secrets have a namespace. */
const OF_VOLUMES: Readonly<Record<string, SourceRule>> = {
  azureFile: (source, field) => [
    ...requiredTexts(source, field, 'secretName', 'shareName'),
    ...(source['secretNamespace'] === '' ? [requiredValue(`${field}.secretNamespace`)] : []),
  ],
  cinder: (source, field) => [...requiredTexts(source, field, 'volumeID'), ...namespacedSecret(source, field)],
  csi: driverVolumeFaults,
  glusterfs: (source, field) => [
    ...requiredTexts(source, field, 'endpoints', 'path'),
    ...endpointNamespace(source['endpointsNamespace'], `${field}.endpointsNamespace`),
  ],
  iscsi: (source, field) => [
    ...(STORAGE_SOURCES['iscsi']?.(source, field) ?? []).map((fault) => ({
      ...fault,
      message: fault.message.replace(' starting with iqn, eui, or naa', ''),
    })),
    ...(isAbsent(source['secretRef']) ? [] : requiredTexts(objectOf(source['secretRef']), `${field}.secretRef`, 'name')), // prettier-ignore
  ],
  local: (source, field) => {
    const path = textOf(source['path'])
    return path === '' ? [requiredValue(`${field}.path`)] : steplessPath(path, `${field}.path`)
  },
  storageos: (source, field) => [
    ...requiredName(source['volumeName'], `${field}.volumeName`, dnsLabel),
    ...nameIfSet(source['volumeNamespace'], `${field}.volumeNamespace`, dnsLabel),
    ...namespacedSecret(source, field),
  ],
}

function namespacedSecret(source: JsonObject, field: string): readonly FieldFault[] {
  if (isAbsent(source['secretRef'])) return []
  return requiredTexts(objectOf(source['secretRef']), `${field}.secretRef`, 'name', 'namespace')
}

function endpointNamespace(namespace: JsonValue | undefined, field: string): readonly FieldFault[] {
  if (isAbsent(namespace)) return []
  const text = 'if the endpointnamespace is set, it must be a valid namespace name'
  return namespace === '' ? [invalidValue(field, '', text)] : ruleFaults(namespace, field, dnsLabel)
}

const DRIVER_SECRETS = ['controllerPublishSecretRef', 'controllerExpandSecretRef', 'nodePublishSecretRef', 'nodeExpandSecretRef'] // prettier-ignore

function driverVolumeFaults(source: JsonObject, field: string): readonly FieldFault[] {
  const secrets = DRIVER_SECRETS.filter((key) => !isAbsent(source[key]))
  return [
    ...driverFaults(textOf(source['driver']), `${field}.driver`),
    ...requiredTexts(source, field, 'volumeHandle'),
    ...secrets.flatMap((key) => [
      ...requiredName(objectOf(source[key])['name'], `${field}.${key}.name`, dnsSubdomain),
      ...requiredName(objectOf(source[key])['namespace'], `${field}.${key}.namespace`, dnsLabel),
    ]),
  ]
}

export function validateVolume(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const spec = objectOf(object['spec'])
  const faults = volumeSpecFaults(spec, 'spec')
  const options = mountOptionFaults(object, spec)
  if (old === undefined) return [...faults, ...options]
  // The registry looks at the spec, and what looks at updates does again.
  return [...faults, ...options, ...faults, ...volumeChanges(spec, objectOf(old['spec']))]
}

const MOUNT_OPTIONS = 'volume.beta.kubernetes.io/mount-options'
const TAKES_OPTIONS = ['gcePersistentDisk', 'awsElasticBlockStore', 'glusterfs', 'nfs', 'rbd', 'quobyte', 'iscsi', 'cinder', 'cephfs', 'azureFile', 'vsphereVolume', 'azureDisk', 'photonPersistentDisk'] // prettier-ignore

/** The old annotation is for what mounts by options (pkg/volume/validation/pv_validation.go). */
function mountOptionFaults(object: JsonObject, spec: JsonObject): readonly FieldFault[] {
  const isSet = Object.hasOwn(objectOf(objectOf(object['metadata'])['annotations']), MOUNT_OPTIONS)
  if (!isSet || TAKES_OPTIONS.some((key) => !isAbsent(spec[key]))) return []
  return [forbiddenValue(`metadata.annotations.${MOUNT_OPTIONS}`, 'may not specify mount options for this volume type')]
}

function volumeSpecFaults(spec: JsonObject, field: string): readonly FieldFault[] {
  return [
    ...modeFaults(spec, field),
    ...capacityFaults(spec, `${field}.capacity`),
    ...reclaimFaults(spec['persistentVolumeReclaimPolicy'], `${field}.persistentVolumeReclaimPolicy`),
    ...nodeFaults(spec, `${field}.nodeAffinity`),
    ...sourceFaults(spec, field),
    ...recyclingFaults(spec, `${field}.persistentVolumeReclaimPolicy`),
    ...nameIfSet(spec['storageClassName'], `${field}.storageClassName`, dnsSubdomain),
    ...choiceIfSet(spec['volumeMode'], `${field}.volumeMode`, ['Block', 'Filesystem']),
    ...attributesFaults(spec, field),
  ]
}

function modeFaults(spec: JsonObject, field: string): readonly FieldFault[] {
  const modes = listOf(spec['accessModes'])
  return modes.length === 0 ? [requiredValue(`${field}.accessModes`)] : accessModeFaults(modes, field)
}

/** A volume has room, says so in whole, and has nothing else. */
function capacityFaults(spec: JsonObject, field: string): readonly FieldFault[] {
  const capacity = objectOf(spec['capacity'])
  const names = Object.keys(capacity)
  const faults = names.length === 0 ? [requiredValue(field)] : []
  if (!('storage' in capacity) || names.length > 1)
    faults.push(notSupported(field, sortedMap(sentValue(spec, 'capacity')), ['storage']))
  for (const [name, value] of Object.entries(capacity)) {
    const quantity = quantityOf(textOf(value))
    const at = `${field}[${name}]`
    if (quantity !== undefined && quantity.nano < 0n)
      faults.push(invalidValue(at, Number(quantity.nano / 1_000_000_000n), 'must be a valid resource quantity'))
    faults.push(...positiveQuantity(value, at))
  }
  return faults
}

function reclaimFaults(policy: JsonValue | undefined, field: string): readonly FieldFault[] {
  return textOf(policy) === '' ? [] : choiceIfSet(policy, field, ['Delete', 'Recycle', 'Retain'])
}

function nodeFaults(spec: JsonObject, field: string): readonly FieldFault[] {
  if (isAbsent(spec['nodeAffinity'])) return []
  const wanted = objectOf(spec['nodeAffinity'])['required']
  if (!isAbsent(wanted)) return nodeSelectorFaults(objectOf(wanted), `${field}.required`)
  return [requiredValue(`${field}.required`, 'must specify required node constraints')]
}

function sourceFaults(spec: JsonObject, field: string): readonly FieldFault[] {
  const [first, ...others] = ORDER.filter((key) => !isAbsent(spec[key]))
  if (first === undefined) return [requiredValue(field, 'must specify a volume type')]
  const rule = OF_VOLUMES[first] ?? STORAGE_SOURCES[first]
  const isNowhere = first === 'local' && isAbsent(spec['nodeAffinity'])
  return [
    ...(rule?.(objectOf(spec[first]), `${field}.${first}`) ?? []),
    ...(isNowhere ? [requiredValue(`${field}.nodeAffinity`, 'Local volume requires node affinity')] : []),
    ...others.map((key) => forbiddenValue(`${field}.${key}`, 'may not specify more than 1 volume type')),
  ]
}

/** Nobody empties the root of a node. */
function recyclingFaults(spec: JsonObject, field: string): readonly FieldFault[] {
  const path = textOf(objectOf(spec['hostPath'])['path'])
  const isRoot = path !== '' && /^\/[/.]*$/.test(path)
  if (!isRoot || spec['persistentVolumeReclaimPolicy'] !== 'Recycle') return []
  return [forbiddenValue(field, "may not be 'recycle' for a hostPath mount of '/'")]
}

function attributesFaults(spec: JsonObject, field: string): readonly FieldFault[] {
  const name = spec['volumeAttributesClassName']
  if (isAbsent(name)) return []
  const at = `${field}.volumeAttributesClassName`
  const faults = name === '' ? [requiredValue(at, 'an empty string is disallowed')] : ruleFaults(name, at, dnsSubdomain)
  if (!isAbsent(spec['csi'])) return faults
  return [...faults, requiredValue(`${field}.csi`, 'has to be specified when using volumeAttributesClassName')]
}

/** What the beta labels of nodes are called today: a volume may change from one to the other. */
const RENAMED: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'beta.kubernetes.io/os': 'kubernetes.io/os',
  'beta.kubernetes.io/arch': 'kubernetes.io/arch',
  'beta.kubernetes.io/instance-type': 'node.kubernetes.io/instance-type',
}

function volumeChanges(spec: JsonObject, before: JsonObject): readonly FieldFault[] {
  const faults = [...sourceChange(spec, before), ...immutable('volumeMode', spec['volumeMode'], before['volumeMode'])]
  const [affinity, was] = [spec['nodeAffinity'], before['nodeAffinity']]
  if (!isAbsent(was) && !deepEqual(renamed(affinity ?? null), renamed(was))) {
    const printed = isAbsent(affinity) ? null : internalValue('VolumeNodeAffinity', objectOf(affinity))
    const text = 'field is immutable, except for updating from beta label to GA'
    faults.push(invalidValue('nodeAffinity', printed, text))
  }
  const isTaken = !isAbsent(before['volumeAttributesClassName']) && isAbsent(spec['volumeAttributesClassName'])
  if (!isTaken) return faults
  return [...faults, forbiddenValue('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden')]
}

function renamed(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(renamed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key === 'key' && typeof item === 'string' ? (RENAMED[item] ?? item) : renamed(item),
    ]),
  )
}

function sourceChange(spec: JsonObject, before: JsonObject): readonly FieldFault[] {
  const expanded = 'controllerExpandSecretRef'
  const isFirstSecret = !isAbsent(before['csi']) && isAbsent(objectOf(before['csi'])[expanded])
  const csi = isFirstSecret ? without(objectOf(spec['csi']), expanded) : spec['csi']
  const now = isAbsent(spec['csi']) ? spec : { ...spec, csi: csi ?? {} }
  if (ORDER.every((key) => deepEqual(now[key], before[key]))) return []
  const [then, printed] = [before, now].map((one) => internalValue('PersistentVolumeSource', one))
  const text = `spec.persistentvolumesource is immutable after creation\n${valueDiff(then ?? {}, printed ?? {})}`
  return [forbiddenValue('spec.persistentvolumesource', text)]
}
