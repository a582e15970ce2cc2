// JSON patch (RFC 6902) as the API server applies it: evanphx/json-patch v4.13 with its texts, negative indices and limits.
import { jsonText } from '../json-digits.ts'
import { assertDepth, deepEqual, fieldOf, isList, isObject, kindOfJson, setField } from '../json-value.ts'
import type { JsonObject, JsonValue } from '../object.ts'
import { changeAt, indexOf, parsePointer, valueAt } from './json-pointer.ts'
import { PatchError } from './patch-error.ts'

/** `maxJSONPatchOperations` of kube-apiserver 1.36 `pkg/endpoints/handlers/patch.go`. */
export const MAX_JSON_PATCH_OPERATIONS = 10_000
/** What all `copy` operations of a patch may add together, in characters of JSON; kube-apiserver allows its request limit of 3 MB. */
export const MAX_JSON_PATCH_COPIED: number = 3 * 1024 * 1024

/**
 * The document after all operations, in order; nothing is changed in place.
 * Throws `PatchError`: 400 for what is no list of operations, 413 beyond the limits, 422 where an operation cannot be done.
 */
export function applyJsonPatch(document: JsonValue, patch: JsonValue): JsonValue {
  assertDepth(patch, 'the JSON patch')
  if (!isList(patch)) throw new PatchError('bad-request', notOperations(patch))
  if (patch.length > MAX_JSON_PATCH_OPERATIONS) {
    const text = `The allowed maximum operations in a JSON patch is ${MAX_JSON_PATCH_OPERATIONS}, got ${patch.length}`
    throw new PatchError('too-large', text)
  }
  const copied = { size: 0 }
  let result = document
  for (const operation of patch) {
    if (!isObject(operation)) throw new PatchError('bad-request', notOperations(operation))
    result = applyOperation(result, operation, copied)
  }
  return result
}

function notOperations(value: JsonValue): string {
  const types = { object: 'object', list: 'array', boolean: 'bool', null: 'null', number: 'number', string: 'string' }
  return `json: cannot unmarshal ${types[kindOfJson(value)]} into Go value of type jsonpatch.Patch`
}

interface Copied {
  size: number
}

function applyOperation(document: JsonValue, operation: JsonObject, copied: Copied): JsonValue {
  const kind = fieldOf(operation, 'op')
  switch (kind) {
    case 'add':
      return add(document, pathOf(operation, kind), valueOf(operation), 'add')
    case 'remove':
      return remove(document, pathOf(operation, kind), 'remove')
    case 'replace':
      return replace(document, pathOf(operation, kind), fieldOf(operation, 'value') ?? null)
    case 'move':
      return move(document, operation)
    case 'copy':
      return copy(document, operation, copied)
    case 'test':
      return testValue(document, pathOf(operation, kind), fieldOf(operation, 'value') ?? null)
    default:
      throw fault(`Unexpected kind: ${typeof kind === 'string' ? kind : 'unknown'}`)
  }
}

function fault(message: string): PatchError {
  return new PatchError('unprocessable', message)
}

interface Path {
  readonly text: string
  readonly steps: readonly string[]
}

function pathOf(operation: JsonObject, kind: string, field: 'path' | 'from' = 'path'): Path {
  const text = fieldOf(operation, field)
  if (typeof text !== 'string') throw fault(`${kind} operation failed to decode ${field}: missing value`)
  const steps = parsePointer(text)
  if (steps === undefined)
    throw fault(`${kind} operation does not apply: doc is missing path: "${text}": missing value`)
  return { text, steps }
}

function valueOf(operation: JsonObject): JsonValue {
  return fieldOf(operation, 'value') ?? null
}

