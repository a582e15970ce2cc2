// Every kind of credential against real servers: git http-backend over TLS, with and without client certificates, and sshd.
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { accessScene, type AccessOptions, readText } from '../support/git-access-scene.ts'
import { createRepository, serveGitOverHttp, temporaryFolder } from '../support/git.ts'
import { startJsonServer } from '../support/json-server.ts'
import { startProxy } from '../support/proxy.ts'
import { newKey, startSshd } from '../support/sshd.ts'
import { loopbackIdentity } from '../support/tls-identity.ts'

const TIMEOUT = { timeout: 120_000 }

interface Host {
  readonly root: string
  /** Of the repository. */
  readonly url: string
  readonly base: string
  readonly authority: string
  /** Authorization headers the host has seen. */
  readonly seen: Set<string>
}

/** A host that lets in whoever sends one of these headers. */
async function startHost(t: TestContext, accepted: readonly string[]): Promise<Host> {
  const root = temporaryFolder(t)
  createRepository(join(root, 'team/app')).commit({ 'hello.txt': 'hello' })
  const { authority, server } = loopbackIdentity()
  const seen = new Set<string>()
  const base = await serveGitOverHttp(t, {
    root,
    tls: server,
    isAllowed({ headers }) {
      seen.add(headers.authorization ?? '')
      return accepted.includes(headers.authorization ?? '')
    },
  })
  return { root, base, url: `${base}/team/app/.git`, authority, seen }
}

function basic(login: string): string {
  return `Basic ${Buffer.from(login).toString('base64')}`
}

