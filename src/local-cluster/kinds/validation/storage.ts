// Claims, volumes, classes and drivers (pkg/apis/core/validation, pkg/apis/storage/validation, 1.36.3).
import { deepEqual, isObject } from '../../../kube/json-value.ts'
import { labelKeyFaults } from '../../../kube/label-names.ts'
import type { JsonObject } from '../../../kube/object.ts'
import { quantityOf } from '../../../kube/quantity.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, listOf, objectOf, put, textOf, without } from '../edit.ts'
import { forbiddenValue, invalidValue, notSupported, requiredValue } from './faults.ts'
import { internalValue } from './internal-values.ts'
import { valueDiff } from './line-diff.ts'
import { immutable } from './metadata.ts'
import { dnsSubdomain } from './names.ts'
import { choiceIfSet, oneOfIfSet } from './numbers.ts'
import { nodeSelectorFaults } from './pod-placement.ts'
import { selectorFaults } from './selectors.ts'

const CLAIM = 'PersistentVolumeClaimSpec'
const MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']
const SOURCES = ['gcePersistentDisk', 'awsElasticBlockStore', 'hostPath', 'glusterfs', 'nfs', 'rbd', 'iscsi', 'cinder', 'cephfs', 'fc', 'flocker', 'flexVolume', 'azureFile', 'vsphereVolume', 'quobyte', 'azureDisk', 'photonPersistentDisk', 'portworxVolume', 'scaleIO', 'local', 'storageos', 'csi'] // prettier-ignore

export function validateClaim(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const spec = objectOf(object['spec'])
  const faults = claimSpecFaults(spec, 'spec')
  return old === undefined ? faults : [...faults, ...claimChanges(object, spec, old)]
}

function claimSpecFaults(spec: JsonObject, field: string): readonly FieldFault[] {
  const modes = listOf(spec['accessModes'])
  const faults = modes.length === 0 ? [requiredValue(`${field}.accessModes`, 'at least 1 access mode is required')] : []
  faults.push(...selectorFaults(objectOf(spec['selector']), `${field}.selector`), ...modeFaults(modes, field))
  const storage = objectOf(objectOf(spec['resources'])['requests'])['storage']
  const quantity = quantityOf(textOf(storage))
  if (quantity === undefined) faults.push(requiredValue(`${field}.resources[storage]`))
  else if (quantity.nano <= 0n)
    faults.push(invalidValue(`${field}.resources[storage]`, storage, 'must be greater than zero'))
  const name = textOf(spec['storageClassName'])
  if (name !== '')
    faults.push(...dnsSubdomain(name).map((text) => invalidValue(`${field}.storageClassName`, name, text)))
  return [...faults, ...oneOfIfSet(spec['volumeMode'], `${field}.volumeMode`, ['Block', 'Filesystem'])]
}

function modeFaults(modes: readonly JsonObject[string][], field: string): readonly FieldFault[] {
  const faults = modes
    .filter((mode) => !MODES.includes(textOf(mode)))
    .map((mode) => notSupported(`${field}.accessModes`, mode, MODES))
  const isMixed = modes.includes('ReadWriteOncePod') && modes.some((mode) => mode !== 'ReadWriteOncePod')
  const text = 'may not use ReadWriteOncePod with other access modes'
  return isMixed ? [...faults, forbiddenValue(`${field}.accessModes`, text)] : faults
}

function claimChanges(object: JsonObject, spec: JsonObject, old: JsonObject): readonly FieldFault[] {
  const before = objectOf(old['spec'])
  const isBound = objectOf(object['status'])['phase'] === 'Bound'
  const faults: FieldFault[] = []
  const text =
    'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n'
  const [now, then] = [comparable(spec, before, isBound), comparable(before, before, isBound)]
  if (!deepEqual(now, then)) {
    const difference = valueDiff(internalValue(CLAIM, then), internalValue(CLAIM, now))
    faults.push(forbiddenValue('spec', text + difference))
  }
  const [size, was, has] = [sizeOf(spec, 'resources', 'requests'), sizeOf(before, 'resources', 'requests'), sizeOf(objectOf(old['status']), 'capacity')] // prettier-ignore
  if (size < was && size <= has)
    faults.push(forbiddenValue('spec.resources.requests.storage', 'field can not be less than status.capacity'))
  return [...faults, ...immutable('volumeMode', spec['volumeMode'], before['volumeMode'])]
}

/** The spec with what may change set back to what it was. */
function comparable(spec: JsonObject, before: JsonObject, isBound: boolean): JsonObject {
  let edited = textOf(before['volumeName']) === '' ? without(spec, 'volumeName') : spec
  if (isAbsent(before['storageClassName'])) edited = without(edited, 'storageClassName')
  if (!isBound) return edited
  const resources = objectOf(edited['resources'])
  const storage = objectOf(objectOf(before['resources'])['requests'])['storage'] ?? null
  const requests = { ...objectOf(resources['requests']), storage }
  return put(without(edited, 'volumeAttributesClassName'), 'resources', { ...resources, requests })
}

