// The annotation in which client-side apply keeps what it last applied.
import { parseJson } from '../kube/json-digits.ts'
import { isObject, sortedJson } from '../kube/json-value.ts'
import type { JsonObject, KubeObject } from '../kube/object.ts'
import { ANNOTATION, annotationOf } from './annotations.ts'

/** What was last applied; undefined where the annotation is absent or no JSON object. */
export function lastApplied(object: KubeObject): JsonObject | undefined {
  const text = annotationOf(object, ANNOTATION.lastApplied)
  if (text === undefined) return undefined
  try {
    const value = parseJson(text)
    return isObject(value) ? value : undefined
  } catch {
    // Somebody's edit: as kubectl, treat what cannot be read as never applied.
    return undefined
  }
}

/** The object with its own configuration in the annotation, keys sorted and with the newline kubectl writes. */
export function withLastApplied(object: KubeObject): KubeObject {
  const { [ANNOTATION.lastApplied]: _old, ...annotations } = object.metadata.annotations ?? {}
  const bare = { ...object, metadata: { ...object.metadata, annotations } }
  const text = `${sortedJson(bare as unknown as JsonObject)}\n` // an object is its fields
  return {
    ...object,
    metadata: { ...object.metadata, annotations: { ...annotations, [ANNOTATION.lastApplied]: text } },
  }
}
