import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileLookaround } from './lookaround.ts'
import { matchesName } from './name-pattern.ts'

const cases: readonly (readonly [pattern: string, name: string, fits: boolean])[] = [
  ['/^((?!not-allowed).)*$/', 'team-a', true],
  ['/^((?!not-allowed).)*$/', 'is-not-allowed', false],
  ['/^(?!kube-)[a-z-]+$/', 'team-a', true],
  ['/^(?!kube-)[a-z-]+$/', 'kube-system', false],
  ['/^(?!(?:kube-system|kube-public|a|b|c|d|e|f|g|h)$).*$/', 'team-a', true],
  ['/^(?!(?:kube-system|kube-public|a|b|c|d|e|f|g|h)$).*$/', 'kube-public', false],
  ['/^(?!x)(?:team|dev)s?-.*?-.*$/', 'teams-a-b', true],
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
  '(?!x).*.*.*x$',
  '^(?!x)a|.*.*.*x$',
  `^(?!x)${'.?'.repeat(28)}~$`,
  `^(?!x)${'.?'.repeat(7)}~$`,
  `^(?!x)${'(a|a)'.repeat(7)}~$`,
  `^(?!x)(${'.?'.repeat(4)})?(${'(.|a)'.repeat(3)})~$`,
  `^(?!x)${'.?'.repeat(3)}.*.*.*~$`,
  '^(?!x)(a?a?)*~$',
  '^(?!x)(a?a?)+?~$',
  '^(?!x)((a|b)?c){1,9}~$',
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

test('six choices are taken, and a name that does not fit is soon told', () => {
  const fits = compileLookaround(`^(?!x)${'.?'.repeat(6)}~$`)
  assert.deepEqual([fits?.('abc~'), fits?.('a'.repeat(10)), fits?.('abcdefg~')], [true, false, false])
  assert.equal(compileLookaround(`^(?!x)${'(a|b)'.repeat(2)}.*.*.*~$`)?.('a'.repeat(253)), false)
})
