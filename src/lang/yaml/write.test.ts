// Writing YAML: what the recorded cases do not show.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseYaml } from './read.ts'
import { stringifyYaml, V3_STYLE } from './write.ts'

describe('stringifyYaml', () => {
  const cases: readonly (readonly [unknown, string])[] = [
    [null, 'null\n'],
    ['', '""\n'],
    ['text', 'text\n'],
    ['a\nb\n', '|\n  a\n  b\n'],
    [{}, '{}\n'],
    [[], '[]\n'],
    [{ b: 1, a: undefined }, 'b: 1\n'],
    [{ a: [{ b: 1, c: [] }, [1, [2]]] }, 'a:\n- b: 1\n  c: []\n- - 1\n  - - 2\n'],
    [{ a: -0, b: 1e21, c: 12345678901234567000, d: 1e-7 }, 'a: 0\nb: 1e+21\nc: 12345678901234567000\nd: 1e-07\n'],
    [{ a: 10n ** 30n }, `a: 1${'0'.repeat(30)}\n`],
    [{ [`${'k'.repeat(129)}`]: [1] }, `? ${'k'.repeat(129)}\n: - 1\n`],
    ['\ud800', '"\ufffd"\n'.replaceAll('"', '')],
  ]
  for (const [value, text] of cases) {
    test(`writes ${text.slice(0, 40).replaceAll('\n', '↵')}`, () => assert.equal(stringifyYaml(value), text))
  }

  test('keeps the digits of an exact integer', () => {
    const text = 'a: 9007199254740993\n'

    assert.equal(stringifyYaml(parseYaml(text, { bigIntegers: 'exact' })), text)
  })

  test('refuses what JSON cannot hold, and nesting beyond the limit', () => {
    let deep: unknown = 1
    for (let i = 0; i < 1001; i++) deep = [deep]

    assert.throws(() => stringifyYaml({ a: Infinity }), /json: unsupported value/)
    assert.throws(() => stringifyYaml({ a: () => 1 }), /json: unsupported type: function/)
    assert.throws(() => stringifyYaml(deep), /exceeded max depth of 1000/)
  })

  test('writes what the reader reads back as it was', () => {
    const words = [
      'y',
      'null',
      '1',
      '1.5',
      '~',
      '-',
      '- a',
      'a: b',
      'a #b',
      '',
      ' a',
      'a ',
      '\ta',
      'é',
      '😀',
      "it's",
      '"q"',
    ]
    const parts = ['', ' ', '\n', '\n\n', ' \n', 'x'.repeat(85), ' word'.repeat(20)]
    const texts = words.flatMap((word) => parts.flatMap((part) => [word + part, part + word, word + part + word]))

    assert.deepEqual(parseYaml(stringifyYaml(texts)), texts)
    const keyed = Object.fromEntries(texts.map((text) => [text, text]))
    assert.deepEqual(parseYaml(stringifyYaml(keyed)), keyed)
  })
})

test('go-yaml v3 folds no lines and indents lists below their key', () => {
  const long = 'aaaa '.repeat(30).trim()
  const value = { list: [{ a: 1, b: [true, []] }, [2]], long, quoted: `- ${long}`, tab: `\t${long}` }

  assert.equal(
    stringifyYaml(value, V3_STYLE),
    `list:\n  - a: 1\n    b:\n      - true\n      - []\n  - - 2\nlong: ${long}\nquoted: '- ${long}'\ntab: "\\t${long}"\n`,
  )
})
