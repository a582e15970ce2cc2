// JSON patches: every operation, and what the API server refuses.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonValue } from '../object.ts'
import { applyJsonPatch, MAX_JSON_PATCH_COPIED, MAX_JSON_PATCH_OPERATIONS } from './json-patch.ts'
import { PatchError } from './patch-error.ts'

const APPLIED: readonly (readonly [document: JsonValue, patch: JsonValue, result: JsonValue])[] = [
  [{ a: 1 }, [{ op: 'add', path: '/b', value: [1] }], { a: 1, b: [1] }],
  [{ a: 1 }, [{ op: 'add', path: '', value: { c: 1 } }], { c: 1 }],
  [{ a: [1, 3] }, [{ op: 'add', path: '/a/1', value: 2 }], { a: [1, 2, 3] }],
  [{ a: [1] }, [{ op: 'add', path: '/a/-', value: 2 }], { a: [1, 2] }],
  [{ a: [1] }, [{ op: 'add', path: '/a/-1', value: 2 }], { a: [1, 2] }],
  [{ a: [1, 2] }, [{ op: 'remove', path: '/a/-1' }], { a: [1] }],
  [{ a: { b: 1, c: 2 } }, [{ op: 'remove', path: '/a/b' }], { a: { c: 2 } }],
  [{ a: [{ b: 1 }] }, [{ op: 'replace', path: '/a/0/b', value: 2 }], { a: [{ b: 2 }] }],
  [{ a: [1, 2] }, [{ op: 'replace', path: '/a/1', value: 9 }], { a: [1, 9] }],
  [{ a: 1 }, [{ op: 'move', from: '/a', path: '/b' }], { b: 1 }],
  [{ a: [1, 2, 3] }, [{ op: 'move', from: '/a/0', path: '/a/2' }], { a: [2, 3, 1] }],
  [{ a: { x: 1 } }, [{ op: 'copy', from: '/a', path: '/b' }], { a: { x: 1 }, b: { x: 1 } }],
  [{ a: { x: 1 } }, [{ op: 'test', path: '/a', value: { x: 1 } }], { a: { x: 1 } }],
  [{}, [{ op: 'test', path: '/absent', value: null }], {}],
  [
    { 'a/b': 1, 'c~d': 2 },
    [
      { op: 'remove', path: '/a~1b' },
      { op: 'replace', path: '/c~0d', value: 3 },
    ],
    { 'c~d': 3 },
  ],
  [{ a: null }, [{ op: 'replace', path: '/a' }], { a: null }],
]

test('applies every operation', () => {
  for (const [document, patch, expected] of APPLIED) {
    assert.deepEqual(applyJsonPatch(document, patch), expected, JSON.stringify(patch))
  }
})

const REFUSED: readonly (readonly [document: JsonValue, patch: JsonValue, fault: string, text: RegExp])[] = [
  [{}, {}, 'bad-request', /cannot unmarshal object into Go value of type jsonpatch.Patch/],
  [{}, ['x'], 'bad-request', /cannot unmarshal string/],
  [{}, [{ op: 'jump', path: '/a' }], 'unprocessable', /Unexpected kind: jump/],
  [{}, [{ path: '/a' }], 'unprocessable', /Unexpected kind: unknown/],
  [{}, [{ op: 'add', value: 1 }], 'unprocessable', /add operation failed to decode path: missing value/],
  [
    {},
    [{ op: 'add', path: '/a/b', value: 1 }],
    'unprocessable',
    /add operation does not apply: doc is missing path: "\/a\/b"/,
  ],
  [{ a: [] }, [{ op: 'add', path: '/a/1', value: 1 }], 'unprocessable', /Unable to access invalid index: 1/],
  [{ a: [] }, [{ op: 'add', path: '/a/x', value: 1 }], 'unprocessable', /not a proper array index: 'x'/],
  [{ a: [] }, [{ op: 'add', path: '/a/-2', value: 1 }], 'unprocessable', /Unable to access invalid index: -2/],
  [{}, [{ op: 'remove', path: '/a' }], 'unprocessable', /Unable to remove nonexistent key: a: missing value/],
  [
    {},
    [{ op: 'remove', path: '/a/b' }],
    'unprocessable',
    /remove operation does not apply: doc is missing path: "\/a\/b"/,
  ],
  [{}, [{ op: 'remove', path: '' }], 'unprocessable', /remove operation does not apply/],
  [{ a: [] }, [{ op: 'remove', path: '/a/0' }], 'unprocessable', /Unable to access invalid index: 0/],
  [{}, [{ op: 'replace', path: '/a/b', value: 1 }], 'unprocessable', /doc is missing path: \/a\/b/],
  [
    {},
    [{ op: 'move', from: '/a', path: '/b' }],
    'unprocessable',
    /move operation does not apply: doc is missing from path: \/a/,
  ],
  [{}, [{ op: 'copy', from: '/constructor', path: '/b' }], 'unprocessable', /copy operation does not apply/],
  [{ a: 1 }, [{ op: 'test', path: '/a', value: 2 }], 'unprocessable', /^testing value \/a failed: test failed$/],
]

test('refuses what cannot be done, as the API server classes it', () => {
  for (const [document, patch, fault, text] of REFUSED) {
    assert.throws(
      () => applyJsonPatch(document, patch),
      (error) => error instanceof PatchError && error.fault === fault && text.test(error.message),
      JSON.stringify(patch),
    )
  }
})

test('leaves the document it was given untouched, and shares what it does not change', () => {
  const document = { a: { b: [1] }, c: { d: 1 } }

  const result = applyJsonPatch(document, [{ op: 'add', path: '/a/b/-', value: 2 }])

  assert.deepEqual(document, { a: { b: [1] }, c: { d: 1 } })
  assert.equal((result as typeof document).c, document.c)
})

test('refuses more operations than the limit', () => {
  const patch = (count: number): JsonValue =>
    Array.from({ length: count }, () => ({ op: 'test', path: '/a', value: 1 }))

  applyJsonPatch({ a: 1 }, patch(MAX_JSON_PATCH_OPERATIONS))
  assert.throws(
    () => applyJsonPatch({ a: 1 }, patch(MAX_JSON_PATCH_OPERATIONS + 1)),
    /maximum operations in a JSON patch is 10000, got 10001/,
  )
})

test('refuses a patch whose copies add up beyond the limit', () => {
  const big = 'x'.repeat(MAX_JSON_PATCH_COPIED / 2)
  const twice = ['b', 'c'].map((name) => ({ op: 'copy', from: '/a', path: `/${name}` }))

  assert.throws(() => applyJsonPatch({ a: big }, twice), /accumulated size increase of copy/)
})
