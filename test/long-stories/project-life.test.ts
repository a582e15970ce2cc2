// Stories of what stands around a project: global projects, what is registered for it, its tokens, its end.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { AppProject } from '../../src/crds/app-project.ts'
import type { Application } from '../../src/crds/application.ts'
import type { ApplicationTree } from '../../src/crds/tree.ts'
import type { JsonObject } from '../../src/kube/object.ts'
import { startStoryPlane, type StoryPlane } from '../support/control-plane.ts'
import { CONTROL_NAMESPACE, startDeliveryCluster } from '../support/delivery-cluster.ts'
import { createRepository, temporaryFolder } from '../support/git.ts'
import { configMap, deployment, service } from '../support/manifests.ts'

const SERVER = 'https://kubernetes.default.svc'
const FINALIZER = 'resources-finalizer.argocd.argoproj.io'
const PATIENCE_MS = 45_000

async function eventually<T>(find: () => Promise<T | undefined>): Promise<T> {
  const endMs = Date.now() + PATIENCE_MS
  for (;;) {
    const found = await find()
    if (found !== undefined) return found
    if (Date.now() > endMs) throw new Error('waited in vain')
    await pause(20)
  }
}

async function create(plane: StoryPlane, apiVersion: string, kind: string, body: JsonObject): Promise<void> {
  const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion]
  const type = await plane.client.resourceOf({ group, version, kind })
  assert.ok(type !== undefined)
  await plane.client.create(type, { apiVersion, kind, metadata: {}, ...body })
}

async function patch(plane: StoryPlane, kind: string, name: string, body: JsonObject): Promise<void> {
  const group = kind === 'ConfigMap' || kind === 'Secret' ? '' : 'argoproj.io'
  const type = await plane.client.resourceOf({ group, kind })
  assert.ok(type !== undefined)
  await plane.client.patch({ type, namespace: 'argocd', name }, 'merge', body)
}

function project(name: string, spec: JsonObject, metadata: JsonObject = {}): JsonObject {
  return { metadata: { name, namespace: 'argocd', ...metadata }, spec }
}

function messagesOf({ status }: Application): readonly string[] {
  return (status?.conditions ?? []).map(({ message }) => message)
}

test('global projects and repositories registered for a project count as soon as they are written', async (t) => {
  const plane = await startStoryPlane(t)
  const repository = createRepository(join(temporaryFolder(t), 'repository'))
  repository.commit({ 'web/service.json': service('web') })
  const spec = { sourceRepos: [], destinations: [{ server: '*', namespace: '*' }] }
  await create(plane, 'argoproj.io/v1alpha1', 'AppProject', project('team', spec, { labels: { tier: 'prod' } }))
  const source = { repoURL: repository.url, path: 'web', targetRevision: 'HEAD' }
  const destination = { server: SERVER, namespace: 'default' }
  await create(plane, 'argoproj.io/v1alpha1', 'Application', {
    metadata: { name: 'web', namespace: 'argocd' },
    spec: { project: 'team', source, destination },
  })
  const forbidden = `application repo ${repository.url} is not permitted in project 'team'`
  await plane.application('web', (seen) => messagesOf(seen).includes(forbidden))

  const labels = { 'argocd.argoproj.io/secret-type': 'repository' }
  const stringData = { url: repository.url, project: 'team' }
  await create(plane, 'v1', 'Secret', { metadata: { name: 'repo', namespace: 'argocd', labels }, stringData })
  await plane.application('web', ({ status }) => status?.sync?.status === 'OutOfSync')

  const blacklist = { namespaceResourceBlacklist: [{ group: '', kind: 'Service' }] }
  await create(plane, 'argoproj.io/v1alpha1', 'AppProject', project('rules', blacklist))
  const globalProjects = '- projectName: rules\n  labelSelector:\n    matchLabels:\n      tier: prod\n'
  await patch(plane, 'ConfigMap', 'argocd-cm', { data: { globalProjects } })
  const isUnknown = ({ status }: Application): boolean => status?.resources?.[0]?.status === 'Unknown'
  await plane.application('web', isUnknown)
  await patch(plane, 'AppProject', 'rules', { spec: { namespaceResourceBlacklist: [] } })
  await plane.application('web', (seen) => !isUnknown(seen))
  await patch(plane, 'AppProject', 'rules', { spec: blacklist })
  await plane.application('web', isUnknown)
  await patch(plane, 'AppProject', 'team', { metadata: { labels: { tier: 'dev' } } })
  await plane.application('web', (seen) => !isUnknown(seen))
})

