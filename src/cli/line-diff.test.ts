import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lineDiff, MAX_LINES, unifiedDiff } from './line-diff.ts'

const cases: readonly [string, string, string][] = [
  ['a\nb\n', 'a\nb\n', ''],
  ['a\nb\nc\n', 'a\nx\nc\n', '2c2\n< b\n---\n> x\n'],
  ['a\nc\n', 'a\nb\nc\n', '1a2\n> b\n'],
  ['a\nb\nc\n', 'a\nc\n', '2d1\n< b\n'],
  ['', 'a\nb\n', '0a1,2\n> a\n> b\n'],
  ['a\nb\n', '', '1,2d0\n< a\n< b\n'],
  ['a\nb\nc\nd\ne\n', 'x\nb\nc\nd\ny\nz\n', '1c1\n< a\n---\n> x\n5c5,6\n< e\n---\n> y\n> z\n'],
]
for (const [left, right, wanted] of cases) {
  test(`prints the differences of ${JSON.stringify(left)} and ${JSON.stringify(right)} as diff does`, () => {
    assert.equal(lineDiff(left, right), wanted)
  })
}

test('compares texts beyond the limit as a whole', () => {
  const many = Array.from({ length: MAX_LINES + 1 }, (_, index) => `line ${index}`)

  const diff = lineDiff(many.join('\n'), many.toReversed().join('\n'))

  assert.match(diff, new RegExp(`^1,${MAX_LINES + 1}c1,${MAX_LINES + 1}\n`))
})

const numbers = Array.from({ length: 20 }, (_, index) => `${index + 1}\n`)
const replaced = (...lines: readonly number[]): string =>
  numbers.map((line, index) => (lines.includes(index + 1) ? 'x\n' : line)).join('')
const unified: readonly [string, string, string][] = [
  ['a\n', 'a\n', ''],
  ['', 'a\n', '@@ -0,0 +1 @@\n+a\n'],
  ['a\nb\n', '', '@@ -1,2 +0,0 @@\n-a\n-b\n'],
  ['a\nb\nc\n', 'a\nx\nc\n', '@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n'],
  [
    numbers.join(''),
    replaced(5, 11),
    '@@ -2,13 +2,13 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n 9\n 10\n-11\n+x\n 12\n 13\n 14\n',
  ],
  [
    numbers.join(''),
    replaced(4, 12),
    '@@ -1,7 +1,7 @@\n 1\n 2\n 3\n-4\n+x\n 5\n 6\n 7\n@@ -9,7 +9,7 @@\n 9\n 10\n 11\n-12\n+x\n 13\n 14\n 15\n',
  ],
]
for (const [left, right, wanted] of unified) {
  test(`prints the differences of ${JSON.stringify(left)} and ${JSON.stringify(right)} as diff -u does`, () => {
    assert.equal(unifiedDiff(left, right), wanted)
  })
}
