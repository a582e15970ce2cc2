// The hydrator against a Git server that tells readers from writers: credentials of each, other branches, races, refusals.
import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { Application } from '../../src/crds/application.ts'
import { isSynced, startStoryPlane, type StoryPlane } from '../support/control-plane.ts'
import { createRepository, git, serveGitOverHttp, temporaryFolder, type TestRepository } from '../support/git.ts'
import { configMap } from '../support/manifests.ts'

const TIMEOUT = { timeout: 180_000 }
const READER = basic('reader:read-1')
const WRITER = basic('writer:write-1')

interface Host {
  readonly story: StoryPlane
  readonly work: TestRepository
  /** The bare repository. */
  readonly folder: string
  readonly url: string
  /** Who sent which request that was let in. */
  readonly seen: Set<string>
}

function basic(login: string): string {
  return `Basic ${Buffer.from(login).toString('base64')}`
}

/** Readers may not push. */
function isAllowed({ url = '', headers }: IncomingMessage): boolean {
  const isPush = url.includes('git-receive-pack')
  return headers.authorization === WRITER || (!isPush && headers.authorization === READER)
}

async function start(t: TestContext): Promise<Host> {
  const root = temporaryFolder(t)
  const folder = join(root, 'app.git')
  git(root, 'init', '--quiet', '--bare', '--initial-branch=main', folder)
  git(folder, 'config', 'http.receivepack', 'true')
  const seen = new Set<string>()
  const base = await serveGitOverHttp(t, {
    root,
    isAllowed(request) {
      const isIn = isAllowed(request)
      const who = request.headers.authorization === WRITER ? 'writer' : 'reader'
      if (isIn) seen.add(`${who} ${request.url?.includes('receive') === true ? 'pushes' : 'reads'}`)
      return isIn
    },
  })
  const work = createRepository(join(root, 'work'))
  git(work.folder, 'remote', 'add', 'origin', folder)
  return { story: await startStoryPlane(t), work, folder, url: `${base}/app.git`, seen }
}

function push({ work }: Host, files: Parameters<TestRepository['commit']>[0]): string {
  const commit = work.commit(files)
  git(work.folder, 'push', '--quiet', 'origin', 'main')
  return commit
}

async function secret({ story, url }: Host, type: string, login: string): Promise<void> {
  const [username = '', password = ''] = login.split(':')
  const kind = await story.client.resourceOf({ group: '', kind: 'Secret' })
  assert.ok(kind)
  const labels = { 'argocd.argoproj.io/secret-type': type }
  const object = { apiVersion: 'v1', kind: 'Secret', metadata: { name: type, namespace: 'argocd', labels } }
  await story.client.create(kind, { ...object, stringData: { url, username, password } } as typeof object)
}

async function create({ story, url }: Host, name: string, more: object = {}): Promise<void> {
  const spec = {
    project: 'default',
    sourceHydrator: {
      drySource: { repoURL: url, targetRevision: 'main', path: 'web' },
      syncSource: { targetBranch: 'env/prod', path: name },
      ...more,
    },
    destination: { server: 'https://kubernetes.default.svc', namespace: name },
    syncPolicy: { automated: {}, syncOptions: ['CreateNamespace=true'] },
  }
  const object = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name, namespace: 'argocd' },
    spec,
  }
  await story.client.create(story.plane.applications.type, object)
}

async function hydrate({ story }: Host, name: string, kind: 'normal' | 'hard' = 'normal'): Promise<void> {
  const ref = { type: story.plane.applications.type, namespace: 'argocd', name }
  await story.client.patch(ref, 'merge', { metadata: { annotations: { 'argocd.argoproj.io/hydrate': kind } } })
}

const hydratedAt =
  (drySHA: string) =>
  ({ status }: Application): boolean =>
    status?.sourceHydrator?.currentOperation?.phase === 'Hydrated' &&
    status.sourceHydrator.lastSuccessfulOperation?.drySHA === drySHA

function failure({ status }: Application): string {
  const { phase, message = '' } = status?.sourceHydrator?.currentOperation ?? {}
  return phase === 'Failed' ? message : ''
}

test(
  'without write credentials a hydration fails, says so and shows no password; with them it is delivered',
  TIMEOUT,
  async (t) => {
    const host = await start(t)
    const dry = push(host, { 'web/one.json': configMap('one', 'a') })
    await secret(host, 'repository', 'reader:read-1')
    await create(host, 'web')

    const failed = await host.story.application('web', (one) => failure(one) !== '')
    assert.match(
      failure(failed),
      /^Failed to hydrate: repository http.*: .*(?:Authentication failed|could not read Username)/,
    )
    assert.equal(failed.status?.sourceHydrator?.currentOperation?.drySHA, dry)

    await secret(host, 'repository-write', 'writer:write-1')
    await hydrate(host, 'web')
    const web = await host.story.application('web', (one) => isSynced(one) && hydratedAt(dry)(one))

    assert.equal(web.metadata.annotations?.['argocd.argoproj.io/hydrate'], undefined)
    assert.ok(host.seen.has('reader reads') && host.seen.has('writer pushes') && !host.seen.has('reader pushes'))
  },
)