/** Where an item goes in a list: `-` is behind the last one; below zero counts with the added item in place, so -1 appends too. */
function position(step: string, length: number, path: Path): number {
  if (step === '-') return length
  const index = indexOf(step)
  const place = `error in add for path: '${path.text}'`
  if (index === undefined) throw fault(`${place}: value was not a proper array index: '${step}'`)
  if (index > length || index < -length - 1) {
    throw fault(`${place}: Unable to access invalid index: ${index}: invalid index referenced`)
  }
  return index < 0 ? index + length + 1 : index
}

function add(document: JsonValue, path: Path, value: JsonValue, verb: string): JsonValue {
  if (path.steps.length === 0) return value
  return changeAt(document, path.steps, (container, step) => {
    if (isObject(container)) return withField(container, step, value)
    if (isList(container)) return container.toSpliced(position(step, container.length, path), 0, value)
    throw fault(`${verb} operation does not apply: doc is missing path: "${path.text}": missing value`)
  })
}

function withField(container: JsonObject, step: string, value: JsonValue): JsonObject {
  const copied: Record<string, JsonValue> = { ...container }
  setField(copied, step, value)
  return copied
}

function existingIndex(container: readonly JsonValue[], step: string, path: Path): number {
  const index = indexOf(step)
  if (index === undefined || index >= container.length || index < -container.length) {
    throw fault(
      `error in remove for path: '${path.text}': Unable to access invalid index: ${step}: invalid index referenced`,
    )
  }
  return index < 0 ? index + container.length : index
}

function remove(document: JsonValue, path: Path, verb: string): JsonValue {
  return changeAt(document, path.steps, (container, step) => {
    if (isList(container)) return container.toSpliced(existingIndex(container, step, path), 1)
    if (!isObject(container) || path.steps.length === 0) {
      throw fault(`${verb} operation does not apply: doc is missing path: "${path.text}": missing value`)
    }
    if (!Object.hasOwn(container, step)) {
      throw fault(`error in ${verb} for path: '${path.text}': Unable to remove nonexistent key: ${step}: missing value`)
    }
    const { [step]: _removed, ...rest } = container
    return rest
  })
}

function replace(document: JsonValue, path: Path, value: JsonValue): JsonValue {
  if (path.steps.length === 0) {
    if (isObject(value) || isList(value)) return value
    throw fault('replace operation value must be object or array: unknown object type')
  }
  return changeAt(document, path.steps, (container, step) => {
    if (isList(container)) return container.with(existingIndex(container, step, path), value)
    if (!isObject(container))
      throw fault(`replace operation does not apply: doc is missing path: ${path.text}: missing value`)
    // v4 asks an object for its key and takes nil for an answer: a key that is missing is added.
    return withField(container, step, value)
  })
}

function existing(document: JsonValue, from: Path, verb: string): JsonValue {
  const value = valueAt(document, from.steps)
  if (value === undefined)
    throw fault(`${verb} operation does not apply: doc is missing from path: ${from.text}: missing value`)
  return value
}

function move(document: JsonValue, operation: JsonObject): JsonValue {
  const from = pathOf(operation, 'move', 'from')
  const value = existing(document, from, 'move')
  return add(remove(document, from, 'move'), pathOf(operation, 'move'), value, 'move')
}

function copy(document: JsonValue, operation: JsonObject, copied: Copied): JsonValue {
  const value = existing(document, pathOf(operation, 'copy', 'from'), 'copy')
  copied.size += jsonText(value).length
  if (copied.size > MAX_JSON_PATCH_COPIED) {
    const text = `Unable to complete the copy, the accumulated size increase of copy is ${copied.size}, exceeding the limit ${MAX_JSON_PATCH_COPIED}`
    throw new PatchError('unprocessable', text)
  }
  return add(document, pathOf(operation, 'copy'), value, 'copy')
}

/** Absent and null are equal to a test. */
function testValue(document: JsonValue, path: Path, expected: JsonValue): JsonValue {
  if (deepEqual(valueAt(document, path.steps) ?? null, expected)) return document
  throw fault(`testing value ${path.text} failed: test failed`)
}
