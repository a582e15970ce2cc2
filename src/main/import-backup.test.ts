import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../base/clock.ts'
import type { ImportFlags } from '../cli/admin/backup.ts'
import type { DeleteOptions, KubeClient, ResourceRef, ResourceType } from '../kube/client/client.ts'
import type { JsonValue, KubeObject } from '../kube/object.ts'
import { importBackup } from './import-backup.ts'

function object(kind: string, name: string, more: Partial<KubeObject['metadata']> = {}, spec: object = {}): KubeObject {
  const apiVersion = kind === 'Secret' || kind === 'ConfigMap' ? 'v1' : 'argoproj.io/v1alpha1'
  const live = { apiVersion, kind, metadata: { namespace: 'argocd', name, ...more }, spec }
  return live
}

const FINALIZERS = ['resources-finalizer.argocd.argoproj.io']
const LIVE: readonly KubeObject[] = [
  object('ConfigMap', 'argocd-cm'),
  object('Secret', 'repo', { labels: { 'argocd.argoproj.io/secret-type': 'repository' } }),
  object('AppProject', 'team'),
  object('Application', 'plain'),
  object('Application', 'web', { finalizers: FINALIZERS }),
  object('ApplicationSet', 'webs'),
  object(
    'ApplicationSet',
    'ordered',
    { finalizers: FINALIZERS },
    { strategy: { type: 'RollingSync', deletionOrder: 'Reverse' } },
  ),
]

/** Imports an empty backup into a cluster with those objects; what is printed, and what the cluster is asked to change. */
async function pruned(
  flags: Partial<ImportFlags>,
): Promise<{ readonly told: string; readonly asked: readonly string[] }> {
  const asked: string[] = []
  const scripted = {
    resourceOf: async ({ kind }: { kind: string }) => ({ kind }),
    list: async ({ kind }: ResourceType) => ({ items: LIVE.filter((one) => one.kind === kind), resourceVersion: '1' }),
    patch: async ({ type, name }: ResourceRef, _type: string, patch: JsonValue) =>
      asked.push(`patch ${type.kind} ${name} ${JSON.stringify(patch)}`),
    delete: async ({ type, name }: ResourceRef, { propagationPolicy }: DeleteOptions = {}) =>
      asked.push(`delete ${type.kind} ${name} ${propagationPolicy ?? 'default'}`),
  }
  const client = scripted as unknown as KubeClient // only what is asked for
  const place = { client, namespace: 'argocd', isEnabled: () => true, signal: new AbortController().signal }
  let told = ''
  await importBackup(place, {
    flags: { namespace: 'argocd', ...flags },
    text: '',
    write: (text) => (told += text),
    clock: new ManualClock(),
  })
  return { told, asked }
}

test('pruning takes what makes others first, and leaves what was delivered', async () => {
  const { told, asked } = await pruned({ prune: true })

  assert.deepEqual(asked, [
    'delete ApplicationSet webs Orphan',
    'patch ApplicationSet ordered {"metadata":{"finalizers":null},"spec":{"strategy":{"deletionOrder":null}}}',
    'delete ApplicationSet ordered Orphan',
    'delete Application plain default',
    'patch Application web {"metadata":{"finalizers":null}}',
    'delete Application web default',
    'delete AppProject team default',
    'delete Secret repo default',
  ])
  assert.match(told, /argoproj\.io\/ApplicationSet webs pruned\n/)
  assert.match(told, /\/ConfigMap argocd-cm needs pruning\n/)
})

test('without the flag, or as a trial, nothing is changed and all of it is told', async () => {
  const [plain, trial] = [await pruned({}), await pruned({ prune: true, dryRun: true })]

  assert.deepEqual([plain.asked, trial.asked], [[], []])
  assert.equal(plain.told.match(/ needs pruning\n/g)?.length, LIVE.length)
  assert.equal(trial.told.match(/ pruned \(dry run\)\n/g)?.length, LIVE.length - 1)
})