test('a project keeps its tokens in two places, and stays until its last application is gone', async (t) => {
  const plane = await startStoryPlane(t)
  const roles = [{ name: 'ci', jwtTokens: [{ iat: 1 }, { iat: 2, id: 'two' }] }]
  const spec = { sourceRepos: ['*'], destinations: [{ server: '*', namespace: '*' }], roles }
  await create(plane, 'argoproj.io/v1alpha1', 'AppProject', project('team', spec, { finalizers: [FINALIZER] }))
  const read = (): Promise<AppProject | undefined> =>
    plane.live('argoproj.io/v1alpha1', 'AppProject', 'argocd/team') as Promise<AppProject | undefined> // our CRD

  const wanted = [
    { iat: 2, id: 'two' },
    { iat: 1, id: '1' },
  ]
  const stored = await eventually(async () => {
    const live = await read()
    return live?.status === undefined ? undefined : live
  })
  assert.deepEqual(stored.status?.jwtTokensByRole, { ci: { items: wanted } })
  assert.deepEqual(stored.spec.roles?.[0]?.jwtTokens, wanted)

  const source = { repoURL: 'https://127.0.0.1:1/none', path: '.', targetRevision: 'HEAD' }
  await create(plane, 'argoproj.io/v1alpha1', 'Application', {
    metadata: { name: 'web', namespace: 'argocd' },
    spec: { project: 'team', source, destination: { server: SERVER, namespace: 'default' } },
  })
  await plane.application('web', () => true)
  const [projects, applications] = await Promise.all(
    ['AppProject', 'Application'].map((kind) => plane.client.resourceOf({ group: 'argoproj.io', kind })),
  )
  assert.ok(projects !== undefined && applications !== undefined)
  await plane.client.delete({ type: projects, namespace: 'argocd', name: 'team' })
  assert.notEqual((await read())?.metadata.deletionTimestamp, undefined)
  await patch(plane, 'AppProject', 'team', { metadata: { annotations: { touched: 'again' } } })
  assert.deepEqual((await read())?.metadata.finalizers, [FINALIZER])

  await plane.client.delete({ type: applications, namespace: 'argocd', name: 'web' })
  await eventually(async () => ((await read()) === undefined ? true : undefined))
})

test('applications of other namespaces need a place in the settings and in their project', async (t) => {
  const files = { 'web/one.json': configMap('one', 'x') }
  const allowsNamespace = (namespace: string): boolean => namespace.startsWith('team-')
  const cluster = await startDeliveryCluster(t, { files, allowsNamespace })
  for (const name of ['team-a', 'web'])
    await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  await cluster.createApplication('web', {}, { namespace: 'team-a' })
  const read = async (): Promise<Application | undefined> =>
    (await cluster.get('argoproj.io/v1alpha1/Application', 'web', 'team-a')) as Application | undefined // our CRD
  const told = await eventually(async () => {
    const live = await read()
    return (live?.status?.conditions ?? []).length > 0 ? live : undefined
  })
  assert.deepEqual(
    told.status?.conditions?.map(({ type, message }) => [type, message]),
    [['InvalidSpecError', `application 'web' in namespace 'team-a' is not permitted to use project 'default'`]],
  )

  const place = { namespace: CONTROL_NAMESPACE }
  await cluster.patch(
    'argoproj.io/v1alpha1/AppProject',
    'default',
    { spec: { sourceNamespaces: ['/^team-[a-z]$/'] } },
    place,
  )
  await eventually(async () => ((await read())?.status?.sync?.status === 'OutOfSync' ? true : undefined))
  const operation = { sync: {}, initiatedBy: { username: 'admin' } }
  await cluster.patch('argoproj.io/v1alpha1/Application', 'web', { operation }, { namespace: 'team-a' })
  const one = await eventually(() => cluster.get('v1/ConfigMap', 'one', 'web'))
  assert.equal(one.metadata.annotations?.['argocd.argoproj.io/tracking-id'], 'team-a_web:/ConfigMap:web/one')
})

