import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { AppProject, AppProjectSpec } from '../crds/app-project.ts'
import { hasSignaturePolicy, keyIdOf, signaturePolicy, signatureProblems } from './source-integrity.ts'

const URL = 'https://git/team/app.git'
const KEY = '0123456789ABCDEF'

function project(spec: AppProjectSpec): AppProject {
  return { apiVersion: 'argoproj.io/v1alpha1', kind: 'AppProject', metadata: { name: 'p' }, spec }
}

function policies(...list: readonly (readonly [mode: string, ...urls: readonly string[]])[]): AppProjectSpec {
  const made = list.map(([mode, ...urls]) => ({ repos: urls.map((url) => ({ url })), gpg: { mode, keys: [KEY] } }))
  return { sourceIntegrity: { git: { policies: made } } }
}

describe('the policy of a repository', () => {
  const cases: readonly (readonly [says: string, spec: AppProjectSpec, mode: string | undefined])[] = [
    ['none is written', {}, undefined],
    ['one fits', policies(['head', 'https://git/*']), 'head'],
    ['one fits with an exception that does not', policies(['strict', '*', '!https://git/other/*']), 'strict'],
    ['one fits with an exception that does', policies(['strict', '*', '!https://git/team/*']), undefined],
    ['exceptions alone fit nothing', policies(['head', '!https://git/other/*']), undefined],
    ['another one fits', policies(['head', 'https://elsewhere/*']), undefined],
    ['it says none', policies(['none', '*']), undefined],
    ['the old keys count for every repository', { signatureKeys: [{ keyID: KEY }] }, 'head'],
    [
      'policies for Git go before the old keys',
      { signatureKeys: [{ keyID: KEY }], ...policies(['strict', 'https://elsewhere/*']) },
      undefined,
    ],
  ]
  for (const [says, spec, mode] of cases) {
    test(`${says}: ${mode ?? 'none'}`, () => {
      assert.equal(signaturePolicy(project(spec), URL)?.mode, mode)
      assert.equal(hasSignaturePolicy(project(spec), [URL]), mode !== undefined)
    })
  }

  for (const [says, url, entries, mode] of [
    ['capitals', 'https://GIT/Team/app.git', ['https://git/team/*'], 'strict'],
    ['capitals of the entry', URL, ['https://Git/*'], 'strict'],
    ['no .git', 'https://git/team/app', [URL], 'strict'],
    ['a .git', URL, ['https://git/team/app'], 'strict'],
    ['a scheme', 'ssh://git@git/team/app', ['git@git:team/*'], 'strict'],
    ['an exception in capitals', 'https://GIT/team/app', ['https://git/*', '!https://git/team/app'], 'strict'],
    ['the exception as it is', 'https://git/team/app', ['https://git/*', '!https://git/team/app'], undefined],
    ['another repository', 'https://git/team/apps', ['https://git/team/app'], undefined],
    ['no address', 'https://a b/x', [''], undefined],
  ] as const) {
    test(`an address written with ${says}: ${mode ?? 'none'}`, () => {
      assert.equal(signaturePolicy(project(policies(['strict', ...entries])), url)?.mode, mode)
    })
  }

  test('a mistake does not switch verification off', () => {
    const two = project(policies(['head', '*'], ['none', 'https://git/*']))
    assert.throws(() => signaturePolicy(two, URL), {
      message: `multiple (2) git source integrity policies found for repo URL: ${URL}`,
    })
    assert.equal(hasSignaturePolicy(two, [URL]), true)
    assert.throws(() => signaturePolicy(project(policies(['deep', '*'])), URL), {
      message: 'unknown GPG mode "deep" configured for GIT source integrity',
    })
  })
})

test('keys are written as ids or fingerprints', () => {
  assert.equal(keyIdOf(KEY.toLowerCase()), KEY)
  assert.equal(keyIdOf(`${'0'.repeat(24)}${KEY}`), KEY)
  assert.equal(keyIdOf('89ABCDEF'), undefined)
  assert.equal(keyIdOf('not-a-key'), undefined)
})

test('problems name each key once, unsigned commits and tags each for itself, and are ten at most', () => {
  const commit = (n: number): string => String(n).padStart(40, '0')
  const signed = (n: number, keyID: string): Parameters<typeof signatureProblems>[1][number] => ({
    revision: commit(n),
    result: 'signed',
    keyID,
    author: 'A <a@x>',
  })
  const unsigned = (n: number): ReturnType<typeof signed> => ({ ...signed(n, ''), result: 'unsigned' })
  const policy = { mode: 'strict' as const, keys: [KEY, 'no key'] }

  assert.deepEqual(signatureProblems(policy, [signed(1, KEY), signed(2, KEY)]), [])
  const other = 'FEDCBA9876543210'
  assert.deepEqual(signatureProblems(policy, [signed(1, other), signed(2, other), unsigned(3), unsigned(4)]), [
    `Failed verifying revision ${commit(1)} by 'A <a@x>': signed with unallowed key (key_id=${other})`,
    `Failed verifying revision ${commit(3)} by 'A <a@x>': unsigned (key_id=)`,
    `Failed verifying revision ${commit(4)} by 'A <a@x>': unsigned (key_id=)`,
  ])
  const tag = { ...signed(1, other), revision: 'v1' }
  assert.equal(signatureProblems(policy, [tag, signed(1, other)]).length, 2)
  const many = Array.from({ length: 30 }, (_, n) => unsigned(n))
  assert.equal(signatureProblems(policy, many).length, 10)
})
