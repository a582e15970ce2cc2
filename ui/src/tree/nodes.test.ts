// Tests what the resource tree shows.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Application } from '../../../src/crds/application.ts'
import type { ResourceNode } from '../../../src/crds/tree.ts'
import { buildTree, MAX_EQUAL_LEAVES } from './build.ts'
import { ROOT_KEY, splitName } from './nodes.ts'

function application(resources: NonNullable<Application['status']>['resources'] = []): Application {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'web', namespace: 'argocd' },
    spec: { project: 'default', destination: {} },
    status: { resources },
  }
}

const deployment: ResourceNode = { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'n', name: 'web' }

function pods(count: number, health: 'Healthy' | 'Degraded' = 'Healthy'): ResourceNode[] {
  return Array.from({ length: count }, (_, index) => ({
    version: 'v1',
    kind: 'Pod',
    namespace: 'n',
    name: `${health}-${index}`,
    parentRefs: [deployment],
    health: { status: health },
  }))
}

test('children stand below their owners, the rest below the application', () => {
  const config: ResourceNode = { version: 'v1', kind: 'ConfigMap', namespace: 'n', name: 'a' }
  const lost: ResourceNode = { version: 'v1', kind: 'Secret', name: 's', parentRefs: [{ kind: 'Gone', name: 'x' }] }

  const nodes = buildTree(application(), { nodes: [deployment, ...pods(1), lost, config] })

  assert.deepEqual(
    nodes.map(({ kind, parentKey }) => [kind, parentKey]),
    [
      ['Application', undefined],
      ['ConfigMap', ROOT_KEY],
      ['Deployment', ROOT_KEY],
      ['Pod', 'apps/Deployment/n/web'],
      ['Secret', ROOT_KEY],
    ],
  )
})

test('what the cluster does not have yet is shown as missing, with its sync state', () => {
  const nodes = buildTree(
    application([
      { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'n', name: 'web', status: 'Synced' },
      { version: 'v1', kind: 'Service', namespace: 'n', name: 'web', status: 'OutOfSync', hook: true },
      { version: 'v1', kind: 'Secret', name: 'old', status: 'OutOfSync', requiresPruning: true },
    ]),
    { nodes: [deployment] },
  )

  assert.deepEqual(
    nodes
      .slice(1)
      .map(({ kind, sync, health, isHook, requiresPruning }) => [kind, sync, health, isHook, requiresPruning]),
    [
      ['Deployment', 'Synced', undefined, undefined, undefined],
      ['Secret', 'OutOfSync', 'Missing', undefined, true],
      ['Service', 'OutOfSync', 'Missing', true, undefined],
    ],
  )
})

test('many equal leaves are one bundle until it is opened; other healths stay apart', () => {
  const tree = { nodes: [deployment, ...pods(MAX_EQUAL_LEAVES + 1), ...pods(1, 'Degraded')] }

  const nodes = buildTree(application(), tree)
  const bundle = nodes.find(({ count }) => count !== undefined)

  assert.deepEqual(
    nodes.slice(2).map(({ name, count, health }) => [name, count, health]),
    [
      ['Degraded-0', undefined, 'Degraded'],
      ['', MAX_EQUAL_LEAVES + 1, 'Healthy'],
    ],
  )
  assert.equal(buildTree(application(), tree, { opened: new Set([bundle?.key ?? '']) }).length, MAX_EQUAL_LEAVES + 4)
  assert.equal(
    buildTree(application(), { nodes: [deployment, ...pods(MAX_EQUAL_LEAVES)] }).length,
    MAX_EQUAL_LEAVES + 2,
  )
})

test('says the short facts of a pod, but not that it runs', () => {
  const info = [
    { name: 'Status Reason', value: 'Running' },
    { name: 'Containers', value: '1/1' },
    { name: 'Node', value: 'node-1' },
    { name: 'Restart Count', value: '2' },
  ]
  const facts = (kind: string, reason: string): unknown =>
    buildTree(application(), {
      nodes: [{ kind, name: 'p', info: [{ name: 'Status Reason', value: reason }, ...info.slice(1)] }],
    })[1]?.facts

  assert.deepEqual(facts('Pod', 'Running'), ['1/1', '↻ 2'])
  assert.deepEqual(facts('Pod', 'CrashLoopBackOff'), ['CrashLoopBackOff', '1/1', '↻ 2'])
})

test('an owner of itself stands below the application', () => {
  const self: ResourceNode = { kind: 'A', name: 'a', parentRefs: [{ kind: 'A', name: 'a' }] }

  assert.equal(buildTree(application(), { nodes: [self] })[1]?.parentKey, ROOT_KEY)
})

test('keeps the end of long names', () => {
  assert.deepEqual(splitName('web'), ['web', ''])
  assert.deepEqual(splitName('prod-guestbook-558d8d7bc5-l7bhx'), ['prod-guestbook-558d8d7bc5', '-l7bhx'])
})
