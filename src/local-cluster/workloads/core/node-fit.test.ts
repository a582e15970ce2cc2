// Which node a pod gets, and what is said when it gets none.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Node, Pod, PodSpec } from '../kit/model.ts'
import { chooseNode } from './node-fit.ts'

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
      `0/2 nodes are available: 2 Insufficient cpu. ${none}0/2 nodes are available: 2 No preemption victims found for incoming pod.`,
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
      `0/3 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) had untolerated taint {gpu: yes}, 1 node(s) were unschedulable. ${none}0/3 nodes are available: 3 Preemption is not helpful for scheduling.`,
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
