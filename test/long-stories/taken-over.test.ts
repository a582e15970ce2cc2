// A story of moving in: what Argo CD 3.5 has delivered is taken over as it stands, looked after, and given back.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Secret } from '../../src/base/secret.ts'
import type { Application } from '../../src/crds/application.ts'
import { applicationCrd, applicationSetCrd, appProjectCrd } from '../../src/crds/crd.ts'
import { KubeError, type KubeClient } from '../../src/kube/client/client.ts'
import { type JsonObject, type JsonValue, kindOf, type KubeObject } from '../../src/kube/object.ts'
import { hashPassword } from '../../src/server/auth/passwords.ts'
import { ADMIN_PASSWORD, startStoryPlane, type StoryPlane } from '../support/control-plane.ts'
import { createRepository, temporaryFolder } from '../support/git.ts'

const SERVER = 'https://kubernetes.default.svc'
const THEN = '2026-06-01T08:00:00Z'
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'
const TRACKING = 'argocd.argoproj.io/tracking-id'
/** Argo CD writes with this field manager. */
const MANAGER = 'argocd-controller'
const PATIENCE_MS = 45_000

type Manifest = KubeObject & JsonObject

const labels = { app: 'web' }
const configMap: Manifest = manifest({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'web' },
  data: { greeting: 'hello' },
})
const service: Manifest = manifest({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', labels },
  spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
})
const deployment: Manifest = manifest({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', labels },
  spec: {
    replicas: 2,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'nginx:1.27' }] } },
  },
})

function manifest(value: object): Manifest {
  return value as Manifest // written out in this file, as JSON
}

/** As Argo CD applies it: marked as its application's, with kubectl's annotation of what was applied, keys sorted. */
function asLeft(object: Manifest, namespace: string): Manifest {
  const { group, kind } = kindOf(object)
  const { name = '' } = object.metadata
  const annotations = { [TRACKING]: `web:${group}/${kind}:${namespace}/${name}` }
  const applied = { ...object, metadata: { ...object.metadata, annotations, namespace } }
  const text = `${JSON.stringify(sorted(applied))}\n`
  const metadata = { ...applied.metadata, annotations: { ...annotations, [LAST_APPLIED]: text } }
  return manifest({ ...applied, metadata })
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]))
}

/** The Application with the status its controller has left, field for field. */
function applicationAsLeft(repoURL: string, revision: string): JsonObject {
  const source = { repoURL, path: 'web', targetRevision: 'HEAD' }
  const destination = { server: SERVER, namespace: 'web' }
  const resources = [configMap, service, deployment].map((object) => {
    const { group, version, kind } = kindOf(object)
    return { ...(group === '' ? {} : { group }), version, kind, namespace: 'web', name: 'web', status: 'Synced' }
  })
  const results = resources.map(({ status, ...resource }) => ({
    group: '',
    ...resource,
    status,
    syncPhase: 'Sync',
    hookPhase: 'Running',
    message: `${resource.kind.toLowerCase()}/web created`,
  }))
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'web', namespace: 'argocd', finalizers: ['resources-finalizer.argocd.argoproj.io'] },
    spec: { project: 'default', source, destination, syncPolicy: { automated: { prune: true, selfHeal: true } } },
    status: {
      controllerNamespace: 'argocd',
      health: { lastTransitionTime: THEN, status: 'Healthy' },
      history: [
        {
          deployStartedAt: THEN,
          deployedAt: THEN,
          id: 0,
          initiatedBy: { automated: true },
          revision,
          source,
        },
      ],
      operationState: {
        finishedAt: THEN,
        message: 'successfully synced (all tasks run)',
        operation: { initiatedBy: { automated: true }, retry: { limit: 5 }, sync: { prune: true, revision } },
        phase: 'Succeeded',
        startedAt: THEN,
        syncResult: { resources: results, revision, source },
      },
      reconciledAt: THEN,
      resourceHealthSource: 'appTree',
      resources,
      sourceHydrator: {},
      sourceType: 'Directory',
      summary: { images: ['nginx:1.27'] },
      sync: { comparedTo: { destination, source }, revision, status: 'Synced' },
    },
  }
}

