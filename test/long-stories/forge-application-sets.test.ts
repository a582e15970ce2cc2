// ApplicationSets of what a forge has: repositories and pull requests become applications, and a webhook tells of news.
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import type { Application } from '../../src/crds/application.ts'
import { startStoryPlane, type StoryPlane } from '../support/control-plane.ts'
import { claimsOf, startJsonServer } from '../support/json-server.ts'

const SHA = '0123456789abcdef0123456789abcdef01234567'

interface Forge {
  /** Of its API. */
  readonly url: string
  repositories: readonly string[]
  pulls: readonly number[]
  /** Calls that came with the token. */
  readonly logins: () => number
}

async function startForge(t: TestContext): Promise<Forge> {
  const server = await startJsonServer(t, ({ path, headers }) => {
    if (headers.authorization !== 'Bearer forge-token') return { status: 401, body: { message: 'Bad credentials' } }
    if (path.startsWith('/api/v3/orgs/acme/repos')) return { body: forge.repositories.map(repositoryOf) }
    if (path.includes('/branches/main')) return { body: { name: 'main', commit: { sha: SHA } } }
    if (path.startsWith('/api/v3/repos/acme/shop/pulls')) return { body: forge.pulls.map(pullOf) }
    return { status: 404, body: { message: 'Not Found' } }
  })
  const forge: Forge = {
    url: server.url,
    repositories: ['shop'],
    pulls: [1],
    logins: () => server.asked.filter(({ headers }) => headers.authorization === 'Bearer forge-token').length,
  }
  return forge
}

function repositoryOf(name: string, index: number): object {
  const clone_url = `https://git.example.com/acme/${name}.git`
  return {
    id: index,
    name,
    owner: { login: 'acme' },
    default_branch: 'main',
    clone_url,
    ssh_url: clone_url,
    topics: [],
  }
}

function pullOf(number: number): object {
  const head = { ref: `change-${number}`, sha: SHA }
  return { number, title: 'T', head, base: { ref: 'main' }, labels: [], user: { login: 'ada' } }
}

async function createSet(story: StoryPlane, name: string, generator: object, template: object): Promise<void> {
  const type = await story.client.resourceOf({ group: 'argoproj.io', kind: 'ApplicationSet' })
  assert.ok(type)
  const destination = { server: 'https://kubernetes.default.svc', namespace: 'web' }
  await story.client.create(type, {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'ApplicationSet',
    metadata: { namespace: 'argocd', name },
    spec: { goTemplate: true, generators: [generator], template: { ...template, spec: { project: 'default', destination, ...Object(template).spec } } }, // prettier-ignore
  } as Parameters<typeof story.client.create>[1])
}

async function createSecret(story: StoryPlane, name: string, stringData: object): Promise<void> {
  const type = await story.client.resourceOf({ group: '', kind: 'Secret' })
  assert.ok(type)
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { namespace: 'argocd', name }, stringData }
  await story.client.create(type, secret)
}

async function tell(story: StoryPlane, event: string, payload: object): Promise<void> {
  const url = `${story.plane.url}/api/webhook`
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'x-github-event': event },
    body: JSON.stringify(payload),
  })
  assert.equal(response.status, 200)
}

test('repositories and pull requests become applications; a webhook has the pull requests asked for again', async (t) => {
  const forge = await startForge(t)
  const story = await startStoryPlane(t)
  await createSecret(story, 'forge', { token: 'forge-token' })
  const tokenRef = { secretName: 'forge', key: 'token' }

  await createSet(
    story,
    'repositories',
    { scmProvider: { github: { organization: 'acme', api: forge.url, tokenRef }, cloneProtocol: 'https' } },
    { metadata: { name: 'all-{{ .repository }}' }, spec: { source: { repoURL: '{{ .url }}', path: 'deploy', targetRevision: '{{ .sha }}' } } }, // prettier-ignore
  )
  await createSet(
    story,
    'pulls',
    { pullRequest: { github: { owner: 'acme', repo: 'shop', api: forge.url, tokenRef } } },
    { metadata: { name: 'pr-{{ .number }}' }, spec: { source: { repoURL: 'https://git.example.com/acme/shop.git', path: 'deploy', targetRevision: '{{ .head_sha }}' } } }, // prettier-ignore
  )

  const shop = await story.application('all-shop', () => true)
  assert.deepEqual(sourceOf(shop), ['https://git.example.com/acme/shop.git', SHA])
  assert.deepEqual(sourceOf(await story.application('pr-1', () => true)), [
    'https://git.example.com/acme/shop.git',
    SHA,
  ])
  assert.ok(forge.logins() > 0)

  forge.pulls = [1, 2]
  const repository = { name: 'shop', owner: { login: 'Acme' }, url: `${forge.url}/repos/acme/shop` }
  await tell(story, 'pull_request', { action: 'opened', repository })

  // Half an hour earlier than it would be asked again by itself.
  await story.application('pr-2', () => true)
})

test('a GitHub App finds its installation for the organization, and asks with a token of it', async (t) => {
  const server = await startJsonServer(t, ({ method, path, headers }) => {
    const login = String(headers.authorization).replace('Bearer ', '')
    const isApp = claimsOf(login)['iss'] === '12'
    if (path === '/api/v3/app/installations?per_page=100') return isApp ? { body: [{ id: 34, account: { login: 'Acme' } }] } : { status: 401 } // prettier-ignore
    if (method === 'POST' && path.endsWith('/app/installations/34/access_tokens')) return isApp ? { status: 201, body: { token: 'a.e30.c' } } : { status: 401 } // prettier-ignore
    if (login !== 'a.e30.c') return { status: 401 }
    if (path.startsWith('/api/v3/orgs/acme/repos')) return { body: [repositoryOf('shop', 1)] }
    return path.endsWith('/branches/main') ? { body: { name: 'main', commit: { sha: SHA } } } : { status: 404 }
  })
  const story = await startStoryPlane(t)
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048, privateKeyEncoding: { type: 'pkcs1', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } }) // prettier-ignore
  await createSecret(story, 'app', { githubAppID: '12', githubAppPrivateKey: privateKey })

  await createSet(
    story,
    'repositories',
    { scmProvider: { github: { organization: 'acme', api: `${server.url}/api/v3`, appSecretName: 'app' }, cloneProtocol: 'https' } }, // prettier-ignore
    { metadata: { name: 'app-{{ .repository }}' }, spec: { source: { repoURL: '{{ .url }}', path: 'deploy', targetRevision: '{{ .sha }}' } } }, // prettier-ignore
  )

  assert.deepEqual(sourceOf(await story.application('app-shop', () => true)), ['https://git.example.com/acme/shop.git', SHA]) // prettier-ignore
})

function sourceOf({ spec }: Application): readonly unknown[] {
  return [spec.source?.repoURL, spec.source?.targetRevision]
}
