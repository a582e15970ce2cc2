// Globs with Go's rules: cases of path/filepath's own table.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compilePathPattern, matchGoPath } from './path-pattern.ts'

const cases: readonly [string, string, boolean][] = [
  ['abc', 'abc', true],
  ['*', 'abc', true],
  ['*c', 'abc', true],
  ['a*', 'ab/c', false],
  ['a*b*c*d*e*', 'axbxcxdxe', true],
  ['a*b?c*x', 'abxbbxdbxebxczzx', true],
  ['a*b?c*x', 'abxbbxdbxebxczzy', false],
  ['ab[c]', 'abc', true],
  ['ab[b-d]', 'abc', true],
  ['ab[e-g]', 'abc', false],
  ['ab[^c]', 'abc', false],
  ['ab[^e-g]', 'abc', true],
  ['a\\*b', 'a*b', true],
  ['a\\*b', 'ab', false],
  ['a?b', 'a☺b', true],
  ['a[^a]b', 'a☺b', true],
  ['a???b', 'a☺b', false],
  ['[a-ζ]*', 'α', true],
  ['[\\]a]', ']', true],
  ['[\\-x]', 'x', true],
  ['[x\\-]', '-', true],
  ['[]a]', ']', false],
  ['[-]', '-', false],
  ['[x-]', 'x', false],
  ['[a-b-c]', 'a', false],
  ['[', 'a', false],
  ['[^bc', 'a', false],
  ['a[', 'a', false],
  ['*x', 'xxx', true],
  ['\\', 'a', false],
  ['', '', true],
  ['', 'a', false],
  ['***', 'abc', true],
  ['[\uff00-\u{1f600}]', '\u{1f500}', true],
  ['[^\uff00-\u{1f600}]', '\u{1f500}', false],
  ['[a-\uff00]', '\u{1f500}', false],
  ['?', '\u{1f500}', true],
  ['[^a]', '/', true],
]
for (const [pattern, name, expected] of cases) {
  test(`${pattern} ${expected ? 'matches' : 'does not match'} ${name}`, () => {
    assert.equal(matchGoPath(pattern, name), expected)
    assert.equal(compilePathPattern(pattern)?.(name) ?? false, expected)
  })
}

test('a pattern made to be slow is matched at once', () => {
  assert.equal(matchGoPath('a*'.repeat(500), 'a'.repeat(3000)), true)
  assert.equal(matchGoPath(`${'a*'.repeat(500)}b`, 'a'.repeat(3000)), false)
})