/** Names and contents of all files below a folder. */
function contentsBelow(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.name}\n${readFileSync(join(entry.parentPath, entry.name), 'latin1')}`)
    .join('\n')
}

describe('credentials of repositories over https', () => {
  test('login, bearer token, forced header and templates: each shows what it holds', TIMEOUT, async (t) => {
    const accepted = [basic('git:token-1'), 'Bearer token-2', basic(':token-3'), basic('robot:token-4')]
    const host = await startHost(t, accepted)
    const { url, base } = host
    const certificates = { '127.0.0.1': host.authority }
    const cases: readonly (readonly [string, AccessOptions['registered']])[] = [
      [accepted[0] ?? '', [{ fields: { url, username: 'git', password: 'token-1' } }]],
      [accepted[1] ?? '', [{ fields: { url, bearerToken: 'token-2' } }]],
      [accepted[2] ?? '', [{ fields: { url, password: 'token-3', forceHttpBasicAuth: 'true', bearerToken: 'no' } }]],
      [
        accepted[3] ?? '',
        [
          { type: 'repo-creds', fields: { url: base, username: 'git', password: 'wrong' } },
          { type: 'repo-creds', fields: { url: `${base}/team`, username: 'robot', password: 'token-4' } },
          { type: 'repo-creds', fields: { url: `${base}/teams`, username: 'git', password: 'wrong' } },
          // Registered without credentials of its own.
          { fields: { url, useAzureWorkloadIdentity: 'false' } },
        ],
      ],
    ]

    for (const [header, registered] of cases) {
      host.seen.clear()
      const scene = accessScene(t, { registered, certificates })
      assert.equal(await readText(scene, url, 'hello.txt'), 'hello', header)
      assert.deepEqual([...host.seen], [header])
      assert.doesNotMatch(contentsBelow(scene.cacheFolder), /token-\d/)
    }
  })

  test('a login in the address is sent and shown to nobody else', TIMEOUT, async (t) => {
    const host = await startHost(t, [basic('git:s3same/@')])
    const url = host.url.replace('https://', 'https://git:s3same%2F%40@')
    const scene = accessScene(t, { registered: [], certificates: { '127.0.0.1': host.authority } })

    assert.equal(await readText(scene, url, 'hello.txt'), 'hello')

    assert.doesNotMatch(contentsBelow(scene.cacheFolder), /s3same/)
    const wrong = url.replace('s3same', 'wr0ng')
    await assert.rejects(readText(scene, wrong, 'hello.txt'), (error: Error) => {
      assert.match(error.message, /Authentication failed|could not read/)
      assert.doesNotMatch(`${error.message} ${String(error.cause)}`, /wr0ng/)
      return true
    })
  })

  test("a repository of a project is that project's; all others take the one without a project", TIMEOUT, async (t) => {
    const host = await startHost(t, [basic('git:of-team'), basic('git:of-all')])
    const { url } = host
    const fields = { url, username: 'git' }
    const registered = [
      { fields: { ...fields, project: 'team', password: 'of-team' } },
      { fields: { ...fields, project: 'other', password: 'of-other' } },
      { fields: { ...fields, password: 'of-all' } },
    ]
    const scene = accessScene(t, { registered, certificates: { '127.0.0.1': host.authority } })

    for (const [project, login] of [
      ['team', 'git:of-team'],
      ['default', 'git:of-all'],
    ] as const) {
      host.seen.clear()
      assert.equal(await readText(scene, url, 'hello.txt', project), 'hello')
      assert.deepEqual([...host.seen], [basic(login)])
    }
    await assert.rejects(readText(scene, url, 'hello.txt', 'other'), { code: 'unauthenticated' })
  })

  test('a GitHub App: its token opens the repository, and is renewed by nobody in between', TIMEOUT, async (t) => {
    const host = await startHost(t, [basic('x-access-token:ghs_1')])
    const api = await startJsonServer(t, ({ path }) =>
      path.endsWith('/app/installations?per_page=100')
        ? { body: [{ id: 5, account: { login: 'team' } }] }
        : { status: 201, body: { token: 'ghs_1', expires_at: new Date(Date.now() + 3_600_000).toISOString() } },
    )
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const githubAppPrivateKey = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
    const fields = { url: host.base, githubAppID: '7', githubAppPrivateKey, githubAppEnterpriseBaseUrl: api.url }
    const scene = accessScene(t, {
      registered: [{ type: 'repo-creds', fields }],
      certificates: { '127.0.0.1': host.authority },
    })

    const texts = await Promise.all(
      ['default', 'team'].map((project) => readText(scene, host.url, 'hello.txt', project)),
    )

    assert.deepEqual(texts, ['hello', 'hello'])
    assert.deepEqual(
      api.asked.map(({ path }) => path),
      ['/api/v3/app/installations?per_page=100', '/app/installations/5/access_tokens'],
    )
    assert.doesNotMatch(contentsBelow(scene.cacheFolder), /ghs_1/)
  })

  test('a service account of Google and a workload of Azure open it by their tokens', TIMEOUT, async (t) => {
    const host = await startHost(t, [basic('robot@p:ya29'), 'Bearer entra'])
    const api = await startJsonServer(t, ({ path }) => ({
      body: { access_token: path === '/google' ? 'ya29' : 'entra', expires_in: 3600 },
    }))
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const key = { type: 'service_account', client_email: 'robot@p', token_uri: `${api.url}/google` }
    const private_key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    const tokenFile = join(temporaryFolder(t), 'token')
    writeFileSync(tokenFile, 'projected')
    const environment = {
      AZURE_AUTHORITY_HOST: api.url,
      AZURE_TENANT_ID: 't',
      AZURE_CLIENT_ID: 'c',
      AZURE_FEDERATED_TOKEN_FILE: tokenFile,
    }
    const principal = {
      azureServicePrincipalClientId: 'c',
      azureServicePrincipalClientSecret: 's',
      azureServicePrincipalTenantId: 't',
      azureActiveDirectoryEndpoint: api.url,
    }
    const kinds: readonly Readonly<Record<string, string>>[] = [
      { gcpServiceAccountKey: JSON.stringify({ ...key, private_key }) },
      { useAzureWorkloadIdentity: 'true' },
      principal,
    ]

    for (const fields of kinds) {
      const registered = [{ fields: { url: host.url, ...fields } }]
      const scene = accessScene(t, { registered, environment, certificates: { '127.0.0.1': host.authority } })
      assert.equal(await readText(scene, host.url, 'hello.txt'), 'hello', Object.keys(fields).join())
    }
  })

  test(
    'a host that wants a client certificate is shown the registered one, whose key is on disk for a moment alone',
    TIMEOUT,
    async (t) => {
      const root = temporaryFolder(t)
      createRepository(join(root, 'app')).commit({ 'hello.txt': 'hello' })
      const { authority, server, admin } = loopbackIdentity()
      const base = await serveGitOverHttp(t, { root, tls: { ...server, clientAuthority: authority } })
      const url = `${base}/app/.git`
      const certificates = { '127.0.0.1': authority }
      const fields = { url, tlsClientCertData: admin.certificate, tlsClientCertKey: admin.key }
      const right = accessScene(t, { registered: [{ fields }], certificates })
      const insecure = accessScene(t, { registered: [{ fields: { ...fields, insecure: 'true' } }] })
      const without = accessScene(t, { registered: [{ fields: { url } }], certificates })
      const stranger = loopbackIdentity().admin
      const foreign = { url, tlsClientCertData: stranger.certificate, tlsClientCertKey: stranger.key }
      const wrong = accessScene(t, { registered: [{ fields: foreign }], certificates })

      assert.equal(await readText(right, url, 'hello.txt'), 'hello')
      assert.equal(await readText(insecure, url, 'hello.txt'), 'hello')
      await assert.rejects(readText(without, url, 'hello.txt'))
      await assert.rejects(readText(wrong, url, 'hello.txt'))
      assert.doesNotMatch(contentsBelow(right.cacheFolder), /PRIVATE KEY/)
    },
  )
})

test('over ssh: a known host with the key, any host where its key is not to be checked', TIMEOUT, async (t) => {
  const folder = temporaryFolder(t)
  const repository = createRepository(join(folder, 'app'))
  repository.commit({ 'hello.txt': 'hello' })
  const key = newKey(folder, 'deploy')
  const sshd = await startSshd(t, key)
  const url = sshd.urlOf(repository.folder)
  const fields = { url, sshPrivateKey: key.privateKey }
  const known = accessScene(t, { registered: [{ fields }], knownHosts: `${sshd.knownHost}\n` })
  const unknown = accessScene(t, { registered: [{ fields }] })
  const unchecked = accessScene(t, { registered: [{ fields: { ...fields, insecureIgnoreHostKey: 'true' } }] })
  const byTemplate = accessScene(t, {
    registered: [{ type: 'repo-creds', fields: { ...fields, url: sshd.urlOf(folder) } }],
    knownHosts: `${sshd.knownHost}\n`,
  })

  assert.equal(await readText(known, url, 'hello.txt'), 'hello')
  assert.equal(await readText(unchecked, url, 'hello.txt'), 'hello')
  assert.equal(await readText(byTemplate, url, 'hello.txt'), 'hello')
  await assert.rejects(readText(unknown, url, 'hello.txt'), /Host key verification failed/)
  assert.doesNotMatch(contentsBelow(known.cacheFolder), /PRIVATE KEY/)
})

describe('a repository behind a proxy', () => {
  test('over ssh: SOCKS with a login, CONNECT, and hosts that are reached without', TIMEOUT, async (t) => {
    const folder = temporaryFolder(t)
    const repository = createRepository(join(folder, 'app'))
    repository.commit({ 'hello.txt': 'hello' })
    const key = newKey(folder, 'deploy')
    const sshd = await startSshd(t, key)
    const url = sshd.urlOf(repository.folder)
    const proxy = await startProxy(t, { username: 'proxy', password: 's3same' })
    const fields = { url, sshPrivateKey: key.privateKey }
    const scene = (more: Readonly<Record<string, string>>): ReturnType<typeof accessScene> =>
      accessScene(t, { registered: [{ fields: { ...fields, ...more } }], knownHosts: `${sshd.knownHost}\n` })

    for (const scheme of ['socks5', 'http']) {
      proxy.asked.length = 0
      const through = scene({ proxy: `${scheme}://proxy:s3same@${proxy.host}` })
      assert.equal(await readText(through, url, 'hello.txt'), 'hello', scheme)
      assert.deepEqual(new Set(proxy.asked), new Set([new URL(url).host]))
      await assert.rejects(
        readText(scene({ proxy: `${scheme}://proxy:wr0ng@${proxy.host}` }), url, 'x'),
        (error: Error) => {
          assert.match(error.message, /proxy 127\.0\.0\.1:\d+: /)
          assert.doesNotMatch(`${error.message} ${String(error.cause)}`, /wr0ng/)
          return true
        },
      )
    }
    proxy.asked.length = 0
    assert.equal(
      await readText(scene({ proxy: `socks5://${proxy.host}`, noProxy: '127.0.0.0/8' }), url, 'hello.txt'),
      'hello',
    )
    assert.deepEqual(proxy.asked, [])
  })

  test('over http: git asks the proxy, but for hosts that are reached without', TIMEOUT, async (t) => {
    const root = temporaryFolder(t)
    createRepository(join(root, 'app')).commit({ 'hello.txt': 'hello' })
    const { authority, server } = loopbackIdentity()
    const base = await serveGitOverHttp(t, { root, tls: server })
    const proxy = await startProxy(t, { username: 'proxy', password: 's3same' })
    const url = `${base}/app/.git`
    const scene = (more: Readonly<Record<string, string>>): ReturnType<typeof accessScene> =>
      accessScene(t, {
        registered: [{ fields: { url, proxy: `http://proxy:s3same@${proxy.host}`, ...more } }],
        certificates: { '127.0.0.1': authority },
      })

    assert.equal(await readText(scene({}), url, 'hello.txt'), 'hello')
    assert.deepEqual(new Set(proxy.asked), new Set([new URL(url).host]))
    proxy.asked.length = 0
    assert.equal(await readText(scene({ noProxy: '127.0.0.1' }), url, 'hello.txt'), 'hello')
    assert.deepEqual(proxy.asked, [])
  })
})
