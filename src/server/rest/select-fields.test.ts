import assert from 'node:assert/strict'
import { test } from 'node:test'
import { selectFields } from './select-fields.ts'

const answer = { metadata: { resourceVersion: '5' }, items: [{ metadata: { name: 'a', uid: '1' }, spec: { x: 1 } }] }

const cases: readonly [string | null, unknown][] = [
  [null, answer],
  ['', answer],
  ['items.metadata.name', { items: [{ metadata: { name: 'a' } }] }],
  ['metadata,items.spec', { metadata: { resourceVersion: '5' }, items: [{ spec: { x: 1 } }] }],
  ['-items.metadata.uid,metadata', { items: [{ metadata: { name: 'a' }, spec: { x: 1 } }] }],
  ['items.metadata.name,items.metadata', { items: [{ metadata: { name: 'a', uid: '1' } }] }],
  ['nothing', {}],
]
for (const [fields, wanted] of cases) {
  test(`selects ${JSON.stringify(fields)}`, () => {
    assert.deepEqual(selectFields(fields)(answer), wanted)
  })
}
