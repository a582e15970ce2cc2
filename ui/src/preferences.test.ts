// Tests what is remembered of theme and language.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readLanguage, readTheme, storeDefaults, storeLanguage, storeTheme, type Store } from './preferences.ts'

function memory(): Store {
  const values = new Map<string, string>()
  return { getItem: (name) => values.get(name) ?? null, setItem: (name, value) => values.set(name, value) }
}

test('a choice is remembered', () => {
  const store = memory()

  storeTheme(store, 'dark')
  storeLanguage(store, 'ko')

  assert.deepEqual([readTheme(store), readLanguage(store, ['en-US'])], ['dark', 'ko'])
})

test('without a choice the system and the browser decide', () => {
  const cases = [
    [['ko-KR', 'en'], 'ko'],
    [['fr', 'ko'], 'ko'],
    [['fr'], 'en'],
    [[], 'en'],
  ] as const
  for (const [wanted, language] of cases) assert.equal(readLanguage(memory(), wanted), language)
  assert.equal(readTheme(memory()), 'system')
})

test('a browser that refuses storage, or a value of another version, does no harm', () => {
  const refusing: Store = {
    getItem: () => {
      throw new Error('denied')
    },
    setItem: () => {
      throw new Error('denied')
    },
  }
  const other = memory()
  other.setItem('capstan.theme', 'sepia')

  storeTheme(refusing, 'dark')

  assert.deepEqual([readTheme(refusing), readLanguage(refusing, ['ko']), readTheme(other)], ['system', 'ko', 'system'])
})

test("an operator's choice holds until a person has one, and until it is taken back", () => {
  const store = memory()

  storeDefaults(store, { theme: 'dark', language: 'ko' })
  assert.deepEqual([readTheme(store), readLanguage(store, ['en'])], ['dark', 'ko'])
  storeTheme(store, 'light')
  assert.deepEqual([readTheme(store), readLanguage(store, ['en'])], ['light', 'ko'])
  storeDefaults(store, {})

  assert.equal(readLanguage(store, ['en']), 'en')
})
