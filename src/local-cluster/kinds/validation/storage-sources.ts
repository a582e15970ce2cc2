// Storage that pods and PersistentVolumes may name themselves (pkg/apis/core/validation, validate*VolumeSource, 1.36.3).
import type { JsonObject } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, listOf, numberOf, objectOf, textOf } from '../edit.ts'
import { invalidValue, notSupported, requiredValue, tooLong } from './faults.ts'
import { nameIfSet, requiredLists, requiredName, requiredTexts } from './named-faults.ts'
import { dnsLabel, dnsSubdomain } from './names.ts'
import { choiceIfSet } from './numbers.ts'
import { descendingPath, steplessPath } from './paths.ts'

/** Faults of the source that stands at `field`. */
export type SourceRule = (source: JsonObject, field: string) => readonly FieldFault[]

const HOST_PATH_TYPES = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket'] // prettier-ignore
const MAX_LUN = 255
const LUN_TEXT = 'must be between 0 and 255, inclusive'
/** The text is upstream's, which refuses nothing below zero but says one. */
const PARTITION_TEXT = 'must be between 1 and 255, inclusive'

/** What a source must say, by its key. The two kinds differ in their secrets alone, which each looks at itself. */
export const STORAGE_SOURCES: Readonly<Record<string, SourceRule>> = {
  hostPath: hostPathFaults,
  gitRepo: (source, field) => [...requiredTexts(source, field, 'repository'), ...descendingPath(textOf(source['directory']), `${field}.directory`)], // prettier-ignore
  // Upstream tells these faults under another name.
  gcePersistentDisk: (source, field) => diskFaults(source, field.replace(/gcePersistentDisk$/, 'persistentDisk'), 'pdName'), // prettier-ignore
  awsElasticBlockStore: (source, field) => diskFaults(source, field, 'volumeID'),
  nfs: nfsFaults,
  iscsi: iscsiFaults,
  glusterfs: (source, field) => requiredTexts(source, field, 'endpoints', 'path'),
  flocker: flockerFaults,
  rbd: (source, field) => [...requiredLists(source, field, 'monitors'), ...requiredTexts(source, field, 'image')],
  cinder: (source, field) => [...requiredTexts(source, field, 'volumeID'), ...secretName(source, field)],
  cephfs: (source, field) => requiredLists(source, field, 'monitors'),
  quobyte: quobyteFaults,
  fc: fibreFaults,
  flexVolume: flexFaults,
  azureFile: (source, field) => requiredTexts(source, field, 'secretName', 'shareName'),
  vsphereVolume: (source, field) => requiredTexts(source, field, 'volumePath'),
  photonPersistentDisk: (source, field) => requiredTexts(source, field, 'pdID'),
  portworxVolume: (source, field) => requiredTexts(source, field, 'volumeID'),
  azureDisk: azureFaults,
  storageos: storageOsFaults,
  scaleIO: (source, field) => requiredTexts(source, field, 'gateway', 'system', 'volumeName'),
}

function hostPathFaults(source: JsonObject, field: string): readonly FieldFault[] {
  const path = textOf(source['path'])
  if (path === '') return [requiredValue(`${field}.path`)]
  return [...steplessPath(path, `${field}.path`), ...choiceIfSet(source['type'], `${field}.type`, HOST_PATH_TYPES)]
}

function diskFaults(source: JsonObject, field: string, name: string): readonly FieldFault[] {
  const faults = requiredTexts(source, field, name)
  const partition = numberOf(source['partition'])
  if (partition < 0 || partition > 255) faults.push(invalidValue(`${field}.partition`, partition, PARTITION_TEXT))
  return faults
}

function nfsFaults(source: JsonObject, field: string): readonly FieldFault[] {
  const missing = requiredTexts(source, field, 'server', 'path')
  const path = textOf(source['path'])
  return path.startsWith('/') ? missing : [...missing, invalidValue(`${field}.path`, path, 'must be an absolute path')]
}

const INITIATORS: readonly (readonly [prefix: string, form: RegExp])[] = [
  ['iqn', /iqn\.\d{4}-\d{2}\.[A-Za-z0-9.-]+:[^,;*&$|\s]+$/],
  ['eui', /^eui.[A-Za-z0-9]{16}$/],
  ['naa', /^naa.[A-Za-z0-9]{32}$/],
]

function iscsiFaults(source: JsonObject, field: string): readonly FieldFault[] {
  const faults = requiredTexts(source, field, 'targetPortal', 'iqn')
  const [name, lun, initiator] = [textOf(source['iqn']), numberOf(source['lun']), source['initiatorName']]
  if (name !== '') faults.push(...initiatorFaults(name, `${field}.iqn`))
  if (lun < 0 || lun > MAX_LUN) faults.push(invalidValue(`${field}.lun`, lun, LUN_TEXT))
  const isChecked = source['chapAuthDiscovery'] === true || source['chapAuthSession'] === true
  if (isChecked && isAbsent(source['secretRef'])) faults.push(requiredValue(`${field}.secretRef`))
  return isAbsent(initiator) ? faults : [...faults, ...initiatorFaults(textOf(initiator), `${field}.initiatorname`)]
}

