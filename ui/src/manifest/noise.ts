// Fields of a live object that only machines read.
import { isObject, type JsonObject } from './json.ts'

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

/** A live object without the managers of its fields and the copy of what was last applied. */
export function withoutNoise(live: JsonObject): JsonObject {
  const { metadata } = live
  if (!isObject(metadata)) return live
  const { managedFields: _managers, annotations, ...rest } = metadata
  return { ...live, metadata: { ...rest, ...annotationsLeft(annotations) } }
}

function annotationsLeft(annotations: unknown): { readonly annotations?: unknown } {
  if (!isObject(annotations)) return annotations === undefined ? {} : { annotations }
  const { [LAST_APPLIED]: _applied, ...others } = annotations
  return Object.keys(others).length === 0 ? {} : { annotations: others }
}
