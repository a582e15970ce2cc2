// Tests filters, folds, the network, groups of pods, and what of a drawing is in view.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Application } from '../../../src/crds/application.ts'
import type { ResourceNode } from '../../../src/crds/tree.ts'
import { buildTree } from './build.ts'
import { countNodes, NO_FILTER } from './filter.ts'
import { markOf } from './kinds.ts'
import { layOut, NODE_HEIGHT, NODE_WIDTH } from './layout.ts'
import { buildNetwork } from './network.ts'
import { allNodes, ROOT_KEY } from './nodes.ts'
import { groupPods, ownersOf, podsBelow } from './pods.ts'
import { fitZoom, MAX_ZOOM, MIN_ZOOM, stepZoom, windowOf } from './viewport.ts'

const application: Application = {
  apiVersion: '',
  kind: '',
  metadata: { name: 'web', namespace: 'argocd' },
  spec: { project: 'default', destination: {} },
}
const common = { namespace: 'n', version: 'v1' }
const labels = { app: 'web' }

function pod(name: string, node: string, status: 'Healthy' | 'Degraded' = 'Healthy'): ResourceNode {
  return {
    ...common,
    kind: 'Pod',
    name,
    parentRefs: [{ group: 'apps', kind: 'ReplicaSet', namespace: 'n', name: 'web-1' }],
    info: [{ name: 'Node', value: node }],
    health: { status },
    networkingInfo: { labels },
  }
}

const nodes: readonly ResourceNode[] = [
  { ...common, group: 'apps', kind: 'Deployment', name: 'web', health: { status: 'Healthy' } },
  {
    ...common,
    group: 'apps',
    kind: 'ReplicaSet',
    name: 'web-1',
    parentRefs: [{ group: 'apps', kind: 'Deployment', namespace: 'n', name: 'web' }],
  },
  pod('web-1-a', 'node-1'),
  pod('web-1-b', 'node-2', 'Degraded'),
  { ...common, kind: 'Service', name: 'web', networkingInfo: { targetLabels: labels } },
  { ...common, kind: 'Service', name: 'web-metrics', networkingInfo: { targetLabels: labels } },
  {
    ...common,
    group: 'networking.k8s.io',
    kind: 'Ingress',
    name: 'web',
    networkingInfo: {
      targetRefs: [{ kind: 'Service', namespace: 'n', name: 'web' }],
      externalURLs: ['https://web.example.com/'],
    },
  },
  { ...common, kind: 'ConfigMap', name: 'settings' },
]
const tree = { nodes: [...nodes] }
const all = allNodes(application, tree)
const names = (found: readonly { readonly name: string }[]): readonly string[] => found.map(({ name }) => name)

test('a filter keeps what matches and what stands above it', () => {
  const shown = (filter: object): readonly string[] =>
    names(buildTree(application, tree, { filter: { ...NO_FILTER, ...filter } }))

  assert.deepEqual(shown({ health: ['Degraded'] }), ['web', 'web', 'web-1-b', 'web-1'])
  assert.deepEqual(shown({ text: 'config SETT' }), ['web', 'settings'])
  assert.deepEqual(shown({ kind: ['Ingress', 'ConfigMap'] }), ['web', 'settings', 'web'])
  assert.deepEqual(shown({ text: 'nothing' }), ['web'])
  assert.deepEqual(Object.fromEntries(countNodes(all, 'health')), { Degraded: 1, Healthy: 2 })
})

test('a folded node hides what is below it and says how much', () => {
  const folded = buildTree(application, tree, { folded: new Set(['apps/Deployment/n/web']) })

  assert.equal(folded.find(({ kind }) => kind === 'Deployment')?.hiddenCount, 3)
  assert.equal(folded.some(({ kind }) => kind === 'Pod'), false) // prettier-ignore
  assert.equal(folded.find(({ kind }) => kind === 'ConfigMap')?.isFolded, undefined)
  assert.equal(folded.find(({ key }) => key === ROOT_KEY)?.isFolded, false)
})

