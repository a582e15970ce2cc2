// Which node a pod gets, and what is said when it gets none.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Node, Pod, PodSpec } from '../kit/model.ts'
import { chooseNode } from './choose-node.ts'

function node(name: string, over: Partial<Node> = {}): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { zone: name } },
    status: { allocatable: { cpu: '2', memory: '4Gi', pods: '3' } },
    ...over,
  }
}

function pod(spec: Partial<PodSpec> = {}, cpu?: string): Pod {
  const resources = cpu === undefined ? {} : { resources: { requests: { cpu } } }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'c', ...resources }], ...spec },
  }
}

const tainted = (name: string): Node =>
  node(name, { spec: { taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }] } })

test('the emptiest node that fits is taken', () => {
  const busy: Readonly<Record<string, readonly Pod[]>> = { a: [pod({}, '1')], b: [] }

  assert.equal(chooseNode(pod(), [node('a'), node('b')], (name) => busy[name] ?? []).node, 'b')
  assert.equal(chooseNode(pod({ nodeSelector: { zone: 'a' } }), [node('a'), node('b')], () => []).node, 'a')
  assert.equal(
    chooseNode(pod({ tolerations: [{ key: 'gpu', operator: 'Exists' }] }), [tainted('a')], () => []).node,
    'a',
  )
})

test('reasons are counted as the real scheduler counts them', () => {
  const none = 'no new claims to deallocate, preemption: '
  const cases: readonly [Pod, readonly Node[], number, string][] = [
    [pod(), [], 0, 'no nodes available to schedule pods'],
    [
      pod({}, '3'),
      [node('a'), node('b')],
      0,
      `0/2 nodes are available: 2 Insufficient cpu. ${none}0/2 nodes are available: 2 Preemption is not helpful for scheduling.`,
    ],
    [
      pod({}, '1500m'),
      [node('a')],
      1,
      `0/1 nodes are available: 1 Insufficient cpu. ${none}0/1 nodes are available: 1 No preemption victims found for incoming pod.`,
    ],
    [
      pod(),
      [node('a')],
      3,
      `0/1 nodes are available: 1 Too many pods. ${none}0/1 nodes are available: 1 No preemption victims found for incoming pod.`,
    ],
    [
      pod({ nodeSelector: { zone: 'x' } }),
      [node('a'), tainted('b'), node('c', { spec: { unschedulable: true } })],
      0,
      `0/3 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable. ${none}0/3 nodes are available: 3 Preemption is not helpful for scheduling.`,
    ],
  ]
  for (const [wanted, nodes, running, message] of cases) {
    const others = Array.from({ length: running }, () => pod({}, '1'))
    assert.deepEqual(
      chooseNode(wanted, nodes, () => others),
      { node: undefined, message },
    )
  }
})

test('init containers count by their largest, sidecars with all', () => {
  const initContainers = [
    { name: 'i', resources: { requests: { cpu: '1500m' } } },
    { name: 's', restartPolicy: 'Always', resources: { requests: { cpu: '1' } } },
  ]

  assert.equal(chooseNode(pod({ initContainers }, '1'), [node('a')], () => []).node, 'a')
  assert.equal(chooseNode(pod({ initContainers }, '1500m'), [node('a')], () => []).node, undefined)
})

const labelled = (name: string, zone: string): Node => node(name, { metadata: { name, labels: { zone, host: name } } })
const app = (name: string, spec: Partial<PodSpec> = {}): Pod => {
  const one = pod(spec)
  return { ...one, metadata: { name, namespace: 'default', labels: { app: name } } }
}
const term = (name: string, topologyKey: string): object => ({
  labelSelector: { matchLabels: { app: name } },
  topologyKey,
})
const required = (part: string, ...terms: readonly object[]): Partial<PodSpec> =>
  ({ affinity: { [part]: { requiredDuringSchedulingIgnoredDuringExecution: terms } } }) as Partial<PodSpec>
const hostPort = (port: number): Partial<PodSpec> => ({
  containers: [{ name: 'c', ports: [{ containerPort: 80, hostPort: port, protocol: 'TCP' }] }],
})
const spread = (more: object = {}): Partial<PodSpec> =>
  ({
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'web' } }, ...more },
    ],
  }) as Partial<PodSpec> // prettier-ignore

