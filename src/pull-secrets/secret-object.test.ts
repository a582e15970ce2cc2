// What a propagated Secret holds, how it is named, and how it is read again.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Secret } from '../base/secret.ts'
import type { KubeObject } from '../kube/object.ts'
import type { RegistryCredential } from '../settings/registry-credential.ts'
import { isOwn, pullSecretAuthor } from './authorship.ts'
import {
  fingerprintOf,
  isOwnPullSecret,
  isPullSecret,
  loginIn,
  managerOf,
  pullSecretName,
  pullSecretObject,
  readPullSecret,
  sealedLoginIn,
} from './secret-object.ts'

function credentialAt(address: string, id: string): RegistryCredential {
  return {
    id,
    address,
    project: '',
    kind: 'static',
    login: { kind: 'static', username: 'user', password: new Secret('old') },
    isInsecure: false,
    tokenHosts: [],
    options: { isPropagated: true },
    source: { namespace: 'argocd', name: id, uid: 'u', resourceVersion: '1', isAdopted: false },
  }
}

describe('a propagated Secret', () => {
  const login = { username: 'AWS', password: new Secret('t:ö"\n'), issuedAt: new Date(0), expiresAt: new Date(5000) }
  const author = pullSecretAuthor({ id: '', home: 'uid-1', key: new Secret('key of the server') })
  const wish = {
    credential: credentialAt('r.io/team', 'reg'),
    namespace: 'web',
    login,
    applications: ['argocd/a'],
    author,
  }

  test('[000-07] [000-08] has a name that rotation keeps, and a docker config of the registry', () => {
    const object = pullSecretObject(wish)
    assert.match(object.metadata.name ?? '', /^argocd-image-pull-secret-[0-9a-f]{16}$/)
    const rotated = {
      ...wish.credential,
      login: { kind: 'static', username: 'other', password: new Secret('new') } as const,
    }
    assert.equal(pullSecretName(rotated), object.metadata.name)
    assert.notEqual(pullSecretName(credentialAt('r.io/team', 'another')), object.metadata.name)
    assert.ok(isPullSecret(object))
    const { data } = object as unknown as { data: Record<string, string> }
    const { auths } = JSON.parse(Buffer.from(data['.dockerconfigjson'] ?? '', 'base64').toString())
    assert.deepEqual(Object.keys(auths), ['r.io/team'])
    assert.equal(Buffer.from(auths['r.io/team'].auth, 'base64').toString(), 'AWS:t:ö"\n')
  })

  test('is read again: owners, times, and the login itself', () => {
    const object = pullSecretObject(wish)
    const read = readPullSecret(object)
    assert.deepEqual([read.credential, read.applications, read.expiresAt], ['reg', ['argocd/a'], new Date(5000)])
    const again = loginIn(object)
    assert.equal(again?.password.reveal(), 't:ö"\n')
    assert.equal(pullSecretObject(wish).metadata.name, object.metadata.name)
    assert.equal(fingerprintOf(pullSecretObject(wish)), read.fingerprint)
    const spoiled = { ...object, data: { '.dockerconfigjson': 'e30=' } } as KubeObject
    assert.equal(loginIn(spoiled), undefined)
    assert.notEqual(fingerprintOf(spoiled), read.fingerprint)
  })

  test('is of the control plane that wrote it, and its login adopted only where that one has sealed it', () => {
    const object = pullSecretObject(wish)
    const other = pullSecretAuthor({ id: '', home: 'uid-2', key: new Secret('another key') })
    assert.ok(isOwnPullSecret(object, author))
    assert.equal(isOwnPullSecret(object, other), false)
    assert.notEqual(managerOf(author), managerOf(other))
    assert.ok(isOwn('uid-1', pullSecretAuthor({ id: 'given later', home: 'uid-1', key: undefined })))
    assert.equal(isOwn('', author), false)

    const changed = (annotations: Record<string, string>, more: object = {}): KubeObject => ({
      ...object,
      ...more,
      metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, ...annotations } },
    })
    const forged = pullSecretObject({ ...wish, login: { ...login, password: new Secret('poison') } })
    assert.equal(sealedLoginIn(object, author)?.password.reveal(), 't:ö"\n')
    const poisoned = [
      changed({ 'capstan.dev/issued-at': '2030-01-01T00:00:00.000Z' }),
      changed({ 'capstan.dev/expires-at': '2030-01-01T00:00:00.000Z' }),
      changed({ 'capstan.dev/registry-credential': 'another' }),
      changed({ 'capstan.dev/registry-configuration': 'another' }),
      changed({ 'capstan.dev/login-seal': '' }),
      changed({ 'capstan.dev/login-seal': 'é'.repeat(64) }),
      changed({}, { data: forged['data'] }),
      pullSecretObject({ ...wish, author: pullSecretAuthor({ id: '', home: 'uid-1', key: new Secret('guessed') }) }),
    ]
    for (const secret of poisoned) assert.equal(sealedLoginIn(secret, author), undefined)
    const keyless = pullSecretAuthor({ id: '', home: 'uid-1', key: undefined })
    assert.equal(sealedLoginIn(pullSecretObject({ ...wish, author: keyless }), keyless), undefined)
  })

  test('shows its password nowhere but in its data', () => {
    const { data: _data, ...rest } = pullSecretObject(wish)
    assert.doesNotMatch(
      JSON.stringify([rest, readPullSecret(pullSecretObject(wish)), loginIn(pullSecretObject(wish))]),
      /t:/,
    )
  })
})
