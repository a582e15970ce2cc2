// Volumes of pods and where containers mount them (pkg/apis/core/validation, ValidateVolumes, 1.36.3).
import type { JsonObject } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, listOf, numberOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { duplicate, forbiddenValue, invalidValue, notFound, notSupported, requiredValue } from './faults.ts'
import { dnsLabel } from './names.ts'

const HOST_PATH_TYPES = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket'] // prettier-ignore
const MAX_MODE = 0o777
const MODE_TEXT = 'must be a number between 0 and 0777 (octal), both inclusive'

/** What a source must say, by its key; in the order upstream looks at them. */
const SOURCES: Readonly<Record<string, (source: JsonObject, field: string) => readonly FieldFault[]>> = {
  emptyDir: () => [],
  hostPath: hostPathFaults,
  secret: (source, field) => [...needs(source, field, 'secretName'), ...fileFaults(source, field)],
  nfs: nfsFaults,
  iscsi: (source, field) => needs(source, field, 'targetPortal', 'iqn'),
  persistentVolumeClaim: (source, field) => needs(source, field, 'claimName'),
  downwardAPI: (source, field) => modeFaults(source, field),
  configMap: (source, field) => [...needs(source, field, 'name'), ...fileFaults(source, field)],
  projected: (source, field) => [...modeFaults(source, field), ...projectionFaults(source, field)],
  csi: (source, field) => needs(source, field, 'driver'),
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
  const isRelative = path !== '' && !path.startsWith('/')
  return isRelative ? [...missing, invalidValue(`${field}.path`, path, 'must be an absolute path')] : missing
}

function modeFaults(source: JsonObject, field: string): readonly FieldFault[] {
  const mode = source['defaultMode']
  if (isAbsent(mode) || (numberOf(mode) >= 0 && numberOf(mode) <= MAX_MODE)) return []
  return [invalidValue(`${field}.defaultMode`, mode, MODE_TEXT)]
}

function fileFaults(source: JsonObject, field: string): readonly FieldFault[] {
  return [...modeFaults(source, field), ...itemFaults(source, `${field}.items`)]
}

function itemFaults(source: JsonObject, field: string): readonly FieldFault[] {
  return objectsOf(source['items']).flatMap((item, index) => {
    const faults = [...needs(item, `${field}[${index}]`, 'key', 'path')]
    if (textOf(item['path']) !== '') faults.push(...descendingPath(textOf(item['path']), `${field}[${index}].path`))
    return faults
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
function descendingPath(path: string, field: string): readonly FieldFault[] {
  const faults = path.startsWith('/') ? [invalidValue(field, path, 'must be a relative path')] : []
  return path.split('/').includes('..') ? [...faults, invalidValue(field, path, "must not contain '..'")] : faults
}

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
    if (subPath !== '' && textOf(mount['subPathExpr']) !== '')
      faults.push(
        invalidValue(`${path}.subPathExpr`, mount['subPathExpr'], 'subPathExpr and subPath are mutually exclusive'),
      )
  }
  return [...faults, ...deviceFaults(container, volumes, field.replace(/volumeMounts$/, 'volumeDevices'))]
}

function deviceFaults(container: JsonObject, volumes: ReadonlySet<string>, field: string): readonly FieldFault[] {
  return listOf(container['volumeDevices']).flatMap((value, index) => {
    const device = objectOf(value)
    const name = textOf(device['name'])
    const faults = name === '' ? [requiredValue(`${field}[${index}].name`)] : []
    if (textOf(device['devicePath']) === '') faults.push(requiredValue(`${field}[${index}].devicePath`))
    if (name !== '' && !volumes.has(name)) faults.push(notFound(`${field}[${index}].name`, name))
    return faults
  })
}
