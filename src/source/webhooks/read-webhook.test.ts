// Calls as the forges send them: whose they are, what proves them, what they tell.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { describe, test } from 'node:test'
import { Secret } from '../../base/secret.ts'
import type { WebhookSecrets } from '../../settings/control-plane-secret.ts'
import { MAX_CHANGED_FILES, MAX_TEXT_LENGTH } from './payload.ts'
import { openWebhook } from './read-webhook.ts'
import { MAX_NAMES, type WebhookResult } from './webhook-event.ts'

type Headers = Readonly<Record<string, string>>

interface Call {
  readonly headers: Headers
  readonly payload?: unknown
  readonly body?: string
  readonly method?: string
  readonly secrets?: WebhookSecrets
}

function answer({ headers, payload, body, method = 'POST', secrets = {} }: Call): WebhookResult | 'unknown' {
  const call = { method, header: (name: string): string => headers[name] ?? '' }
  const found = openWebhook(call, secrets)
  if (found === undefined) return 'unknown'
  const text = body ?? (payload === undefined ? '' : JSON.stringify(payload))
  return typeof found.opened === 'function' ? found.opened(text === '' ? undefined : Buffer.from(text)) : found.opened
}

function outcome(call: Call): string {
  const result = answer(call)
  return result === 'unknown' ? result : result.outcome
}

function hmac(payload: unknown, secret: string): string {
  return createHmac('sha256', secret).update(JSON.stringify(payload)).digest('hex')
}

const commits = [
  { id: 'a', added: ['apps/one/new.yaml'], modified: ['apps/one/values.yaml'], removed: [] },
  { id: 'b', added: [], modified: [], removed: ['old.yaml'] },
]
const files = ['apps/one/new.yaml', 'apps/one/values.yaml', 'old.yaml']
const githubPush = {
  ref: 'refs/heads/main',
  before: '0'.repeat(40),
  after: '1'.repeat(40),
  repository: { html_url: 'https://github.com/acme/shop', default_branch: 'main', id: 12345678901234 },
  commits,
}
const gitlabPush = {
  object_kind: 'push',
  ref: 'refs/heads/feature/cart',
  project: { web_url: 'https://gitlab.example.com/acme/shop', default_branch: 'main' },
  commits,
}
const bitbucketPush = {
  repository: { full_name: 'acme/shop', links: { html: { href: 'https://bitbucket.org/acme/shop' } } },
  push: {
    changes: [
      { new: { name: 'main', type: 'branch' }, old: { name: 'main' } },
      { new: null, old: { name: 'gone', type: 'branch' } },
    ],
  },
}
const bitbucketServerRefs = {
  repository: {
    links: {
      clone: [
        { href: 'https://git.example.com/scm/ac/shop.git', name: 'http' },
        { href: 'ssh://git@git.example.com:7999/ac/shop.git', name: 'ssh' },
        { href: 'other://x', name: 'other' },
      ],
    },
  },
  changes: [{ ref: { id: 'refs/heads/main' } }, { ref: { id: 'refs/tags/v1.2.3' } }],
}
const gogsPush = {
  ref: 'refs/heads/main',
  repository: { html_url: 'https://gitea.example.com/acme/shop', default_branch: 'main' },
  commits,
}
const azurePush = {
  eventType: 'git.push',
  resource: {
    refUpdates: [{ name: 'refs/heads/main', oldObjectId: '0', newObjectId: '1' }],
    repository: { defaultBranch: 'refs/heads/main', remoteUrl: 'https://dev.azure.com/acme/web/_git/shop' },
  },
}
const ghcrPackage = {
  action: 'published',
  package: {
    name: 'charts/shop',
    package_type: 'CONTAINER',
    owner: { login: 'acme' },
    package_version: { container_metadata: { tag: { name: '1.4.0' } } },
  },
}
const harborPush = {
  type: 'PUSH_ARTIFACT',
  event_data: {
    resources: [
      { digest: 'sha256:0', tag: '', resource_url: 'harbor.example.com/acme/shop@sha256:0' },
      { digest: 'sha256:1', tag: 'v2', resource_url: 'harbor.example.com:8443/acme/shop:v2' },
    ],
    repository: { name: 'shop', namespace: 'acme', repo_full_name: 'acme/shop' },
  },
}

