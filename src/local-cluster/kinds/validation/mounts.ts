// Where containers mount volumes, and which they take as devices (pkg/apis/core/validation, ValidateVolumeMounts, 1.36.3).
import type { JsonObject } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, objectOf, objectsOf, textOf } from '../edit.ts'
import { forbiddenValue, invalidValue, notFound, notSupported, requiredValue } from './faults.ts'
import { descendingPath, hasStepBack } from './paths.ts'

/** The volumes of a pod that have no fault, by name. */
export type VolumesByName = ReadonlyMap<string, JsonObject>

/** Faults of a container's mounts and devices; `path` is where the container stands. */
export function mountFaults(container: JsonObject, volumes: VolumesByName, path: string): readonly FieldFault[] {
  const mounts = objectsOf(container['volumeMounts'])
  const devices = objectsOf(container['volumeDevices'])
  const ofDevices = devices.length === 0 ? [] : deviceFaults(devices, mounts, volumes, `${path}.volumeDevices`)
  if (mounts.length === 0) return ofDevices
  const field = `${path}.volumeMounts`
  const paths = new Set<string>()
  const faults: FieldFault[] = []
  for (const [index, mount] of mounts.entries()) {
    const at = `${field}[${index}]`
    faults.push(...placeFaults(mount, volumes, paths, at), ...deviceConflicts(mount, devices, at))
    faults.push(...subPathFaults(mount, field, at), ...propagationFaults(mount, container, field))
    faults.push(...recursionFaults(mount, `${field}.recursiveReadOnly`))
  }
  return [...faults, ...ofDevices]
}

function placeFaults(mount: JsonObject, volumes: VolumesByName, paths: Set<string>, at: string): readonly FieldFault[] {
  const [name, mountPath] = [textOf(mount['name']), textOf(mount['mountPath'])]
  const faults: FieldFault[] = []
  if (name === '') faults.push(requiredValue(`${at}.name`))
  if (!volumes.has(name)) faults.push(notFound(`${at}.name`, name))
  if (mountPath === '') faults.push(requiredValue(`${at}.mountPath`))
  if (paths.has(mountPath)) faults.push(invalidValue(`${at}.mountPath`, mountPath, 'must be unique'))
  paths.add(mountPath)
  return faults
}

function deviceConflicts(mount: JsonObject, devices: readonly JsonObject[], at: string): readonly FieldFault[] {
  const [name, path] = [mount['name'] ?? '', mount['mountPath'] ?? '']
  const faults: FieldFault[] = []
  if (devices.some((device) => (device['name'] ?? '') === name))
    faults.push(invalidValue(`${at}.name`, name, 'must not already exist in volumeDevices'))
  if (devices.some((device) => (device['devicePath'] ?? '') === path))
    faults.push(invalidValue(`${at}.mountPath`, path, 'must not already exist as a path in volumeDevices'))
  return faults
}

/** Upstream names the list and not the item for most of these. */
function subPathFaults(mount: JsonObject, field: string, at: string): readonly FieldFault[] {
  const [subPath, expression] = [textOf(mount['subPath']), textOf(mount['subPathExpr'])]
  const faults = subPath === '' ? [] : [...descendingPath(subPath, `${field}.subPath`)]
  if (expression === '') return faults
  if (subPath !== '')
    faults.push(invalidValue(`${at}.subPathExpr`, expression, 'subPathExpr and subPath are mutually exclusive'))
  return [...faults, ...descendingPath(expression, `${field}.subPathExpr`)]
}

const PROPAGATIONS = ['Bidirectional', 'HostToContainer', 'None']

function propagationFaults(mount: JsonObject, container: JsonObject, field: string): readonly FieldFault[] {
  const propagation = mount['mountPropagation']
  if (isAbsent(propagation)) return []
  const at = `${field}.mountPropagation`
  if (!PROPAGATIONS.includes(textOf(propagation))) return [notSupported(at, propagation, PROPAGATIONS)]
  const isPrivileged = objectOf(container['securityContext'])['privileged'] === true
  if (propagation !== 'Bidirectional' || isPrivileged) return []
  return [forbiddenValue(at, 'Bidirectional mount propagation is available only to privileged containers')]
}

const RECURSIONS = ['Disabled', 'Enabled', 'IfPossible']

function recursionFaults(mount: JsonObject, at: string): readonly FieldFault[] {
  const recursion = mount['recursiveReadOnly']
  if (isAbsent(recursion) || recursion === 'Disabled') return []
  if (!RECURSIONS.includes(textOf(recursion))) return [notSupported(at, recursion, RECURSIONS)]
  const faults: FieldFault[] = []
  if (mount['readOnly'] !== true) faults.push(forbiddenValue(at, 'may only be specified when readOnly is true'))
  const propagation = mount['mountPropagation']
  if (!isAbsent(propagation) && propagation !== 'None')
    faults.push(forbiddenValue(at, 'may only be specified when mountPropagation is None or not specified'))
  return faults
}

function deviceFaults(
  devices: readonly JsonObject[],
  mounts: readonly JsonObject[],
  volumes: VolumesByName,
  field: string,
): readonly FieldFault[] {
  const [names, paths] = [new Set<string>(), new Set<string>()]
  return devices.flatMap((device, index) => {
    const at = `${field}[${index}]`
    const [name, path] = [textOf(device['name']), textOf(device['devicePath'])]
    const faults = [...deviceNameFaults(name, names, volumes, at), ...devicePathFaults(path, paths, at)]
    if (mounts.some((mount) => (mount['name'] ?? '') === name))
      faults.push(invalidValue(`${at}.name`, name, 'must not already exist in volumeMounts'))
    if (mounts.some((mount) => (mount['mountPath'] ?? '') === path))
      faults.push(invalidValue(`${at}.devicePath`, path, 'must not already exist as a path in volumeMounts'))
    if (name !== '') names.add(name)
    return faults
  })
}

const OF_CLAIMS = 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'

function deviceNameFaults(
  name: string,
  names: ReadonlySet<string>,
  volumes: VolumesByName,
  at: string,
): readonly FieldFault[] {
  const faults = name === '' ? [requiredValue(`${at}.name`)] : []
  if (names.has(name)) faults.push(invalidValue(`${at}.name`, name, 'must be unique'))
  const volume = volumes.get(name)
  if (volume === undefined) return [...faults, notFound(`${at}.name`, name)]
  const isOfClaim = !isAbsent(volume['persistentVolumeClaim']) || !isAbsent(volume['ephemeral'])
  return isOfClaim ? faults : [...faults, invalidValue(`${at}.name`, name, OF_CLAIMS)]
}

function devicePathFaults(path: string, paths: Set<string>, at: string): readonly FieldFault[] {
  const faults = path === '' ? [requiredValue(`${at}.devicePath`)] : []
  if (paths.has(path)) faults.push(invalidValue(`${at}.devicePath`, path, 'must be unique'))
  if (hasStepBack(path)) return [...faults, invalidValue(`${at}.devicePath`, path, "can not contain backsteps ('..')")]
  paths.add(path)
  return faults
}