async function create(client: KubeClient, object: JsonObject, fieldManager = 'kubectl-create'): Promise<void> {
  const made = manifest(object)
  const type = await eventually(() => client.resourceOf(kindOf(made)))
  try {
    await client.create(type, made, { fieldManager })
  } catch (error) {
    if (!(error instanceof KubeError && error.reason === 'AlreadyExists')) throw error
  }
}

async function eventually<T>(find: () => Promise<T | undefined>): Promise<T> {
  const endMs = Date.now() + PATIENCE_MS
  for (;;) {
    const found = await find()
    if (found !== undefined) return found
    if (Date.now() > endMs) throw new Error('waited in vain')
    await pause(20)
  }
}

/** The install of Argo CD with its controllers scaled to zero, and what they had delivered. */
async function installOriginal(client: KubeClient, repoURL: string, revision: string, replicas: number): Promise<void> {
  for (const name of ['argocd', 'web'])
    await create(client, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  for (const crd of [applicationCrd(), appProjectCrd(), applicationSetCrd()]) {
    await create(client, crd as Manifest, 'kubectl-client-side-apply')
  }
  const place = { namespace: 'argocd', labels: { 'app.kubernetes.io/part-of': 'argocd' } }
  const data = { 'timeout.reconciliation': '1s', 'timeout.reconciliation.jitter': '0s' }
  await create(client, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...place, name: 'argocd-cm' }, data })
  const stringData = {
    'admin.password': await hashPassword(new Secret(ADMIN_PASSWORD)),
    'admin.passwordMtime': THEN,
    'server.secretkey': 'c2lnbmluZy1rZXktb2YtdGhlLW9yaWdpbmFsLWluc3RhbGw=',
  }
  await create(client, { apiVersion: 'v1', kind: 'Secret', metadata: { ...place, name: 'argocd-secret' }, stringData })
  const spec = {
    clusterResourceWhitelist: [{ group: '*', kind: '*' }],
    destinations: [{ namespace: '*', server: '*' }],
    sourceRepos: ['*'],
  }
  const metadata = { name: 'default', namespace: 'argocd' }
  await create(client, { apiVersion: 'argoproj.io/v1alpha1', kind: 'AppProject', metadata, spec, status: {} })
  const app = { app: 'argocd-application-controller' }
  const containers = [{ name: 'controller', image: 'quay.io/argoproj/argocd:v3.5.1' }]
  await create(client, {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { ...place, name: 'argocd-application-controller' },
    spec: {
      replicas,
      serviceName: 'argocd-application-controller',
      selector: { matchLabels: app },
      template: { metadata: { labels: app }, spec: { containers } },
    },
  })
  for (const object of [configMap, service, deployment]) await create(client, asLeft(object, 'web'), MANAGER)
  await create(client, applicationAsLeft(repoURL, revision))
}

/** What would move if somebody touched it. */
async function fingerprints(client: KubeClient): Promise<Readonly<Record<string, unknown>>> {
  const found: [string, unknown][] = []
  const kinds: readonly (readonly [group: string, kind: string, namespace: string])[] = [
    ['', 'ConfigMap', 'web'],
    ['', 'Service', 'web'],
    ['apps', 'Deployment', 'web'],
    ['apps', 'ReplicaSet', 'web'],
    ['', 'Pod', 'web'],
    ['apiextensions.k8s.io', 'CustomResourceDefinition', ''],
    ['argoproj.io', 'AppProject', 'argocd'],
  ]
  for (const [group, kind, namespace] of kinds) {
    const type = await client.resourceOf({ group, kind })
    assert.ok(type !== undefined)
    for (const { metadata } of (await client.list(type, namespace === '' ? {} : { namespace })).items) {
      const { name = '', uid, generation, annotations, labels: marks } = metadata
      // Status of what runs is written by others.
      const hasStatus = ['Deployment', 'ReplicaSet', 'Pod', 'CustomResourceDefinition'].includes(kind)
      const version = hasStatus ? undefined : metadata.resourceVersion
      const isOther = kind === 'CustomResourceDefinition' && !name.endsWith('.argoproj.io')
      if (!isOther) found.push([`${kind} ${name}`, { uid, generation, annotations, marks, version }])
    }
  }
  return Object.fromEntries(found)
}