describe('pushes that name too many addresses and refs are refused', () => {
  const many = <One>(one: (index: number) => One, more = 0): readonly One[] =>
    Array.from({ length: MAX_NAMES + more }, (_, index) => one(index))
  const link = (index: number): object => ({ name: 'http', href: `https://git.example.com/${index}` })
  const change = (index: number): object => ({ ref: { id: `refs/tags/v1.${index}.0` } })
  const { repository } = bitbucketServerRefs
  const server = { 'x-event-key': 'repo:refs_changed' }
  const cloud = { 'x-hook-uuid': '{u}', 'x-event-key': 'repo:push' }
  const azure = { 'x-vss-activityid': 'x' }
  const azureRefs = (count: readonly unknown[]): object => ({
    eventType: 'git.push',
    resource: { refUpdates: count, repository: { remoteUrl: 'https://dev.azure.com/a/b/_git/c' } },
  })
  const cases: readonly (readonly [string, Headers, unknown, string])[] = [
    ['links of Bitbucket Server', server, { repository: { links: { clone: many(link, 1) } } }, 'refused'],
    ['changes of Bitbucket Server', server, { repository, changes: many(change) }, 'refused'],
    ['as many as may be', server, { repository, changes: many(change, -2) }, 'event'],
    ['changes of Bitbucket', cloud, { ...bitbucketPush, push: { changes: many((index) => ({ new: { name: `b${index}` } })) } }, 'refused'], // prettier-ignore
    ['updates of Azure DevOps', azure, azureRefs(many((index) => ({ name: `refs/heads/b${index}` }))), 'refused'],
  ]
  for (const [name, headers, payload, expected] of cases) {
    test(`${name}: ${expected}`, () => {
      const result = answer({ headers, payload })
      assert.ok(result !== 'unknown')
      assert.equal(result.outcome, expected)
      if ('reason' in result) assert.equal(result.reason, 'the payload names too many refs')
    })
  }
})

describe('what each forge tells', () => {
  const push = { kind: 'push', revisions: ['main'], touchedHead: true, changedFiles: files }
  const cases: readonly (readonly [string, Headers, unknown, unknown])[] = [
    ['GitHub push', { 'x-github-event': 'push' }, githubPush, { ...push, webUrls: ['https://github.com/acme/shop'] }],
    [
      'GitLab push to a branch with a slash',
      { 'x-gitlab-event': 'Push Hook' },
      gitlabPush,
      { ...push, webUrls: ['https://gitlab.example.com/acme/shop'], revisions: ['feature/cart'], touchedHead: false },
    ],
    [
      'GitLab tag, of the whole system',
      { 'x-gitlab-event': 'System Hook' },
      { ...gitlabPush, object_kind: undefined, event_name: 'tag_push', ref: 'refs/tags/v1', commits: [] },
      { ...push, webUrls: ['https://gitlab.example.com/acme/shop'], revisions: ['v1'], touchedHead: false, changedFiles: undefined }, // prettier-ignore
    ],
    [
      'Bitbucket push of several refs',
      { 'x-hook-uuid': '{u}', 'x-event-key': 'repo:push' },
      bitbucketPush,
      { ...push, webUrls: ['https://bitbucket.org/acme/shop'], revisions: ['main', 'gone'], changedFiles: undefined },
    ],
    [
      'Bitbucket Server refs',
      { 'x-event-key': 'repo:refs_changed' },
      bitbucketServerRefs,
      {
        ...push,
        webUrls: ['https://git.example.com/scm/ac/shop.git', 'ssh://git@git.example.com:7999/ac/shop.git'],
        revisions: ['main', 'v1.2.3'],
        changedFiles: undefined,
      },
    ],
    [
      'Gitea push, which carries headers of GitHub, too',
      { 'x-gitea-event': 'push', 'x-gogs-event': 'push', 'x-github-event': 'push' },
      gogsPush,
      { ...push, webUrls: ['https://gitea.example.com/acme/shop'] },
    ],
    [
      'Azure DevOps push',
      { 'x-vss-activityid': 'x' },
      azurePush,
      { ...push, webUrls: ['https://dev.azure.com/acme/web/_git/shop'], changedFiles: undefined },
    ],
    [
      'GHCR package',
      { 'x-github-event': 'package' },
      ghcrPackage,
      { kind: 'artifact', registry: 'ghcr.io', repository: 'acme/charts/shop', tag: '1.4.0' },
    ],
    [
      'GitHub pull request',
      { 'x-github-event': 'pull_request' },
      { action: 'opened', repository: { name: 'shop', url: 'https://api.github.com/repos/acme/shop', owner: { login: 'acme' } } }, // prettier-ignore
      { kind: 'pull-request', forge: 'github', apiUrl: 'https://api.github.com/repos/acme/shop', owner: 'acme', repository: 'shop' }, // prettier-ignore
    ],
    [
      'GitLab merge request',
      { 'x-gitlab-event': 'Merge Request Hook' },
      { object_attributes: { action: 'open', target_project_id: 100500 }, project: { web_url: 'https://gitlab.com/a/b' } }, // prettier-ignore
      { kind: 'pull-request', forge: 'gitlab', host: 'gitlab.com', projectId: '100500' },
    ],
    [
      'Azure DevOps pull request',
      { 'x-vss-activityid': 'x' },
      { eventType: 'git.pullrequest.created', resource: { repository: { name: 'shop', project: { name: 'web' } } } },
      { kind: 'pull-request', forge: 'azure-devops', project: 'web', repository: 'shop' },
    ],
  ]
  for (const [name, headers, payload, event] of cases) {
    test(name, () => {
      assert.deepEqual(answer({ headers, payload }), { outcome: 'event', event })
    })
  }

  test('Harbor, known by its secret alone: the first artifact that has a tag', () => {
    const secrets = { harbor: new Secret('Bearer s3cret') }
    const headers = { authorization: 'Bearer s3cret' }
    const event = { kind: 'artifact', registry: 'harbor.example.com:8443', repository: 'acme/shop', tag: 'v2' }
    assert.deepEqual(answer({ headers, payload: harborPush, secrets }), { outcome: 'event', event })
    assert.equal(outcome({ headers, payload: harborPush }), 'unknown')
    assert.equal(outcome({ headers: { authorization: 'Bearer other' }, payload: harborPush, secrets }), 'unknown')
  })

  test('pushes that list more files than are kept count as not telling them', () => {
    const added = Array.from({ length: MAX_CHANGED_FILES + 1 }, (_, index) => `f${index}`)
    const payload = { ...githubPush, commits: [{ added }] }
    const result = answer({ headers: { 'x-github-event': 'push' }, payload })
    assert.ok(result !== 'unknown' && result.outcome === 'event' && result.event.kind === 'push')
    assert.equal(result.event.changedFiles, undefined)
  })
})