test(
  'a new commit is hydrated when asked for; one that changes no manifest is noted alone; hard writes it anew',
  TIMEOUT,
  async (t) => {
    const host = await start(t)
    const { story, folder } = host
    push(host, { 'web/one.json': configMap('one', 'a') })
    await secret(host, 'repo-creds', 'reader:read-1')
    await secret(host, 'repo-write-creds', 'writer:write-1')
    await create(host, 'web')
    const first = await story.application(
      'web',
      (one) => isSynced(one) && one.status?.sourceHydrator?.lastSuccessfulOperation !== undefined,
    )
    const commit = first.status?.sourceHydrator?.lastSuccessfulOperation?.hydratedSHA

    const unrelated = push(host, { 'README.md': 'x' })
    await hydrate(host, 'web')
    await story.application('web', ({ status }) => status?.sourceHydrator?.lastComparedDryRevision === unrelated)
    assert.equal(git(folder, 'rev-parse', 'env/prod'), commit)

    const changed = push(host, { 'web/one.json': configMap('one', 'b') })
    await story.api.call('application.ApplicationService/Get', { name: 'web', refresh: 'normal' })
    const second = await story.application('web', hydratedAt(changed))
    const head = second.status?.sourceHydrator?.lastSuccessfulOperation?.hydratedSHA ?? ''
    assert.equal(git(folder, 'rev-parse', 'env/prod'), head)
    assert.equal(git(folder, 'rev-parse', 'env/prod~1'), commit)

    // Somebody has changed the branch by hand.
    git(host.work.folder, 'fetch', '--quiet', 'origin', 'env/prod')
    git(host.work.folder, 'checkout', '--quiet', '--detach', 'FETCH_HEAD')
    writeFileSync(join(host.work.folder, 'web/manifest.yaml'), 'by: hand\n')
    git(host.work.folder, 'commit', '--quiet', '--all', '--message', 'By hand')
    git(host.work.folder, 'push', '--quiet', 'origin', 'HEAD:env/prod')
    await hydrate(host, 'web', 'hard')
    await story.application('web', ({ status }) => {
      const { hydratedSHA = '' } = status?.sourceHydrator?.lastSuccessfulOperation ?? {}
      return hydratedSHA !== '' && hydratedSHA !== head
    })
    assert.match(git(folder, 'show', 'env/prod:web/manifest.yaml'), /kind: ConfigMap/)
  },
)

test('hydrateTo is written before it is synced: what is merged is delivered', TIMEOUT, async (t) => {
  const host = await start(t)
  const dry = push(host, { 'web/one.json': configMap('one', 'a') })
  await secret(host, 'repository', 'reader:read-1')
  await secret(host, 'repository-write', 'writer:write-1')
  await create(host, 'web', { hydrateTo: { targetBranch: 'env/prod-next' } })
  await host.story.application('web', hydratedAt(dry))

  assert.match(git(host.folder, 'show', 'env/prod-next:web/manifest.yaml'), /name: one/)
  assert.throws(() => git(host.folder, 'show', 'env/prod:web/manifest.yaml'))
  assert.equal(await host.story.live('v1', 'ConfigMap', 'web/one'), undefined)
  const isWaiting = ({ type, message = '' }: { type?: string; message?: string }): boolean =>
    type === 'ComparisonError' &&
    message.includes('waiting for an external process to update env/prod from env/prod-next')
  await host.story.application('web', ({ status }) => status?.conditions?.some(isWaiting) === true)

  git(host.folder, 'update-ref', 'refs/heads/env/prod', 'refs/heads/env/prod-next')
  await host.story.api.call('application.ApplicationService/Get', { name: 'web', refresh: 'hard' })
  await host.story.application('web', isSynced)
  assert.notEqual(await host.story.live('v1', 'ConfigMap', 'web/one'), undefined)
})

test(
  'branches of one repository are written at the same time without losing a note or a commit',
  TIMEOUT,
  async (t) => {
    const host = await start(t)
    const names = ['a', 'b', 'c', 'd']
    const dry = push(host, { 'web/one.json': configMap('one', 'a') })
    await secret(host, 'repository', 'reader:read-1')
    await secret(host, 'repository-write', 'writer:write-1')

    await Promise.all(
      names.map((name) => create(host, name, { syncSource: { targetBranch: `env/${name}`, path: name } })),
    )
    const done = await Promise.all(names.map((name) => host.story.application(name, hydratedAt(dry))))

    for (const [index, { status }] of done.entries()) {
      const { hydratedSHA = '' } = status?.sourceHydrator?.lastSuccessfulOperation ?? {}
      assert.equal(git(host.folder, 'rev-parse', `env/${names[index]}`), hydratedSHA)
      assert.equal(git(host.folder, 'notes', '--ref=hydrator.metadata', 'show', hydratedSHA), `{"drySha":"${dry}"}`)
    }
  },
)

test(
  'a branch that takes no pushes is told with the words of its host; once it does, it is written',
  TIMEOUT,
  async (t) => {
    const host = await start(t)
    const dry = push(host, { 'web/one.json': configMap('one', 'a') })
    await secret(host, 'repository', 'reader:read-1')
    await secret(host, 'repository-write', 'writer:write-1')
    const hook = join(host.folder, 'hooks/pre-receive')
    writeFileSync(hook, '#!/bin/sh\necho "GH006: Protected branch update failed" >&2\nexit 1\n', { mode: 0o755 })
    await create(host, 'web')

    const failed = await host.story.application('web', (one) => failure(one) !== '')
    assert.match(failure(failed), /GH006: Protected branch update failed.*allow it for the branch/)

    rmSync(hook)
    await hydrate(host, 'web')
    await host.story.application('web', hydratedAt(dry))
  },
)
