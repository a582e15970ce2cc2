// Kustomizations delivered: an overlay per environment, a base of a private repository, and paths that are refused.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { symlinkSync } from 'node:fs'
import { test, type TestContext } from 'node:test'
import type { Application } from '../../src/crds/application.ts'
import { complaint, register } from '../support/private-repository.ts'
import { isSynced, startStoryPlane, type StoryPlane } from '../support/control-plane.ts'
import { createRepository, serveGitOverHttp, temporaryFolder } from '../support/git.ts'

const LOGIN = { username: 'git', password: 'token' }

const CONFIG = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {level: info}\n'

async function deliver(
  { client, plane }: StoryPlane,
  name: string,
  source: Application['spec']['source'],
): Promise<void> {
  const spec = {
    project: 'default',
    source,
    destination: { server: 'https://kubernetes.default.svc', namespace: name },
    syncPolicy: { automated: {}, syncOptions: ['CreateNamespace=true'] },
  }
  const metadata = { name, namespace: 'argocd' }
  const object = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', metadata, spec }
  await client.create(plane.applications.type, object)
}

async function levelOf({ live }: StoryPlane, place: string): Promise<unknown> {
  const object = await live('v1', 'ConfigMap', place)
  return (object as { data?: { level?: string } } | undefined)?.data?.level
}

test('an overlay per environment is delivered, and a change of the base reaches all of them', async (t) => {
  const repository = createRepository(join(temporaryFolder(t), 'deploy'))
  const overlay = (level: string): string =>
    `resources: [../../base]\nnamePrefix: app-\npatches: [{patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {level: ${level}}}'}]\n`
  repository.commit({
    'base/kustomization.yaml': 'resources: [a.yaml]\n',
    'base/a.yaml': CONFIG,
    'overlays/dev/kustomization.yaml': overlay('debug'),
    'overlays/prod/kustomization.yaml': overlay('warn'),
  })
  const story = await startStoryPlane(t)
  for (const name of ['dev', 'prod']) {
    const kustomize = { commonLabels: { env: name }, namePrefix: `${name}-` }
    await deliver(story, name, { repoURL: repository.url, path: `overlays/${name}`, targetRevision: 'main', kustomize })
  }

  for (const name of ['dev', 'prod']) await story.application(name, isSynced)

  assert.equal(await levelOf(story, 'dev/dev-settings'), 'debug')
  assert.equal(await levelOf(story, 'prod/prod-settings'), 'warn')
  const live = await story.live('v1', 'ConfigMap', 'prod/prod-settings')
  assert.equal(live?.metadata.labels?.['env'], 'prod')
  const commit = repository.commit({ 'base/a.yaml': CONFIG.replace('settings', 'settings, labels: {new: "1"}') })
  const isAtCommit = ({ status }: Application): boolean => status?.sync?.revision === commit
  for (const name of ['dev', 'prod']) {
    await story.api.call('application.ApplicationService/Get', { name, refresh: 'normal' })
    await story.application(name, (application) => isSynced(application) && isAtCommit(application))
    const changed = await story.live('v1', 'ConfigMap', `${name}/${name}-settings`)
    assert.equal(changed?.metadata.labels?.['new'], '1')
  }
})

test('a version that is asked for is rendered with the built-in rules, and a condition says so', async (t) => {
  const repository = createRepository(join(temporaryFolder(t), 'deploy'))
  repository.commit({ 'web/kustomization.yaml': 'resources: [a.yaml]\n', 'web/a.yaml': CONFIG })
  const story = await startStoryPlane(t)
  const configMaps = await story.client.resourceOf({ group: '', kind: 'ConfigMap' })
  assert.ok(configMaps)
  const settings = { type: configMaps, namespace: 'argocd', name: 'argocd-cm' }
  await story.client.patch(settings, 'merge', { data: { 'kustomize.path.v4.5.7': '/usr/local/bin/kustomize_4_5_7' } })

  const source = { repoURL: repository.url, path: 'web', targetRevision: 'main' }
  await deliver(story, 'web', { ...source, kustomize: { version: 'v4.5.7' } })

  const told = ({ status }: Application): string | undefined =>
    status?.conditions?.find(({ type }) => type === 'RenderWarning')?.message
  const synced = await story.application('web', (one) => isSynced(one) && told(one) !== undefined)
  assert.match(told(synced) ?? '', /kustomize version v4\.5\.7 is asked for: rendered with the rules of v5\.8\.1/)
})

interface Remote {
  readonly story: StoryPlane
  /** Of the repository with the base, over HTTP with a login. */
  readonly base: string
  /** Of the repository with the overlay. */
  readonly overlay: string
}

async function startRemote(t: TestContext): Promise<Remote> {
  const root = temporaryFolder(t)
  createRepository(join(root, 'base')).commit({
    'kust/web/kustomization.yaml': 'resources: [a.yaml]\n',
    'kust/web/a.yaml': CONFIG,
  })
  const host = await serveGitOverHttp(t, { root, login: LOGIN })
  const base = `${host}/base/.git`
  const overlay = createRepository(join(root, 'overlay'))
  overlay.commit({ 'web/kustomization.yaml': `resources: ["${base}//kust/web?ref=main"]\nnameSuffix: -v1\n` })
  return { story: await startStoryPlane(t), base, overlay: overlay.url }
}

test('a base of a private repository is fetched with the credentials registered for it', async (t) => {
  const { story, base, overlay } = await startRemote(t)
  await register(story, { type: 'git', url: base, ...LOGIN })

  await deliver(story, 'web', { repoURL: overlay, path: 'web', targetRevision: 'main' })

  await story.application('web', isSynced)
  assert.equal(await levelOf(story, 'web/settings-v1'), 'info')
})

test('a base on an address of this machine that is not registered is refused', async (t) => {
  const { story, overlay } = await startRemote(t)

  await deliver(story, 'web', { repoURL: overlay, path: 'web', targetRevision: 'main' })

  assert.match(await complaint(story), /127\.0\.0\.1 is an address of this machine .*; register the repository/)
})

const TRICKS: readonly (readonly [string, RegExp])[] = [
  ['../../etc/passwd', /leaves the source tree|security; file/],
  ['../../../../../../etc/passwd', /leaves the source tree/],
  ['/etc/passwd', /cannot be absolute|no such file/],
  ['file:///etc', /paths of this machine are not read/],
  ['link.yaml', /link\.yaml: path leads outside the repository/],
  ['http://169.254.169.254/latest/meta-data', /metadata service/],
  ['https://metadata.google.internal/org/repo?ref=x', /metadata service/],
  ['git@127.0.0.1:org/repo.git', /address of this machine/],
]

for (const [path, message] of TRICKS) {
  test(`what a kustomization must not read is refused with the file that asks for it: ${path}`, async (t) => {
    const repository = createRepository(join(temporaryFolder(t), 'deploy'))
    symlinkSync('/etc/passwd', join(repository.folder, 'link.yaml'))
    repository.commit({ 'web/kustomization.yaml': `resources: ["${path}"]\n` })
    symlinkSync('/etc/passwd', join(repository.folder, 'web/link.yaml'))
    repository.commit({})
    const story = await startStoryPlane(t)

    await deliver(story, 'web', { repoURL: repository.url, path: 'web', targetRevision: 'main' })

    const said = await complaint(story)
    assert.match(said, message)
    assert.doesNotMatch(said, /root:.*:0:0/)
  })
}