function initiatorFaults(name: string, field: string): readonly FieldFault[] {
  const form = INITIATORS.find(([prefix]) => name.startsWith(prefix))?.[1]
  if (form === undefined) return [invalidValue(field, name, 'must be valid format starting with iqn, eui, or naa')]
  return form.test(name) ? [] : [invalidValue(field, name, 'must be valid format')]
}

function flockerFaults(source: JsonObject, field: string): readonly FieldFault[] {
  const [name, uuid] = [textOf(source['datasetName']), textOf(source['datasetUUID'])]
  const faults: FieldFault[] = []
  if (name === '' && uuid === '') faults.push(requiredValue(field, 'one of datasetName and datasetUUID is required'))
  if (name !== '' && uuid !== '')
    faults.push(invalidValue(field, 'resource', 'datasetName and datasetUUID can not be specified simultaneously'))
  if (name.includes('/')) faults.push(invalidValue(`${field}.datasetName`, name, "must not contain '/'"))
  return faults
}

function secretName(source: JsonObject, field: string): readonly FieldFault[] {
  return isAbsent(source['secretRef']) ? [] : requiredTexts(objectOf(source['secretRef']), `${field}.secretRef`, 'name')
}

const REGISTRY_TEXT = 'must be a host:port pair or multiple pairs separated by commas'
const MAX_TENANT = 64

function quobyteFaults(source: JsonObject, field: string): readonly FieldFault[] {
  const registry = textOf(source['registry'])
  const missing = requiredTexts(source, field, 'volume')
  if (registry === '') return [requiredValue(`${field}.registry`, REGISTRY_TEXT), ...missing]
  if (textOf(source['tenant']).length > MAX_TENANT)
    return [requiredValue(`${field}.tenant`, 'must be a UUID and may not exceed a length of 64 characters'), ...missing]
  const wrong = registry.split(',').filter((pair) => !/^(?:\[[^\]]*\]|[^:[\]]*):[^:]*$/.test(pair))
  return [...wrong.map(() => invalidValue(`${field}.registry`, registry, REGISTRY_TEXT)), ...missing]
}

function fibreFaults(source: JsonObject, field: string): readonly FieldFault[] {
  const [names, ids] = [listOf(source['targetWWNs']), listOf(source['wwids'])]
  const faults: FieldFault[] = []
  if (names.length === 0 && ids.length === 0)
    faults.push(requiredValue(`${field}.targetWWNs`, 'must specify either targetWWNs or wwids, but not both'))
  if (names.length === 0) return faults
  if (ids.length > 0)
    faults.push(invalidValue(`${field}.targetWWNs`, names, 'targetWWNs and wwids can not be specified simultaneously'))
  const lun = source['lun']
  if (isAbsent(lun)) return [...faults, requiredValue(`${field}.lun`, 'lun is required if targetWWNs is specified')]
  const isFine = numberOf(lun) >= 0 && numberOf(lun) <= MAX_LUN
  return isFine ? faults : [...faults, invalidValue(`${field}.lun`, lun, LUN_TEXT)]
}

function flexFaults(source: JsonObject, field: string): readonly FieldFault[] {
  const reserved = Object.keys(objectOf(source['options'])).filter((key) =>
    /\.(?:kubernetes|k8s)\.io$/.test(`.${(key.split('/')[0] ?? '').toLowerCase()}`),
  )
  const text = 'kubernetes.io and k8s.io namespaces are reserved'
  return [
    ...requiredTexts(source, field, 'driver'),
    ...reserved.map((key) => invalidValue(`${field}.options[${key}]`, key, text)),
  ]
}

const MANAGED_DISK = '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}'
const BLOB_DISK = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd'

function azureFaults(source: JsonObject, field: string): readonly FieldFault[] {
  const { kind, diskURI } = source
  const isManaged = kind === 'Managed'
  const isRightPlace = textOf(diskURI).startsWith(isManaged ? '/subscriptions/' : 'https://')
  const faults = [
    ...requiredTexts(source, field, 'diskName', 'diskURI'),
    ...choiceIfSet(source['cachingMode'], `${field}.cachingMode`, ['None', 'ReadOnly', 'ReadWrite']),
    ...choiceIfSet(kind, `${field}.kind`, ['Dedicated', 'Managed', 'Shared']),
  ]
  if (isAbsent(kind) || isRightPlace) return faults
  return [...faults, notSupported(`${field}.diskURI`, textOf(diskURI), [isManaged ? MANAGED_DISK : BLOB_DISK])]
}

function storageOsFaults(source: JsonObject, field: string): readonly FieldFault[] {
  return [
    ...requiredName(source['volumeName'], `${field}.volumeName`, dnsLabel),
    ...nameIfSet(source['volumeNamespace'], `${field}.volumeNamespace`, dnsLabel),
    ...secretName(source, field),
  ]
}

/** Longest name of a storage driver. */
const MAX_DRIVER = 63

/** The name of a CSI driver. */
export function driverFaults(name: string, field: string): readonly FieldFault[] {
  if (name === '') return [requiredValue(field)]
  const faults = name.length > MAX_DRIVER ? [tooLong(field, MAX_DRIVER)] : []
  return [...faults, ...dnsSubdomain(name.toLowerCase()).map((text) => invalidValue(field, name, text))]
}
