import assert from 'node:assert/strict'
import { createSign, generateKeyPairSync, type KeyObject, verify } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, test, type TestContext } from 'node:test'
import { claimsOf, startJsonServer, type Asked, type Reply } from '../../../test/support/json-server.ts'
import { temporaryFolder } from '../../../test/support/git.ts'
import { ManualClock } from '../../base/clock.ts'
import { Secret } from '../../base/secret.ts'
import type { RepositoryCredentials } from '../../settings/repositories.ts'
import { MAX_INSTALLATION_PAGES, ownerOf } from './github-app.ts'
import { type GitLogin, RepositoryLogins } from './repository-login.ts'
import { MAX_TOKEN_ANSWER_BYTES, type SignJwt, type TokenContext } from './token-endpoint.ts'

/** What `main/` passes a library for. */
const sign: SignJwt = async (claims, key, header) => {
  const parts = [{ alg: 'RS256', typ: 'JWT', ...header }, claims]
  const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${text}.${createSign('RSA-SHA256').update(text).sign(key.reveal(), 'base64url')}`
}

function logins(clock: ManualClock, more: Partial<TokenContext> = {}): RepositoryLogins {
  return new RepositoryLogins({ clock, sign, environment: {}, ...more })
}

async function login(
  credentials: RepositoryCredentials,
  url: string = 'https://host.example/team/app.git',
  made: RepositoryLogins = logins(new ManualClock()),
): Promise<GitLogin> {
  return made.loginFor(url, credentials, () => ({}))
}

/** `name:password`, `Bearer token`, as a server sees it. */
function shown(found: GitLogin): string {
  if (found.kind === 'basic') return `${found.username}:${found.password.reveal()}`
  return found.kind === 'bearer' ? `Bearer ${found.token.reveal()}` : found.kind
}

describe('logins of repositories', () => {
  let keyPair: { readonly publicKey: KeyObject; readonly privateKey: KeyObject }
  let privateKey: Secret
  before(() => {
    keyPair = generateKeyPairSync('rsa', { modulusLength: 2048 })
    privateKey = new Secret(keyPair.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString())
  })

  test("the kinds are taken in upstream's order", async () => {
    const [password, bearerToken, sshPrivateKey] = [new Secret('pw'), new Secret('tok'), new Secret('key')]
    assert.equal(shown(await login({})), 'none')
    assert.equal(shown(await login({ username: 'u' })), 'none')
    assert.equal(shown(await login({ username: 'u', password, sshPrivateKey })), 'u:pw')
    assert.equal(shown(await login({ password })), 'x-access-token:pw')
    assert.equal(shown(await login({ password, forceHttpBasicAuth: true })), ':pw')
    assert.equal(shown(await login({ username: 'u', password, bearerToken })), 'Bearer tok')
    assert.equal(shown(await login({ username: 'u', password, bearerToken, forceHttpBasicAuth: true })), 'u:pw')
    assert.equal(shown(await login({ sshPrivateKey, githubAppID: 1, githubAppPrivateKey: sshPrivateKey })), 'ssh')
  })

  function github(t: TestContext, answer?: (asked: Asked) => Reply | undefined): ReturnType<typeof startJsonServer> {
    return startJsonServer(t, (asked) => {
      const own = answer?.(asked)
      if (own !== undefined) return own
      const token = `ghs_${asked.path.split('/')[3]}`
      return { status: 201, body: { token, expires_at: '2026-01-01T01:00:00Z' } }
    })
  }

  test("a GitHub App asks for its installation's token with a token of its own key, once an hour", async (t) => {
    const api = await github(t)
    const clock = new ManualClock(Date.UTC(2026, 0, 1))
    const made = logins(clock)
    const credentials = {
      githubAppID: 7,
      githubAppInstallationID: 42,
      githubAppPrivateKey: privateKey,
      githubAppEnterpriseBaseUrl: `${api.url}/`,
    }

    const [one, other] = await Promise.all([
      login(credentials, undefined, made),
      login(credentials, 'https://x/a/b', made),
    ])
    clock.advance(56 * 60_000)
    await login(credentials, undefined, made)

    assert.deepEqual([shown(one), shown(other)], ['x-access-token:ghs_42', 'x-access-token:ghs_42'])
    assert.deepEqual(
      api.asked.map(({ method, path }) => `${method} ${path}`),
      ['POST /app/installations/42/access_tokens', 'POST /app/installations/42/access_tokens'],
    )
    const jwt = String(api.asked[0]?.headers['authorization']).replace('Bearer ', '')
    const { iat, exp, iss } = claimsOf(jwt)
    assert.deepEqual({ iat, exp, iss }, { iat: 1767225570, exp: 1767225690, iss: '7' })
    const [head, body, signature] = jwt.split('.')
    const signed = Buffer.from(`${head}.${body}`)
    assert.ok(verify('RSA-SHA256', signed, keyPair.publicKey, Buffer.from(signature ?? '', 'base64url')))
  })

  test('without an installation it is found by the owner, over the pages of the list', async (t) => {
    const api = await github(t, ({ path }) => {
      if (!path.startsWith('/api/v3/app/installations?')) return undefined
      if (path.includes('page=2')) return { body: [{ id: 9, account: { login: 'Team' } }] }
      const link = '</api/v3/app/installations?per_page=100&page=2>; rel="next", <http://other/>; rel="last"'
      return { headers: { link }, body: [{ id: 8, account: { login: 'others' } }, { id: 'x' }, null] }
    })
    const app = { githubAppID: 7, githubAppPrivateKey: privateKey, githubAppEnterpriseBaseUrl: api.url }
    const made = logins(new ManualClock())

    const found = await login(app, 'git@ghe.example:team/app.git', made)
    const again = await login(app, 'https://ghe.example/OTHERS/app', made)

    assert.deepEqual([shown(found), shown(again)], ['x-access-token:ghs_9', 'x-access-token:ghs_8'])
    assert.equal(api.asked.filter(({ method }) => method === 'GET').length, 2)
    await assert.rejects(login(app, 'https://ghe.example/nobody/app', made), {
      code: 'not-found',
      message:
        /ensure the GitHub App \(ID: 7\) is installed for this organization: installation not found for org: nobody/,
    })
    await assert.rejects(login(app, 'https://ghe.example/app', made), /does not contain an organization\/owner/)
  })

  test('a list of installations without an end is given up', async (t) => {
    const link = '</api/v3/app/installations?page=2>; rel="next"'
    const api = await github(t, () => ({ headers: { link }, body: [] }))
    const app = { githubAppID: 7, githubAppPrivateKey: privateKey, githubAppEnterpriseBaseUrl: api.url }

    await assert.rejects(login(app), { code: 'limit' })
    assert.equal(api.asked.length, MAX_INSTALLATION_PAGES)
  })

  test('what GitHub refuses is told in its words, without the key', async (t) => {
    const api = await github(t, () => ({ status: 401, body: { message: 'A JSON web token could not be decoded' } }))
    const app = { githubAppID: 7, githubAppInstallationID: 2, githubAppEnterpriseBaseUrl: api.url }

    await assert.rejects(login({ ...app, githubAppPrivateKey: privateKey }), {
      code: 'unauthenticated',
      message:
        /could not refresh installation id 2's token: received non 2xx response status "401 Unauthorized" when fetching .*: A JSON web token could not be decoded; check githubAppID/,
    })
    await assert.rejects(login({ ...app, githubAppPrivateKey: new Secret('no-key-at-all') }), (error: Error) => {
      assert.match(error.message, /could not parse private key/)
      assert.doesNotMatch(error.message, /no-key-at-all/)
      return true
    })
  })

  test("Google's key is exchanged at its own token address", async (t) => {
    const api = await startJsonServer(t, () => ({ body: { access_token: 'ya29', expires_in: 3599 } }))
    const key = {
      type: 'service_account',
      client_email: 'robot@project.iam.gserviceaccount.com',
      private_key_id: 'k1',
      private_key: privateKey.reveal(),
      token_uri: `${api.url}/token`,
    }
    const made = logins(new ManualClock())
    const credentials = { gcpServiceAccountKey: new Secret(JSON.stringify(key)) }

    const found = await login(credentials, undefined, made)
    await login(credentials, 'https://source.developers.google.com/p/x/r/y', made)

    assert.equal(shown(found), 'robot@project.iam.gserviceaccount.com:ya29')
    assert.equal(api.asked.length, 1)
    const form = new URLSearchParams(api.asked[0]?.body)
    assert.equal(form.get('grant_type'), 'urn:ietf:params:oauth:grant-type:jwt-bearer')
    const { iss, scope, aud } = claimsOf(form.get('assertion') ?? '')
    assert.deepEqual([iss, aud], [key.client_email, key.token_uri])
    assert.equal(scope, 'https://www.googleapis.com/auth/cloud-platform')
    await assert.rejects(login({ gcpServiceAccountKey: new Secret('{"oops": "sesame') }), (error: Error) => {
      assert.match(error.message, /credentials for Google Cloud Source repositories are invalid/)
      assert.doesNotMatch(error.message, /sesame/)
      return true
    })
    await assert.rejects(login({ gcpServiceAccountKey: new Secret('{"type": "external_account"}') }), {
      code: 'unsupported',
    })
  })

  test('a workload of Azure shows the token of its pod, read anew each time', async (t) => {
    const api = await startJsonServer(t, () => ({ body: { access_token: 'entra', expires_in: '3600' } }))
    const file = join(temporaryFolder(t), 'token')
    writeFileSync(file, 'projected\n')
    const environment = {
      AZURE_AUTHORITY_HOST: `${api.url}/`,
      AZURE_TENANT_ID: 'tenant',
      AZURE_CLIENT_ID: 'client',
      AZURE_FEDERATED_TOKEN_FILE: file,
    }
    const clock = new ManualClock()
    const made = logins(clock, { environment })

    const found = await login({ useAzureWorkloadIdentity: true }, undefined, made)
    writeFileSync(file, 'renewed\n')
    clock.advance(3_600_000)
    await login({ useAzureWorkloadIdentity: true }, undefined, made)

    assert.equal(shown(found), 'Bearer entra')
    assert.equal(api.asked[0]?.path, '/tenant/oauth2/v2.0/token')
    const forms = api.asked.map(({ body }) => new URLSearchParams(body))
    assert.deepEqual(
      forms.map((form) => form.get('client_assertion')),
      ['projected', 'renewed'],
    )
    assert.equal(forms[0]?.get('scope'), '499b84ac-1321-427f-aa17-267ca6975798/.default')
    await assert.rejects(login({ useAzureWorkloadIdentity: true }), /AZURE_FEDERATED_TOKEN_FILE is not set/)
  })

  test('a registry of Azure gives its own token for that of the workload, and no other host is shown one', async (t) => {
    const file = join(temporaryFolder(t), 'token')
    writeFileSync(file, 'projected')
    const end = Math.floor(Date.UTC(2026, 0, 1) / 1000) + 3 * 3600
    const refresh = `h.${Buffer.from(JSON.stringify({ exp: end })).toString('base64url')}.s`
    const api = await startJsonServer(t, ({ path }) => {
      if (path === '/v2/') {
        return { status: 401, headers: { 'www-authenticate': 'Bearer realm="https://evil.example/x",service="reg"' } }
      }
      return {
        body: path === '/oauth2/exchange' ? { refresh_token: refresh } : { access_token: 'arm', expires_in: 3600 },
      }
    })
    const environment = {
      AZURE_AUTHORITY_HOST: api.url,
      AZURE_TENANT_ID: 'tenant',
      AZURE_CLIENT_ID: 'client',
      AZURE_FEDERATED_TOKEN_FILE: file,
    }
    const clock = new ManualClock(Date.UTC(2026, 0, 1))
    const made = logins(clock, { environment })
    const host = api.url.replace('http://', '')

    const token = await made.registryToken({ host, plainHttp: true }, () => ({}))
    clock.advance(2 * 3_600_000)
    await made.registryToken({ host, plainHttp: true }, () => ({}))

    assert.equal(token.reveal(), refresh)
    assert.deepEqual(
      api.asked.map(({ path }) => path),
      ['/tenant/oauth2/v2.0/token', '/v2/', '/oauth2/exchange'],
    )
    assert.match(api.asked[0]?.body ?? '', /scope=https%3A%2F%2Fmanagement\.core\.windows\.net%2F\.default/)
    assert.equal(api.asked[2]?.body, 'grant_type=access_token&service=reg&access_token=arm')
    await assert.rejects(
      made.registryToken({ host: 'azurecr.io.evil.example', plainHttp: false }, () => ({})),
      {
        code: 'forbidden',
      },
    )
  })

  test('a service principal of Azure shows its secret to its own directory', async (t) => {
    const api = await startJsonServer(t, ({ body }) =>
      body.includes('right')
        ? { body: { access_token: 'sp', expires_in: 3600 } }
        : { status: 401, body: { error: 'invalid_client', error_description: 'AADSTS7000215: Invalid client secret' } },
    )
    const principal = {
      azureServicePrincipalClientId: 'client',
      azureServicePrincipalTenantId: 'tenant',
      azureActiveDirectoryEndpoint: api.url,
    }

    const found = await login({ ...principal, azureServicePrincipalClientSecret: new Secret('right') })

    assert.equal(shown(found), 'Bearer sp')
    await assert.rejects(
      login({ ...principal, azureServicePrincipalClientSecret: new Secret('sesame') }),
      (error: Error) => {
        assert.match(
          error.message,
          /failed to get Azure access token: .*401 Unauthorized: invalid_client: AADSTS7000215/,
        )
        assert.doesNotMatch(error.message, /sesame/)
        return true
      },
    )
  })

  test('an endpoint that hangs, floods or talks nonsense is told as such', async (t) => {
    const secret = new Secret('s')
    const principal = {
      azureServicePrincipalClientId: 'client',
      azureServicePrincipalTenantId: 'tenant',
      azureServicePrincipalClientSecret: secret,
    }
    const hanging = await startJsonServer(t, () => undefined)
    const flooding = await startJsonServer(t, () => ({ body: 'x'.repeat(MAX_TOKEN_ANSWER_BYTES + 1) }))
    const babbling = await startJsonServer(t, () => ({ body: '<html>' }))
    const ask = (endpoint: string, timeoutMs: number): Promise<GitLogin> =>
      login(
        { ...principal, azureActiveDirectoryEndpoint: endpoint },
        undefined,
        logins(new ManualClock(), { timeoutMs }),
      )

    await assert.rejects(ask(hanging.url, 20), { code: 'timeout' })
    await assert.rejects(ask(flooding.url, 30_000), { code: 'limit' })
    await assert.rejects(ask(babbling.url, 30_000), /sent an answer without a token/)
    await assert.rejects(ask('ldap://host', 30_000), { code: 'bad-input' })
  })
})

test('the owner of a repository is the first part of its path', () => {
  const owners = {
    'https://github.com/Org/repo.git': 'org',
    'https://github.com/org/repo/sub': 'org',
    'git@github.com:org/repo.git': 'org',
    'git@github.com:22/org/repo.git': 'org',
    'ssh://git@github.com:22/org/repo.git': 'org',
    'ssh://git@github.com:org/repo.git': 'org',
    'https://github.com/repo.git': undefined,
    'https://github.com/': undefined,
  }
  for (const [url, owner] of Object.entries(owners)) assert.equal(ownerOf(url), owner, url)
})
