// How entries of ServiceAccounts are added and taken out beside those of others.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { JsonValue } from '../kube/object.ts'
import { applyJsonPatch } from '../kube/patch/json-patch.ts'
import { type AccountView, entryChange, entryPatch, propagatedIn } from './account-entries.ts'

describe('the entries of a ServiceAccount', () => {
  const account = (...names: readonly string[]): AccountView => ({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default', resourceVersion: '7' },
    imagePullSecrets: names.map((name) => ({ name })),
  })
  const apply = (
    before: AccountView,
    add: readonly string[],
    remove: readonly string[] = [],
  ): JsonValue | undefined => {
    const patch = entryPatch(before, entryChange(before, add, remove))
    if (patch === undefined) return undefined
    // Both are JSON as they came.
    const after = applyJsonPatch(before as unknown as JsonValue, patch) as unknown as AccountView
    return (after.imagePullSecrets ?? []).map(({ name = '' }) => name)
  }

  test('[000-09] are added to those that stand there, each once', () => {
    assert.deepEqual(apply(account('user'), ['ours', 'ours', 'more']), ['user', 'ours', 'more'])
    assert.equal(apply(account('user', 'ours'), ['ours']), undefined)
    const { imagePullSecrets: _none, ...bare } = account()
    assert.deepEqual(apply(bare, ['ours']), ['ours'])
  })

  test('[000-17] are taken out by name, wherever and however often they stand', () => {
    assert.deepEqual(apply(account('ours', 'user', 'ours', 'old'), ['new'], ['ours', 'old', 'absent']), ['user', 'new'])
    assert.equal(apply(account('user'), [], ['ours']), undefined)
  })

  test('change only in the state they were seen in', () => {
    const patch = entryPatch(account('user'), { add: ['ours'], remove: [] })
    assert.deepEqual(patch?.[0], { op: 'test', path: '/metadata/resourceVersion', value: '7' })
    assert.deepEqual(propagatedIn(account('user', 'argocd-image-pull-secret-1')), ['argocd-image-pull-secret-1'])
  })
})
