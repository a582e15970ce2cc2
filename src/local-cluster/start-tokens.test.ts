// Tests of the tokens of service accounts.
import assert from 'node:assert/strict'
import { createHash, createPublicKey, generateKeyPairSync, sign, verify, type webcrypto } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { ManualClock } from '../base/clock.ts'
import type { KubeObject } from '../kube/object.ts'
import type { TokenIssuer } from './apiserver/hooks.ts'
import { openMemoryStore } from './storage/open-store.ts'
import { openTokenKeys } from './start-token-keys.ts'
import { createTokenIssuer } from './start-tokens.ts'
import type { Store } from './storage/store.ts'

const ACCOUNT: KubeObject = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot', uid: 'u1' } }

async function scene(
  t: TestContext,
  directory?: string,
): Promise<{ readonly store: Store; readonly tokens: TokenIssuer }> {
  const store = openMemoryStore()
  t.after(() => store.close())
  await write(store, '/serviceaccounts/web/robot', 'u1')
  return { store, tokens: createTokenIssuer({ keys: openTokenKeys(directory), clock: new ManualClock(), store }) }
}

async function write(store: Store, key: string, uid: string): Promise<void> {
  const expected = store.get(key)?.revision ?? 0
  await store.write({ key, expected, encode: () => `{"metadata":{"uid":"${uid}"}}` })
}

async function issueFor(
  tokens: TokenIssuer,
  boundObject?: { kind: string; name: string; uid: string },
): Promise<string> {
  const query = {
    namespace: 'web',
    serviceAccount: ACCOUNT,
    audiences: tokens.defaultAudiences,
    expirationSeconds: 600,
  }
  return (await tokens.issue(boundObject === undefined ? query : { ...query, boundObject })).token
}

test('a review tells whose token it is, which one, and what it is bound to', async (t) => {
  const { store, tokens } = await scene(t)
  await write(store, '/pods/web/p', 'u2')

  const user = await tokens.review(await issueFor(tokens, { kind: 'Pod', name: 'p', uid: 'u2' }), [])

  assert.equal(user?.name, 'system:serviceaccount:web:robot')
  assert.match(user?.extra?.['authentication.kubernetes.io/credential-id']?.[0] ?? '', /^JTI=[0-9a-f-]{36}$/)
  assert.deepEqual(user?.extra?.['authentication.kubernetes.io/pod-name'], ['p'])
  assert.deepEqual(user?.extra?.['authentication.kubernetes.io/pod-uid'], ['u2'])
})

test('a token ends with the object it is bound to, and with its account', async (t) => {
  const { store, tokens } = await scene(t)
  await write(store, '/secrets/web/s', 'u3')
  const free = await issueFor(tokens)
  const bound = await issueFor(tokens, { kind: 'Secret', name: 's', uid: 'u3' })
  const before = [await tokens.review(free, []), await tokens.review(bound, [])]

  await write(store, '/secrets/web/s', 'another')
  const after = [await tokens.review(free, []), await tokens.review(bound, [])]
  await write(store, '/serviceaccounts/web/robot', 'another')

  assert.deepEqual(
    before.map((user) => user?.uid),
    ['u1', 'u1'],
  )
  assert.deepEqual(
    after.map((user) => user?.uid),
    ['u1', undefined],
  )
  assert.equal(await tokens.review(free, []), undefined)
})

test('a token is checked by anyone with the key that the server publishes', async (t) => {
  const { tokens } = await scene(t)
  const [header = '', payload = '', signature = ''] = (await issueFor(tokens)).split('.')
  const [published, ...others] = await tokens.keySet()
  const key = createPublicKey({ key: published?.jwk as webcrypto.JsonWebKey, format: 'jwk' })
  const id = createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('base64url')

  assert.deepEqual(others, [])
  assert.deepEqual(JSON.parse(Buffer.from(header, 'base64url').toString()), { alg: 'RS256', kid: id })
  assert.deepEqual(Object.keys(published?.jwk ?? {}), ['use', 'kty', 'kid', 'alg', 'n', 'e'])
  assert.deepEqual([published?.jwk['kid'], published?.jwk['kty'], published?.algorithm], [id, 'RSA', 'RS256'])
  assert.equal(key.asymmetricKeyDetails?.modulusLength, 2048)
  assert.ok(verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url')))
})

test('all who ask for the first token get it from one key', async (t) => {
  const { tokens } = await scene(t)

  const issued = await Promise.all([issueFor(tokens), issueFor(tokens)])

  const users = await Promise.all(issued.map((token) => tokens.review(token, [])))
  assert.deepEqual(
    users.map((user) => user?.uid),
    ['u1', 'u1'],
  )
})

test('the key stays in the data directory, for nobody else to read', async (t) => {
  const directory = dataDirectory(t)
  const before = await issueFor((await scene(t, directory)).tokens)
  const file = join(directory, 'pki', 'service-accounts.pem')
  const mode = statSync(file).mode & 0o777

  const again = await scene(t, directory)
  const known = await again.tokens.review(before, [])
  writeFileSync(file, 'damaged')
  const anew = await scene(t, directory)
  await anew.tokens.keySet()

  assert.equal(mode, 0o600)
  assert.equal(known?.uid, 'u1')
  assert.equal(await anew.tokens.review(before, []), undefined)
})

test('what an earlier version signed with a key of a curve stays good', async (t) => {
  const directory = dataDirectory(t)
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  mkdirSync(join(directory, 'pki'))
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' })
  writeFileSync(join(directory, 'pki', 'tokens.json'), JSON.stringify({ certificate: '', key }))
  const { tokens } = await scene(t, directory)
  const claims = (await issueFor(tokens)).split('.')[1] ?? ''
  const text = `${Buffer.from('{"alg":"ES256"}').toString('base64url')}.${claims}`
  const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' })

  const user = await tokens.review(`${text}.${signature.toString('base64url')}`, [])

  assert.equal(user?.uid, 'u1')
  const keys = await tokens.keySet()
  assert.deepEqual(
    keys.map(({ algorithm }) => algorithm),
    ['RS256', 'ES256'],
  )
})

test('a token that was changed, or that another key signed, stands for nobody', async (t) => {
  const { tokens } = await scene(t)
  const [header = '', payload = '', signature = ''] = (await issueFor(tokens)).split('.')
  const none = Buffer.from('{"alg":"none"}').toString('base64url')
  const foreign = await issueFor((await scene(t)).tokens)
  const cases = [
    `${header}.${payload}x.${signature}`,
    `${none}.${payload}.`,
    `${none}.${payload}.${signature}`,
    foreign,
  ]

  for (const token of [...cases, 'x', '..', 'a.b.c', `${header}.${payload}.${signature}.x`, 'x'.repeat(10_000)]) {
    assert.equal(await tokens.review(token, []), undefined)
  }
})

function dataDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'tokens-'))
  t.after(() => rmSync(directory, { recursive: true }))
  return directory
}
