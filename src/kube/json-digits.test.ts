// JSON in and out with all its digits.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jsonText, parseJson } from './json-digits.ts'

const KEPT = [
  '{"a":9007199254740993,"b":[-9007199254740993,9223372036854775807]}',
  '{"a":-9223372036854775808}',
  '{"a":1,"b":"9007199254740993","c":1.5}',
]

for (const text of KEPT) {
  test(`keeps every digit of ${text}`, () => {
    const value = parseJson(` ${text}`)

    assert.equal(jsonText(value), text)
  })
}

test('rounds what does not fit 64 bits and what is no integer, as Go does', () => {
  const value = parseJson('[9223372036854775808,18446744073709551616,1234567890123456.75,1e300]')

  assert.deepEqual(value, [9223372036854775808, 18446744073709551616, 1234567890123456.75, 1e300])
})

test('gives numbers for integers that numbers hold', () => {
  assert.deepEqual(parseJson('{"a":9007199254740991,"b": 1000000000000000}'), {
    a: 9007199254740991,
    b: 1000000000000000,
  })
})

test('throws what JSON throws', () => {
  const circular: Record<string, unknown> = {}
  circular['self'] = circular

  assert.throws(() => parseJson('{"a":9007199254740993,}'), SyntaxError)
  assert.throws(() => jsonText(circular), /circular/)
})
