// JSON merge patches: the cases of RFC 7386, and patches made from two and three documents.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject, JsonValue } from '../object.ts'
import { applyMergePatch, createMergePatch, createThreeWayMergePatch } from './merge-patch.ts'

const RFC_7386: readonly (readonly [document: JsonValue, patch: JsonValue, result: JsonValue])[] = [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  [{}, { a: [{ b: null, c: 1 }, null] }, { a: [{ c: 1 }, null] }],
]

test('merges as RFC 7386 says', () => {
  for (const [document, patch, expected] of RFC_7386) {
    assert.deepEqual(applyMergePatch(document, patch), expected, JSON.stringify(patch))
  }
})

test('makes the patch that leads from one document to the other', () => {
  const original = { a: 1, b: { c: 1, d: 2 }, list: [1, 2], same: { x: [] } }
  const modified = { a: 2, b: { c: 1, e: 3 }, list: [2], same: { x: [] } }

  const patch = createMergePatch(original, modified)

  assert.deepEqual(patch, { a: 2, b: { d: null, e: 3 }, list: [2] })
  assert.deepEqual(applyMergePatch(original, patch), modified)
  assert.deepEqual(createMergePatch(original, original), {})
})

const THREE_WAY: readonly (readonly [
  original: JsonObject,
  modified: JsonObject,
  current: JsonObject,
  patch: JsonObject,
])[] = [
  [{ a: 1 }, { a: 1 }, { a: 1, server: 1 }, {}],
  [{ a: 1 }, { a: 2 }, { a: 1, server: 1 }, { a: 2 }],
  [{ a: 1, b: 1 }, { a: 1 }, { a: 1, b: 1, server: 1 }, { b: null }],
  [{ m: { x: 1, y: 1 } }, { m: { y: 2 } }, { m: { x: 1, y: 1, z: 1 } }, { m: { x: null, y: 2 } }],
  [{}, { a: {} }, {}, { a: {} }],
  [{}, { a: 1 }, { a: 5 }, { a: 1 }],
]

test('takes changes from the live document and deletions from the last applied one', () => {
  for (const [original, modified, current, patch] of THREE_WAY) {
    assert.deepEqual(createThreeWayMergePatch(original, modified, current), patch)
  }
})
