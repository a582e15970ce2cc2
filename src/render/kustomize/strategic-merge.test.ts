// Directives and oddities of strategic merges that whole builds do not show.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { builtinMergeSchema } from './merge-schema.ts'
import { valueOfNode } from './node.ts'
import { readNode } from './read-nodes.ts'
import { strategicMerge } from './strategic-merge.ts'

const POD = 'apiVersion: v1, kind: Pod'

function merge(patch: string, target: string, append = false): unknown {
  const options = { findSchema: builtinMergeSchema, append }
  const merged = strategicMerge(readNode(`{${POD}, ${patch}}`), readNode(`{${POD}, ${target}}`), options)
  if (merged === undefined) return undefined
  const { apiVersion: _version, kind: _kind, ...rest } = valueOfNode(merged) as Record<string, unknown> // a mapping
  return rest
}

describe('a strategic merge', () => {
  const cases: readonly (readonly [string, string, string, unknown])[] = [
    ['puts new items first', 'spec: {containers: [{name: b}]}', 'spec: {containers: [{name: a}]}', named('b', 'a')],
    [
      'takes an item out by a directive',
      'spec: {containers: [{name: a, $patch: delete}]}',
      'spec: {containers: [{name: a}, {name: b}]}',
      named('b'),
    ],
    [
      'replaces a list by a directive',
      'spec: {containers: [{name: c}, {$patch: replace}]}',
      'spec: {containers: [{name: a}]}',
      named('c'),
    ],
    [
      'removes a list by a directive',
      'spec: {containers: [{$patch: delete}]}',
      'spec: {containers: [{name: a}]}',
      { spec: {} },
    ],
    ['replaces a mapping by a directive', 'spec: {$patch: replace, a: 1}', 'spec: {b: 2}', { spec: { a: 1 } }],
    ['removes a mapping by a directive', 'spec: {$patch: delete}', 'spec: {b: 2}, x: y', { x: 'y' }],
    ['deletes the object', '$patch: delete', 'spec: {}', undefined],
    ['removes what is null, also in what it adds', 'a: null, b: {c: null, d: 1}', 'a: 1', { b: { d: 1 } }],
    ['keeps nulls written out in the target', 'a: {b: 1}', 'a: {c: null}', { a: { b: 1, c: null } }],
    ['replaces lists of unknown fields', 'own: [{name: b}]', 'own: [{name: a}]', { own: [{ name: 'b' }] }],
    ['keeps a number a text where the target quoted it', 'a: 5', 'a: "4"', { a: '5' }],
  ]
  for (const [title, patch, target, wanted] of cases) {
    test(title, () => assert.deepEqual(merge(patch, target), wanted))
  }

  test('puts new items last if asked', () => {
    assert.deepEqual(merge('spec: {containers: [{name: b}]}', 'spec: {containers: [{name: a}]}', true), named('a', 'b'))
  })

  test('names the field where patch and target differ in kind', () => {
    assert.throws(() => merge('spec: {containers: x}', 'spec: {containers: []}'), {
      code: 'bad-input',
      message: 'wrong node kind: expected SequenceNode but got ScalarNode at spec.containers',
    })
    assert.throws(() => merge('spec: {$patch: merge-it}', 'spec: {}'), { message: "unknown patch strategy 'merge-it'" })
  })
})

function named(...names: readonly string[]): unknown {
  return { spec: { containers: names.map((name) => ({ name })) } }
}
