import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KubeObject } from '../kube/object.ts'
import { isSameRepository, normalizeGitUrl } from './git-url.ts'
import { clusterSecretName, fnv32a, repositorySecretName } from './names.ts'
import {
  parseCredentialTemplate,
  parseRepository,
  repositoryFor,
  repositoryNamed,
  templateFor,
} from './repositories.ts'

function secret(values: Readonly<Record<string, string>>): KubeObject {
  const data = Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')])
  const object = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's', namespace: 'argocd' },
    data: Object.fromEntries(data),
  }
  return object
}

const urls: readonly (readonly [url: string, normalized: string])[] = [
  ['https://GitHub.com/Org/Repo.git', 'https://github.com/org/repo'],
  [' https://github.com/org/repo ', 'https://github.com/org/repo'],
  ['git@github.com:org/repo.git', 'git@github.com/org/repo'],
  ['ssh://git@github.com/org/repo', 'git@github.com/org/repo'],
  ['ssh://git@host:2222/org/repo.git', 'git@host:2222/org/repo'],
  ['https://user@host/repo', 'https://user@host/repo'],
  ['oci://registry/charts', 'oci://registry/charts'],
  ['https://a b/repo', ''],
  ['https://host/re\npo', ''],
]

for (const [url, normalized] of urls) {
  test(`${JSON.stringify(url)} is compared as ${JSON.stringify(normalized)}`, () => {
    assert.equal(normalizeGitUrl(url), normalized)
  })
}

test('text that is no URL equals nothing, not even itself', () => {
  assert.equal(isSameRepository('https://a b/', 'https://a b/'), false)
})

test('names of Secrets are made as upstream makes them', () => {
  assert.equal(fnv32a(''), 2166136261)
  assert.equal(fnv32a('foobar'), 0xbf9cf968)
  assert.equal(repositorySecretName('repo', 'https://github.com/argoproj/argo-cd'), 'repo-42374749')
  assert.equal(repositorySecretName('repo', 'ssh://git@github.com/argoproj/argo-cd.git'), 'repo-3569564120')
  assert.match(clusterSecretName('https://[fe80::1]:6443'), /^cluster-fe80--1-\d+$/)
  assert.match(clusterSecretName('https://API.Example.com:6443'), /^cluster-api\.example\.com-\d+$/)
  assert.throws(() => clusterSecretName('nowhere'), { code: 'bad-input' })
})

test('a repository is read with its secrets hidden', () => {
  const repository = parseRepository(
    secret({ url: 'https://x/r', username: 'u', password: 'hunter2', insecure: 'true', githubAppID: '7', proxy: '' }),
  )

  assert.equal(repository.password?.reveal(), 'hunter2')
  assert.deepEqual(JSON.parse(JSON.stringify(repository)), {
    username: 'u',
    password: '***',
    githubAppID: 7,
    insecure: true,
    url: 'https://x/r',
    type: 'git',
    project: '',
  })
})

const refusals: readonly (readonly [values: Readonly<Record<string, string>>, message: RegExp])[] = [
  [{ username: 'u' }, /^Secret argocd\/s: key url is missing: add it$/],
  [{ url: 'u', insecure: 'maybe' }, /^Secret argocd\/s: key insecure holds "maybe": write true or false$/],
  [{ url: 'u', githubAppID: 'x1' }, /key githubAppID holds "x1": write a whole number$/],
  [{ url: 'u', type: 'svn' }, /key type holds "svn": write git, helm, oci$/],
]

for (const [values, message] of refusals) {
  test(`a repository is refused with ${message.source}`, () => {
    assert.throws(() => parseRepository(secret(values)), { code: 'bad-input', message })
  })
}

test('templates spell the Azure keys in their own way', () => {
  const template = parseCredentialTemplate(secret({ url: 'https://x', azureServicePrincipalClientID: 'id' }))

  assert.equal(template.azureServicePrincipalClientId, 'id')
})

const templates = ['https://github.com', 'https://github.com/org', 'git@github.com:other'].map((url) =>
  parseCredentialTemplate(secret({ url, username: url })),
)

test('the template with the longest beginning is used, both normalised', () => {
  assert.equal(templateFor('https://github.com/org/r.git', templates)?.username, 'https://github.com/org')
  assert.equal(templateFor('https://github.com/x/r', templates)?.username, 'https://github.com')
  assert.equal(templateFor('ssh://git@github.com/other/r', templates)?.username, 'git@github.com:other')
  assert.equal(templateFor('https://gitlab.com/x', templates), undefined)
})

describe('a template of a host alone is for that host', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['https://git.corp', 'https://git.corp', true],
    ['https://git.corp', 'https://GIT.corp/x.git', true],
    ['https://git.corp', 'https://git.corp.evil.io/x', false],
    ['https://git.corp', 'https://git.corp@evil.io/x', false],
    ['https://git.corp', 'https://git.corp:pass@evil.io/x', false],
    ['https://git.corp', 'https://git.corp:8443/x', false],
    ['https://git.corp:8443', 'https://git.corp:8443/x', true],
    ['https://git.corp:844', 'https://git.corp:8443/x', false],
    ['git@git.corp', 'git@git.corp:org/x', true],
    ['git@git.corp', 'git@git.corp.evil.io:org/x', false],
    ['ssh://git@git.corp', 'git@git.corp:org/x', true],
    ['registry.corp', 'registry.corp/charts', true],
    ['registry.corp', 'registry.corporation.io/charts', false],
    ['https://git.corp/', 'https://git.corp/x', true],
    ['https://git.corp/org', 'https://git.corp/organization/x', true],
  ]
  for (const [template, url, isFor] of cases) {
    test(`${template} ${isFor ? 'is' : 'is not'} for ${url}`, () => {
      const found = templateFor(url, [parseCredentialTemplate(secret({ url: template, username: 'u' }))])
      assert.equal(found !== undefined, isFor)
    })
  }
})

test('a project uses its own registration, then one for all, never another project’s', () => {
  const register = (project: string, username: string): ReturnType<typeof parseRepository> =>
    parseRepository(secret({ url: 'https://github.com/org/r', project, username }))
  const [own, common, foreign] = [register('p', 'own'), register('', 'common'), register('q', 'foreign')]

  assert.equal(
    repositoryFor('https://github.com/org/r.git', 'p', { repositories: [common, own], templates }).username,
    'own',
  )
  assert.equal(
    repositoryFor('https://github.com/org/r', 'x', { repositories: [own, common], templates }).username,
    'common',
  )
  assert.equal(
    repositoryFor('https://github.com/org/r', 'x', { repositories: [foreign], templates }).username,
    'https://github.com/org',
  )
})

test('a registration without credentials inherits them, one with its own does not', () => {
  const bare = parseRepository(secret({ url: 'https://github.com/org/r', enableLfs: 'true' }))
  const inherited = repositoryFor(bare.url, '', { repositories: [bare], templates })

  assert.equal(inherited.inheritedCreds, true)
  assert.equal(inherited.enableLfs, true)
  assert.equal(inherited.url, bare.url)
  assert.throws(() => repositoryNamed('gone', { repositories: [], templates }), { code: 'not-found' })
})
