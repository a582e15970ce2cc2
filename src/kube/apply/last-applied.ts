// kubectl's last-applied annotation under server-side apply: it is kept up to date, and lets kubectl take over its own fields.
import { parseJson } from '../json-digits.ts'
import { deepEqual, fieldOf, isObject, sortedJson } from '../json-value.ts'
import type { JsonObject, JsonValue } from '../object.ts'
import { difference, type FieldSet } from './field-set.ts'
import type { Typed } from './managers.ts'
import { compareTyped } from './typed-compare.ts'
import { TypedError } from './typed-error.ts'
import { fieldSetOfValue } from './typed-field-set.ts'
import { validateTyped } from './typed-validate.ts'

export const LAST_APPLIED_ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration'

/** Annotations may have at most this many bytes together (`TotalAnnotationSizeLimitB`); beyond, the annotation is left out. */
export const MAX_ANNOTATIONS_SIZE: number = 256 * 1024

function annotationsOf(object: JsonObject): JsonObject {
  const metadata = fieldOf(object, 'metadata')
  const annotations = isObject(metadata) ? fieldOf(metadata, 'annotations') : undefined
  return isObject(annotations) ? annotations : {}
}

/** Fields which the annotation set and nobody changed since; undefined where there is no usable annotation. */
export function allowedByLastApplied(live: JsonObject, typed: Typed): FieldSet | undefined {
  const config = parseConfig(annotationsOf(live)[LAST_APPLIED_ANNOTATION])
  if (config === undefined || config['apiVersion'] !== typed.apiVersion) return undefined
  try {
    validateTyped(config, typed.type, { allowDuplicates: false })
    const { added, modified, removed } = compareTyped(config, live, typed.type)
    return difference(difference(difference(fieldSetOfValue(config, typed.type), modified), added), removed)
  } catch (error) {
    // An annotation that does not fit the type allows nothing; the conflicts then stand as they were found.
    if (error instanceof TypedError) return undefined
    throw error
  }
}

function parseConfig(text: JsonValue | undefined): JsonObject | undefined {
  if (typeof text !== 'string' || text === '') return undefined
  try {
    const value = parseJson(text)
    return isObject(value) ? value : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** The object with the annotation saying what was applied now, where it has one (`lastAppliedUpdater`). */
export function withLastApplied(object: JsonObject, patch: JsonObject): JsonObject {
  const { [LAST_APPLIED_ANNOTATION]: old, ...others } = annotationsOf(object)
  if (typeof old !== 'string' || old === '') return object
  const { [LAST_APPLIED_ANNOTATION]: _own, ...wanted } = annotationsOf(patch)
  const text = `${sortedJson(withAnnotations(patch, wanted))}\n`
  const annotations = { ...others, [LAST_APPLIED_ANNOTATION]: text }
  const result = withAnnotations(object, sizeOf(annotations) <= MAX_ANNOTATIONS_SIZE ? annotations : others)
  return deepEqual(result, object) ? object : result
}

function withAnnotations(object: JsonObject, annotations: JsonObject): JsonObject {
  const metadata = fieldOf(object, 'metadata')
  const { annotations: _old, ...rest } = isObject(metadata) ? metadata : {}
  return { ...object, metadata: Object.keys(annotations).length === 0 ? rest : { ...rest, annotations } }
}

function sizeOf(annotations: JsonObject): number {
  let size = 0
  for (const [key, value] of Object.entries(annotations)) {
    size += Buffer.byteLength(key) + (typeof value === 'string' ? Buffer.byteLength(value) : 0)
  }
  return size
}
