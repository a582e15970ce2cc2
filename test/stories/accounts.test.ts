// Local accounts: made in argocd-cm, given a password and tokens through the API.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createApiClient, type ApiClient } from '../../src/api/client/client.ts'
import { Secret } from '../../src/base/secret.ts'
import { ADMIN_PASSWORD, startStoryPlane } from '../support/control-plane.ts'

const SERVICE = 'account.AccountService'
const PASSWORD = 'a new password'

interface Token {
  readonly token: string
}

test('[004-34] an account gets a password and tokens; each token is good until it is deleted, a session until the password changes', async (t) => {
  const { plane, client, api } = await startStoryPlane(t)
  const type = await client.resourceOf({ group: '', kind: 'ConfigMap' })
  assert.ok(type)
  await client.patch({ type, namespace: 'argocd', name: 'argocd-cm' }, 'merge', {
    data: { 'accounts.alice': 'login, apiKey' },
  })
  const as = (token: string): ApiClient =>
    createApiClient({ baseUrl: plane.url, send: fetch, token: new Secret(token) })
  const update = { name: 'alice', newPassword: PASSWORD }

  await assert.rejects(api.call(`${SERVICE}/UpdatePassword`, { ...update, currentPassword: 'wrong' }), {
    message: /current password does not match/,
  })
  await assert.rejects(
    api.call(`${SERVICE}/UpdatePassword`, { ...update, newPassword: 'short', currentPassword: ADMIN_PASSWORD }),
    { message: /new password does not match the following expression: \^\.\{8,32\}\$/ },
  )
  await api.call(`${SERVICE}/UpdatePassword`, { ...update, currentPassword: ADMIN_PASSWORD })
  const login = { username: 'alice', password: PASSWORD }
  const session = as((await api.call<Token>('session.SessionService/Create', login)).token)
  const made = await session.call<Token>(`${SERVICE}/CreateToken`, { name: 'alice', id: 'ci', expiresIn: 600 })
  const robot = as(made.token)

  await assert.rejects(session.call(`${SERVICE}/CreateToken`, { name: 'alice', id: 'ci' }), {
    message: /account already has token with id 'ci'/,
  })
  await assert.rejects(session.call(`${SERVICE}/GetAccount`, { name: 'admin' }), {
    message:
      /^permission denied to get account admin: permission denied for account admin with action get: rpc error: code = PermissionDenied desc = permission denied: accounts, get, admin, sub: alice/,
  })
  const seen = await robot.call<{ readonly tokens: readonly object[] }>(`${SERVICE}/GetAccount`, { name: 'alice' })
  assert.partialDeepStrictEqual(seen, { name: 'alice', capabilities: ['login', 'apiKey'], tokens: [{ id: 'ci' }] })
  assert.equal(JSON.stringify(seen).includes(made.token), false)
  const listed = await api.call<{ readonly items: readonly object[] }>(`${SERVICE}/ListAccounts`, {})
  assert.deepEqual(
    listed.items.map((item) => Object(item).name),
    ['admin', 'alice'],
  )
  await api.call(`${SERVICE}/DeleteToken`, { name: 'alice', id: 'ci' })
  await assert.rejects(robot.call(`${SERVICE}/GetAccount`, { name: 'alice' }), {
    message: 'invalid session: account alice does not have token with id ci',
  })
})

test('can-i knows the actions and resources of upstream and refuses other words', async (t) => {
  const { api } = await startStoryPlane(t)
  const ask = (resource: string, action: string, subresource: string): Promise<unknown> =>
    api.call(`${SERVICE}/CanI`, { resource, action, subresource })

  assert.deepEqual(await ask('applications', 'sync', 'default/argocd/web'), { value: 'yes' })
  await assert.rejects(ask('application', 'sync', '*'), {
    message: /^\[clusters projects .*\] does not contain application$/,
  })
  await assert.rejects(ask('applications', 'look', '*'), { message: '[get create update delete sync override action invoke] does not contain look' }) // prettier-ignore
})
