import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createListEncoder } from './encode-list.ts'
import { selectFields } from './select-fields.ts'

const web = { metadata: { name: 'web' }, spec: { project: 'default' } }
const api = { metadata: { name: 'api' }, spec: { project: 'default' } }

describe('encoding lists', () => {
  const answers = [
    { metadata: { resourceVersion: '7' }, items: [web, api] },
    { items: [web] },
    { metadata: {}, items: [] },
    { items: [], remaining: undefined },
  ]
  const selections = [
    '',
    'items.metadata.name',
    'metadata.resourceVersion',
    '-items.spec',
    '-items',
    'other,items.spec.project',
  ]

  test('says the same as encoding the whole, for every selection and again', () => {
    const encode = createListEncoder()
    for (const fields of [...selections, ...selections]) {
      const select = selectFields(fields)
      for (const answer of answers) {
        const whole: unknown = JSON.parse(JSON.stringify(select(answer)))
        assert.deepEqual(JSON.parse(encode(answer, fields, select)), whole, `${fields} of ${JSON.stringify(answer)}`)
      }
    }
  })

  test('encodes an item again only where it is another object or another selection', () => {
    const encode = createListEncoder()
    let selected = 0
    const select = (answer: unknown): unknown => {
      selected++
      return answer
    }
    const askedFor = (items: readonly object[], fields: string): number => {
      const before = selected
      encode({ items }, fields, select)
      // One of them is for the list around the items.
      return selected - before - 1
    }

    const counts = [
      askedFor([web, api], ''),
      askedFor([web, api], ''),
      askedFor([web, { ...api }], ''),
      askedFor([web], 'items.spec'),
      askedFor([web], ''),
    ]

    assert.deepEqual(counts, [2, 0, 1, 1, 0])
  })

  test('keeps few texts of an item', () => {
    const encode = createListEncoder()
    let selected = 0
    const select = (answer: unknown): unknown => (selected++, answer)
    for (const fields of ['a', 'b', 'c', 'a']) encode({ items: [web] }, fields, select)

    assert.equal(selected, 8)
  })
})
