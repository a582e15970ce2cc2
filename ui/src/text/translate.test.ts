// Tests that the languages have the same texts and values.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { en, type TextKey } from './en.ts'
import { catalogues, translatorOf } from './translate.ts'

function placeholders(text: string): unknown {
  return [...text.matchAll(/\{\w+\}/g)].map(String).toSorted()
}

for (const [language, catalogue] of Object.entries(catalogues)) {
  test(`${language} has every text, none empty, with the same values`, () => {
    assert.deepEqual(Object.keys(catalogue), Object.keys(en))
    for (const key of Object.keys(en) as TextKey[]) {
      assert.notEqual(catalogue[key].trim(), '', key)
      assert.deepEqual(placeholders(catalogue[key]), placeholders(en[key]), key)
    }
  })
}

test('puts values in, and shows where one is missing', () => {
  const text = translatorOf('en')

  assert.equal(text('list.count', { shown: 1, all: 20 }), '1 of 20')
  assert.equal(text('list.count', { shown: 1 }), '1 of {all}')
  assert.equal(translatorOf('ko')('list.count', { shown: 1, all: 20 }), '전체 20개 중 1개')
})
