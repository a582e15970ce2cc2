// The annotation in which client-side apply keeps what it last applied.
import type { JsonObject, JsonValue, KubeObject } from '../kube/object.ts'
import { isJsonObject } from '../live/field.ts'
import { ANNOTATION, annotationOf } from './annotations.ts'

/** What was last applied; undefined where the annotation is absent or no JSON object. */
export function lastApplied(object: KubeObject): JsonObject | undefined {
  const text = annotationOf(object, ANNOTATION.lastApplied)
  if (text === undefined) return undefined
  try {
    const value: JsonValue = JSON.parse(text)
    return isJsonObject(value) ? value : undefined
  } catch {
    // Somebody's edit: as kubectl, treat what cannot be read as never applied.
    return undefined
  }
}

/** The object with its own configuration in the annotation, keys sorted and with the newline kubectl writes. */
export function withLastApplied(object: KubeObject): KubeObject {
  const { [ANNOTATION.lastApplied]: _old, ...annotations } = object.metadata.annotations ?? {}
  const bare = { ...object, metadata: { ...object.metadata, annotations } }
  const text = `${JSON.stringify(sorted(bare as unknown as JsonValue))}\n`
  return {
    ...object,
    metadata: { ...object.metadata, annotations: { ...annotations, [ANNOTATION.lastApplied]: text } },
  }
}

/** A copy with the keys of all objects in order, and no undefined values. */
function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isJsonObject(value)) return value
  const copy: Record<string, JsonValue> = {}
  for (const key of Object.keys(value).toSorted()) {
    const field = value[key]
    if (field !== undefined) copy[key] = sorted(field)
  }
  return copy
}
