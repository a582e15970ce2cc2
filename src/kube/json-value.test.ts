// How plain JSON values are compared and read.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CapstanError } from '../base/errors.ts'
import { assertDepth, deepEqual, fieldOf, kindOfJson, MAX_JSON_DEPTH, setField } from './json-value.ts'
import type { JsonValue } from './object.ts'

const PAIRS: readonly (readonly [unknown, unknown, boolean])[] = [
  [1, 1, true],
  [1, '1', false],
  [null, null, true],
  [null, {}, false],
  [[1, 2], [1, 2], true],
  [[1, 2], [2, 1], false],
  [[], {}, false],
  [{ a: 1, b: [{}] }, { b: [{}], a: 1 }, true],
  [{ a: 1 }, { a: 1, b: 2 }, false],
  [{ a: 1, b: 2 }, { a: 1 }, false],
  [{ constructor: 1 }, { a: 1 }, false],
  [{ a: 1, b: undefined }, { a: 1 }, true],
  [{ a: 1 }, { a: 1, constructor: undefined }, true],
  [{ a: undefined, b: 1 }, { a: 1, b: undefined }, false],
  [{ a: null }, {}, false],
  [[1], { 0: 1 }, false],
]

test('compares values as JSON', () => {
  for (const [a, b, expected] of PAIRS) assert.equal(deepEqual(a, b), expected, JSON.stringify([a, b]))
})

test('reads and sets fields with dangerous names like any other', () => {
  const target: Record<string, JsonValue> = {}

  setField(target, '__proto__', { polluted: true })

  assert.equal(fieldOf({}, 'constructor'), undefined)
  assert.equal(JSON.stringify(target), '{"__proto__":{"polluted":true}}')
  assert.equal(Object.getPrototypeOf(target), Object.prototype)
})

test('names the kind of a value', () => {
  const values: readonly JsonValue[] = [null, true, 1, 'a', [], {}]
  assert.deepEqual(values.map(kindOfJson), ['null', 'boolean', 'number', 'string', 'list', 'object'])
})

test('refuses values nested deeper than the limit', () => {
  const nested = (levels: number): JsonValue => JSON.parse('['.repeat(levels) + ']'.repeat(levels))

  assertDepth(nested(MAX_JSON_DEPTH), 'the value')
  assert.throws(
    () => assertDepth(nested(MAX_JSON_DEPTH + 1), 'the value'),
    (error) => error instanceof CapstanError && error.code === 'limit',
  )
})
