// Tests of quantities.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalQuantity, formatQuantity, parseQuantity, roundUpToMilli } from './quantity.ts'

const CANONICAL: readonly (readonly [string, string | undefined])[] = [
  ['1.50', '1500m'],
  ['1024Mi', '1Gi'],
  ['1.5Gi', '1536Mi'],
  ['1000', '1k'],
  ['0.5', '500m'],
  ['100m', '100m'],
  ['1000m', '1'],
  ['1e3', '1e3'],
  ['12e2', '1200'],
  ['0', '0'],
  ['-1', '-1'],
  ['0.5Gi', '512Mi'],
  ['1Ki', '1Ki'],
  ['0.5Ki', '512'],
  ['0.0000000001', '1n'],
  ['+5', '5'],
  ['1.', '1'],
  ['.5', '500m'],
  ['1Zz', undefined],
  ['', undefined],
  ['.', undefined],
  ['1e99', undefined],
  ['1'.repeat(65), undefined],
]

test('gives each quantity its one canonical text', () => {
  assert.deepEqual(
    CANONICAL.map(([text]) => [text, canonicalQuantity(text)]),
    CANONICAL,
  )
})

test('rounds resource lists up to thousandths', () => {
  const small = parseQuantity('100u')

  assert.equal(small === undefined ? '' : formatQuantity(roundUpToMilli(small)), '1m')
})