describe('what asks for nothing', () => {
  const cases: readonly (readonly [string, Headers, unknown, string])[] = [
    ['no known header', { 'x-random-event': 'push' }, githubPush, 'unknown'],
    ['ping of GitHub', { 'x-github-event': 'ping' }, { zen: 'x' }, 'ignored'],
    ['ping of Bitbucket Server', { 'x-event-key': 'diagnostics:ping' }, undefined, 'ignored'],
    ['a pull request that was assigned', { 'x-github-event': 'pull_request' }, { action: 'assigned' }, 'ignored'],
    ['an approval', { 'x-gitlab-event': 'Merge Request Hook' }, { object_attributes: { action: 'approval' } }, 'ignored'], // prettier-ignore
    ['a user made in GitLab', { 'x-gitlab-event': 'System Hook' }, { event_name: 'user_create' }, 'ignored'],
    ['a deleted package', { 'x-github-event': 'package' }, { ...ghcrPackage, action: 'deleted' }, 'ignored'],
    ['an npm package', { 'x-github-event': 'package' }, { action: 'published', package: { package_type: 'npm' } }, 'ignored'], // prettier-ignore
    ['another event of GitHub', { 'x-github-event': 'issues' }, {}, 'refused'],
    ['a name every object has', { 'x-github-event': 'constructor' }, {}, 'refused'],
    ['another event of Gogs', { 'x-gogs-event': 'issues' }, {}, 'refused'],
    ['Bitbucket without a key', { 'x-hook-uuid': '{u}' }, {}, 'refused'],
    ['another event of Azure', { 'x-vss-activityid': 'x' }, { eventType: 'workitem.created' }, 'refused'],
    ['no payload', { 'x-github-event': 'push' }, undefined, 'unreadable'],
    ['a ref longer than any', { 'x-github-event': 'push' }, { ...githubPush, ref: 'r'.repeat(MAX_TEXT_LENGTH + 1) }, 'refused'], // prettier-ignore
    ['fields of another type', { 'x-github-event': 'push' }, { ref: 5 }, 'refused'],
    ['a list instead of an object', { 'x-github-event': 'push' }, [], 'refused'],
    ['commits that are no list', { 'x-gitlab-event': 'Push Hook' }, { ...gitlabPush, commits: 'x' }, 'refused'],
  ]
  for (const [name, headers, payload, expected] of cases) {
    test(name, () => {
      assert.equal(outcome({ headers, payload }), expected)
    })
  }

  test('text that is not JSON', () => {
    assert.equal(outcome({ headers: { 'x-github-event': 'push' }, body: '{"ref":' }), 'refused')
  })

  test('other methods than POST', () => {
    for (const headers of [
      { 'x-github-event': 'push' },
      { 'x-gitlab-event': 'Push Hook' },
      { 'x-vss-activityid': 'x' },
    ]) {
      assert.equal(outcome({ headers, payload: githubPush, method: 'GET' }), 'refused')
    }
  })
})

