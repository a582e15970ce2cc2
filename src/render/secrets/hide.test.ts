// Numbers that were encrypted are rendered in clear, kept as names, and delivered as they were.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { sopsYaml } from '../../../test/support/sops-file.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { FileTree } from '../../source/file-tree.ts'
import { DecryptingTree, Openings } from './decrypting-tree.ts'
import { fillSecrets } from './fill.ts'
import { readAgeIdentities } from './sops/age-keys.ts'

const VALUES = { port: 54_321, pin: -4711, rate: 3.14159, replicas: 2, large: 12_345_678 }

/** A tree of one file. */
function treeOf(text: string): FileTree {
  return {
    revision: 'r1',
    readFile: async () => ({ id: '1', bytes: Buffer.from(text) }),
    readDirectory: async () => undefined,
  }
}

/** What a rendering of encrypted values made, kept and delivered. */
async function roundTrip(rendered: object): Promise<{ kept: KubeObject; delivered: KubeObject }> {
  const identity = await generateX25519Identity()
  const recipients = [await identityToRecipient(identity)]
  const file = await sopsYaml({ v: VALUES }, { recipients, encryptedRegex: '^v$' })
  const openings = new Openings()
  const ring = { identities: await readAgeIdentities(identity), pgpKeys: [] }
  const tree = new DecryptingTree(treeOf(file), ring, openings)
  const opened = await tree.readFile('values.yaml')
  assert.match(Buffer.from(opened?.bytes ?? []).toString(), /port"?: *54321\b/, 'templates compute with it')
  const manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, ...rendered }
  const { manifests } = openings.hide({ manifests: [manifest] })
  const filled = await fillSecrets({ manifests, held: openings.report().held, vault: undefined })
  const [kept, delivered] = [manifests[0], filled.manifests[0]]
  assert.ok(kept && delivered)
  assert.deepEqual(delivered, manifest)
  return { kept, delivered }
}

describe('[002-14] an encrypted number', () => {
  const cases: readonly (readonly [string, object])[] = [
    ['as a number', { spec: { port: 54_321 } }],
    ['as a negative one', { spec: [-4711] }],
    ['as a fraction', { spec: { rate: 3.14159 } }],
    ['as a text', { data: { port: '54321' } }],
    ['within a text', { data: { url: 'db:54321/x', pair: '3.14159,54321', pin: 'pin=-4711;' } }],
    ['as templates print large ones', { data: { large: '1.2345678e+07' } }],
    ['in an annotation', { metadata: { name: 'a', annotations: { port: '54321' } } }],
    ['in the data of a Secret', { kind: 'Secret', data: { a: Buffer.from('host:54321').toString('base64') } }],
  ]
  for (const [how, rendered] of cases) {
    test(`is kept as a name, delivered as it was: ${how}`, async () => {
      const { kept } = await roundTrip(rendered)

      const text =
        JSON.stringify(kept) +
        Buffer.from(
          JSON.stringify(kept)
            .match(/[\w+/]{20,}=*/g)
            ?.join('') ?? '',
          'base64',
        ).toString()
      assert.doesNotMatch(text, /54321|4711|3\.14159|1\.2345678e/)
      assert.match(text, /capstan-held-[0-9a-f]{39}/)
    })
  }

  const others: readonly (readonly [string, object])[] = [
    ['is part of a longer number', { data: { a: '154321', b: '543210' }, spec: 543_210 }],
    ['is too short to be told from others', { spec: { replicas: 2 }, data: { replicas: '2' } }],
    ['names an object', { metadata: { name: 'pod-54321', namespace: 'ns-54321' } }],
    ['is a key', { data: { '54321': 'a' } }],
  ]
  for (const [what, rendered] of others) {
    test(`stays where it ${what}`, async () => {
      const { kept, delivered } = await roundTrip(rendered)

      assert.equal(kept, delivered)
    })
  }
})
