// Volumes of pods (pkg/apis/core/validation, ValidateVolumes, 1.36.3).
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import { quantityOf } from '../../../kube/quantity.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, objectOf, textOf } from '../edit.ts'
import { claimSpecFaults } from './claims.ts'
import { duplicate, forbiddenValue, invalidValue, requiredValue } from './faults.ts'
import { annotationFaults, labelFaults } from './metadata.ts'
import type { VolumesByName } from './mounts.ts'
import { requiredName, requiredTexts, ruleFaults } from './named-faults.ts'
import { dnsLabel, dnsSubdomain } from './names.ts'
import { oneOf } from './numbers.ts'
import { downwardFaults, itemFaults, modeFaults, projectionFaults } from './projected-files.ts'
import { driverFaults, STORAGE_SOURCES, type SourceRule } from './storage-sources.ts'

/** What belongs to pods alone. */
const OF_PODS: Readonly<Record<string, SourceRule>> = {
  emptyDir: (source, field) =>
    isNegative(source['sizeLimit'])
      ? [forbiddenValue(`${field}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')]
      : [],
  secret: (source, field) => [...requiredTexts(source, field, 'secretName'), ...fileFaults(source, field)],
  configMap: (source, field) => [...requiredTexts(source, field, 'name'), ...fileFaults(source, field)],
  persistentVolumeClaim: (source, field) => requiredTexts(source, field, 'claimName'),
  downwardAPI: (source, field) => [...modeFaults(source, field), ...downwardFaults(source, field)],
  projected: (source, field) => [...modeFaults(source, field), ...projectionFaults(source, field)],
  csi: driverVolumeFaults,
  ephemeral: ephemeralFaults,
  image: (source, field) => oneOf(source['pullPolicy'], `${field}.pullPolicy`, ['Always', 'IfNotPresent', 'Never']),
}
/** In the order upstream looks at them, which decides whose faults are told of two. */
const ORDER = ['emptyDir', 'hostPath', 'gitRepo', 'gcePersistentDisk', 'awsElasticBlockStore', 'secret', 'nfs', 'iscsi', 'glusterfs', 'flocker', 'persistentVolumeClaim', 'rbd', 'cinder', 'cephfs', 'quobyte', 'downwardAPI', 'fc', 'flexVolume', 'configMap', 'azureFile', 'vsphereVolume', 'photonPersistentDisk', 'portworxVolume', 'azureDisk', 'storageos', 'projected', 'scaleIO', 'csi', 'ephemeral', 'image'] // prettier-ignore
const PLACES: ReadonlyMap<string, number> = new Map(ORDER.map((key, index) => [key, index]))

/** Where volumes stand, and the pod they are of where it has a name: claims made for it are called after it. */
export interface VolumePlace {
  readonly field: string
  readonly podName: string
}

/** Faults of the volumes, and those without any: a mount of a faulty volume is told as not found. */
export function volumeFaults(
  volumes: readonly JsonObject[],
  { field, podName }: VolumePlace,
): { faults: readonly FieldFault[]; named: VolumesByName } {
  const faults: FieldFault[] = []
  const named = new Map<string, JsonObject>()
  for (const [index, volume] of volumes.entries()) {
    const path = `${field}[${index}]`
    const name = textOf(volume['name'])
    const found = [...sourceFaults(volume, path, podName), ...requiredName(name, `${path}.name`, dnsLabel)]
    if (named.has(name)) found.push(duplicate(`${path}.name`, name))
    if (found.length === 0) named.set(name, volume)
    faults.push(...found)
  }
  return { faults: podName === '' ? faults : [...faults, ...ownClaimFaults(volumes, field, podName)], named }
}

/** A volume may not be a claim that is made for another volume of the same pod. */
function ownClaimFaults(volumes: readonly JsonObject[], field: string, podName: string): readonly FieldFault[] {
  const made = volumes.filter((volume) => !isAbsent(volume['ephemeral'])).map(({ name }) => `${podName}-${textOf(name)}`) // prettier-ignore
  if (made.length === 0) return []
  const text = 'must not reference a PVC that gets created for an ephemeral volume'
  return volumes.flatMap((volume, index) => {
    const claim = textOf(objectOf(volume['persistentVolumeClaim'])['claimName'])
    return made.includes(claim) ? [invalidValue(`${field}[${index}].persistentVolumeClaim.claimName`, claim, text)] : []
  })
}

function sourceFaults(volume: JsonObject, path: string, podName: string): FieldFault[] {
  const keys = Object.keys(volume).filter((key) => key !== 'name')
  if (keys.length > 1) keys.sort((a, b) => (PLACES.get(a) ?? ORDER.length) - (PLACES.get(b) ?? ORDER.length))
  const [first, ...others] = keys
  if (first === undefined) return [requiredValue(path, 'must specify a volume type')]
  const rule = OF_PODS[first] ?? STORAGE_SOURCES[first]
  const faults = [...(rule?.(objectOf(volume[first]), `${path}.${first}`) ?? [])]
  if (first === 'ephemeral') faults.push(...claimNameFaults(textOf(volume['name']), path, podName))
  return [
    ...faults,
    ...others.map((key) => forbiddenValue(`${path}.${key}`, 'may not specify more than 1 volume type')),
  ]
}

function claimNameFaults(name: string, path: string, podName: string): readonly FieldFault[] {
  if (name === '' || podName === '') return []
  const claim = `${podName}-${name}`
  return dnsSubdomain(claim).map((text) => invalidValue(`${path}.name`, name, `PVC name ${JSON.stringify(claim)}: ${text}`)) // prettier-ignore
}

function isNegative(value: JsonValue | undefined): boolean {
  // Most have no limit, and reading no text as an amount costs an error.
  if (isAbsent(value)) return false
  const quantity = quantityOf(textOf(value))
  return quantity !== undefined && quantity.nano < 0n
}

function fileFaults(source: JsonObject, field: string): readonly FieldFault[] {
  return [...modeFaults(source, field), ...itemFaults(source, `${field}.items`)]
}

function driverVolumeFaults(source: JsonObject, field: string): readonly FieldFault[] {
  const faults = driverFaults(textOf(source['driver']), `${field}.driver`)
  const secret = source['nodePublishSecretRef']
  if (isAbsent(secret)) return faults
  const { name = '' } = objectOf(secret)
  // A wrong name is told as if it were the driver's own.
  const ofName = name === '' ? [requiredValue(`${field}.nodePublishSecretRef.name`)] : ruleFaults(name, `${field}.name`, dnsSubdomain) // prettier-ignore
  return [...faults, ...ofName]
}

function ephemeralFaults(source: JsonObject, field: string): readonly FieldFault[] {
  const at = `${field}.volumeClaimTemplate`
  if (isAbsent(source['volumeClaimTemplate'])) return [requiredValue(at)]
  const template = objectOf(source['volumeClaimTemplate'])
  const metadata = objectOf(template['metadata'])
  const others = Object.keys(metadata).filter((key) => key !== 'labels' && key !== 'annotations')
  return [
    ...annotationFaults(metadata, `${at}.metadata`),
    ...labelFaults(metadata['labels'], `${at}.metadata.labels`),
    ...others.map((key) => forbiddenValue(`${at}.metadata.${key}`, 'cannot be set')),
    ...claimSpecFaults(objectOf(template['spec']), `${at}.spec`),
  ]
}

/** A pod itself names the image it mounts; a template may leave that to others. */
export function imageReferenceFaults(volumes: readonly JsonObject[], field: string): readonly FieldFault[] {
  return volumes.flatMap((volume, index) =>
    isAbsent(volume['image']) ? [] : requiredTexts(objectOf(volume['image']), `${field}[${index}].image`, 'reference'),
  )
}