const ZONES = [labelled('a', 'x'), labelled('b', 'x'), labelled('c', 'y')]

test('pods stand near and apart, spread and with free ports as they ask', () => {
  const cases: readonly [string, Pod, Readonly<Record<string, readonly Pod[]>>, string][] = [
    ['near', app('web', required('podAffinity', term('db', 'zone'))), { c: [app('db')] }, 'c'],
    ['first of its kind', app('web', required('podAffinity', term('web', 'zone'))), {}, 'a'],
    ['apart', app('web', required('podAntiAffinity', term('web', 'zone'))), { a: [app('web')] }, 'c'],
    ['kept away by others', app('web'), { a: [app('db', required('podAntiAffinity', term('web', 'zone')))] }, 'c'],
    ['spread', app('web', spread()), { a: [app('web')], b: [] }, 'c'],
    ['spread ignores other apps', app('web', spread()), { c: [app('db')] }, 'a'],
    ['free port', app('web', hostPort(80)), { a: [app('x', hostPort(80))], b: [app('y', hostPort(81))], c: [] }, 'c'],
  ] // prettier-ignore

  for (const [name, wanted, running, expected] of cases) {
    assert.equal(chooseNode(wanted, ZONES, (one) => running[one] ?? []).node, expected, name)
  }
})

test('wishes are followed where they can be', () => {
  const preferZone = (zone: string): Partial<PodSpec> =>
    ({
      affinity: {
        nodeAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 10, preference: { matchExpressions: [{ key: 'zone', operator: 'In', values: [zone] }] } },
          ],
        },
      },
    }) as Partial<PodSpec>
  const soft = node('a', { spec: { taints: [{ key: 'k', effect: 'PreferNoSchedule' }] } })

  assert.equal(chooseNode(app('web', preferZone('y')), ZONES, () => []).node, 'c')
  assert.equal(chooseNode(app('web'), [soft, node('b')], () => []).node, 'b')
})

test('says what stands in the way of pods that want to be near, apart or spread', () => {
  const cases: readonly [Pod, Readonly<Record<string, readonly Pod[]>>, string][] = [
    [app('web', required('podAffinity', term('db', 'zone'))), {}, "0/3 nodes are available: 3 node(s) didn't match pod affinity rules. no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."],
    [app('web', required('podAntiAffinity', term('web', 'zone'))), { a: [app('web')], c: [app('web')] }, "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules. no new claims to deallocate, preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod."],
    [app('web', spread({ topologyKey: 'rack' })), {}, "0/3 nodes are available: 3 node(s) didn't match pod topology spread constraints (missing required label). no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."],
    [app('web', { ...hostPort(80), preemptionPolicy: 'Never' }), { a: [app('x', hostPort(80))], b: [app('x', hostPort(80))], c: [app('x', hostPort(80))] }, "0/3 nodes are available: 3 node(s) didn't have free ports for the requested pod ports. no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never."],
    [app('web', { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['a'] }] }] } } }, ...hostPort(80) } as Partial<PodSpec>), { a: [app('x', hostPort(80))] }, "0/3 nodes are available: 1 node(s) didn't have free ports for the requested pod ports, 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. no new claims to deallocate, preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling."],
  ] // prettier-ignore

  for (const [wanted, running, message] of cases) {
    assert.equal(chooseNode(wanted, ZONES, (one) => running[one] ?? []).message, message)
  }
})

test('the fewest and least important pods have to go', () => {
  const sized = (name: string, cpu: string, priority: number): Pod => {
    const one = pod({ priority }, cpu)
    return { ...one, metadata: { name, namespace: 'default' } }
  }
  const running: Readonly<Record<string, readonly Pod[]>> = {
    a: [sized('low', '1', 1), sized('mid', '1', 5)],
    b: [sized('lower', '500m', 0), sized('high', '1500m', 20)],
  }

  const one = chooseNode(sized('new', '1', 10), [node('a'), node('b')], (name) => running[name] ?? [])
  const none = chooseNode(sized('new', '1', 0), [node('a'), node('b')], (name) => running[name] ?? [])

  assert.equal(one.message, '0/2 nodes are available: 2 Insufficient cpu.')
  assert.deepEqual([one.victims?.node, one.victims?.pods.map(({ metadata }) => metadata.name)], ['a', ['low']])
  assert.equal(none.victims, undefined)
})
