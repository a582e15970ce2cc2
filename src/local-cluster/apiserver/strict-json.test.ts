import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MAX_DEPTH } from './limits.ts'
import { jsonInYaml, parseStrictJson } from './strict-json.ts'

describe('JSON whose duplicate fields are told', () => {
  const cases: readonly (readonly [text: string, duplicates: readonly string[]])[] = [
    ['{"a":1,"b":[{"a":1},{"a":2}]}', []],
    ['{"a":1,"b":[{"a":1},{"a":2}]}\n', []],
    ['{ "a": 1 }', []],
    ['{"a":1,"a":1}', ['a']],
    ['{"a":{"b":1,"c":2,"b":1}}', ['a.b']],
    ['{"a":[{"b":1},{"b":1,"b":1}]}', ['a[1].b']],
    ['{"a":1,"\\u0061":2}', ['a']],
    ['{"2":1,"1":2}', []],
    ['{"n":12345678901234567890}', []],
  ]
  for (const [text, duplicates] of cases) {
    it(`finds ${JSON.stringify(duplicates)} in ${JSON.stringify(text)}`, () => {
      assert.deepEqual(parseStrictJson(text).duplicates, duplicates)
    })
  }

  it('refuses nesting without end', () => {
    const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)

    assert.doesNotThrow(() => parseStrictJson(nested(MAX_DEPTH)))
    assert.throws(() => parseStrictJson(nested(MAX_DEPTH + 1)), RangeError)
  })
})

describe('YAML that is JSON', () => {
  it('is read as JSON', () => {
    assert.deepEqual(jsonInYaml('{"a":[1,"x"]}'), { a: [1, 'x'] })
  })

  const others = [
    'a: 1',
    '[1]',
    '{"a":1,"a":2}',
    '{a: 1}',
    '{"a":\t1}',
    '{"a":"\u2028"}',
    '{"a":"\\ud800"}',
    `{"${'k'.repeat(1100)}":1}`,
  ]
  for (const text of others) {
    it(`is not ${JSON.stringify(text.slice(0, 20))}`, () => {
      assert.equal(jsonInYaml(text), undefined)
    })
  }
})
