// Tests of tables beyond what the recorded answers show.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../../kube/object.ts'
import { kindOf } from '../../../kube/object.ts'
import { humanDuration } from './human-duration.ts'
import { tableFor } from './kind-table.ts'

const NOW = Date.parse('2026-01-01T00:10:00Z')

/** The cells kubectl shows without `-o wide`. */
function shown(object: object): readonly unknown[] {
  const typed = { metadata: { name: 'a', creationTimestamp: '2026-01-01T00:00:00Z' }, ...object } as KubeObject
  const { columns, cells } = tableFor(kindOf(typed))
  const all = cells(typed, NOW)
  assert.equal(all.length, columns.length)
  return all.filter((_, index) => columns[index]?.priority === 0)
}

const SECOND = 1000
const HOUR = 3600 * SECOND
const DURATIONS: readonly (readonly [number, string])[] = [
  [-5 * SECOND, '<invalid>'],
  [-SECOND, '0s'],
  [119 * SECOND, '119s'],
  [120 * SECOND, '2m'],
  [330 * SECOND, '5m30s'],
  [2 * HOUR, '120m'],
  [3 * HOUR, '3h'],
  [7.5 * HOUR, '7h30m'],
  [47 * HOUR, '47h'],
  [50 * HOUR, '2d2h'],
  [24 * 30 * HOUR, '30d'],
  [24 * 1000 * HOUR, '2y270d'],
  [24 * 365 * 9 * HOUR, '9y'],
]

test('tells spans of time as kubectl does', () => {
  assert.deepEqual(
    DURATIONS.map(([span]) => [span, humanDuration(span)]),
    DURATIONS,
  )
})

const containers = [{ name: 'c', image: 'i' }]
const running = { name: 'c', ready: true, restartCount: 0, state: { running: {} } }
const crashed = { name: 'c', ready: false, restartCount: 3, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: { finishedAt: '2026-01-01T00:09:00Z' } } } // prettier-ignore
const failed = { name: 'c', restartCount: 0, state: { terminated: { exitCode: 1 } } }
const deleted = { name: 'a', creationTimestamp: '2026-01-01T00:00:00Z', deletionTimestamp: '2026-01-01T00:09:00Z' }

const PODS: readonly (readonly [object, readonly string[]])[] = [
  [{ status: { phase: 'Running', containerStatuses: [running] } }, ['1/1', 'Running', '0']],
  [{ status: { phase: 'Running', containerStatuses: [crashed] } }, ['0/1', 'CrashLoopBackOff', '3 (60s ago)']],
  [{ status: { phase: 'Failed', containerStatuses: [failed] } }, ['0/1', 'ExitCode:1', '0']],
  [{ status: { phase: 'Failed', reason: 'Evicted' } }, ['0/1', 'Evicted', '0']],
  [{ metadata: deleted, status: { phase: 'Running', containerStatuses: [running] } }, ['1/1', 'Terminating', '0']],
  [{ status: { phase: 'Pending', initContainerStatuses: [{ name: 'i', state: { running: {} } }] } }, ['0/1', 'Init:0/1', '0']],
  [{ status: { phase: 'Pending', initContainerStatuses: [{ name: 'i', state: { terminated: { exitCode: 2, reason: 'Error' } } }] } }, ['0/1', 'Init:Error', '0']],
] // prettier-ignore

test('sums up what a pod is doing', () => {
  for (const [part, expected] of PODS) {
    const spec = { containers, initContainers: [{ name: 'i', image: 'i' }] }
    assert.deepEqual(shown({ apiVersion: 'v1', kind: 'Pod', spec, ...part }).slice(1, 4), expected)
  }
})

const service = { type: 'LoadBalancer', clusterIPs: ['10.96.0.5'], ports: [{ port: 80, nodePort: 30_080, protocol: 'TCP' }] } // prettier-ignore
const quota = { hard: { 'limits.cpu': '2', pods: '5' }, used: { pods: '1' } }
const ROWS: readonly (readonly [object, readonly unknown[]])[] = [
  [{ apiVersion: 'v1', kind: 'Service', spec: service, status: {} }, ['a', 'LoadBalancer', '10.96.0.5', '<pending>', '80:30080/TCP', '10m']],
  [{ apiVersion: 'batch/v1', kind: 'CronJob', spec: { schedule: '@daily', suspend: false } }, ['a', '@daily', '<none>', 'False', 0, '<none>', '10m']],
  [{ apiVersion: 'batch/v1', kind: 'Job', spec: { parallelism: 3 }, status: { startTime: '2026-01-01T00:00:00Z', conditions: [{ type: 'Failed', status: 'True' }] } }, ['a', 'Failed', '0/1 of 3', '10m', '10m']],
  [{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', spec: { volumeName: 'pv', storageClassName: 'fast', volumeMode: 'Filesystem' }, status: { phase: 'Bound', accessModes: ['ReadWriteMany', 'ReadWriteOnce'], capacity: { storage: '1Gi' } } }, ['a', 'Bound', 'pv', '1Gi', 'RWO,RWX', 'fast', '<unset>', '10m']],
  [{ apiVersion: 'v1', kind: 'ResourceQuota', status: quota }, ['a', 'pods: 1/5', 'limits.cpu: 0/2', '10m']],
  [{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n', creationTimestamp: '2026-01-01T00:00:00Z', labels: { 'node-role.kubernetes.io/control-plane': '' } }, status: { conditions: [{ type: 'Ready', status: 'True' }], nodeInfo: { kubeletVersion: 'v1.36.3' } } }, ['n', 'Ready', 'control-plane', '10m', 'v1.36.3']],
  [{ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 's', creationTimestamp: '2026-01-01T00:00:00Z', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } }, provisioner: 'p' }, ['s (default)', 'p', 'Delete', 'Immediate', false, '10m']],
  [{ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role' }, ['a', '2026-01-01T00:00:00Z']],
] // prettier-ignore

test('shows each kind in its own columns', () => {
  for (const [object, expected] of ROWS) assert.deepEqual(shown(object), expected)
})