describe('what proves a call', () => {
  const secret = new Secret('s3cret')
  const uuid = '{7c8a}'
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`
  const cases: readonly (readonly [string, Headers, unknown, WebhookSecrets, string])[] = [
    ['GitHub signed', { 'x-github-event': 'push', 'x-hub-signature-256': `sha256=${hmac(githubPush, 's3cret')}` }, githubPush, { github: secret }, 'event'], // prettier-ignore
    ['GitHub signed with another secret', { 'x-github-event': 'push', 'x-hub-signature-256': `sha256=${hmac(githubPush, 'x')}` }, githubPush, { github: secret }, 'refused'], // prettier-ignore
    ['GitHub unsigned', { 'x-github-event': 'push' }, githubPush, { github: secret }, 'refused'],
    ['GitHub with SHA-1 alone', { 'x-github-event': 'push', 'x-hub-signature': 'sha1=0' }, githubPush, { github: secret }, 'refused'], // prettier-ignore
    ['GitLab token', { 'x-gitlab-event': 'Push Hook', 'x-gitlab-token': 's3cret' }, gitlabPush, { gitlab: secret }, 'event'], // prettier-ignore
    ['GitLab wrong token', { 'x-gitlab-event': 'Push Hook', 'x-gitlab-token': 's3cre' }, gitlabPush, { gitlab: secret }, 'refused'], // prettier-ignore
    ['Bitbucket UUID', { 'x-hook-uuid': uuid, 'x-event-key': 'repo:push' }, bitbucketPush, { bitbucketUuid: new Secret(uuid) }, 'event'], // prettier-ignore
    ['Bitbucket wrong UUID', { 'x-hook-uuid': '{0}', 'x-event-key': 'repo:push' }, bitbucketPush, { bitbucketUuid: new Secret(uuid) }, 'refused'], // prettier-ignore
    ['Bitbucket Server signed', { 'x-event-key': 'repo:refs_changed', 'x-hub-signature': `sha256=${hmac(bitbucketServerRefs, 's3cret')}` }, bitbucketServerRefs, { bitbucketServer: secret }, 'event'], // prettier-ignore
    ['Bitbucket Server with a short signature', { 'x-event-key': 'repo:refs_changed', 'x-hub-signature': 'x' }, bitbucketServerRefs, { bitbucketServer: secret }, 'refused'], // prettier-ignore
    ['Gogs signed', { 'x-gogs-event': 'push', 'x-gogs-signature': hmac(gogsPush, 's3cret') }, gogsPush, { gogs: secret }, 'event'], // prettier-ignore
    ['Gogs unsigned', { 'x-gogs-event': 'push' }, gogsPush, { gogs: secret }, 'refused'],
    ['Azure DevOps password', { 'x-vss-activityid': 'x', authorization: basic('user:pass:word') }, azurePush, { azureDevOpsUsername: new Secret('user'), azureDevOpsPassword: new Secret('pass:word') }, 'event'], // prettier-ignore
    ['Azure DevOps wrong password', { 'x-vss-activityid': 'x', authorization: basic('user:x') }, azurePush, { azureDevOpsUsername: new Secret('user'), azureDevOpsPassword: new Secret('p') }, 'refused'], // prettier-ignore
    ['Azure DevOps without one', { 'x-vss-activityid': 'x' }, azurePush, { azureDevOpsPassword: new Secret('p') }, 'refused'], // prettier-ignore
    ['GHCR signed', { 'x-github-event': 'package', 'x-hub-signature-256': `sha256=${hmac(ghcrPackage, 's3cret')}` }, ghcrPackage, { github: secret }, 'event'], // prettier-ignore
    ['GHCR signed without its prefix', { 'x-github-event': 'package', 'x-hub-signature-256': hmac(ghcrPackage, 's3cret') }, ghcrPackage, { github: secret }, 'unauthorized'], // prettier-ignore
    ['GHCR unsigned', { 'x-github-event': 'package' }, ghcrPackage, { github: secret }, 'unauthorized'],
  ]
  for (const [name, headers, payload, secrets, expected] of cases) {
    test(name, () => {
      assert.equal(outcome({ headers, payload, secrets }), expected)
    })
  }
})
