// Volumes of pods and where containers mount them (pkg/apis/core/validation, ValidateVolumes, 1.36.3).
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import { quantityOf } from '../../../kube/quantity.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, numberOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { duplicate, forbiddenValue, invalidValue, notFound, notSupported, requiredValue, tooLong } from './faults.ts'
import { dnsLabel, dnsSubdomain } from './names.ts'

const HOST_PATH_TYPES = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket'] // prettier-ignore
const MAX_MODE = 0o777
const MODE_TEXT = 'must be a number between 0 and 0777 (octal), both inclusive'

/** What a source must say, by its key; in the order upstream looks at them. */
const SOURCES: Readonly<Record<string, (source: JsonObject, field: string) => readonly FieldFault[]>> = {
  emptyDir: (source, field) => isNegative(source['sizeLimit']) ? [forbiddenValue(`${field}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')] : [], // prettier-ignore
  hostPath: hostPathFaults,
  secret: (source, field) => [...needs(source, field, 'secretName'), ...fileFaults(source, field)],
  nfs: nfsFaults,
  iscsi: (source, field) => needs(source, field, 'targetPortal', 'iqn'),
  persistentVolumeClaim: (source, field) => needs(source, field, 'claimName'),
  downwardAPI: (source, field) => modeFaults(source, field),
  configMap: (source, field) => [...needs(source, field, 'name'), ...fileFaults(source, field)],
  projected: (source, field) => [...modeFaults(source, field), ...projectionFaults(source, field)],
  csi: (source, field) => driverFaults(textOf(source['driver']), `${field}.driver`),
  ephemeral: (source, field) => (isAbsent(source['volumeClaimTemplate']) ? [requiredValue(`${field}.volumeClaimTemplate`)] : []), // prettier-ignore
  image: () => [],
}

/** Faults of the volumes, and the names of those without any: a mount of a faulty volume is told as not found. */
export function volumeFaults(
  volumes: readonly JsonObject[],
  field: string,
): { faults: readonly FieldFault[]; names: ReadonlySet<string> } {
  const faults: FieldFault[] = []
  const names = new Set<string>()
  for (const [index, volume] of volumes.entries()) {
    const path = `${field}[${index}]`
    const name = textOf(volume['name'])
    const found = [...sourceFaults(volume, path), ...nameFaults(name, `${path}.name`)]
    if (names.has(name)) found.push(duplicate(`${path}.name`, name))
    if (found.length === 0) names.add(name)
    faults.push(...found)
  }
  return { faults, names }
}

function nameFaults(name: string, field: string): readonly FieldFault[] {
  return name === '' ? [requiredValue(field)] : dnsLabel(name).map((text) => invalidValue(field, name, text))
}

function sourceFaults(volume: JsonObject, path: string): FieldFault[] {
  const keys = Object.keys(volume).filter((key) => key !== 'name')
  const known = Object.keys(SOURCES).filter((key) => keys.includes(key))
  const rest = keys.filter((key) => !Object.hasOwn(SOURCES, key))
  const faults: FieldFault[] = []
  for (const [position, key] of [...known, ...rest].entries()) {
    if (position > 0) faults.push(forbiddenValue(`${path}.${key}`, 'may not specify more than 1 volume type'))
    else faults.push(...(SOURCES[key]?.(objectOf(volume[key]), `${path}.${key}`) ?? []))
  }
  if (keys.length === 0) faults.push(requiredValue(path, 'must specify a volume type'))
  return faults
}

function needs(source: JsonObject, field: string, ...keys: readonly string[]): readonly FieldFault[] {
  return keys.filter((key) => textOf(source[key]) === '').map((key) => requiredValue(`${field}.${key}`))
}

function isNegative(value: JsonValue | undefined): boolean {
  const quantity = quantityOf(textOf(value))
  return quantity !== undefined && quantity.nano < 0n
}

/** Longest name of a storage driver. */
const MAX_DRIVER = 63

/** The name of a CSI driver. */
export function driverFaults(name: string, field: string): readonly FieldFault[] {
  if (name === '') return [requiredValue(field)]
  const faults = name.length > MAX_DRIVER ? [tooLong(field, MAX_DRIVER)] : []
  return [...faults, ...dnsSubdomain(name.toLowerCase()).map((text) => invalidValue(field, name, text))]
}

function hostPathFaults(source: JsonObject, field: string): readonly FieldFault[] {
  const path = textOf(source['path'])
  if (path === '') return [requiredValue(`${field}.path`)]
  const faults = path.split('/').includes('..') ? [invalidValue(`${field}.path`, path, "must not contain '..'")] : []
  const type = textOf(source['type'])
  if (!HOST_PATH_TYPES.includes(type)) faults.push(notSupported(`${field}.type`, type, HOST_PATH_TYPES))
  return faults
}

function nfsFaults(source: JsonObject, field: string): readonly FieldFault[] {
  const missing = needs(source, field, 'server', 'path')
  const path = textOf(source['path'])
  const isRelative = !path.startsWith('/')
  return isRelative ? [...missing, invalidValue(`${field}.path`, path, 'must be an absolute path')] : missing
}

function modeFaults(source: JsonObject, field: string, key = 'defaultMode'): readonly FieldFault[] {
  const mode = source[key]
  if (isAbsent(mode) || (numberOf(mode) >= 0 && numberOf(mode) <= MAX_MODE)) return []
  return [invalidValue(`${field}.${key}`, mode, MODE_TEXT)]
}

function fileFaults(source: JsonObject, field: string): readonly FieldFault[] {
  return [...modeFaults(source, field), ...itemFaults(source, `${field}.items`)]
}

function itemFaults(source: JsonObject, field: string): readonly FieldFault[] {
  return objectsOf(source['items']).flatMap((item, index) => {
    const faults = [...needs(item, `${field}[${index}]`, 'key', 'path')]
    if (textOf(item['path']) !== '') faults.push(...descendingPath(textOf(item['path']), `${field}[${index}].path`))
    return [...faults, ...modeFaults(item, `${field}[${index}]`, 'mode')]
  })
}

function projectionFaults(source: JsonObject, field: string): readonly FieldFault[] {
  return objectsOf(source['sources']).flatMap((projection, index) => {
    const path = `${field}.sources[${index}]`
    const keys = Object.keys(projection)
    if (keys.length === 0) return []
    if (keys.length > 1) return [forbiddenValue(path, 'may not specify more than 1 volume type per source')]
    const [key = ''] = keys
    const inner = objectOf(projection[key])
    if (key === 'secret' || key === 'configMap') return [...needs(inner, `${path}.${key}`, 'name'), ...itemFaults(inner, `${path}.${key}.items`)] // prettier-ignore
    return key === 'serviceAccountToken' ? needs(inner, `${path}.${key}`, 'path') : []
  })
}

/** A relative path that does not climb. */
/** A path that stays below where it starts. */
export function descendingPath(path: string, field: string): readonly FieldFault[] {
  const faults = path.startsWith('/') ? [invalidValue(field, path, 'must be a relative path')] : []
  return path.split('/').includes('..') ? [...faults, invalidValue(field, path, "must not contain '..'")] : faults
}

const PROPAGATIONS = ['Bidirectional', 'HostToContainer', 'None']

/** Faults of a container's mounts. */
export function mountFaults(container: JsonObject, volumes: ReadonlySet<string>, field: string): readonly FieldFault[] {
  const faults: FieldFault[] = []
  const paths = new Set<string>()
  for (const [index, mount] of objectsOf(container['volumeMounts']).entries()) {
    const path = `${field}[${index}]`
    const [name, mountPath, subPath] = [textOf(mount['name']), textOf(mount['mountPath']), textOf(mount['subPath'])]
    if (name === '') faults.push(requiredValue(`${path}.name`))
    if (!volumes.has(name)) faults.push(notFound(`${path}.name`, name))
    if (mountPath === '') faults.push(requiredValue(`${path}.mountPath`))
    if (paths.has(mountPath)) faults.push(invalidValue(`${path}.mountPath`, mountPath, 'must be unique'))
    paths.add(mountPath)
    // Upstream names the list and not the item here.
    if (subPath !== '') faults.push(...descendingPath(subPath, `${field}.subPath`))
    const expression = textOf(mount['subPathExpr'])
    if (subPath !== '' && expression !== '')
      faults.push(invalidValue(`${path}.subPathExpr`, expression, 'subPathExpr and subPath are mutually exclusive'))
    if (expression !== '') faults.push(...descendingPath(expression, `${field}.subPathExpr`))
    const propagation = mount['mountPropagation']
    if (!isAbsent(propagation) && !PROPAGATIONS.includes(textOf(propagation)))
      faults.push(notSupported(`${field}.mountPropagation`, propagation, PROPAGATIONS))
  }
  return [...faults, ...deviceFaults(container, volumes, field.replace(/volumeMounts$/, 'volumeDevices'))]
}

function deviceFaults(container: JsonObject, volumes: ReadonlySet<string>, field: string): readonly FieldFault[] {
  const [names, paths] = [new Set<string>(), new Set<string>()]
  const mounts = objectsOf(container['volumeMounts'])
  return objectsOf(container['volumeDevices']).flatMap((device, index) => {
    const at = `${field}[${index}]`
    const [name, path] = [textOf(device['name']), textOf(device['devicePath'])]
    const faults = name === '' ? [requiredValue(`${at}.name`)] : []
    if (names.has(name)) faults.push(invalidValue(`${at}.name`, name, 'must be unique'))
    if (!volumes.has(name)) faults.push(notFound(`${at}.name`, name))
    if (path === '') faults.push(requiredValue(`${at}.devicePath`))
    if (paths.has(path)) faults.push(invalidValue(`${at}.devicePath`, path, 'must be unique'))
    if (path.split('/').includes('..'))
      faults.push(invalidValue(`${at}.devicePath`, path, "can not contain backsteps ('..')")) // prettier-ignore
    else paths.add(path)
    if (mounts.some((mount) => mount['name'] === name)) faults.push(invalidValue(`${at}.name`, name, 'must not already exist in volumeMounts')) // prettier-ignore
    if (mounts.some((mount) => mount['mountPath'] === path)) faults.push(invalidValue(`${at}.devicePath`, path, 'must not already exist as a path in volumeMounts')) // prettier-ignore
    if (name !== '') names.add(name)
    return faults
  })
}
