// Keys and connections come out of labelled Secrets; what is wrong in one is told by key, without its value.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KubeObject } from '../kube/object.ts'
import { parseDecryptionKeys, parseVaultSettings } from './secret-keys.ts'

function secret(stringData: Readonly<Record<string, string>>): KubeObject {
  const object = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x', namespace: 'argocd' }, stringData }
  return object
}

const TOKEN = { VAULT_ADDR: 'https://vault:8200/', VAULT_TOKEN: 'canary' }
const ROLE = { VAULT_ADDR: 'https://vault', AVP_AUTH_TYPE: 'approle', AVP_ROLE_ID: 'r', AVP_SECRET_ID: 's' }

describe('keys of encrypted files', () => {
  test('are told apart by the ends of their names', () => {
    const { project, ageKeys, pgpKeys } = parseDecryptionKeys(
      secret({ 'a.agekey': 'A', 'b.asc': 'B', project: 'shop', c: 'C' }),
    )

    assert.deepEqual(
      [project, ageKeys.map(({ key }) => key), pgpKeys.map((key) => key.reveal())],
      ['shop', ['a.agekey'], ['B']],
    )
    assert.throws(() => parseDecryptionKeys(secret({ a: 'A' })), { message: /has no key that ends in .agekey or .asc/ })
  })
})

describe('connections to Vault', () => {
  test('have defaults', () => {
    const { address, login, kvVersion, project } = parseVaultSettings(secret(TOKEN))
    const role = parseVaultSettings(secret({ ...ROLE, AVP_MOUNT_PATH: 'my-approle', AVP_KV_VERSION: '1' }))

    assert.deepEqual([address, login.type, kvVersion, project], ['https://vault:8200', 'token', 2, ''])
    assert.deepEqual([role.login.type === 'approle' && role.login.mount, role.kvVersion], ['auth/my-approle', 1])
  })

  const wrong: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
    ['no address', { VAULT_TOKEN: 'canary' }, /VAULT_ADDR is missing/],
    ['an address of another kind', { ...TOKEN, VAULT_ADDR: 'file:///etc' }, /VAULT_ADDR is no http or https address/],
    ['a password in the address', { ...TOKEN, VAULT_ADDR: 'https://u:p@vault' }, /VAULT_ADDR is no http/],
    ['no token', { VAULT_ADDR: 'https://vault' }, /VAULT_TOKEN is missing/],
    ['no secret', { ...ROLE, AVP_SECRET_ID: '' }, /AVP_SECRET_ID is missing/],
    ['a login nobody knows', { ...TOKEN, AVP_AUTH_TYPE: 'github' }, /AVP_AUTH_TYPE holds "github"/],
    ['another store', { ...TOKEN, AVP_TYPE: 'awssecretsmanager' }, /only vault is supported/],
    ['a mount that climbs', { ...ROLE, AVP_MOUNT_PATH: '../sys' }, /AVP_MOUNT_PATH is no mount/],
    [
      'a file of the machine for a token',
      {
        VAULT_ADDR: 'https://vault',
        AVP_AUTH_TYPE: 'k8s',
        AVP_K8S_ROLE: 'r',
        AVP_K8S_TOKEN_PATH: '/var/run/secrets/../../../etc/shadow',
      },
      /AVP_K8S_TOKEN_PATH is not below/,
    ],
  ]
  for (const [what, stringData, message] of wrong) {
    test(`${what} is refused`, () => {
      assert.throws(
        () => parseVaultSettings(secret(stringData)),
        (error: Error) => {
          assert.match(error.message, message)
          assert.doesNotMatch(error.message, /canary/)
          return true
        },
      )
    })
  }
})
