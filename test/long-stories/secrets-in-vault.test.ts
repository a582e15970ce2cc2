// References to Vault become values of the cluster's Secrets; Vault's side decides, Git never holds them.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { createLog } from '../../src/base/log.ts'
import { systemClock } from '../../src/base/clock.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { isSynced, startStoryPlane, type StoryPlane } from '../support/control-plane.ts'
import { ROLE, startFakeVault } from '../support/fake-vault.ts'
import { createRepository, temporaryFolder } from '../support/git.ts'
import { holdsAny, readEverything, searchFiles, tokenOf } from '../support/search-secrets.ts'

const FIRST = 'canary-first-password'
const SECOND = 'canary-second-password'
const SECRETS = [FIRST, SECOND, ROLE.secret_id, 'login-token-canary']

async function addVault({ client }: StoryPlane, stringData: Readonly<Record<string, string>>): Promise<void> {
  const type = await client.resourceOf({ group: '', kind: 'Secret' })
  assert.ok(type)
  const metadata = { name: 'vault', namespace: 'argocd', labels: { 'argocd.argoproj.io/secret-type': 'vault' } }
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata, stringData }
  await client.create(type, secret as unknown as KubeObject, {}) // a KubeObject by its fields
}

function valueOf(object: KubeObject | undefined, key: string): string {
  const { data } = (object ?? {}) as { readonly data?: Readonly<Record<string, string>> } // of Secrets and ConfigMaps
  return data?.[key] ?? ''
}

test('[002-14] a value of Vault is delivered, a changed one too without a commit, and seen nowhere else', async (t) => {
  const vault = await startFakeVault(t)
  vault.secrets.set('secret/data/db', [{ password: FIRST, port: 5432 }])
  const lines: string[] = []
  const log = createLog({ clock: systemClock, level: 'debug', format: 'text', write: (line) => lines.push(line) })
  const dataDir = temporaryFolder(t)
  const story = await startStoryPlane(t, { log, dataDir })
  await addVault(story, {
    VAULT_ADDR: vault.address,
    AVP_AUTH_TYPE: 'approle',
    AVP_ROLE_ID: ROLE.role_id,
    AVP_SECRET_ID: ROLE.secret_id,
    project: 'default',
  })
  const repository = createRepository(join(temporaryFolder(t), 'repository'))
  const annotations = { 'avp.kubernetes.io/path': 'secret/data/db' }
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'db', annotations },
    stringData: { password: '<password>' },
  }
  const config = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'dsn' },
    data: { dsn: 'db:<path:secret/data/db#port>', login: '<path:secret/data/db#password>' },
  }
  repository.commit({ 'shop/all.yaml': `${JSON.stringify(secret)}\n---\n${JSON.stringify(config)}` })
  const spec = {
    project: 'default',
    source: { repoURL: repository.url, path: 'shop', targetRevision: 'main' },
    destination: { server: 'https://kubernetes.default.svc', namespace: 'shop' },
    syncPolicy: { automated: { selfHeal: true }, retry: { limit: 0 }, syncOptions: ['CreateNamespace=true'] },
  }
  const { api } = story
  await api.call('application.ApplicationService/Create', { application: { metadata: { name: 'shop' }, spec } })
  await story.application('shop', isSynced)
  const before = valueOf(await story.live('v1', 'Secret', 'shop/db'), 'password')
  const dsn = valueOf(await story.live('v1', 'ConfigMap', 'shop/dsn'), 'dsn')

  vault.secrets.get('secret/data/db')?.push({ password: SECOND, port: 5432 })
  const isDelivered = async (): Promise<boolean> =>
    valueOf(await story.live('v1', 'Secret', 'shop/db'), 'password') === Buffer.from(SECOND).toString('base64')
  const outOfSync = story.application('shop', ({ status }) => status?.sync?.status === 'OutOfSync')
  await api.call('application.ApplicationService/Get', { name: 'shop', refresh: 'normal' })
  await outOfSync
  await story.application('shop', isSynced)

  assert.equal(before, Buffer.from(FIRST).toString('base64'))
  assert.equal(dsn, 'db:5432')
  assert.equal(await isDelivered(), true)
  const answers = await readEverything(story.plane.url, await tokenOf(story.plane.url), {
    name: 'shop',
    applicationName: 'shop',
    kind: 'ConfigMap',
    version: 'v1',
    namespace: 'shop',
    resourceName: 'dsn',
  })
  const events = await listed(story, 'Event')
  const applications = JSON.stringify(await listed(story, 'Application', 'argoproj.io'))
  assert.deepEqual(
    answers.filter(({ text }) => holdsAny(text, SECRETS)).map(({ path }) => path),
    [],
  )
  assert.equal(holdsAny(lines.join('\n'), SECRETS), false)
  assert.equal(holdsAny(JSON.stringify(events) + applications, SECRETS), false)
  assert.deepEqual(searchFiles(dataDir, SECRETS), [])
})

async function listed({ client }: StoryPlane, kind: string, group = ''): Promise<readonly KubeObject[]> {
  const type = await client.resourceOf({ group, kind })
  assert.ok(type)
  return (await client.list(type, {})).items
}

test('[002-14] a Vault that is sealed or forbids it is one clear condition, and nothing is synced', async (t) => {
  const vault = await startFakeVault(t)
  vault.tokens.clear()
  const story = await startStoryPlane(t)
  await addVault(story, { VAULT_ADDR: vault.address, VAULT_TOKEN: 'canary-of-a-token' })
  const repository = createRepository(join(temporaryFolder(t), 'repository'))
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'db' },
    stringData: { a: '<path:secret/data/db#a>' },
  }
  repository.commit({
    'shop/a.yaml': JSON.stringify(secret),
    'shop/b.yaml': '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"b"}}',
  })
  const spec = {
    project: 'default',
    source: { repoURL: repository.url, path: 'shop', targetRevision: 'main' },
    destination: { server: 'https://kubernetes.default.svc', namespace: 'default' },
    syncPolicy: { automated: {}, retry: { limit: 0 } },
  }
  const failed = story.application('shop', ({ status }) => (status?.conditions ?? []).length > 0)
  await story.api.call('application.ApplicationService/Create', { application: { metadata: { name: 'shop' }, spec } })

  const { status } = await failed

  assert.match(status?.conditions?.[0]?.message ?? '', /reading secret\/data\/db: 403: permission denied/)
  assert.doesNotMatch(JSON.stringify(status), /canary/)
  assert.equal(await story.live('v1', 'ConfigMap', 'default/b'), undefined)
})
