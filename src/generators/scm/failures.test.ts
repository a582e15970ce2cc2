// What forges answer when all is not well, and what is not asked at all.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Page, startForge, TOKEN_REF } from '../../../test/support/forge-scene.ts'
import type { Reply } from '../../../test/support/json-server.ts'
import { CapstanError } from '../../base/errors.ts'
import { Secret } from '../../base/secret.ts'
import type { GeneratorServices, ScmSettings } from '../contract.ts'
import { createForgeGenerators } from './forge-generators.ts'
import { MAX_ENTRIES } from './forge-api.ts'

describe('answers', () => {
  const at = 'GET http://127.0.0.1:PORT/api/v3/orgs/acme/repos'
  const listing = 'error listing repos: error listing repositories for acme'
  const garbage = 'check that api is the address of the API and that the token is valid'
  const cases: readonly (readonly [string, Reply, string, string])[] = [
    ['bad credentials', { status: 401, body: { message: 'Bad credentials' } }, `${at}: 401 Bad credentials; check the token`, 'unauthenticated'], // prettier-ignore
    ['too few rights', { status: 403, body: { message: 'Resource not accessible' } }, `${at}: 403 Resource not accessible; check what the token may do`, 'forbidden'], // prettier-ignore
    ['no such organization', { status: 404, body: { message: 'Not Found' } }, `${at}: 404 Not Found; check the names, and that the token may see them`, 'not-found'], // prettier-ignore
    ['a rate limit', { status: 403, body: { message: 'API rate limit exceeded' }, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1700000000' } }, `${at}: 403 API rate limit exceeded; the rate limit is used up until 2023-11-14T22:13:20Z: use a token, or requeueAfterSeconds for longer pauses`, 'unavailable'], // prettier-ignore
    ['too many requests', { status: 429, body: 'slow down', headers: { 'retry-after': '30' } }, `${at}: 429; the rate limit is used up, asked again it answers after 30 s`, 'unavailable'], // prettier-ignore
    ['a rate limit that tells no time', { status: 429, body: {}, headers: { 'x-ratelimit-reset': 'soon' } }, `${at}: 429; the rate limit is used up: use a token, or requeueAfterSeconds for longer pauses`, 'unavailable'], // prettier-ignore
    ['a broken server', { status: 500, body: '<html>oops</html>' }, `${at}: 500`, 'unavailable'],
    ['control characters', { status: 500, body: { message: 'a\n\u001b[31mb' } }, `${at}: 500 a [31mb`, 'unavailable'],
    ['a page for people', { body: '<html>sign in</html>' }, `${at}: the answer is not JSON: ${garbage}`, 'unavailable'],
    ['an object for a list', { body: { message: 'hello' } }, `${at}: the answer is no list: ${garbage}`, 'unavailable'],
    ['nothing', { body: ' ' }, `${at}: the answer is no list: ${garbage}`, 'unavailable'],
    ['a next page elsewhere', { body: [], headers: { link: '<http://evil.example.com/>; rel="next"' } }, `${at}: the next page is on another host: check api`, 'unavailable'], // prettier-ignore
  ]
  for (const [name, reply, message, code] of cases) {
    test(name, async (t) => {
      const forge = await startForge(t, () => reply)
      const github = { organization: 'acme', api: forge.url, tokenRef: TOKEN_REF }
      await assert.rejects(forge.generate({ scmProvider: { github } }), (error: unknown) => {
        assert.ok(error instanceof CapstanError)
        assert.equal(error.message.replace(/127\.0\.0\.1:\d+/, '127.0.0.1:PORT'), `${listing}: ${message}`)
        assert.equal(error.code, code)
        assert.doesNotMatch(error.message, /s3cret/)
        return true
      })
    })
  }

  test('entries of other forms have empty fields', async (t) => {
    const forge = await startForge(t, {
      '/api/v3/orgs/acme/repos?per_page=100': [null, 5, { name: ['x'], owner: 'y' }],
    })
    const given = await forge.generate({ scmProvider: { github: { organization: 'acme', api: forge.url } } })
    assert.deepEqual(given, []) // their default branches are not there
  })

  test('a branch without a commit', async (t) => {
    const forge = await startForge(t, {
      '/api/v3/orgs/acme/repos?per_page=100': [{ name: 'shop', owner: { login: 'acme' }, default_branch: 'main' }],
      '/api/v3/repos/acme/shop/branches/main': {},
    })
    const github = { organization: 'acme', api: forge.url }
    const text = /error listing branches for acme\/shop: GET .*: the answer names no commit/
    await assert.rejects(forge.generate({ scmProvider: { github } }), text)
  })
})

describe('limits', () => {
  test('entries: an API that lists more is not read to its end', async (t) => {
    const page = Array.from({ length: 1_000 }, (_, index) => ({ name: `r${index}` }))
    const forge = await startForge(t, () => ({ body: page, headers: { link: '</next>; rel="next"' } }))
    const github = { organization: 'acme', api: forge.url }
    await assert.rejects(forge.generate({ scmProvider: { github } }), /more than 20000 entries or 1000 pages: narrow/)
    assert.equal(forge.asked.length, MAX_ENTRIES / 1_000 + 1)
  })

  test('names that would name another request', async (t) => {
    const forge = await startForge(t, {})
    const github = { organization: '..', api: forge.url }
    await assert.rejects(forge.generate({ scmProvider: { github } }), /"\.\." is no name/)
    assert.deepEqual(forge.asked, [])
  })
})

describe('what is not asked', () => {
  const settings: ScmSettings = { isEnabled: true, allowedProviders: [], isTokenRefStrict: false }
  const strict = { scm: { ...settings, isTokenRefStrict: true } }
  const labelled: GeneratorServices['readSecret'] = async () => ({
    labels: { 'argocd.argoproj.io/secret-type': 'scm-creds' },
    data: new Map([['token', new Secret('s3cret')]]),
  })
  const cases: readonly (readonly [string, (api: string) => object, Partial<GeneratorServices>, RegExp])[] = [
    ['generators that are switched off', (api) => ({ organization: 'a', api }), { scm: { ...settings, isEnabled: false } }, /^CapstanError: scm providers are disabled$/], // prettier-ignore
    ['generators that are off for a reason', (api) => ({ organization: 'a', api }), { scm: { ...settings, isEnabled: false, disabledReason: 'say which' } }, /^CapstanError: scm providers are disabled: say which$/], // prettier-ignore
    ['an address that is not allowed', (api) => ({ organization: 'a', api }), { scm: { ...settings, allowedProviders: ['https://ghe.example.com/'] } }, /scm provider not allowed: scm provider "http.*" not allowed, must use one of the following: https:\/\/ghe\.example\.com\/$/], // prettier-ignore
    ['a Secret that is not there', (api) => ({ organization: 'a', api, tokenRef: { secretName: 'none', key: 'token' } }), {}, /error fetching Github token: error fetching secret argocd\/none: secrets "none" not found/], // prettier-ignore
    ['a key that is not there', (api) => ({ organization: 'a', api, tokenRef: { ...TOKEN_REF, key: 'other' } }), {}, /key "other" in secret argocd\/forge not found/], // prettier-ignore
    ['a Secret of another kind, in strict mode', (api) => ({ organization: 'a', api, tokenRef: TOKEN_REF }), strict, /secret argocd\/forge is not a valid SCM creds secret/], // prettier-ignore
    ['an app that is none', (api) => ({ organization: 'a', api, appSecretName: 'forge' }), {}, /error fetching Github app secret: no github app found in secret forge/], // prettier-ignore
    ['an address that is none', () => ({ organization: 'a', api: 'ftp://x' }), {}, /api "ftp:\/\/x.*" is no http or https address/], // prettier-ignore
  ]
  for (const [name, github, services, message] of cases) {
    test(name, async (t) => {
      const forge = await startForge(t, {})
      await assert.rejects(forge.generate({ scmProvider: { github: github(forge.url) } }, { services }), message)
      assert.deepEqual(forge.asked, [])
    })
  }

  const typed =
    (type: string): GeneratorServices['readSecret'] =>
    async () => ({
      labels: { 'argocd.argoproj.io/secret-type': type },
      data: new Map([['token', new Secret('s3cret')]]),
    })
  for (const [secretName, type] of [
    ['argocd-secret', ''],
    ['argocd-secret', 'scm-creds'],
    ['argocd-initial-admin-secret', ''],
    ['one', 'cluster'],
    ['one', 'repository'],
    ['one', 'repository-write'],
    ['one', 'repo-creds'],
    ['one', 'repo-write-creds'],
    ['one', 'registry'],
  ] as const) {
    test(`the control plane's own Secret ${secretName} ${type}, which stays where it is`, async (t) => {
      const forge = await startForge(t, {})
      const services = { readSecret: typed(type) }
      const gitea = { owner: 'a', api: forge.url, tokenRef: { secretName, key: 'token' } }
      const github = { organization: 'a', api: forge.url, tokenRef: { secretName, key: 'token' } }
      const refused = /belongs to the control plane: secret is not allowed to be accessed/
      await assert.rejects(forge.generate({ scmProvider: { gitea } }, { services }), refused)
      await assert.rejects(forge.generate({ scmProvider: { github } }, { services }), refused)
      assert.deepEqual(forge.asked, [])
    })
  }

  test('in other namespaces Secrets may have any name and label', async (t) => {
    const forge = await startForge(t, { '/api/v3/orgs/a/repos?per_page=100': [] })
    const github = { organization: 'a', api: forge.url, tokenRef: { secretName: 'argocd-secret', key: 'token' } }
    const services = { controlNamespace: 'control', readSecret: typed('repository') }
    assert.deepEqual(await forge.generate({ scmProvider: { github } }, { services }), [])
  })

  test('strict mode takes a Secret with the label', async (t) => {
    const forge = await startForge(t, { '/api/v3/orgs/a/repos?per_page=100': [] })
    const github = { organization: 'a', api: forge.url, tokenRef: TOKEN_REF }
    assert.deepEqual(
      await forge.generate({ scmProvider: { github } }, { services: { ...strict, readSecret: labelled } }),
      [],
    )
  })

  for (const [name, generator, message] of [
    ['no provider', { scmProvider: {} }, /no SCM provider implementation configured/],
    ['no forge', { pullRequest: {} }, /no Pull Request provider implementation configured/],
    ['an expression that is none', { pullRequest: { github: { owner: 'a', repo: 'b' }, filters: [{ branchMatch: '[' }] } }, /error compiling BranchMatch regexp "\[": error parsing regexp: missing closing \]/], // prettier-ignore
    ['Azure DevOps without a token', { scmProvider: { azureDevOps: { organization: 'o', teamProject: 'p', accessTokenRef: { secretName: 'blank', key: 'token' } } } }, /no access token provided/], // prettier-ignore
    ['CodeCommit without a region', { scmProvider: { awsCodeCommit: {} } }, /AWS CodeCommit needs a region/],
  ] as const) {
    test(name, async (t) => {
      const forge = await startForge(t, {})
      const readSecret: GeneratorServices['readSecret'] = async () => ({ labels: {}, data: new Map([['token', new Secret(' ')]]) }) // prettier-ignore
      await assert.rejects(forge.generate(generator, { services: { readSecret } }), message)
      assert.deepEqual(forge.asked, [])
    })
  }
})

describe('connections', () => {
  test('trust what the settings, the spec and its ConfigMap say, and take the proxy', async (t) => {
    const seen: unknown[] = []
    const forge = await startForge(t, {})
    const services: Partial<GeneratorServices> = {
      scm: { isEnabled: true, allowedProviders: [], isTokenRefStrict: false, rootCertificates: 'ROOT', proxyUrl: 'http://proxy', noProxy: 'x' }, // prettier-ignore
      readConfigMap: async (namespace, name) =>
        `${namespace}/${name}` === 'argocd/trust' ? { 'ca.crt': 'OWN' } : undefined,
      http: async ({ isInsecure, certificates, proxyUrl, noProxy }) => {
        seen.push({ isInsecure, certificates, proxyUrl, noProxy })
        return { status: 200, headers: {}, text: '[]' }
      },
    }
    const caRef = { configMapName: 'trust', key: 'ca.crt' }
    const gitlab = { group: 'a', api: 'https://gitlab.example.com', insecure: true, caRef }

    await forge.generate({ scmProvider: { gitlab } }, { services })
    const missing = { ...gitlab, caRef: { ...caRef, key: 'other' } }
    await assert.rejects(
      forge.generate({ scmProvider: { gitlab: missing } }, { services }),
      /key other not found in ConfigMap trust/,
    )

    assert.deepEqual(seen, [{ isInsecure: true, certificates: 'ROOT\nOWN', proxyUrl: 'http://proxy', noProxy: 'x' }])
  })

  test('are asked for again at the time of the spec, or after half an hour', () => {
    const unused = (): never => assert.fail('nothing is asked')
    const forges = createForgeGenerators({ githubTokens: unused, aws: { env: {}, now: Date.now, credentials: unused } })
    assert.equal(forges.scmProvider.requeueAfterMs({}), 1_800_000)
    assert.equal(forges.pullRequest.requeueAfterMs({ requeueAfterSeconds: 60 }), 60_000)
  })

  test('a page that is cut short is no list', async (t) => {
    const forge = await startForge(t, { '/api/v3/orgs/a/repos?per_page=100': new Page('[{"name": "sh') })
    await assert.rejects(
      forge.generate({ scmProvider: { github: { organization: 'a', api: forge.url } } }),
      /is not JSON/,
    )
  })
})
