// Tests what the command palette finds.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findBest, scoreOf } from './find.ts'

const items = ['api-tester', 'web', 'my-web-api', 'Settings: Web hooks'].map((title) => ({ title }))

test('puts beginnings first, then beginnings of words, then anything', () => {
  assert.deepEqual(
    findBest(items, 'web', 9).map(({ title }) => title),
    ['web', 'my-web-api', 'Settings: Web hooks'],
  )
})

test('finds letters in their order, and every word has to be there', () => {
  assert.deepEqual(
    findBest(items, 'apt', 9).map(({ title }) => title),
    ['api-tester'],
  )
  assert.equal(scoreOf({ title: 'web' }, 'web zzz'), undefined)
})

test('finds by other words too, and shows the first where nothing is typed', () => {
  assert.equal(findBest([{ title: '설정', words: 'settings' }], 'sett', 9).length, 1)
  assert.equal(findBest(items, ' ', 2).length, 2)
})
