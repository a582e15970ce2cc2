// Tests manifests as text, what is hidden of them, and the patch an edit becomes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSame } from './json.ts'
import { mergePatch } from './merge-patch.ts'
import { withoutNoise } from './noise.ts'
import { parseManifest, yamlOfJson } from './yaml.ts'

test('JSON becomes YAML with every digit, and nothing becomes nothing', () => {
  assert.equal(yamlOfJson('{"b":{"c":["x"]},"a":9007199254740993}'), 'a: 9007199254740993\nb:\n  c:\n  - x\n')
  assert.deepEqual([yamlOfJson(undefined), yamlOfJson(''), yamlOfJson('null')], ['', '', ''])
})

test('an edited text has to be one mapping', () => {
  assert.deepEqual(parseManifest('a: 1\nb: [x]\n'), { a: 1, b: ['x'] })
  assert.throws(() => parseManifest('- a\n'), /mapping/)
  assert.throws(() => parseManifest(''), /mapping/)
  assert.throws(() => parseManifest('a: [\n'), /yaml/)
})

test('a patch holds what changed and nothing else', () => {
  const cases = [
    [{ a: 1 }, { a: 1 }, {}],
    [{ a: 1, b: 2 }, { b: 3 }, { a: null, b: 3 }],
    [{ spec: { replicas: 1, kept: true } }, { spec: { replicas: 2, kept: true } }, { spec: { replicas: 2 } }],
    [{ list: [1, 2] }, { list: [1] }, { list: [1] }],
    [
      { data: { password: '++++++++', user: 'a' } },
      { data: { password: '++++++++', user: 'b' } },
      { data: { user: 'b' } },
    ],
    [{ a: { b: 1 } }, { a: 'text' }, { a: 'text' }],
    [{}, { a: { b: 1 } }, { a: { b: 1 } }],
  ] as const
  for (const [before, after, patch] of cases) assert.deepEqual(mergePatch(before, after), patch)
})

test('hides what only machines read', () => {
  const applied = 'kubectl.kubernetes.io/last-applied-configuration'

  assert.deepEqual(
    withoutNoise({ kind: 'A', metadata: { name: 'a', managedFields: [], annotations: { [applied]: '{}' } } }),
    {
      kind: 'A',
      metadata: { name: 'a' },
    },
  )
  assert.deepEqual(withoutNoise({ metadata: { annotations: { [applied]: '{}', mine: 'x' } } }), {
    metadata: { annotations: { mine: 'x' } },
  })
  assert.deepEqual(withoutNoise({ kind: 'A' }), { kind: 'A' })
})

test('compares values whatever the order of their keys', () => {
  assert.ok(isSame({ a: [1, { b: null }], c: 1 }, { c: 1, a: [1, { b: null }] }))
  for (const [a, b] of [
    [{ a: 1 }, { a: 1, b: undefined }],
    [[1], [1, 2]],
    [[], {}],
    [{ a: undefined }, { b: undefined }],
    [null, {}],
  ]) {
    assert.ok(!isSame(a, b))
  }
})
