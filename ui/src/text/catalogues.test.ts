// Tests that every view's texts are in all languages, and that none is left that nothing shows.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { sets as setsEn } from './en/sets.ts'
import { tools as toolsEn } from './en/tools.ts'
import { sets as setsKo } from './ko/sets.ts'
import { tools as toolsKo } from './ko/tools.ts'
import { settingsCatalogues } from './settings.ts'
import { catalogues } from './translate.ts'

type Texts = Readonly<Record<string, string>>

const pairs: readonly (readonly [area: string, english: Texts, korean: Texts])[] = [
  ['every page', catalogues.en, catalogues.ko],
  ['settings', settingsCatalogues.en, settingsCatalogues.ko],
  ['application sets', setsEn, setsKo],
  ['tools', toolsEn, toolsKo],
]

function valuesIn(text = ''): readonly string[] {
  return [...text.matchAll(/\{\w+\}/g)].map(([value]) => value).toSorted()
}

/** All of the page's own code but the texts themselves. */
function sourceText(): string {
  const folder = new URL('..', import.meta.url).pathname
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.name.endsWith('.test.ts'))
    .filter(({ parentPath }) => !/\/text(?:\/(?:en|ko))?\/?$/.test(parentPath))
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'))
    .join('\n')
}

for (const [area, english, korean] of pairs) {
  test(`the texts of ${area} are in both languages, none empty, with the same values`, () => {
    assert.deepEqual(Object.keys(korean).toSorted(), Object.keys(english).toSorted())
    for (const [key, text] of Object.entries(english)) {
      assert.notEqual(korean[key]?.trim(), '', key)
      assert.deepEqual(valuesIn(korean[key]), valuesIn(text), key)
    }
  })
}

test('every text is shown somewhere', () => {
  const source = sourceText()
  // Keys that are put together, as in text(`repo.kind.${kind}`), are known by their beginning.
  const beginnings = [...source.matchAll(/`(?<start>[a-z][\w.]*\.)\$\{/gi)].map(({ groups }) => groups?.['start'] ?? '')
  const keys = pairs.flatMap(([, english]) => Object.keys(english))

  const unused = keys.filter(
    (key) => !source.includes(`'${key}'`) && !beginnings.some((start) => key.startsWith(start)),
  )

  assert.ok(keys.length > 400 && beginnings.length > 3)
  assert.deepEqual(unused, [])
})
