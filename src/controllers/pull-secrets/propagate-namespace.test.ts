import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ManualClock } from '../../base/clock.ts'
import { pullSecretAuthor } from '../../pull-secrets/authorship.ts'
import type { ClusterView } from './cluster-view.ts'
import { Fingerprints } from './fingerprints.ts'
import { type NamespaceReport, propagateNamespace, type RemovalDelay } from './propagate-namespace.ts'

/** A namespace that holds a Secret of ours and an entry of another control plane, and nobody who uses either. */
async function look(delay: RemovalDelay | undefined): Promise<{ report: NamespaceReport; asked: readonly string[] }> {
  const asked: string[] = []
  const ours = 'argocd-image-pull-secret-0000000000000001'
  const theirs = 'argocd-image-pull-secret-0000000000000002'
  const view = {
    secretsIn: () => [{ name: ours, namespace: 'web', uid: 'u', applications: ['argocd/gone'] }],
    foreignIn: () => [theirs],
    accountsIn: () => [{ metadata: { name: 'default' }, imagePullSecrets: [{ name: theirs }], isListOurs: false }],
    type: async () => ({ kind: 'Secret' }),
    client: { delete: async () => undefined },
  }
  const report = await propagateNamespace({
    view: view as unknown as ClusterView, // as much of a view as is asked here
    namespace: 'web',
    uses: [],
    match: () => [],
    openTo: [],
    serviceAccounts: 'default',
    fingerprints: new Fingerprints(),
    author: pullSecretAuthor({ id: '', home: 'home', key: undefined }),
    login: () => Promise.reject(new Error('nobody needs one')),
    removalDelay:
      delay &&
      ((name) => {
        asked.push(name)
        return delay
      }),
    accountTimeoutMs: 0,
    repairDelay: () => 0,
    clock: new ManualClock(),
    signal: new AbortController().signal,
  })
  return { report, asked: asked.map((name) => (name === ours ? 'ours' : name)) }
}

describe('what nobody uses in a namespace', () => {
  test('is looked at again where it cannot be told yet whether it is used', async () => {
    const { report, asked } = await look({ againMs: 10_000 })
    assert.deepEqual(asked, ['ours'])
    assert.deepEqual([report.removed, report.againMs], [[], 10_000])
  })

  test('goes when its time is over, what another control plane wrote stays', async () => {
    assert.equal((await look({ againMs: 5000, isUnused: true })).report.againMs, 5000)
    const { report, asked } = await look({ againMs: 0, isUnused: true })
    assert.deepEqual(asked, ['ours'])
    assert.deepEqual(report.removed, ['argocd-image-pull-secret-0000000000000001'])
  })

  test('stays while a sync waits', async () => {
    const { report } = await look(undefined)
    assert.deepEqual([report.removed, report.againMs], [[], undefined])
  })
})