async function untilRunning(client: KubeClient): Promise<void> {
  const type = await client.resourceOf({ group: 'apps', kind: 'Deployment' })
  assert.ok(type !== undefined)
  await eventually(async () => {
    const live = (await client.get({ type, namespace: 'web', name: 'web' })) as Manifest | undefined // JSON
    return fieldOf(live?.['status'], 'availableReplicas') === 2 ? true : undefined
  })
}

function fieldOf(value: JsonValue | undefined, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined
}

async function dataOf(plane: StoryPlane): Promise<unknown> {
  return ((await plane.live('v1', 'ConfigMap', 'web/web')) as Manifest | undefined)?.['data'] // JSON
}

test('what Argo CD has delivered is taken over untouched, looked after, and given back', async (t) => {
  const repository = createRepository(join(temporaryFolder(t), 'repository'))
  const files = { 'web/config.yaml': configMap, 'web/service.yaml': service, 'web/deployment.yaml': deployment }
  const revision = repository.commit(
    Object.fromEntries(Object.entries(files).map(([path, object]) => [path, JSON.stringify(object)])),
  )
  let before: Readonly<Record<string, unknown>> = {}

  const plane = await startStoryPlane(t, {
    before: async (client) => {
      await installOriginal(client, repository.url, revision, 0)
      await untilRunning(client)
      before = await fingerprints(client)
    },
  })
  // What is found as it was is not even written down; somebody has to ask.
  await plane.api.call('application.ApplicationService/Get', { name: 'web', refresh: 'hard' })
  const taken = await plane.application('web', ({ status }) => status?.reconciledAt !== THEN)
  assert.deepEqual(await fingerprints(plane.client), before)
  assert.deepEqual(told(taken), {
    sync: 'Synced',
    health: 'Healthy',
    operation: undefined,
    startedAt: THEN,
    history: [[0, revision]],
    conditions: [],
  })

  // From now on it is delivered here: what changes in Git changes, and nothing else.
  const next = manifest({ ...configMap, data: { greeting: 'welcome' } })
  const second = repository.commit({ 'web/config.yaml': JSON.stringify(next) })
  const delivered = await plane.application(
    'web',
    ({ status }) => status?.sync?.revision === second && status.sync.status === 'Synced',
  )
  assert.deepEqual(await dataOf(plane), { greeting: 'welcome' })
  assert.deepEqual(told(delivered).history, [
    [0, revision],
    [1, second],
  ])
  const after = await fingerprints(plane.client)
  assert.deepEqual({ ...after, 'ConfigMap web': undefined }, { ...before, 'ConfigMap web': undefined })

  // Given back: marks, annotations and field managers are as the original writes them.
  await plane.plane.stop()
  const left = metadataOf(await plane.live('v1', 'ConfigMap', 'web/web'))
  assert.deepEqual(left.annotations, asLeft(next, 'web').metadata.annotations)
  assert.deepEqual([...new Set((left.managedFields ?? []).map(({ manager }) => manager))], [MANAGER])
  const own = metadataOf(await plane.live('argoproj.io/v1alpha1', 'Application', 'argocd/web'))
  assert.deepEqual([own.finalizers, own.annotations], [['resources-finalizer.argocd.argoproj.io'], undefined])
})

function metadataOf(object: KubeObject | undefined): KubeObject['metadata'] {
  assert.ok(object !== undefined)
  return object.metadata
}

/** What an application says of itself, and what was done to it. */
function told({ operation, status = {} }: Application): Readonly<Record<string, unknown>> {
  const { sync, health, history = [], conditions = [], operationState } = status
  return {
    sync: sync?.status,
    health: health?.status,
    operation,
    startedAt: operationState?.startedAt,
    history: history.map(({ id, revision }) => [id, revision]),
    conditions,
  }
}

test('beside controllers of the original that still run nothing is begun', async (t) => {
  const starting = startStoryPlane(t, { before: (client) => installOriginal(client, 'https://127.0.0.1:1/x', 'a', 1) })
  await assert.rejects(starting, {
    code: 'precondition',
    message:
      "Argo CD's own controllers run in namespace argocd, and two would undo each other's work: kubectl -n argocd scale statefulset/argocd-application-controller --replicas 0",
  })
})
