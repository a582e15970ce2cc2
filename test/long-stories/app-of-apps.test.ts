// Stories of applications that deliver applications: in the order of waves, and away again.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { Application } from '../../src/crds/application.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { isSynced, startStoryPlane, type StoryPlane } from '../support/control-plane.ts'
import { createRepository, temporaryFolder, type TestRepository } from '../support/git.ts'
import { configMap } from '../support/manifests.ts'

const SERVER = 'https://kubernetes.default.svc'
const CASCADE = 'resources-finalizer.argocd.argoproj.io'
const PATIENCE_MS = 45_000

interface Child {
  readonly wave?: string
  readonly project?: string
  readonly isManual?: boolean
  readonly path?: string
}

function child(repoURL: string, name: string, { wave = '0', project = 'default', isManual, path }: Child = {}): string {
  const automated = { automated: { prune: true, selfHeal: true } }
  return JSON.stringify({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: {
      name,
      namespace: 'argocd',
      annotations: { 'argocd.argoproj.io/sync-wave': wave },
      finalizers: [CASCADE],
    },
    spec: {
      project,
      source: { repoURL, path: path ?? name, targetRevision: 'HEAD' },
      destination: { server: SERVER, namespace: name },
      syncPolicy: { ...(isManual === true ? {} : automated), syncOptions: ['CreateNamespace=true'] },
    },
  })
}

/** A Deployment whose image no node can pull: it never becomes ready. */
function brokenDeployment(): string {
  const labels = { app: 'first' }
  const annotations = { 'capstan.dev/simulate-failure': 'ImagePullBackOff' }
  const containers = [{ name: 'main', image: 'nginx:1.27' }]
  const template = { metadata: { labels, annotations }, spec: { containers } }
  const spec = { selector: { matchLabels: labels }, template }
  return JSON.stringify({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'first' }, spec })
}

async function createRoot(plane: StoryPlane, repoURL: string): Promise<void> {
  await plane.api.call('application.ApplicationService/Create', {
    application: JSON.parse(child(repoURL, 'root', { path: 'apps' })),
  })
}

function open(t: TestContext): TestRepository {
  return createRepository(join(temporaryFolder(t), 'repository'))
}

async function untilGone(plane: StoryPlane, apiVersion: string, kind: string, place: string): Promise<void> {
  const endMs = Date.now() + PATIENCE_MS
  while ((await plane.live(apiVersion, kind, place)) !== undefined) {
    if (Date.now() > endMs) throw new Error(`${kind} ${place} stays`)
    await pause(20)
  }
}

function applicationOf(plane: StoryPlane, name: string): Promise<KubeObject | undefined> {
  return plane.live('argoproj.io/v1alpha1', 'Application', `argocd/${name}`)
}

test('projects and applications come from Git in the order of waves, each wave once the one before is healthy', async (t) => {
  const plane = await startStoryPlane(t)
  const repository = open(t)
  const { url } = repository
  const project = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AppProject',
    metadata: { name: 'team', namespace: 'argocd', finalizers: [CASCADE] },
    spec: {
      sourceRepos: ['*'],
      destinations: [{ server: '*', namespace: '*' }],
      clusterResourceWhitelist: [{ group: '', kind: 'Namespace' }],
    },
  }
  repository.commit({
    'apps/project.json': JSON.stringify(project),
    'apps/first.json': child(url, 'first', { project: 'team' }),
    'apps/second.json': child(url, 'second', { wave: '1', project: 'team' }),
    'first/broken.json': brokenDeployment(),
    'second/one.json': configMap('one', 'x'),
  })
  await createRoot(plane, url)
  const waits = ({ status }: Application): boolean =>
    status?.operationState?.phase === 'Running' &&
    status.operationState.message === 'waiting for healthy state of argoproj.io/Application/first'
  await plane.application('first', ({ status }) => status?.sync?.status === 'Synced')
  await plane.application('root', waits)
  assert.equal(await applicationOf(plane, 'second'), undefined)

  repository.commit({ 'first/broken.json': configMap('mended', 'x') })

  await plane.application('first', isSynced)
  await plane.application('second', isSynced)
  const root = await plane.application('root', isSynced)
  assert.equal(root.status?.summary?.isAppOfApps, true)

  // Children first, last wave first; the project when nobody needs it; everything they brought with them.
  const order: string[] = []
  const stop = plane.plane.applications.onChange(({ type, object }) => {
    if (type === 'DELETED') order.push(object.metadata.name ?? '')
  })
  await plane.api.call('application.ApplicationService/Delete', { name: 'root', cascade: true })
  await untilGone(plane, 'argoproj.io/v1alpha1', 'Application', 'argocd/root')
  await untilGone(plane, 'argoproj.io/v1alpha1', 'AppProject', 'argocd/team')
  stop()
  assert.deepEqual(order.slice(0, 2), ['second', 'first'])
  assert.equal(await plane.live('v1', 'ConfigMap', 'second/one'), undefined)
  assert.equal(await plane.live('v1', 'ConfigMap', 'first/mended'), undefined)
})

test('a child that waits for a person holds up no wave, and one that Git drops goes with all it brought', async (t) => {
  const plane = await startStoryPlane(t)
  const repository = open(t)
  const { url } = repository
  repository.commit({
    'apps/by-hand.json': child(url, 'by-hand', { isManual: true }),
    'apps/after.json': child(url, 'after', { wave: '1' }),
    'by-hand/one.json': configMap('one', 'x'),
    'after/one.json': configMap('one', 'x'),
  })
  await createRoot(plane, url)
  await plane.application('after', isSynced)
  assert.equal(await plane.live('v1', 'ConfigMap', 'by-hand/one'), undefined)

  repository.commit({ 'apps/after.json': null })
  await untilGone(plane, 'argoproj.io/v1alpha1', 'Application', 'argocd/after')
  assert.equal(await plane.live('v1', 'ConfigMap', 'after/one'), undefined)
  await plane.application('root', isSynced)
})

test('an application that delivers itself does not end itself when Git drops it', async (t) => {
  const plane = await startStoryPlane(t)
  const repository = open(t)
  const { url } = repository
  repository.commit({
    'apps/root.json': child(url, 'root', { path: 'apps' }),
    'apps/one.json': configMap('one', 'x'),
  })
  await createRoot(plane, url)
  const tracked = await plane.application(
    'root',
    (seen) => isSynced(seen) && seen.metadata.annotations?.['argocd.argoproj.io/tracking-id'] !== undefined,
  )

  const revision = repository.commit({ 'apps/root.json': null })

  const kept = await plane.application('root', (seen) => isSynced(seen) && seen.status?.sync?.revision === revision)
  assert.equal(kept.metadata.uid, tracked.metadata.uid)
  assert.equal(kept.metadata.deletionTimestamp, undefined)
  assert.notEqual(await plane.live('v1', 'ConfigMap', 'root/one'), undefined)
})
