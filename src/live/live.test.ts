import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../kube/object.ts'
import { imagesOf } from './images.ts'
import { type LiveResource, toLiveResource } from './live-resource.ts'
import { ObjectIndex } from './object-index.ts'
import { infoOf } from './resource-info.ts'
import { networkingOf } from './resource-networking.ts'
import { compareVersions } from './resource-version.ts'
import { isClaimOf } from './stateful-claims.ts'
import { applicationOf, DEFAULT_TRACKING, isSelfReferenced, parseTrackingId, withTracking } from './tracking.ts'
import { isWatched } from './watched-kinds.ts'

const READING = {
  applicationOf: (object: KubeObject) => applicationOf(object, DEFAULT_TRACKING),
  health: () => undefined,
}

type Metadata = KubeObject['metadata']

function live(kind: string, name: string, metadata: Metadata = {}, more: object = {}): LiveResource {
  const object = {
    apiVersion: 'v1',
    kind,
    metadata: { name, namespace: 'app', uid: `uid-${name}`, ...metadata },
    ...more,
  }
  return toLiveResource(object, READING)
}

function ownedBy(owner: LiveResource): Metadata {
  const { kind, apiVersion, metadata } = owner
  return { ownerReferences: [{ apiVersion, kind, name: metadata.name ?? '', uid: metadata.uid ?? '' }] }
}

function tracked(kind: string, name: string): Metadata {
  return { annotations: { 'argocd.argoproj.io/tracking-id': `web:/${kind}:app/${name}` } }
}

for (const [text, parsed] of [
  ['web:apps/Deployment:app/web', { app: 'web', group: 'apps', kind: 'Deployment', namespace: 'app', name: 'web' }],
  ['ns_web:/Service:app/a:b', { app: 'ns_web', group: '', kind: 'Service', namespace: 'app', name: 'a:b' }],
  ['web:apps/Deployment', undefined],
  ['web:Deployment:app/web', undefined],
  ['web:a/b/c:app/web', undefined],
] as const) {
  test(`[TestParseAppInstanceValue] the tracking id ${text} is ${parsed === undefined ? 'refused' : 'read'}`, () => {
    assert.deepEqual(parseTrackingId(text), parsed)
  })
}

test('each tracking method writes its marks, and a CRD gets none', () => {
  const object: KubeObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }
  const crd: KubeObject = { ...object, apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' }
  const mark = { app: `team_${'x'.repeat(70)}`, namespace: 'app' }
  const both = { ...DEFAULT_TRACKING, method: 'annotation+label', installationId: 'east' } as const

  const marked = withTracking(object, mark, both)

  assert.equal(marked.metadata.annotations?.['argocd.argoproj.io/tracking-id'], `${mark.app}:/ConfigMap:app/a`)
  assert.equal(marked.metadata.annotations?.['argocd.argoproj.io/installation-id'], 'east')
  assert.equal(marked.metadata.labels?.['app.kubernetes.io/instance']?.length, 63)
  assert.equal(applicationOf(marked, both), mark.app)
  assert.equal(applicationOf(marked, { ...both, installationId: 'west' }), undefined)
  assert.equal(withTracking(crd, mark, both), crd)
})

test('[TestIsLiveResourceManaged] [TestResourceIdNormalizer] a copied mark is not self-referenced, a move to another group is', () => {
  const mark = { app: 'web', namespace: 'app' }
  const own = live('ConfigMap', 'a', tracked('ConfigMap', 'a')).object
  const copy = live('ConfigMap', 'b', tracked('ConfigMap', 'a')).object
  const moved: KubeObject = { apiVersion: 'networking.k8s.io/v1', kind: 'ConfigMap', metadata: { name: 'a' } }

  assert.ok(own !== undefined && copy !== undefined)
  assert.equal(isSelfReferenced(own, undefined, mark, DEFAULT_TRACKING), true)
  assert.equal(isSelfReferenced(copy, undefined, mark, DEFAULT_TRACKING), false)
  assert.equal(isSelfReferenced(own, moved, mark, DEFAULT_TRACKING), true)
})

test('what an owner made belongs to the application of its root, even with a copied annotation', () => {
  const index = new ObjectIndex()
  const root = live('Deployment', 'web', tracked('Deployment', 'web'))
  const set = live('ReplicaSet', 'web-1', { ...tracked('Deployment', 'web'), ...ownedBy(root) })
  const pod = live('Pod', 'web-1-a', ownedBy(set))
  for (const resource of [pod, set, root]) index.put(resource)

  assert.equal(set.app, undefined)
  assert.deepEqual([...index.applicationsOf(pod)], ['web'])
  assert.deepEqual(index.childrenOf(root), [set])
  assert.deepEqual([...index.ofApp('web')], [root])
})

test('[TestIterateHierarchyV2] owners that form a circle end the walk', () => {
  const index = new ObjectIndex()
  const first = live('ConfigMap', 'a', ownedBy(live('ConfigMap', 'b')))
  const second = live('ConfigMap', 'b', ownedBy(first))
  index.put(first)
  index.put(second)

  assert.deepEqual([...index.applicationsOf(first)], [])
})

