// JSON merge patch (RFC 7386): applying one, and making one from two or three documents.
import { assertDepth, deepEqual, fieldOf, isList, isObject, setField } from '../json-value.ts'
import type { JsonObject, JsonValue } from '../object.ts'
import { PatchError } from './patch-error.ts'

/** The document with the patch's fields set, null meaning "remove". Parts the patch does not touch are shared, nothing is changed in place. */
export function applyMergePatch(document: JsonValue, patch: JsonValue): JsonValue {
  assertDepth(patch, 'the merge patch')
  return merge(document, patch)
}

function merge(target: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (!isObject(patch)) return isList(patch) ? patch.map(withoutNulls) : patch
  const result: Record<string, JsonValue> = isObject(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else setField(result, key, merge(fieldOf(result, key), value))
  }
  return result
}

/** The objects of a list lose their nulls too, as in evanphx/json-patch v4 `merge.go`; a null that is an item stays. */
function withoutNulls(value: JsonValue): JsonValue {
  if (isList(value)) return value.map(withoutNulls)
  return isObject(value) ? merge(undefined, value) : value
}

/** The patch that turns `original` into `modified`. A field that is null in `modified` cannot be told from one that is absent. */
export function createMergePatch(original: JsonObject, modified: JsonObject): JsonObject {
  assertDepth(original, 'the original document')
  assertDepth(modified, 'the modified document')
  return difference(original, modified, { additions: true, deletions: true })
}

/**
 * kubectl's three-way patch for types without merge keys: what differs between `current` and `modified`, and removal of what
 * `original` had and `modified` has no more (apimachinery v0.36.3 `jsonmergepatch.CreateThreeWayJSONMergePatch`).
 */
export function createThreeWayMergePatch(original: JsonObject, modified: JsonObject, current: JsonObject): JsonObject {
  for (const document of [original, modified, current]) assertDepth(document, 'the document')
  const changed = keepNulls(difference(current, modified, { additions: true, deletions: false }), false)
  // A field that is null in `modified` and was not before is a removal, too.
  const removed = keepNulls(difference(original, modified, { additions: true, deletions: true }), true)
  const patch = overlay(removed, changed)
  if (!isObject(patch)) throw new PatchError('unclassified', 'invalid JSON document')
  return patch
}

interface Wanted {
  readonly additions: boolean
  readonly deletions: boolean
}

function difference(original: JsonObject, modified: JsonObject, wanted: Wanted): JsonObject {
  const patch: Record<string, JsonValue> = {}
  for (const [key, value] of Object.entries(modified)) {
    const before = fieldOf(original, key)
    if (isObject(before) && isObject(value)) {
      const inner = difference(before, value, wanted)
      if (Object.keys(inner).length > 0) setField(patch, key, inner)
    } else if (wanted.additions && !deepEqual(before, value)) setField(patch, key, value)
  }
  if (wanted.deletions) {
    for (const key of Object.keys(original)) if (!Object.hasOwn(modified, key)) setField(patch, key, null)
  }
  return patch
}

/** Keeps only the nulls of a patch, or everything but them; objects left empty go too, lists stay as they are. */
function keepNulls(patch: JsonObject, nulls: boolean): JsonObject {
  const kept: Record<string, JsonValue> = {}
  for (const [key, value] of Object.entries(patch)) {
    if (isObject(value)) {
      const inner = keepNulls(value, nulls)
      const wasEmpty = Object.keys(value).length === 0
      if (Object.keys(inner).length > 0 || (wasEmpty && !nulls)) setField(kept, key, inner)
    } else if ((value === null) === nulls) setField(kept, key, value)
  }
  return kept
}

/** Two patches as one: fields of both, the second one's value where both have one. */
function overlay(first: JsonValue | undefined, second: JsonValue): JsonValue {
  if (!isObject(first) || !isObject(second)) return second
  const result: Record<string, JsonValue> = { ...first }
  for (const [key, value] of Object.entries(second)) setField(result, key, overlay(fieldOf(first, key), value))
  return result
}
