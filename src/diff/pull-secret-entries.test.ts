// Which pull-secret entries of a ServiceAccount count as wanted when it is compared.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../kube/object.ts'
import { compareObject } from './compare.ts'
import { PULL_SECRET_PREFIX, withPropagatedEntries } from './pull-secret-entries.ts'

const OURS = `${PULL_SECRET_PREFIX}0123`
const OTHER = `${PULL_SECRET_PREFIX}4567`

function account(names: readonly string[] | undefined, lastApplied?: readonly string[] | 'none'): KubeObject {
  const base = { apiVersion: 'v1', kind: 'ServiceAccount' }
  const list = (of: readonly string[]): object => ({ imagePullSecrets: of.map((name) => ({ name })) })
  const applied = lastApplied === 'none' ? base : { ...base, ...list(lastApplied ?? []) }
  const annotations = {
    'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ ...applied, metadata: { name: 'default' } }),
  }
  const metadata = { name: 'default', ...(lastApplied === undefined ? {} : { annotations }) }
  return { ...base, metadata, ...(names === undefined ? {} : list(names)) }
}

function namesOf(object: KubeObject): readonly string[] | undefined {
  return (object as { imagePullSecrets?: readonly { name: string }[] }).imagePullSecrets?.map(({ name }) => name)
}

const CASES: readonly (readonly [
  wanted: readonly string[] | undefined,
  live: readonly string[],
  result: readonly string[] | undefined,
])[] = [
  [['git'], ['git', OURS], ['git', OURS]],
  [['git'], [OURS, 'git', OTHER], [OURS, 'git', OTHER]],
  [
    ['git', 'new'],
    [OURS, 'git'],
    ['git', 'new', OURS],
  ],
  [[], ['user', OURS], [OURS]],
  [undefined, ['user', OURS], undefined],
  [undefined, [OURS], undefined],
  [[OURS], ['git', OURS], [OURS]],
  [['git'], ['git', 'user'], ['git']],
  [undefined, ['user'], undefined],
]
for (const [wanted, live, result] of CASES) {
  test(`wanted ${String(wanted)} and live ${String(live)} are applied as ${String(result)}`, () => {
    assert.deepEqual(namesOf(withPropagatedEntries(account(wanted), account(live))), result)
  })
}

test('a list that was in Git and no longer is goes, but for ours', () => {
  const live = account(['git', 'user', OURS], ['git'])
  assert.deepEqual(namesOf(withPropagatedEntries(account(undefined), live)), [OURS])
})

test('an entry of ours is no difference, one of the list in Git is', () => {
  const differs = (wanted: readonly string[] | undefined, live: KubeObject): boolean =>
    compareObject(withPropagatedEntries(account(wanted), live), live).isModified

  assert.equal(differs(['git'], account(['git', OURS], ['git'])), false)
  assert.equal(differs(undefined, account([OURS], 'none')), false)
  assert.equal(differs(['git', 'new'], account(['git', OURS], ['git'])), true)
  assert.equal(differs(undefined, account(['git', OURS], ['git'])), true)
})

test('other kinds and objects that are not there yet are left alone', () => {
  const wanted = account(['git'])
  assert.equal(withPropagatedEntries(wanted, undefined), wanted)
  const pod = { ...account(['git']), kind: 'Pod' }
  assert.equal(withPropagatedEntries(pod, account([OURS])), pod)
})
