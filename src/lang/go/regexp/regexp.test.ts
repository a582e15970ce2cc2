// Proves Go's regular expressions: what is found, replaced and split, error texts, linear time and limits.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileRegexp, findAllMatches, matchesRegexp, replaceAllMatches, splitByRegexp } from './regexp.ts'
import { MAX_NESTING, MAX_PATTERN_LENGTH } from './syntax.ts'

function foundBy(pattern: string, text: string): string[] {
  return findAllMatches(compileRegexp(pattern), text, -1).map((match) => text.slice(match[0], match[1]))
}

describe('regular expressions', () => {
  const found: readonly (readonly [string, string, readonly string[]])[] = [
    ['a*?', 'aa', ['', '', '']],
    ['a*', 'baac', ['', 'aa', '']],
    ['a|ab', 'ab', ['a']],
    ['\\w+', 'aé b', ['a', 'b']],
    ['\\pL+', 'aé1', ['aé']],
    ['(?i)k', 'kK', ['k', 'K']],
    ['$', 'a\n', ['']],
    ['(?m)^b$', 'a\nb', ['b']],
    ['[^\\d]', '1a', ['a']],
    ['[[:^alpha:]]', 'a1', ['1']],
    ['(a*)*', 'aab', ['aa', '']],
    ['\\Qa.b\\E', 'a.b', ['a.b']],
    ['.', '\r', ['\r']],
    ['(?:a|)*', 'aa', ['aa']],
  ]
  for (const [pattern, text, wanted] of found) {
    test(`/${pattern}/ finds what Go finds in ${JSON.stringify(text)}`, () => {
      assert.deepEqual(foundBy(pattern, text), wanted)
    })
  }

  const broken: readonly (readonly [string, string])[] = [
    ['(', 'missing closing ): `(`'],
    ['a)', 'unexpected ): `a)`'],
    ['[a', 'missing closing ]: `[a`'],
    ['a**', 'invalid nested repetition operator: `**`'],
    ['*', 'missing argument to repetition operator: `*`'],
    ['(?=a)', 'invalid or unsupported Perl syntax: `(?=`'],
    ['(?<=a)', 'invalid or unsupported Perl syntax: `(?<`'],
    ['\\y', 'invalid escape sequence: `\\y`'],
    ['\\1', 'invalid escape sequence: `\\1`'],
    ['[b-a]', 'invalid character class range: `b-a`'],
    ['a{1001}', 'invalid repeat count: `{1001}`'],
    ['\\pX', 'invalid character class range: `\\pX`'],
    ['a\\', 'trailing backslash at end of expression: ``'],
  ]
  for (const [pattern, reason] of broken) {
    test(`/${pattern}/ is refused in Go's words`, () => {
      assert.throws(() => compileRegexp(pattern), { message: `error parsing regexp: ${reason}` })
    })
  }

  test('replacements name groups as far as the name goes', () => {
    assert.equal(replaceAllMatches(compileRegexp('a(x*)b'), '-ab-axxb-', '$1W'), '---')
    assert.equal(replaceAllMatches(compileRegexp('a(?P<n>x*)b'), '-ab-axxb-', '${n}W$$'), '-W$-xxW$-')
  })

  test('splitting keeps at most so many parts', () => {
    assert.deepEqual(splitByRegexp(compileRegexp(','), 'a,b,c', ',', 2), ['a', 'b,c'])
    assert.deepEqual(splitByRegexp(compileRegexp(''), 'abc', '', -1), ['a', 'b', 'c'])
  })

  test('a pattern that would make backtracking run for ages is linear', () => {
    assert.equal(matchesRegexp(compileRegexp('^(a+)+$'), `${'a'.repeat(2000)}b`), false)
    assert.equal(matchesRegexp(compileRegexp('a*a*a*a*a*b'), 'a'.repeat(2000)), false)
  })

  test('patterns that are too long or nest too deep are refused', () => {
    assert.throws(() => compileRegexp('a'.repeat(MAX_PATTERN_LENGTH + 1)), { code: 'limit' })
    assert.throws(() => compileRegexp('('.repeat(MAX_NESTING + 1)), { code: 'limit' })
    assert.throws(() => matchesRegexp(compileRegexp('((a{10}){10}){10}b'.repeat(300)), 'a'), { code: 'limit' })
  })
})
