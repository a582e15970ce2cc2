import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalQuantity } from './quantity.ts'

const cases: readonly (readonly [written: string | number | boolean, canonical: string | undefined])[] = [
  ['1000m', '1'],
  [1, '1'],
  [0.5, '500m'],
  ['0.1', '100m'],
  ['1500m', '1500m'],
  ['1024Mi', '1Gi'],
  ['1500Mi', '1500Mi'],
  ['0.5Gi', '512Mi'],
  ['1.5Gi', '1536Mi'],
  ['0.5Ki', '512'],
  ['1000', '1k'],
  ['1024', '1024'],
  ['1000k', '1M'],
  ['1e3', '1e3'],
  ['10e3', '10e3'],
  ['0', '0'],
  ['-1000m', '-1'],
  ['+1', '1'],
  ['0.0000000001', '1n'],
  ['0Mi', '0'],
  ['', undefined],
  ['abc', undefined],
  ['1Zi', undefined],
  [true, undefined],
  ['9'.repeat(65), undefined],
]

for (const [written, canonical] of cases) {
  test(`quantity ${written} is ${canonical ?? 'none'}`, () => assert.equal(canonicalQuantity(written), canonical))
}
