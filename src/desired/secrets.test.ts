// What is kept of a rendering holds no decrypted value, is made anew for another key, and says who can decrypt.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { sopsYaml } from '../../test/support/sops-file.ts'
import { memoryTree } from '../../test/support/memory-tree.ts'
import { readAgeIdentities } from '../render/secrets/sops/age-keys.ts'
import type { SourceProvider } from '../source/provider.ts'
import type { DesiredRequest } from './contract.ts'
import { createDesired } from './generate.ts'

const REQUEST: DesiredRequest = {
  application: { name: 'a', namespace: 'argocd', project: 'default', destinationNamespace: 'x' },
  sources: [{ repoURL: 'https://git.example/a', path: 'a' }],
  freshness: 'cached',
  cluster: { kubeVersion: '1.36.3', apiVersions: [] },
}

test('[002-14] manifests are kept without values, keys are inputs, recipients are told', async () => {
  const identity = await generateX25519Identity()
  const recipient = await identityToRecipient(identity)
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { a: 'aHVudGVyMg==' } }
  const tree = memoryTree({ 'a/s.yaml': await sopsYaml(secret, { recipients: [recipient] }) }, 'r1')
  const own = await readAgeIdentities(identity)
  const others = await readAgeIdentities(await generateX25519Identity())
  let ring = { identities: own, pgpKeys: [] }
  const sources: Partial<SourceProvider> = { open: async () => ({ tree, revision: 'r1' }), close: async () => {} }
  const desired = createDesired({
    sources: sources as SourceProvider, // all that is asked of it
    secrets: { keys: async () => ring, vault: () => undefined },
  })

  const first = await desired.generate(REQUEST)
  const second = await desired.generate(REQUEST)
  const delivered = await desired.deliver?.(second, { project: 'default' })
  ring = { identities: [...others, ...own], pgpKeys: [] }
  const third = await desired.generate(REQUEST)
  ring = { identities: others, pgpKeys: [] }

  assert.deepEqual([first.unchanged, second.unchanged, third.unchanged], [false, true, false])
  assert.deepEqual(second.recipients, [`age ${recipient}`])
  assert.doesNotMatch(JSON.stringify([first, second, third]), /aHVudGVyMg/)
  assert.deepEqual(delivered?.manifests, [secret])
  await assert.rejects(desired.generate(REQUEST), { code: 'precondition', message: /no key fits/ })
})
