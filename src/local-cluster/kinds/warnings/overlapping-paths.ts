// Files of one volume that would stand in each other's place (kubernetes v1.36.3 `pkg/api/pod/warnings.go`, warningsForOverlappingVirtualPaths).
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import { isAbsent, objectOf, objectsOf, textOf } from '../edit.ts'

/** A file and what it comes from; the source is empty where a volume has one alone. */
interface Mapped {
  readonly path: string
  readonly source: string
}

/** Warnings for one volume of a pod. */
export function overlapWarnings(volume: JsonObject): readonly string[] {
  const of = JSON.stringify(textOf(volume['name']))
  const { configMap, secret, downwardAPI, projected } = volume
  const warn = (what: string, mapped: readonly Mapped[]): readonly string[] =>
    overlaps(mapped).map((text) => `volume ${of} (${what}): overlapping paths: ${text}`)
  const told = [
    ...warn(`ConfigMap ${nameOf(configMap, 'name')}`, itemsOf(configMap, '')),
    ...warn(`Secret ${nameOf(secret, 'secretName')}`, itemsOf(secret, '')),
    ...warn('DownwardAPI', itemsOf(downwardAPI, '')),
    ...emptySources(objectOf(projected), of),
    ...warn('Projected', objectsOf(objectOf(projected)['sources']).flatMap(pathsOfSource)),
  ]
  // The same words are told once.
  return [...new Set(told)]
}

function emptySources(projected: JsonObject, of: string): readonly string[] {
  const empty = objectsOf(projected['sources']).filter((source) => Object.values(source).every(isAbsent))
  return empty.map(() => `volume ${of} (Projected) has no sources provided`)
}

function nameOf(source: JsonValue | undefined, key: string): string {
  return JSON.stringify(textOf(objectOf(source)[key]))
}

function itemsOf(owner: JsonValue | undefined, source: string): readonly Mapped[] {
  return objectsOf(objectOf(owner)['items']).map(({ path }) => ({ path: trimmed(textOf(path)), source }))
}

function trimmed(path: string): string {
  let end = path.length
  while (path[end - 1] === '/') end -= 1
  return path.slice(0, end)
}

const CERTIFICATE_FILES = {
  certificateChainPath: 'PodCertificate chain',
  keyPath: 'PodCertificate key',
  credentialBundlePath: 'PodCertificate credential bundle',
} as const

/** The files of one of a projected volume's sources, of which the first that is set counts. */
function pathsOfSource(source: JsonObject): readonly Mapped[] {
  const { configMap, secret, downwardAPI, serviceAccountToken, clusterTrustBundle, podCertificate } = source
  const one = (owner: JsonValue, what: string): readonly Mapped[] => [
    { path: trimmed(textOf(objectOf(owner)['path'])), source: what },
  ]
  if (hasItems(configMap)) return itemsOf(configMap, `ConfigMap ${nameOf(configMap, 'name')}`)
  if (hasItems(secret)) return itemsOf(secret, `Secret ${nameOf(secret, 'name')}`)
  if (hasItems(downwardAPI)) return itemsOf(downwardAPI, 'DownwardAPI')
  if (!isAbsent(serviceAccountToken)) return one(serviceAccountToken, 'ServiceAccountToken')
  if (!isAbsent(clusterTrustBundle)) {
    const key = isAbsent(objectOf(clusterTrustBundle)['name']) ? 'signerName' : 'name'
    return one(clusterTrustBundle, `ClusterTrustBundle ${nameOf(clusterTrustBundle, key)}`)
  }
  const files = objectOf(podCertificate)
  return Object.entries(CERTIFICATE_FILES)
    .filter(([key]) => textOf(files[key]) !== '')
    .map(([key, what]) => ({ path: trimmed(textOf(files[key])), source: what }))
}

function hasItems(source: JsonValue | undefined): boolean {
  return !isAbsent(objectOf(source)['items'])
}

/** Most files of one volume that are compared with one another: the work grows with their square, and a warning is no more than advice. */
export const MAX_COMPARED_FILES = 1000

/** `"a/b" with "a"`: the same path, or one below the other. */
function overlaps(mapped: readonly Mapped[]): readonly string[] {
  const files = mapped.filter(({ path }) => path !== '').slice(0, MAX_COMPARED_FILES)
  return files.flatMap((file, index) =>
    files
      .slice(0, index)
      .filter((other) => isBelow(file.path, other.path) || isBelow(other.path, file.path))
      .map((other) => `${shown(file)} with ${shown(other)}`),
  )
}

function isBelow(path: string, folder: string): boolean {
  return `${path}/`.startsWith(`${folder}/`)
}

function shown({ path, source }: Mapped): string {
  return source === '' ? JSON.stringify(path) : `${JSON.stringify(path)} (${source})`
}
