// Tests of the tokens of service accounts.
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import { ManualClock } from '../base/clock.ts'
import type { KubeObject } from '../kube/object.ts'
import type { TokenIssuer } from './apiserver/hooks.ts'
import { openMemoryStore } from './storage/open-store.ts'
import { createTokenIssuer } from './start-tokens.ts'
import type { Store } from './storage/store.ts'

const ACCOUNT: KubeObject = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot', uid: 'u1' } }

async function scene(t: TestContext): Promise<{ readonly store: Store; readonly tokens: TokenIssuer }> {
  const store = openMemoryStore()
  t.after(() => store.close())
  await write(store, '/serviceaccounts/web/robot', 'u1')
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { store, tokens: createTokenIssuer({ key: privateKey, clock: new ManualClock(), store }) }
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
