// What stands for secrets in manifests is filled in wherever a template has put it, and refused where it cannot be.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Secret } from '../../base/secret.ts'
import type { KubeObject } from '../../kube/object.ts'
import { fillSecrets, type FilledManifests } from './fill.ts'
import { heldName } from './held.ts'

const key = Buffer.alloc(32, 7)
const NAME = heldName(key, 'a:', Buffer.from('s3cr et'))
const BINARY = heldName(key, 'b:', Buffer.from([0xff, 0]))
const held = new Map([
  [NAME, new Secret('s3cr et')],
  [BINARY, new Secret('\udcff\0')],
])
const base64 = (text: string): string => Buffer.from(text).toString('base64')

function secret(fields: object): KubeObject {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db' }, ...fields }
}

async function fill(...manifests: KubeObject[]): Promise<FilledManifests> {
  return fillSecrets({ manifests, held, vault: undefined })
}

describe('decrypted values', () => {
  const nested = base64(JSON.stringify({ auths: { r: { auth: base64(`user:${NAME}`) } } }))
  const cases: readonly (readonly [string, object, object])[] = [
    ['plain', { stringData: { a: NAME } }, { stringData: { a: 's3cr et' } }],
    ['within a text', { stringData: { a: `x=${NAME};` } }, { stringData: { a: 'x=s3cr et;' } }],
    ['in base64', { data: { a: base64(NAME) } }, { data: { a: base64('s3cr et') } }],
    ['within base64', { data: { a: base64(`ab${NAME}\nz`) } }, { data: { a: base64('abs3cr et\nz') } }],
    [
      'in base64 of many lines',
      { data: { a: base64(`${'x'.repeat(80)}${NAME}`).replaceAll(/.{70}/g, '$&\n') } },
      { data: { a: base64(`${'x'.repeat(80)}s3cr et`) } },
    ],
    ['as bytes', { data: { a: base64(BINARY) } }, { data: { a: '/wA=' } }],
    [
      'in base64 in base64',
      { data: { a: nested } },
      { data: { a: base64(JSON.stringify({ auths: { r: { auth: base64('user:s3cr et') } } })) } },
    ],
    [
      'behind letters of base64',
      { stringData: { a: `Basic/${base64(NAME)}` } },
      { stringData: { a: `Basic/${base64('s3cr et')}` } },
    ],
  ]
  for (const [where, from, to] of cases) {
    test(`are filled in ${where}`, async () => {
      const { manifests } = await fill(secret(from))

      assert.deepEqual(manifests, [secret(to)])
    })
  }

  test('objects without them are the same objects, and places are told of the others', async () => {
    const other = secret({ stringData: { a: 'x' } })

    const { manifests, places } = await fill(other, secret({ stringData: { a: NAME } }))

    assert.equal(manifests[0], other)
    assert.deepEqual([...places.values()], [[['stringData', 'a']]])
  })

  const refused: readonly (readonly [string, object, RegExp])[] = [
    ['cut by a template', { stringData: { a: NAME.slice(0, 30) } }, /Secret db: stringData.a: a template has changed/],
    [
      'unknown',
      { stringData: { a: NAME.replace(/.$/, 'x').replace(/x$/, NAME.endsWith('0') ? '1' : '0') } },
      /has changed/,
    ],
    ['made into a key', { stringData: { [NAME]: 'x' } }, /a key is made of a decrypted value/],
    ['made into a name', { metadata: { name: NAME } }, /a secret cannot stand here/],
  ]
  for (const [how, fields, message] of refused) {
    test(`are refused where they are ${how}`, async () => {
      await assert.rejects(fill(secret(fields)), (error: Error) => {
        assert.match(error.message, message)
        assert.doesNotMatch(error.message, /s3cr et/)
        return true
      })
    })
  }

  test('are taken out of what a server says', async () => {
    const { redact } = await fill(secret({ stringData: { a: NAME } }))

    assert.equal(redact(`invalid "s3cr et" (${base64('s3cr et')})`), 'invalid "***" (***)')
  })

  test('a placeholder of Vault in a Secret needs a Vault, in what is ignored it does not', async () => {
    const text = { stringData: { a: '<path:secret/data/db#pw>' } }
    const ignored = { ...text, metadata: { name: 'db', annotations: { 'avp.kubernetes.io/ignore': 'true' } } }

    await assert.rejects(fill(secret(text)), {
      code: 'precondition',
      message: /Secret db: holds a placeholder of Vault/,
    })
    assert.deepEqual((await fill(secret(ignored))).manifests, [secret(ignored)])
  })
})
