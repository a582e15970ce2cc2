// Stories of signed commits: what a project with keys lets be delivered, told with real gpg.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Application } from '../../src/crds/application.ts'
import { startStoryPlane } from '../support/control-plane.ts'
import { createRepository, temporaryFolder } from '../support/git.ts'
import { openKeyHome } from '../support/gpg.ts'
import { configMap } from '../support/manifests.ts'

const PROJECT = 'project.ProjectService'
const APPLICATION = 'application.ApplicationService'

function errorsOf({ status }: Application): readonly string[] {
  return (status?.conditions ?? []).filter(({ type }) => type === 'ComparisonError').map(({ message }) => message)
}

test('only commits signed with a key of the project are delivered', async (t) => {
  const { api, client, live, application } = await startStoryPlane(t)
  const repository = createRepository(join(temporaryFolder(t), 'repository'))
  const keys = openKeyHome(t)
  const [ada, eve] = [keys.makeKey('ada'), keys.makeKey('eve')]
  const type = await client.resourceOf({ group: '', kind: 'ConfigMap' })
  assert.ok(type !== undefined)
  const data = { [ada.id]: ada.armoured(), [eve.id]: eve.armoured() }
  const ref = { type, namespace: 'argocd', name: 'argocd-gpg-keys-cm' }
  await client.patch(ref, 'merge', { data })
  const spec = {
    sourceRepos: ['**'],
    destinations: [{ server: '*', namespace: '*' }],
    clusterResourceWhitelist: [{ group: '*', kind: '*' }],
    signatureKeys: [{ keyID: ada.id }],
  }
  await api.call(`${PROJECT}/Create`, { project: { metadata: { name: 'signed' }, spec } })
  const unsigned = repository.commit({ 'web/one.json': configMap('one', 'unsigned') })
  const path = { repoURL: repository.url, path: 'web', targetRevision: 'HEAD' }
  await api.call(`${APPLICATION}/Create`, {
    application: {
      metadata: { name: 'web' },
      spec: {
        project: 'signed',
        source: path,
        destination: { server: 'https://kubernetes.default.svc', namespace: 'web' },
        syncPolicy: { automated: {}, syncOptions: ['CreateNamespace=true'] },
      },
    },
  })
  const problem = (revision: string, what: string, key: string): string =>
    `GIT/GPG: Failed verifying revision ${revision} by 'Ada <ada@example.com>': ${what} (key_id=${key})`
  const isTold =
    (message: string) =>
    (seen: Application): boolean =>
      errorsOf(seen).includes(message)

  await application('web', isTold(problem(unsigned, 'unsigned', '')))
  const byEve = eve.commit(repository.folder, 'by another')
  await application('web', isTold(problem(byEve, 'signed with unallowed key', eve.id)))
  assert.equal(await live('v1', 'ConfigMap', 'web/one'), undefined)
  // Nor by hand.
  await api.call(`${APPLICATION}/Sync`, { name: 'web' })
  const { status } = await application('web', (seen) => seen.status?.operationState?.phase === 'Error')
  assert.match(status?.operationState?.message ?? '', /signed with unallowed key/)

  const good = ada.commit(repository.folder, 'by one who may')
  await application('web', (seen) => seen.status?.sync?.status === 'Synced' && seen.status.sync.revision === good)
  assert.notEqual(await live('v1', 'ConfigMap', 'web/one'), undefined)

  // The whole history is another matter.
  const gpg = { mode: 'strict', keys: [ada.id, eve.id] }
  const strict = {
    ...spec,
    signatureKeys: [],
    sourceIntegrity: { git: { policies: [{ repos: [{ url: '*' }], gpg }] } },
  }
  await api.call(`${PROJECT}/Update`, { project: { metadata: { name: 'signed' }, spec: strict } })
  await application('web', isTold(problem(unsigned, 'unsigned', '')))
  const sealed = ada.commit(repository.folder, 'looked through\n\nArgocd-gpg-seal: what came before is known')
  await application('web', (seen) => seen.status?.sync?.revision === sealed && errorsOf(seen).length === 0)

  // A key that is taken away is not trusted any more, and seals nothing: all that came before counts again.
  await client.patch(ref, 'merge', { data: { [ada.id]: null } })
  const both = [problem(sealed, 'signed with key not in keyring', ada.id), problem(unsigned, 'unsigned', '')]
  await application('web', isTold(both.join('\n')))
})
