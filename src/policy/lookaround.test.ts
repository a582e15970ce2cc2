import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileLookaround } from './lookaround.ts'
import { matchesName } from './name-pattern.ts'

const cases: readonly (readonly [pattern: string, name: string, fits: boolean])[] = [
  ['/^((?!not-allowed).)*$/', 'team-a', true],
  ['/^((?!not-allowed).)*$/', 'is-not-allowed', false],
  ['/^(?!kube-)[a-z-]+$/', 'team-a', true],
  ['/^(?!kube-)[a-z-]+$/', 'kube-system', false],
  ['/^team-.*(?<!-old)$/', 'team-a', true],
  ['/^team-.*(?<!-old)$/', 'team-a-old', false],
]
for (const [pattern, name, fits] of cases) {
  test(`${pattern} ${fits ? 'fits' : 'does not fit'} ${name}`, () => assert.equal(matchesName(pattern, name), fits))
}

for (const pattern of [
  '(?=a)(a+)+$',
  '(?=a)(a|a)*$',
  '(?=a)((a*)b?)*$',
  '(?!x)(a{1,9}){1,9}$',
  '(?!x).*.*.*.*x$',
  '(?!x',
  'a)(?=b)',
]) {
  test(`${pattern} is refused: it is wrong, or may never end`, () =>
    assert.equal(compileLookaround(pattern), undefined))
}

test('a text that is longer than any name is not looked at', () => {
  const fits = compileLookaround('^((?!x).)*$')
  assert.deepEqual([fits?.('a'.repeat(253)), fits?.('a'.repeat(254))], [true, false])
})
