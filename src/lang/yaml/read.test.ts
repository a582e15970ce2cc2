// Reading YAML: what the recorded cases do not show.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readYamlBytes } from './bytes.ts'
import { YamlError } from './error.ts'
import { MAX_DEPTH, MAX_SIMPLE_KEY_LENGTH, MAX_TEXT_LENGTH } from './limits.ts'
import { composeYaml, parseYaml, parseYamlDocuments } from './read.ts'

describe('parseYaml', () => {
  const values: readonly (readonly [string, unknown])[] = [
    ['', null],
    ['# nothing\n', null],
    ['a: 1\n---\nb: [', { a: 1 }],
    ['a:\n- x\n-\n  - z\n  -\nb:', { a: ['x', ['z', null]], b: null }],
    ['- a: 1\n  b: "2"\n- |\n  text\n\n- >-\n  folded\n  text\n', [{ a: 1, b: '2' }, 'text\n', 'folded text']],
    ['a: one\n  two\n\n  three\nb: x', { a: 'one two\nthree', b: 'x' }],
    ['a: b # c\nc: d#e\n', { a: 'b', c: 'd#e' }],
    ['a: {b: [1, "x"], c: }\n', { a: { b: [1, 'x'], c: null } }],
    ['a: &x [1]\nb: *x\n', { a: [1], b: [1] }],
    ['a: {b: 1}\n<<: {a: 2}\n', { a: 2 }],
    ['a\r\n', 'a'],
    ['a: 1\r\nb:\r\n- x\r\n', { a: 1, b: ['x'] }],
    ['k: "a\\\n  b"', { k: 'ab' }],
    ['"a" : 1\n\'b\': 2', { a: 1, b: 2 }],
    ['on: 1\n1: 2\n1.50: 3\n', { true: 1, 1: 2, 1.5: 3 }],
    ['a: 0o17\nb: 017\nc: 0x1f\nd: 1_000\ne: 1e3\nf: 08', { a: 15, b: 15, c: 31, d: 1000, e: 1000, f: 8 }],
  ]
  for (const [text, value] of values) {
    test(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(parseYaml(text), value))
  }

  test('keeps a key named __proto__ as a key', () => {
    const value = parseYaml('__proto__: {polluted: true}\na: 1\n')

    assert.deepEqual(Object.keys(value as object), ['__proto__', 'a'])
    assert.equal(Object.getPrototypeOf(value), Object.prototype)
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
  })

  test('rounds integers beyond 2^53, or keeps their digits on request', () => {
    const text = 'a: 9007199254740993\nb: -9223372036854775808\nc: 18446744073709551615\nd: 5\n'

    const exact = parseYaml(text, { bigIntegers: 'exact' }) as Record<string, unknown>

    assert.equal(JSON.stringify(parseYaml('a: 9007199254740993')), '{"a":9007199254740992}')
    assert.deepEqual(exact, { a: 9007199254740993n, b: -9223372036854775808n, c: 18446744073709552000, d: 5 })
  })

  test('lists all duplicate keys when they are not allowed', () => {
    const text = 'a: 1\nb: 2\na: 3\nc:\n  d: 1\n  d: 2\n'

    assert.deepEqual(parseYaml(text), { a: 3, b: 2, c: { d: 2 } })
    assert.throws(
      () => parseYaml(text, { duplicateKeys: 'error' }),
      new YamlError(
        'yaml: unmarshal errors:\n  line 3: key "a" already set in map\n  line 6: key "d" already set in map',
        1,
        1,
      ),
    )
  })

  test('says where an error really is, beside the line go-yaml prints', () => {
    assert.throws(
      () => parseYaml('a: b\nc:\n\t- d\n'),
      (error: YamlError) => error.line === 3 && error.column === 1 && error.message.startsWith('yaml: line 3: '),
    )
  })
})

