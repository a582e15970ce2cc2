import assert from 'node:assert/strict'
import { test } from 'node:test'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { sopsYaml } from '../../test/support/sops-file.ts'
import type { ApplicationSource } from '../crds/application.ts'
import { memoryTree, type MemoryFile } from '../../test/support/memory-tree.ts'
import { RecordingTree } from '../render/recording.ts'
import { evaluateSource, loadSource } from '../render/render-source.ts'
import type { RenderRequest } from '../render/renderer.ts'
import { explainLoad } from './explain.ts'
import { withOverrides } from './overrides.ts'

async function explain(
  files: Readonly<Record<string, MemoryFile>>,
  given: Partial<ApplicationSource> = {},
): Promise<readonly string[]> {
  const tree = new RecordingTree(memoryTree(files, 'r'))
  const source = await withOverrides({ repoURL: '', path: 'app', ...given }, 'web', tree)
  const request: RenderRequest = {
    application: { name: 'web', namespace: 'argocd', project: 'default', destinationNamespace: 'shop' },
    source,
    revision: 'r',
    cluster: { kubeVersion: '1.36.3', apiVersions: ['v1', 'apps/v1'] },
    options: { kustomizeBuildOptions: '--enable-helm', isJsonnetEnabled: true },
  }
  const loaded = await loadSource('Directory', request, { tree, references: new Map() })
  const { manifests } = evaluateSource('Directory', request, loaded)
  return explainLoad({ sourceType: 'Directory', request, loaded, manifests, version: 'v1.2.3' })
}

const object = (kind: string, more = ''): string => `apiVersion: v1\nkind: ${kind}\nmetadata: {name: a}\n${more}`

test('names renderer, application, files, listings, override files, capabilities, parameters and options', async () => {
  const overrides = 'directory: {recurse: true}'
  const lines = await explain({ 'app/a.yaml': object('ConfigMap'), 'app/.argocd-source.yaml': overrides })

  assert.deepEqual(
    lines.map((line) => line.replace(/ [0-9a-f]{64}$/, ' ID')),
    [
      'renderer Directory of Capstan v1.2.3',
      'application web to namespace shop',
      'file app/.argocd-source.yaml ID',
      'file app/a.yaml ID',
      'listing app',
      'absent app/.argocd-source-web.yaml',
      'capabilities 1.36.3 v1,apps/v1',
      'parameter path=app',
      'parameter directory.recurse=true',
      'option kustomizeBuildOptions=--enable-helm',
      'option isJsonnetEnabled=true',
    ],
  )
})

test('names the keys that encrypted files were encrypted to, without one of them', async () => {
  const recipients = await Promise.all([1, 2].map(async () => identityToRecipient(await generateX25519Identity())))
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, stringData: { a: 'hunter2' } }

  const lines = await explain({ 'app/s.yaml': await sopsYaml(secret, { recipients }) })

  const keys = lines.filter((line) => line.startsWith('encrypted '))
  assert.deepEqual(keys, recipients.map((key) => `encrypted app/s.yaml to age ${key}`).toSorted())
  assert.doesNotMatch(lines.join(), /hunter2/)
})

test('names paths of Vault and the versions that are pinned', async () => {
  const data =
    'stringData: {a: "<path:secret/data/db#password>", b: "<path:secret/data/api#token#3>", c: "<path:secret/data/db#user>"}'

  const lines = await explain({ 'app/s.yaml': object('Secret', data) })

  assert.deepEqual(
    lines.filter((line) => line.startsWith('vault ')),
    ['vault secret/data/api version 3', 'vault secret/data/db latest'],
  )
})
