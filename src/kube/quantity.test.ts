// Quantities: canonical texts and arithmetic as apimachinery v0.36.3 gives them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  formatQuantity,
  MAX_QUANTITY_EXPONENT,
  MAX_QUANTITY_LENGTH,
  parseQuantity,
  quantityOf,
  roundUpToMilli,
  subtractQuantities,
  wholeUnits,
} from './quantity.ts'

/** Each line was answered by resource.ParseQuantity: text, canonical text, Value, MilliValue. */
const RECORDED: readonly (readonly [text: string, canonical: string, value: number, milli: number])[] = [
  ['0', '0', 0, 0],
  ['00', '0', 0, 0],
  ['-0', '0', 0, 0],
  ['+1', '+1', 1, 1000],
  ['1.5', '1500m', 2, 1500],
  ['1.500', '1.500', 2, 1500],
  ['0.5', '500m', 1, 500],
  ['.5', '500m', 1, 500],
  ['5.', '5.', 5, 5000],
  ['100m', '100m', 1, 100],
  ['1000m', '1', 1, 1000],
  ['1000k', '1M', 1_000_000, 1_000_000_000],
  ['1e3', '1e3', 1000, 1_000_000],
  ['12e6', '12e6', 12_000_000, 12_000_000_000],
  ['1024Ki', '1Mi', 1_048_576, 1_048_576_000],
  ['1.5Gi', '1536Mi', 1_610_612_736, 1_610_612_736_000],
  ['1024', '1024', 1024, 1_024_000],
  ['0.1Ki', '102400m', 103, 102_400],
  ['0.1n', '1n', 1, 1],
  ['-1024Ki', '-1Mi', -1_048_576, -1_048_576_000],
  ['1.0000000001', '1000000001n', 2, 1001],
  ['9Ei', '9223372036854775807', 2 ** 63, 2 ** 63 * 1000],
]

test('reads and prints quantities as Kubernetes does', () => {
  for (const [text, canonical, value, milli] of RECORDED) {
    const quantity = parseQuantity(text)
    assert.deepEqual(
      [formatQuantity(quantity), wholeUnits(quantity), wholeUnits(quantity, 'milli')],
      [canonical, value, milli],
      text,
    )
  }
  assert.equal(canonicalQuantity(0.25), '250m')
})

test('refuses what is no quantity, in the words of Kubernetes', () => {
  const format = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
  for (const text of ['', 'abc', '1.2.3', '1KiB', '1 Ki']) {
    assert.throws(() => parseQuantity(text), { code: 'bad-input', message: format }, text)
  }
  for (const text of ['1ei', '1e', `1e${MAX_QUANTITY_EXPONENT + 1}`, `1e-${MAX_QUANTITY_EXPONENT + 1}`]) {
    assert.throws(() => parseQuantity(text), { code: 'bad-input', message: "unable to parse quantity's suffix" }, text)
  }
  assert.throws(() => parseQuantity('1'.repeat(MAX_QUANTITY_LENGTH + 1)), { code: 'limit' })
})

test('adds, subtracts and compares exactly', () => {
  const [half, gi] = [parseQuantity('500m'), parseQuantity('1Gi')]

  assert.equal(formatQuantity(addQuantities(half, half)), '1')
  assert.equal(formatQuantity(addQuantities(gi, parseQuantity('1024Mi'))), '2Gi')
  assert.equal(formatQuantity(subtractQuantities(gi, parseQuantity('1Mi'))), '1023Mi')
  assert.equal(formatQuantity(addQuantities(parseQuantity('0'), gi)), '1Gi')
  assert.deepEqual(
    [compareQuantities(half, gi), compareQuantities(gi, half), compareQuantities(half, parseQuantity('0.5'))],
    [-1, 1, 0],
  )
})

test('rounds up to thousandths, and keeps the text of what is no finer', () => {
  const texts = ['100u', '-100u', '1.000100', '1.500', '1Gi', '1e-6']

  const rounded = texts.map((text) => formatQuantity(roundUpToMilli(parseQuantity(text))))

  assert.deepEqual(rounded, ['1m', '0', '1001m', '1.500', '1Gi', '1e-3'])
})

test('reads what may be no quantity', () => {
  assert.deepEqual([quantityOf('1')?.nano, quantityOf('one'), quantityOf('1'.repeat(MAX_QUANTITY_LENGTH + 1))], [1_000_000_000n, undefined, undefined]) // prettier-ignore
})
