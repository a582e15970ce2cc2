// .helmignore rules and the patterns they are made of.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseIgnoreRules } from './ignore.ts'
import { compilePathPattern } from '../../base/path-pattern.ts'

describe('patterns follow filepath.Match of Go', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['*.txt', 'a.txt', true],
    ['*.txt', 'd/a.txt', false],
    ['d/*', 'd/a/b', false],
    ['a*b*c', 'axxbyyc', true],
    ['a*b*c', 'axxbyy', false],
    ['x?.txt', 'x1.txt', true],
    ['x?.txt', 'x12.txt', false],
    ['?', '/', false],
    ['[a-c]', 'b', true],
    ['[^a-c]', 'b', false],
    ['[!a]', '!', true],
    ['[\\]]', ']', true],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['é?', 'éé', true],
    ['', '', true],
  ]
  for (const [pattern, path, matches] of cases) {
    test(`${pattern} ${matches ? 'takes' : 'refuses'} ${path}`, () => {
      assert.equal(compilePathPattern(pattern)?.(path), matches)
    })
  }

  for (const pattern of ['[', '[a', '[]a]', '[-]', '[a-]', 'a\\']) {
    test(`${pattern} is malformed`, () => assert.equal(compilePathPattern(pattern), undefined))
  }

  test('a pattern of many stars takes no time', () => {
    assert.equal(compilePathPattern(`${'*a'.repeat(50)}b`)?.('a'.repeat(20_000)), false)
  })
})

describe('.helmignore', () => {
  const cases: readonly (readonly [string, string, boolean, boolean])[] = [
    ['*.bak', 'd/x.bak', false, true],
    ['/secret', 'secret', false, true],
    ['/secret', 'd/secret', false, false],
    ['d/x', 'd/x', false, true],
    ['d/x', 'e/d/x', false, false],
    ['sub/', 'd/sub', true, true],
    ['sub/', 'd/sub', false, false],
    ['!*.yaml', 'x.txt', false, true],
    ['!*.yaml', 'x.yaml', false, false],
    ['# a comment\n\n  ', 'x', false, false],
    ['', 'templates/.hidden', false, true],
    ['', '.hidden', false, false],
  ]
  for (const [rules, path, isFolder, ignored] of cases) {
    test(`${JSON.stringify(rules)} ${ignored ? 'ignores' : 'keeps'} ${path}${isFolder ? '/' : ''}`, () => {
      assert.equal(parseIgnoreRules(rules)(path, isFolder), ignored)
    })
  }

  test('double stars and malformed patterns are refused', () => {
    assert.throws(() => parseIgnoreRules('a/**'), { message: 'double-star (**) syntax is not supported' })
    assert.throws(() => parseIgnoreRules('['), { message: 'syntax error in pattern' })
  })
})
