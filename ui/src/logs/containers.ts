// The names of a pod's containers, in the order in which a person looks for them.
import { isObject, type JsonObject } from '../manifest/json.ts'

const DEFAULT_CONTAINER = 'kubectl.kubernetes.io/default-container'

/** The default one first, then the others, then those that run before. */
export function containersOf(manifest: string): readonly string[] {
  const pod: unknown = JSON.parse(manifest)
  if (!isObject(pod) || !isObject(pod['spec'])) return []
  const { containers, initContainers, ephemeralContainers } = pod['spec']
  const names = [containers, initContainers, ephemeralContainers].flatMap(namesOf)
  const wanted = annotationsOf(pod)[DEFAULT_CONTAINER]
  return names.toSorted((a, b) => Number(b === wanted) - Number(a === wanted))
}

function namesOf(list: unknown): readonly string[] {
  if (!Array.isArray(list)) return []
  return list.flatMap((item: unknown) => (isObject(item) && typeof item['name'] === 'string' ? [item['name']] : []))
}

function annotationsOf({ metadata }: JsonObject): JsonObject {
  const annotations = isObject(metadata) ? metadata['annotations'] : undefined
  return isObject(annotations) ? annotations : {}
}