test('what nobody owns is warned of, unless the project ignores it or forbids it', async (t) => {
  const cluster = await startDeliveryCluster(t, { files: { 'web/one.json': configMap('one', 'x') } })
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'web' } })
  const monitor = (orphanedResources: JsonObject, more: JsonObject = {}): Promise<void> =>
    cluster.patch(
      'argoproj.io/v1alpha1/AppProject',
      'default',
      { spec: { orphanedResources, ...more } },
      { namespace: CONTROL_NAMESPACE },
    )
  for (const name of ['stray', 'known']) {
    const metadata = { name, namespace: 'web' }
    await cluster.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata })
  }
  // Left behind by an application that is no more.
  const annotations = { 'argocd.argoproj.io/tracking-id': 'gone:/ConfigMap:web/left' }
  await cluster.create({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'left', namespace: 'web', annotations },
  })
  await monitor({ warn: true, ignore: [] })
  await cluster.createApplication('web')
  const warned = (count: number): Promise<Application> =>
    cluster.until('web', (seen) => messagesOf(seen).includes(`Application has ${count} orphaned resources`))
  await warned(3)
  await monitor({ warn: true, ignore: [{ kind: 'ConfigMap', name: 'kn*' }] })
  await warned(2)
  await monitor({ warn: true, ignore: [{ group: 'apps', kind: 'ConfigMap' }] })
  await warned(3)
  await monitor({ warn: true, ignore: [] }, { namespaceResourceBlacklist: [{ group: '', kind: 'ConfigMap' }] })
  await cluster.until('web', (seen) => messagesOf(seen).every((message) => !message.includes('orphaned')))
})

test('what the project forbids is not shown in the tree, nor what hangs on it', async (t) => {
  const plane = await startStoryPlane(t)
  const repository = createRepository(join(temporaryFolder(t), 'repository'))
  repository.commit({ 'web/web.json': deployment('web', 'nginx:1.27') })
  const open = { sourceRepos: ['*'], destinations: [{ server: '*', namespace: '*' }] }
  await create(plane, 'argoproj.io/v1alpha1', 'AppProject', project('team', open))
  const source = { repoURL: repository.url, path: 'web', targetRevision: 'HEAD' }
  await create(plane, 'argoproj.io/v1alpha1', 'Application', {
    metadata: { name: 'web', namespace: 'argocd' },
    spec: {
      project: 'team',
      source,
      destination: { server: SERVER, namespace: 'default' },
      syncPolicy: { automated: {} },
    },
  })
  await plane.application('web', ({ status }) => status?.health?.status === 'Healthy')
  const kinds = async (): Promise<readonly string[]> => {
    const tree = await plane.api.call<ApplicationTree>('application.ApplicationService/ResourceTree', {
      applicationName: 'web',
    })
    return [...new Set((tree.nodes ?? []).map(({ kind = '' }) => kind))].toSorted()
  }
  assert.deepEqual(await kinds(), ['Deployment', 'Pod', 'ReplicaSet'])

  const namespaceResourceBlacklist = [{ group: 'apps', kind: 'ReplicaSet' }]
  await patch(plane, 'AppProject', 'team', { spec: { namespaceResourceBlacklist } })
  await eventually(async () => ((await kinds()).join() === 'Deployment' ? true : undefined))
})

test('a sync that a window or a signature policy holds back is refused at once', async (t) => {
  const plane = await startStoryPlane(t)
  const window = { kind: 'deny', schedule: '* * * * *', duration: '1h', applications: ['*'] }
  const gpg = { mode: 'head', keys: ['0123456789ABCDEF'] }
  const sourceIntegrity = { git: { policies: [{ repos: [{ url: '*' }], gpg }] } }
  const spec = { sourceRepos: ['*'], destinations: [{ server: '*', namespace: '*' }], syncWindows: [window] }
  await create(plane, 'argoproj.io/v1alpha1', 'AppProject', project('team', { ...spec, sourceIntegrity }))
  const source = { repoURL: 'https://127.0.0.1:1/none', path: '.', targetRevision: 'HEAD' }
  await create(plane, 'argoproj.io/v1alpha1', 'Application', {
    metadata: { name: 'web', namespace: 'argocd' },
    spec: { project: 'team', source, destination: { server: SERVER, namespace: 'default' } },
  })
  await plane.application('web', () => true)
  const sync = (more: JsonObject = {}): Promise<unknown> =>
    plane.api.call('application.ApplicationService/Sync', { name: 'web', ...more })
  const refused = (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => 'done',
      (error: unknown) => (error instanceof Error ? error.message : ''),
    )
  await eventually(async () => ((await refused(sync())) === 'cannot sync: blocked by sync window' ? true : undefined))

  await patch(plane, 'AppProject', 'team', { spec: { syncWindows: [{ ...window, manualSync: true }] } })
  const wanted = 'Cannot use local manifests when source integrity is enforced'
  const manifests = [configMap('one', 'x')]
  await eventually(async () => ((await refused(sync({ manifests }))) === wanted ? true : undefined))
  assert.equal(await refused(sync()), 'done')
})
