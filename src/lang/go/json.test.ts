// Proves JSON as encoding/json writes and reads it: escapes, order, error texts, depth.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeJson, encodeJson, goValueOf, MAX_JSON_DEPTH } from './json.ts'
import { BYTES, GoTyped, int64, STRING_SLICE } from './values.ts'
import type { GoValue } from './values.ts'

const WRITTEN: readonly (readonly [GoValue, string])[] = [
  [1e21, '1e+21'],
  [1e-7, '1e-7'],
  [1e20, '100000000000000000000'],
  [2n ** 62n, '4611686018427387904'],
  [int64(-1n), '-1'],
  ['<é&\u2028>', '"\\u003cé\\u0026\\u2028\\u003e"'],
  [new GoTyped(BYTES, Buffer.from('hi')), '"aGk="'],
  [new GoTyped(STRING_SLICE, null), 'null'],
  [
    new Map<GoValue, GoValue>([
      ['b', null],
      ['a', [true]],
    ]),
    '{"a":[true],"b":null}',
  ],
]

test('values are written as json.Marshal writes them', () => {
  for (const [value, text] of WRITTEN) assert.equal(encodeJson(value), text)
  assert.equal(encodeJson(new Map([['a', [1, []]]]), { indent: '  ' }), '{\n  "a": [\n    1,\n    []\n  ]\n}')
  assert.throws(() => encodeJson(Number.NaN), { message: 'json: unsupported value: NaN' })
})

const BROKEN: readonly (readonly [string, string])[] = [
  ['', 'unexpected end of JSON input'],
  ['x', "invalid character 'x' looking for beginning of value"],
  ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['[1 2]', "invalid character '2' after array element"],
  ['1 2', "invalid character '2' after top-level value"],
  ['tru', "invalid character ' ' in literal true (expecting 'e')"],
  ['"a\n"', "invalid character '\\n' in string literal"],
]

test('what is no JSON is refused in the words of encoding/json', () => {
  for (const [text, message] of BROKEN) assert.throws(() => decodeJson(text, 'any'), { message })
  assert.throws(() => decodeJson('[1]', 'object'), {
    message: 'json: cannot unmarshal array into Go value of type map[string]interface {}',
  })
})

test('numbers are float64 and the key __proto__ is a key', () => {
  assert.deepEqual(goValueOf(JSON.parse('{"__proto__":1}')), new Map([['__proto__', 1]]))
})

test('text nested too deep is refused', () => {
  const depth = MAX_JSON_DEPTH + 2

  assert.throws(() => decodeJson('['.repeat(depth) + ']'.repeat(depth), 'any'), { code: 'limit' })
})