function sizeOf(object: JsonObject, ...path: readonly string[]): bigint {
  let current = object
  for (const key of path) current = objectOf(current[key])
  return quantityOf(textOf(current['storage']))?.nano ?? 0n
}

export function validateVolume(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const spec = objectOf(object['spec'])
  const modes = listOf(spec['accessModes'])
  const faults = modes.length === 0 ? [requiredValue('spec.accessModes')] : [...modeFaults(modes, 'spec')]
  const capacity = objectOf(spec['capacity'])
  if (Object.keys(capacity).length === 0) faults.push(requiredValue('spec.capacity'))
  else if (!('storage' in capacity)) faults.push(notSupported('spec.capacity', capacity, ['storage']))
  faults.push(...oneOfIfSet(spec['persistentVolumeReclaimPolicy'], 'spec.persistentVolumeReclaimPolicy', ['Delete', 'Recycle', 'Retain'])) // prettier-ignore
  faults.push(...amountFaults(capacity), ...placeFaults(spec))
  const sources = SOURCES.filter((key) => isObject(spec[key]))
  if (sources.length === 0) faults.push(requiredValue('spec', 'must specify a volume type'))
  for (const key of sources.slice(1))
    faults.push(forbiddenValue(`spec.${key}`, 'may not specify more than 1 volume type'))
  if (old === undefined) return faults
  const before = objectOf(old['spec'])
  const isSame = SOURCES.every((key) => deepEqual(spec[key], before[key]))
  const text = 'spec.persistentvolumesource is immutable after creation\n'
  if (!isSame) faults.push(forbiddenValue('spec.persistentvolumesource', text))
  return [...faults, ...immutable('volumeMode', spec['volumeMode'], before['volumeMode'])]
}

/** A volume has room, and says so in whole. */
function amountFaults(capacity: JsonObject): readonly FieldFault[] {
  return Object.entries(capacity).flatMap(([name, value]) => {
    const quantity = quantityOf(textOf(value))
    const field = `spec.capacity[${name}]`
    if (quantity === undefined || quantity.nano > 0n) return []
    const positive = invalidValue(field, value, 'must be greater than zero')
    return quantity.nano < 0n ? [invalidValue(field, Number(quantity.nano / 1_000_000_000n), 'must be a valid resource quantity'), positive] : [positive] // prettier-ignore
  })
}

/** Class, mode and nodes of a volume. */
function placeFaults(spec: JsonObject): readonly FieldFault[] {
  const name = textOf(spec['storageClassName'])
  const faults = name === '' ? [] : dnsSubdomain(name).map((text) => invalidValue('spec.storageClassName', name, text))
  faults.push(...choiceIfSet(spec['volumeMode'], 'spec.volumeMode', ['Block', 'Filesystem']))
  const affinity = spec['nodeAffinity']
  if (isAbsent(affinity)) return faults
  const { required: wanted } = objectOf(affinity)
  const field = 'spec.nodeAffinity.required'
  if (isAbsent(wanted)) return [...faults, requiredValue(field, 'must specify required node constraints')]
  return [...faults, ...nodeSelectorFaults(objectOf(wanted), field)]
}

export function validateStorageClass(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const faults: FieldFault[] = []
  const text = 'updates to %s are forbidden.'
  if (old !== undefined) {
    for (const key of ['parameters', 'provisioner'])
      if (!deepEqual(object[key], old[key])) faults.push(forbiddenValue(key, text.replace('%s', key)))
    faults.push(...immutable('reclaimPolicy', object['reclaimPolicy'], old['reclaimPolicy']))
    faults.push(...immutable('volumeBindingMode', object['volumeBindingMode'], old['volumeBindingMode']))
    return faults
  }
  const provisioner = textOf(object['provisioner'])
  if (provisioner === '') faults.push(requiredValue('provisioner'))
  else faults.push(...labelKeyFaults(provisioner.toLowerCase()).map((said) => invalidValue('provisioner', provisioner.toLowerCase(), said))) // prettier-ignore
  faults.push(...oneOfIfSet(object['reclaimPolicy'], 'reclaimPolicy', ['Delete', 'Retain']))
  return [...faults, ...choiceIfSet(object['volumeBindingMode'], 'volumeBindingMode', ['Immediate', 'WaitForFirstConsumer'])] // prettier-ignore
}

export function validateCsiDriver(object: JsonObject): readonly FieldFault[] {
  const spec = objectOf(object['spec'])
  return oneOfIfSet(spec['fsGroupPolicy'], 'spec.fsGroupPolicy', ['File', 'None', 'ReadWriteOnceWithFSType'])
}