describe('the limits of reading', () => {
  test('nesting ends at the depth limit in every form', () => {
    const deep = MAX_DEPTH + 1
    const texts = [
      '['.repeat(deep),
      '{a: '.repeat(deep),
      '- '.repeat(deep),
      Array.from({ length: deep }, (_, i) => `${' '.repeat(i)}a:\n`).join(''),
    ]

    for (const text of texts) assert.throws(() => parseYaml(text), /exceeded max depth of 1000/)
  })

  test('a key without a question mark ends within its length', () => {
    const key = (length: number): string => `${'k'.repeat(length)}: 1\n`

    assert.ok(parseYaml(key(MAX_SIMPLE_KEY_LENGTH)))
    assert.throws(() => parseYaml(key(MAX_SIMPLE_KEY_LENGTH + 1)), /mapping values are not allowed in this context/)
  })

  test('a text ends within its length', () => {
    assert.throws(() => parseYaml('#'.repeat(MAX_TEXT_LENGTH + 1)), /text longer than/)
  })

  test('aliases cannot blow a small text up', () => {
    const list = (name: string): string => `[${Array.from({ length: 9 }, () => `*${name}`).join(', ')}]`
    const names = 'abcdefghi'
    const lines = names
      .slice(1)
      .split('')
      .map((name, i) => `${name}: &${name} ${list(names.charAt(i))}`)

    assert.throws(() => parseYaml(`a: &a [x, x]\n${lines.join('\n')}\n`), /document contains excessive aliasing/)
  })
})

describe('parseYamlDocuments', () => {
  test('gives every document with the line where it begins', () => {
    const documents = parseYamlDocuments('# head\na: 1\n---\n# only a comment\n---\n\nb: 2\n...\n---\nc: 3\n')

    assert.deepEqual(documents, [
      { value: { a: 1 }, line: 2 },
      { value: null, line: 3 },
      { value: { b: 2 }, line: 5 },
      { value: { c: 3 }, line: 9 },
    ])
  })

  test('fails at the document that cannot be read, with its place in the whole text', () => {
    assert.throws(
      () => parseYamlDocuments('a: 1\n---\nb: {\n---\nc: 1'),
      (error: YamlError) => error.line === 4,
    )
  })
})

describe('composeYaml', () => {
  test('keeps order, styles and the text of scalars', () => {
    const [document] = composeYaml("b: 0x10\n1: 'x'\na: [~]\n")

    const root = document?.root
    assert.ok(root?.kind === 'mapping')
    const shown = root.entries.map(({ key, value }) => [
      key.kind === 'scalar' && key.text,
      value.kind === 'scalar' ? `${value.style} ${value.text}` : value.kind,
    ])
    assert.deepEqual(shown, [
      ['b', 'plain 0x10'],
      ['1', 'single x'],
      ['a', 'sequence'],
    ])
  })
})

describe('readYamlBytes', () => {
  test('reads UTF-8 and UTF-16 by their marks', () => {
    assert.equal(readYamlBytes(Buffer.from('\ufeffa: é')), 'a: é')
    assert.equal(readYamlBytes(Buffer.from('\ufeffa: é', 'utf16le')), 'a: é')
    assert.equal(readYamlBytes(Buffer.from('\ufeffa: é', 'utf16le').swap16()), 'a: é')
  })

  test('refuses bytes that are no text in the words of go-yaml', () => {
    const cases: readonly (readonly [readonly number[], string])[] = [
      [[0x61, 0xff], 'invalid leading UTF-8 octet'],
      [[0xc3], 'incomplete UTF-8 octet sequence'],
      [[0xc3, 0x28], 'invalid trailing UTF-8 octet'],
      [[0xc0, 0x80], 'invalid length of a UTF-8 sequence'],
      [[0xed, 0xa0, 0x80], 'invalid Unicode character'],
    ]
    for (const [bytes, problem] of cases) {
      assert.throws(() => readYamlBytes(Uint8Array.from(bytes)), { message: `yaml: ${problem}` })
    }
  })
})