test('[Test_isStatefulSetChild] [TestStatefulSetPVC] parents are inferred for endpoints, token secrets and claims of stateful sets', () => {
  const index = new ObjectIndex()
  const service = live('Service', 'web')
  const endpoints = live('Endpoints', 'web', { uid: 'uid-endpoints' })
  const templates = { spec: { volumeClaimTemplates: [{ metadata: { name: 'data' } }] } }
  const set = live('StatefulSet', 'db', {}, templates)
  const claim = live('PersistentVolumeClaim', 'data-db-0')
  const other = live('PersistentVolumeClaim', 'data-db-x')
  for (const resource of [service, endpoints, set, claim, other]) index.put(resource)

  assert.deepEqual(index.parentsOf(endpoints), [service])
  assert.deepEqual(index.childrenOf(set), [claim])
  assert.deepEqual(index.parentsOf(claim), [set])
  assert.deepEqual(index.parentsOf(other), [])
  assert.equal(isClaimOf('data-db-10', 'db', ['data']), true)
})

test('an older state never replaces a newer one, and a late answer does not bring a deleted object back', () => {
  const index = new ObjectIndex()
  const old = live('ConfigMap', 'a', { resourceVersion: '9' })
  const next = live('ConfigMap', 'a', { resourceVersion: '10' })

  assert.equal(index.put(next).taken, true)
  assert.equal(index.put(old).taken, false)
  index.delete(next.id, 'uid-a')
  assert.equal(index.put(old).taken, false)
  assert.equal(index.size, 0)
  assert.equal(index.put(live('ConfigMap', 'a', { uid: 'another', resourceVersion: '11' })).taken, true)
})

test('deleting the old object of a name leaves the new one', () => {
  const index = new ObjectIndex()
  const next = live('ConfigMap', 'a', { uid: 'new', resourceVersion: '5' })
  index.put(next)

  assert.equal(index.delete(next.id, 'old'), undefined)
  assert.equal(index.byId(next.id), next)
})

for (const [a, b, sign] of [
  ['9', '10', -1],
  ['10', '10', 0],
  ['18446744073709551616', '9', 1],
  ['x', '10', 1],
] as const) {
  test(`resource version ${a} compares with ${b} as ${sign}`, () => {
    assert.equal(Math.sign(compareVersions(a, b)), sign)
  })
}

test('images stand once, those of init containers first', () => {
  const spec = { initContainers: [{ image: 'a' }], containers: [{ image: 'b' }, { image: 'a' }] }
  const cron = { spec: { jobTemplate: { spec: { template: { spec } } } } }

  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: {}, spec }

  assert.deepEqual(imagesOf(pod), ['a', 'b'])
  assert.deepEqual(imagesOf({ apiVersion: 'batch/v1', kind: 'CronJob', metadata: {}, ...cron }), ['a', 'b'])
})

test('a pod shows its reason, node, containers and restarts', () => {
  const status = {
    phase: 'Running',
    containerStatuses: [
      { ready: true, restartCount: 2, state: { running: {} } },
      { ready: false, restartCount: 1, state: { waiting: { reason: 'CrashLoopBackOff' } } },
    ],
  }
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: {}, spec: { nodeName: 'n1', containers: [{}, {}] }, status }

  assert.deepEqual(infoOf(pod), [
    { name: 'Status Reason', value: 'CrashLoopBackOff' },
    { name: 'Node', value: 'n1' },
    { name: 'Containers', value: '1/2' },
    { name: 'Restart Count', value: '3' },
  ])
})

test('an ingress shows where it leads and how it is reached', () => {
  const ingress = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { namespace: 'app' },
    spec: {
      tls: [{ hosts: ['a.example.com'] }],
      rules: [
        { host: 'a.example.com', http: { paths: [{ path: '/x', backend: { service: { name: 'web' } } }] } },
        { host: 'b.example.com', http: { paths: [{ path: '/', backend: { service: { name: 'web' } } }] } },
      ],
    },
    status: { loadBalancer: { ingress: [{ ip: '10.0.0.1' }] } },
  }

  assert.deepEqual(networkingOf(ingress), {
    targetRefs: [{ kind: 'Service', namespace: 'app', name: 'web' }],
    ingress: [{ ip: '10.0.0.1' }],
    externalURLs: ['http://b.example.com/', 'https://a.example.com/x'],
  })
})

test('events, leases and what cannot be watched are not followed', () => {
  const type = {
    group: '',
    version: 'v1',
    resource: 'pods',
    kind: 'Pod',
    namespaced: true,
    verbs: ['list', 'watch'],
    subresources: [],
  }

  assert.equal(
    isWatched(type, () => false),
    true,
  )
  assert.equal(
    isWatched(type, () => true),
    false,
  )
  assert.equal(
    isWatched({ ...type, kind: 'Lease', group: 'coordination.k8s.io' }, () => false),
    false,
  )
  assert.equal(
    isWatched({ ...type, group: 'events.k8s.io' }, () => false),
    false,
  )
  assert.equal(
    isWatched({ ...type, verbs: ['list'] }, () => false),
    false,
  )
})

test('a chain of owners is followed to its limit and no further', () => {
  const index = new ObjectIndex()
  let owner = live('ConfigMap', 'root', tracked('ConfigMap', 'root'))
  const chain = [owner]
  for (let depth = 1; depth <= 40; depth++) {
    owner = live('ConfigMap', `child-${depth}`, ownedBy(owner))
    chain.push(owner)
  }
  for (const resource of chain) index.put(resource)

  assert.deepEqual([...index.applicationsOf(chain[31] ?? owner)], ['web'])
  assert.deepEqual([...index.applicationsOf(chain[33] ?? owner)], [])
})

test('only the latest deletions are remembered', () => {
  const index = new ObjectIndex()
  const first = live('ConfigMap', 'first', { resourceVersion: '1' })

  index.delete(first.id, 'uid-first')
  for (let count = 0; count < 10_000; count++) index.delete('x', `uid-${count}`)

  assert.equal(index.put(first).taken, true)
})
