import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileGlob, matchesGlob } from './glob.ts'

const cases: readonly (readonly [pattern: string, text: string, separators: string, matches: boolean])[] = [
  ['abc', 'abc', '', true],
  ['abc', 'abcd', '', false],
  ['*', '', '', true],
  ['*', 'a/b', '', true],
  ['*', 'a/b', '/', false],
  ['**', 'a/b', '/', true],
  ['dev-*', 'dev-x/y', '', true],
  ['https://github.com/org/*', 'https://github.com/org/repo', '/', true],
  ['https://github.com/org/*', 'https://github.com/org/repo/deep', '/', false],
  ['https://github.com/**', 'https://github.com/org/repo/deep', '/', true],
  ['*.example.com', 'a.b.example.com', '', true],
  ['*.example.com', 'a.b.example.com', '.', false],
  ['a?c', 'abc', '', true],
  ['a?c', 'ac', '', false],
  ['a?c', 'a/c', '/', false],
  ['[abc]x', 'bx', '', true],
  ['[!abc]x', 'bx', '', false],
  ['[a-f]x', 'dx', '', true],
  ['[!a-f]x', 'zx', '', true],
  ['{dev,prod}-*', 'prod-1', '', true],
  ['{dev,prod}-*', 'test-1', '', false],
  ['{a,b{c,d}}', 'bd', '', true],
  ['{,x}y', 'y', '', true],
  ['a\\*b', 'a*b', '', true],
  ['a\\*b', 'axb', '', false],
  ['a.c', 'abc', '', false],
  ['*a*b*', 'xxaxxbxx', '', true],
  ['?', '😀', '', true],
  ['[abc', 'a', '', false],
  ['{a,b', 'a', '', false],
]

for (const [pattern, text, separators, matches] of cases) {
  test(`glob ${pattern} ${matches ? 'fits' : 'does not fit'} ${text} with separators "${separators}"`, () => {
    assert.equal(matchesGlob(pattern, text, separators), matches)
  })
}

test('a pattern that is not closed is refused where it is compiled', () => {
  assert.throws(() => compileGlob('[a'), { code: 'bad-input', message: /a bracket is not closed/ })
})

test('patterns over the limits are refused', () => {
  assert.throws(() => compileGlob('{a,b}'.repeat(9)), { code: 'limit' })
  assert.throws(() => compileGlob('a'.repeat(4097)), { code: 'limit' })
})

test('a pattern of many stars stays quick', () => {
  const matcher = compileGlob(`${'*a'.repeat(50)}b`)

  assert.equal(matcher('a'.repeat(2000)), false)
})
