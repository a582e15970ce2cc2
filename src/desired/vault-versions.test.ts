// Versions of secrets in Vault are inputs of what is delivered, not of what is rendered.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryTree } from '../../test/support/memory-tree.ts'
import { Secret } from '../base/secret.ts'
import type { VaultConnection } from '../render/secrets/vault/connection.ts'
import { VaultReader } from '../render/secrets/vault/key-value.ts'
import type { SourceProvider } from '../source/provider.ts'
import type { DesiredRequest, DesiredState } from './contract.ts'
import { createDesired } from './generate.ts'

function requestOf(repoURL: string, path: string): DesiredRequest {
  return {
    application: { name: 'web', namespace: 'argocd', project: 'default', destinationNamespace: 'web' },
    sources: [{ repoURL, targetRevision: 'main', path }],
    freshness: 'latest',
    cluster: { kubeVersion: '1.36.3', apiVersions: ['v1'] },
  }
}

/** The versions of one secret, the newest last. */
function vaultOf(versions: readonly string[]): VaultReader {
  const connection: VaultConnection = {
    address: 'https://vault.example.com',
    namespace: '',
    login: { type: 'token', token: new Secret('t') },
    kvVersion: 2,
    pathValidation: undefined,
    caCertificates: undefined,
    skipVerify: false,
  }
  const client = {
    get: async (path: string) => {
      const version = Number(/version=(?<version>\d+)/.exec(path)?.groups?.['version'] ?? versions.length)
      return { status: 200, body: { data: { data: { password: versions[version - 1] ?? '' }, metadata: { version } } } }
    },
    close: async () => {},
  }
  return new VaultReader(client, connection)
}

interface Seen {
  readonly values: readonly unknown[]
  readonly fingerprint: string
  readonly inputs: readonly string[]
}

test('a new version in Vault renders nothing anew, and is delivered; one that is pinned stays', async () => {
  const versions = ['first']
  const secret = (name: string, pin: string): string =>
    `apiVersion: v1\nkind: Secret\nmetadata: {name: ${name}}\nstringData: {p: "<path:secret/data/db#password${pin}>"}\n`
  const files = { 'a/latest.yaml': secret('latest', ''), 'a/pinned.yaml': secret('pinned', '#1') }
  const sources: Partial<SourceProvider> = {
    open: async () => ({ tree: memoryTree(files, 'c1'), revision: 'c1' }),
    close: async () => {},
  }
  const desired = createDesired({
    sources: sources as SourceProvider, // all that is asked of it
    secrets: { keys: async () => undefined, vault: () => vaultOf(versions) },
  })
  const request = requestOf('https://git.example.com/app', 'a')
  const deliver = async (state: DesiredState): Promise<Seen> => {
    const delivered = await desired.deliver?.(state, { project: 'default' })
    assert.ok(delivered !== undefined)
    const { manifests, fingerprint, inputs } = delivered
    return {
      fingerprint,
      inputs,
      values: manifests.map((manifest) => ('stringData' in manifest ? manifest.stringData : '')),
    }
  }

  const before = await deliver(await desired.generate(request))
  const again = await deliver(await desired.generate(request))
  versions.push('second')
  const state = await desired.generate(request)
  const after = await deliver(state)
  await desired.close()

  assert.equal(state.unchanged, true)
  assert.equal(again.fingerprint, before.fingerprint)
  assert.notEqual(after.fingerprint, before.fingerprint)
  assert.deepEqual(before.values, [{ p: 'first' }, { p: 'first' }])
  assert.deepEqual(after.values, [{ p: 'second' }, { p: 'first' }])
  assert.deepEqual(before.inputs, ['vault secret/data/db@1'])
  assert.deepEqual(after.inputs, ['vault secret/data/db@1', 'vault secret/data/db@2'])
})
