// Comments with schemas: where kustomize 5.8.1 takes them into account, and where they are comments for people.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { builtinMergeSchema } from './merge-schema.ts'
import { valueOfNode } from './node.ts'
import { readNode } from './read-nodes.ts'
import { strategicMerge } from './strategic-merge.ts'

const SCHEMA = '# {"type":"array", "x-kubernetes-patch-merge-key":"id", "x-kubernetes-patch-strategy":"merge"}'
const ITEMS = '- {id: a, v: 1}\n- {id: b, v: 2}\n'
const PATCH = 'items:\n- {id: b, w: 3}\n'
const MERGED = [
  { id: 'b', v: 2, w: 3 },
  { id: 'a', v: 1 },
]

function itemsOf(target: string, patch: string): unknown {
  const merged = strategicMerge(readNode(patch), readNode(target), { findSchema: builtinMergeSchema })
  assert.ok(merged)
  return (valueOfNode(merged) as { readonly items?: unknown }).items // the texts are mappings
}

// What stands here was asked of the real program.
const HEEDED: readonly (readonly [string, string])[] = [
  ['beside the key', `m: {n: 1}\nitems: ${SCHEMA}\n${ITEMS}`],
  ['behind a list in one line', `items: [{id: a, v: 1}, {id: b, v: 2}] ${SCHEMA}\n`],
  ['above the key', `m: {n: 1}\n${SCHEMA}\nitems:\n${ITEMS}`],
  ['above the key, a blank line on either side', `m: {n: 1}\n\n${SCHEMA}\n\nitems:\n${ITEMS}`],
  ['above the first key', `${SCHEMA}\nitems:\n${ITEMS}`],
]

const UNHEEDED: readonly (readonly [string, string])[] = [
  ['below the key', `items:\n${SCHEMA}\n${ITEMS}`],
  ['with another comment', `# for people\n${SCHEMA}\nitems:\n${ITEMS}`],
  ['with another comment above a blank line', `m: {n: 1}\n\n# for people\n\n${SCHEMA}\nitems:\n${ITEMS}`],
  ['below what it follows, a blank line before the key', `m: {n: 1}\n${SCHEMA}\n\nitems:\n${ITEMS}`],
  ['deeper than the key', `m:\n  n: 1\n   ${SCHEMA}\nitems:\n${ITEMS}`],
  ['that is no JSON', `items: # {id}\n${ITEMS}`],
  ['that is an empty schema', `items: # {}\n${ITEMS}`],
]

describe('a schema in a comment', () => {
  for (const [place, target] of HEEDED) {
    test(`is heeded ${place}`, () => assert.deepEqual(itemsOf(target, PATCH), MERGED))
  }

  for (const [place, target] of UNHEEDED) {
    test(`is not heeded ${place}`, () => assert.deepEqual(itemsOf(target, PATCH), [{ id: 'b', w: 3 }]))
  }

  test('is heeded in the patch too', () => {
    assert.deepEqual(itemsOf(`items:\n${ITEMS}`, `items: ${SCHEMA}\n- {id: b, w: 3}\n`), MERGED)
  })

  test('may refer to a built-in type', () => {
    const reference = '# {"$ref":"#/definitions/io.k8s.api.core.v1.PodSpec"}'
    const target = readNode(`${reference}\npod: {containers: [{name: a}, {name: b, image: x}]}\n`)
    const patch = readNode('pod: {containers: [{name: b, tty: true}]}\n')

    const merged = strategicMerge(patch, target, { findSchema: builtinMergeSchema })

    assert.ok(merged)
    const containers = [{ name: 'b', image: 'x', tty: true }, { name: 'a' }]
    assert.deepEqual(valueOfNode(merged), { pod: { containers } })
  })
})
