// Single sign-on with a real OpenID provider: by the browser, with groups that decide what a person may do.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { createApiClient, type ApiClient } from '../../src/api/client/client.ts'
import { Secret } from '../../src/base/secret.ts'
import { startStoryPlane, type StoryPlane } from '../support/control-plane.ts'
import {
  CLIENT_ID,
  CLIENT_SECRET,
  type OpenidProvider,
  startOpenidProvider,
  walkLogin,
  type Walk,
} from '../support/openid-provider.ts'

interface Scene {
  readonly story: StoryPlane
  readonly provider: OpenidProvider
  readonly login: (query?: string) => Promise<Walk>
  readonly apiOf: (walk: Walk) => ApiClient
}

async function startScene(t: TestContext, more: string): Promise<Scene> {
  const story = await startStoryPlane(t)
  const { url } = story.plane
  const provider = await startOpenidProvider(t, `${url}/auth/callback`)
  const type = await story.client.resourceOf({ group: '', kind: 'ConfigMap' })
  const secretType = await story.client.resourceOf({ group: '', kind: 'Secret' })
  assert.ok(type !== undefined && secretType !== undefined)
  const namespace = 'argocd'
  await story.client.patch({ type: secretType, namespace, name: 'argocd-secret' }, 'merge', {
    stringData: { 'oidc.clientSecret': CLIENT_SECRET },
  })
  const config = [
    'name: Example',
    `issuer: ${provider.issuer}`,
    `clientID: ${CLIENT_ID}`,
    'clientSecret: $oidc.clientSecret',
    more,
  ]
  await story.client.patch({ type, namespace, name: 'argocd-cm' }, 'merge', {
    data: { url, 'oidc.config': config.join('\n') },
  })
  await story.client.patch({ type, namespace, name: 'argocd-rbac-cm' }, 'merge', {
    data: { 'policy.csv': 'p, role:viewer, projects, get, default, allow\ng, platform, role:viewer' },
  })
  return {
    story,
    provider,
    login: (query = '') => walkLogin(`${url}/auth/login${query}`),
    apiOf: ({ cookies }) => {
      const token = cookies.get(`${new URL(url).host} argocd.token`) ?? ''
      return createApiClient({ baseUrl: url, send: fetch, token: new Secret(token) })
    },
  }
}

for (const [how, config] of [
  ['a client secret', ''],
  ['PKCE beside the secret', 'enablePKCEAuthentication: true'],
] as const) {
  test(`a person logs in by ${how}, may do what the groups of the token may, and logs out`, async (t) => {
    const { story, provider, login, apiOf } = await startScene(t, config)

    const walk = await login(`?return_url=${encodeURIComponent(`${story.plane.url}/applications`)}`)
    assert.equal(walk.url.href, `${story.plane.url}/applications`, walk.text)
    const api = apiOf(walk)
    assert.partialDeepStrictEqual(await api.call('session.SessionService/GetUserInfo', {}), {
      loggedIn: true,
      username: 'jane@example.com',
      iss: provider.issuer,
      groups: ['platform'],
    })
    assert.ok(await api.call('project.ProjectService/Get', { name: 'default' }))
    await assert.rejects(api.call('project.ProjectService/Delete', { name: 'team' }), { message: /^permission denied: projects, delete, team, sub: jane/ }) // prettier-ignore

    const out = await walkLogin(`${story.plane.url}/auth/logout`, walk.cookies)
    assert.equal(out.cookies.has(`${new URL(story.plane.url).host} argocd.token`), false)
    await assert.rejects(api.call('project.ProjectService/Get', { name: 'default' }), {
      message: 'invalid session: token is revoked, please re-login',
    })
  })
}

test('what is no login of ours is refused: a foreign return address, a code without its cookie, a token of somebody else', async (t) => {
  const { story, login } = await startScene(t, '')
  const { url } = story.plane
  const foreign = await login('?return_url=https%3A%2F%2Fevil.example.com%2F')
  assert.equal(foreign.status, 400)
  assert.match(foreign.text, /^Invalid redirect URL: the protocol and host/)
  const forged = await fetch(`${url}/auth/callback?code=abc&state=xyz`, { redirect: 'manual' })
  assert.equal(forged.status, 400)
  assert.match(await forged.text(), /the login was begun elsewhere or too long ago/)
  const refused = await fetch(`${url}/auth/callback?error=access_denied&error_description=%3Cscript%3E`)
  assert.equal(refused.headers.get('content-type'), 'text/plain; charset=utf-8')
  assert.equal(await refused.text(), 'access_denied: <script>\n')

  const { SignJWT, generateKeyPair } = await import('jose')
  const { privateKey } = await generateKeyPair('RS256')
  const stolen = await new SignJWT({ groups: ['platform'] })
    .setProtectedHeader({ alg: 'RS256' })
    .setIssuer('https://issuer.example.com')
    .setAudience(CLIENT_ID)
    .setSubject('jane')
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(privateKey)
  const api = createApiClient({ baseUrl: url, send: fetch, token: new Secret(stolen) })
  await assert.rejects(api.call('project.ProjectService/List', {}), {
    message: 'invalid session: failed to verify the token',
  })
  const settings = await story.api.call<object>('cluster.SettingsService/Get', {})
  assert.partialDeepStrictEqual(settings, { oidcConfig: { name: 'Example', clientID: CLIENT_ID } })
  assert.doesNotMatch(JSON.stringify(settings), /the client secret/)
})
