// Field selectors: what they match, and the texts of their errors.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  assertKnownFields,
  exactFieldValue,
  formatFieldSelector,
  matchesFields,
  parseFieldSelector,
} from './field-selector.ts'
import { MAX_SELECTOR_LENGTH } from './selector-parser.ts'

const FIELDS = { 'metadata.name': 'a', 'status.phase': 'Running', odd: 'x,y=z\\' }

const MATCHED: readonly (readonly [selector: string, matches: boolean])[] = [
  ['', true],
  ['metadata.name=a', true],
  ['metadata.name==a,status.phase=Running', true],
  ['metadata.name!=a', false],
  ['status.phase!=Failed', true],
  ['absent=', true],
  ['absent!=x', true],
  ['odd=x\\,y\\=z\\\\', true],
]

test('matches fields as the API server does', () => {
  for (const [selector, expected] of MATCHED) {
    assert.equal(matchesFields(parseFieldSelector(selector), FIELDS), expected, selector)
  }
})

const REFUSED: readonly (readonly [selector: string, text: string])[] = [
  ['name', "invalid selector: 'name'; can't understand 'name'"],
  ['a=b=c', 'invalid field selector: unescaped character in value: 61'],
  ['a=b\\c', 'invalid field selector: invalid escape sequence: \\c'],
  ['a=b\\', 'invalid field selector: invalid escape sequence: \\'],
]

test('says what is wrong in the words of the API server', () => {
  for (const [selector, text] of REFUSED) {
    assert.throws(() => parseFieldSelector(selector), { code: 'bad-input', message: text }, selector)
  }
})

test('refuses fields the kind does not know', () => {
  const selector = parseFieldSelector('data.k=v')

  assert.throws(() => assertKnownFields(selector, []), {
    message: '"data.k" is not a known field selector: only "metadata.name", "metadata.namespace"',
  })
  assertKnownFields(selector, ['data.k'])
})

test('finds the exact value of a field and prints what parses to the same', () => {
  const selector = parseFieldSelector('odd=x\\,y,metadata.name=a,status.phase!=b')

  assert.equal(exactFieldValue(selector, 'metadata.name'), 'a')
  assert.equal(exactFieldValue(selector, 'status.phase'), undefined)
  assert.deepEqual(parseFieldSelector(formatFieldSelector(selector)), selector)
})

test('refuses a selector longer than the limit', () => {
  assert.throws(() => parseFieldSelector('a'.repeat(MAX_SELECTOR_LENGTH + 1)), { code: 'limit' })
})
