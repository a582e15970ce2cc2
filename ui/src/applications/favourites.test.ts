// Tests what is remembered of favourites.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MAX_FAVOURITES, readFavourites, toggleFavourite } from './favourites.ts'

function memory(first = '') {
  const values = new Map(first === '' ? [] : [['capstan.favourites', first]])
  return {
    getItem: (name: string) => values.get(name) ?? null,
    setItem: (name: string, value: string) => void values.set(name, value),
  }
}

test('a favourite is remembered until it is none', () => {
  const store = memory()

  const marked = toggleFavourite(store, readFavourites(store), 'argocd/web')
  assert.deepEqual([...readFavourites(store)], ['argocd/web'])
  toggleFavourite(store, marked, 'argocd/web')
  assert.deepEqual([...readFavourites(store)], [])
})

test('what is none of ours does no harm, and there is an end to it', () => {
  assert.deepEqual([...readFavourites(memory('{'))], [])
  assert.deepEqual([...readFavourites(memory('{"a":1}'))], [])
  assert.deepEqual([...readFavourites(memory('["a",7]'))], ['a'])
  const many = new Set(Array.from({ length: MAX_FAVOURITES }, (_, index) => `n/${index}`))
  const next = toggleFavourite(memory(), many, 'n/new')
  assert.equal(next.size, MAX_FAVOURITES)
  assert.ok(next.has('n/new') && !next.has('n/0'))
})
