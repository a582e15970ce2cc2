import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lineDiff, MAX_LINES } from './line-diff.ts'

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