test('the network leads from the ingress through services to pods, a pod behind two services stands once', () => {
  const { nodes: found, extraLinks } = buildNetwork(application, tree)
  const parents = new Map(found.map(({ kind, name, parentKey }) => [`${kind} ${name}`, parentKey]))

  assert.deepEqual([...parents.keys()].toSorted(), ['Application web', 'Ingress web', 'Pod web-1-a', 'Pod web-1-b', 'Service web', 'Service web-metrics']) // prettier-ignore
  assert.equal(parents.get('Service web'), 'networking.k8s.io/Ingress/n/web')
  assert.equal(parents.get('Pod web-1-a'), '/Service/n/web')
  assert.deepEqual(extraLinks, [
    ['/Service/n/web-metrics', '/Pod/n/web-1-a'],
    ['/Service/n/web-metrics', '/Pod/n/web-1-b'],
  ])
  assert.deepEqual(found.find(({ kind }) => kind === 'Ingress')?.facts, ['https://web.example.com/'])
  assert.equal(layOut(found, extraLinks).lines.length, found.length - 1 + 2)
})

test('what leads to itself through others still hangs together', () => {
  const circle = ['a', 'b'].map((name, index) => ({
    ...common,
    kind: 'Service',
    name,
    networkingInfo: { targetRefs: [{ kind: 'Service', namespace: 'n', name: index === 0 ? 'b' : 'a' }] },
  }))

  const { nodes: found } = buildNetwork(application, { nodes: circle })

  assert.equal(layOut(found).nodes.length, 3)
})

test('pods stand by node or by their topmost owner', () => {
  const groups = (by: 'node' | 'owner'): unknown =>
    groupPods(all, by).map(({ title, ready, pods }) => [title, ready, ...names(pods)])

  assert.deepEqual(groups('node'), [['node-1', 1, 'web-1-a'], ['node-2', 0, 'web-1-b']]) // prettier-ignore
  assert.deepEqual(groups('owner'), [['web', 1, 'web-1-a', 'web-1-b']])
})

test('owners are named from the nearest, pods are found below any of them', () => {
  const [first] = all.filter(({ kind }) => kind === 'Pod')
  const deployment = all.find(({ kind }) => kind === 'Deployment')
  const config = all.find(({ kind }) => kind === 'ConfigMap')
  assert.ok(first !== undefined && deployment !== undefined && config !== undefined)

  assert.deepEqual(ownersOf(first, all).map(({ kind }) => kind), ['ReplicaSet', 'Deployment']) // prettier-ignore
  assert.deepEqual(names(podsBelow(deployment, all)), ['web-1-a', 'web-1-b'])
  assert.deepEqual(names(podsBelow(first, all)), ['web-1-a'])
  assert.deepEqual(podsBelow(config, all), [])
})

test('only what is in view is drawn, and it is drawn whole when it fits', () => {
  const many = Array.from({ length: 500 }, (_, index) => ({
    ...common,
    kind: 'ConfigMap',
    name: `c-${index}`,
    health: { status: index % 2 === 0 ? ('Healthy' as const) : ('Degraded' as const) },
  }))
  const layout = layOut([...buildTree(application, { nodes: many }, { opened: new Set(bundles(many)) })])
  const size = { width: NODE_WIDTH, height: NODE_HEIGHT }
  const view = { left: 0, top: 0, width: 1000, height: 600, zoom: 1 }

  assert.equal(layout.nodes.length, 501)
  assert.ok(windowOf(layout, size, view).nodes.length < 40)
  assert.ok(windowOf(layout, size, { ...view, top: 10_000 }).nodes.length < 40)
  assert.equal(windowOf(layout, size, { ...view, height: layout.height }).nodes.length, 501)
  assert.equal(fitZoom(layout, { width: 1000, height: 600 }), MIN_ZOOM)
  assert.equal(fitZoom({ ...layout, width: 500, height: 300 }, { width: 1000, height: 600 }), 1)
  assert.equal(stepZoom(MAX_ZOOM, 1), MAX_ZOOM)
  assert.equal(stepZoom(1, -1), 0.83)
})

function bundles(resources: readonly ResourceNode[]): readonly string[] {
  return buildTree(application, { nodes: [...resources] }).flatMap(({ key, count }) =>
    count === undefined ? [] : [key],
  )
}

test('a kind has a mark; one that is not known the mark of its capitals', () => {
  assert.deepEqual(markOf('Deployment'), { short: 'dpl', family: 'workload' })
  assert.deepEqual(markOf('VirtualService'), { short: 'vs', family: 'other' })
  assert.deepEqual(markOf('Certificate'), { short: 'cer', family: 'other' })
  assert.deepEqual(markOf('constructor'), { short: 'con', family: 'other' })
})
