import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KubeObject } from '../kube/object.ts'
import { assessHealth } from './assess.ts'
import { worstHealth } from './health.ts'

interface Case {
  readonly says: string
  readonly object: object
  readonly health: readonly [status: string, message?: string] | undefined
}

function object(apiVersion: string, kind: string, rest: object): object {
  return { apiVersion, kind, metadata: { name: 'x', generation: 2 }, ...rest }
}

function pod(restartPolicy: string, status: object): object {
  return object('v1', 'Pod', { spec: { restartPolicy }, status })
}

const observed = { observedGeneration: 2 }
const rollingUpdate = { type: 'RollingUpdate', rollingUpdate: { partition: 1 } }
const terminated = (more: object): object => ({ containerStatuses: [{ name: 'c', state: { terminated: more } }] })

const cases: readonly Case[] = [
  {
    says: 'a deployment not yet observed is Progressing',
    object: object('apps/v1', 'Deployment', { spec: {}, status: { observedGeneration: 1 } }),
    health: [
      'Progressing',
      'Waiting for rollout to finish: observed deployment generation less than desired generation',
    ],
  },
  {
    says: 'a deployment past its deadline is Degraded',
    object: object('apps/v1', 'Deployment', {
      status: { ...observed, conditions: [{ type: 'Progressing', reason: 'ProgressDeadlineExceeded' }] },
    }),
    health: ['Degraded', 'Deployment "x" exceeded its progress deadline'],
  },
  {
    says: 'a deployment with too few new pods is Progressing',
    object: object('apps/v1', 'Deployment', { spec: { replicas: 3 }, status: { ...observed, updatedReplicas: 1 } }),
    health: ['Progressing', 'Waiting for rollout to finish: 1 out of 3 new replicas have been updated...'],
  },
  {
    says: 'a deployment whose new pods are not available is Progressing',
    object: object('apps/v1', 'Deployment', {
      spec: { replicas: 2 },
      status: { ...observed, replicas: 2, updatedReplicas: 2, availableReplicas: 1 },
    }),
    health: ['Progressing', 'Waiting for rollout to finish: 1 of 2 updated replicas are available...'],
  },
  {
    says: 'a replica set that cannot make pods is Degraded',
    object: object('apps/v1', 'ReplicaSet', {
      status: { ...observed, conditions: [{ type: 'ReplicaFailure', status: 'True', message: 'quota' }] },
    }),
    health: ['Degraded', 'quota'],
  },
  {
    says: 'a replica set with too few pods is Progressing',
    object: object('apps/v1', 'ReplicaSet', { spec: { replicas: 1 }, status: observed }),
    health: ['Progressing', 'Waiting for rollout to finish: 0 out of 1 new replicas are available...'],
  },
  {
    says: 'a stateful set waits for its partition',
    object: object('apps/v1', 'StatefulSet', {
      spec: { replicas: 3, updateStrategy: rollingUpdate },
      status: { ...observed, readyReplicas: 3, updatedReplicas: 1 },
    }),
    health: ['Progressing', 'Waiting for partitioned roll out to finish: 1 out of 2 new pods have been updated...'],
  },
  {
    says: 'a stateful set on its way to another revision is Progressing',
    object: object('apps/v1', 'StatefulSet', {
      spec: { replicas: 1, updateStrategy: { type: 'RollingUpdate' } },
      status: { ...observed, readyReplicas: 1, updatedReplicas: 0, updateRevision: 'b', currentRevision: 'a' },
    }),
    health: ['Progressing', 'waiting for statefulset rolling update to complete 0 pods at revision b...'],
  },
  {
    says: 'a daemon set that updates on deletion is Healthy',
    object: object('apps/v1', 'DaemonSet', {
      spec: { updateStrategy: { type: 'OnDelete' } },
      status: { ...observed, desiredNumberScheduled: 3, updatedNumberScheduled: 1 },
    }),
    health: ['Healthy', 'daemon set 1 out of 3 new pods have been updated'],
  },
  {
    says: 'a daemon set with too few available pods is Progressing',
    object: object('apps/v1', 'DaemonSet', {
      status: { ...observed, desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 2 },
    }),
    health: ['Progressing', 'Waiting for daemon set "x" rollout to finish: 2 of 3 updated pods are available...'],
  },
  {
    says: 'a failed pod shows why its container ended',
    object: pod('Never', { phase: 'Failed', ...terminated({ exitCode: 3 }) }),
    health: ['Degraded', 'container "c" failed with exit code 3'],
  },
  {
    says: 'a failed pod shows that memory ran out',
    object: pod('Never', { phase: 'Failed', ...terminated({ exitCode: 137, reason: 'OOMKilled' }) }),
    health: ['Degraded', 'OOMKilled'],
  },
  {
    says: 'an image that cannot be pulled degrades a pod that restarts always',
    object: pod('Always', {
      phase: 'Pending',
      containerStatuses: [{ state: { waiting: { reason: 'ErrImagePull', message: 'no' } } }],
    }),
    health: ['Degraded', 'no'],
  },
  {
    says: 'the same image keeps a pod that runs once Progressing',
    object: pod('Never', {
      phase: 'Pending',
      containerStatuses: [{ state: { waiting: { reason: 'ErrImagePull', message: 'no' } } }],
    }),
    health: ['Progressing'],
  },
  {
    says: 'a pod that was restarted and is not ready is Degraded',
    object: pod('Always', { phase: 'Running', containerStatuses: [{ lastState: { terminated: { exitCode: 1 } } }] }),
    health: ['Degraded'],
  },
  { says: 'a pod of no known phase is Unknown', object: pod('Always', {}), health: ['Unknown'] },
  {
    says: 'a failed job is Degraded',
    object: object('batch/v1', 'Job', { status: { conditions: [{ type: 'Failed', message: 'deadline' }] } }),
    health: ['Degraded', 'deadline'],
  },
  {
    says: 'a version that the rule does not know is Unknown',
    object: object('autoscaling/v2beta1', 'HorizontalPodAutoscaler', {}),
    health: ['Unknown', 'unsupported HPA GVK: autoscaling/v2beta1, Kind=HorizontalPodAutoscaler'],
  },
  {
    says: 'an annotation that is no JSON is Unknown',
    object: {
      ...object('autoscaling/v1', 'HorizontalPodAutoscaler', {}),
      metadata: { annotations: { 'autoscaling.alpha.kubernetes.io/conditions': '{' } },
    },
    health: ['Unknown', 'failed to convert conditions annotation to typed: unexpected end of JSON input'],
  },
  {
    says: 'an autoscaler that may scale but reads no metric is Degraded',
    object: object('autoscaling/v2', 'HorizontalPodAutoscaler', {
      status: {
        conditions: [
          { type: 'AbleToScale', status: 'True', reason: 'SucceededGetScale' },
          { type: 'ScalingActive', status: 'False', reason: 'FailedGetResourceMetric', message: 'no metrics' },
        ],
      },
    }),
    health: ['Degraded', 'no metrics'],
  },
  {
    says: 'an API service nobody has looked at is Progressing',
    object: object('apiregistration.k8s.io/v1', 'APIService', {}),
    health: ['Progressing', 'Waiting to be processed'],
  },
  { says: 'a kind without a rule has no health', object: object('v1', 'ConfigMap', {}), health: undefined },
  { says: 'a kind of a foreign name has no health', object: object('v1', 'constructor', {}), health: undefined },
  {
    says: 'what is being deleted is Progressing',
    object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } },
    health: ['Progressing', 'Pending deletion'],
  },
  {
    says: 'a hook held by its finalizer keeps its own health',
    object: {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        deletionTimestamp: '2026-01-01T00:00:00Z',
        finalizers: ['argocd.argoproj.io/hook-finalizer'],
      },
      status: { conditions: [{ type: 'Complete', status: 'True' }] },
    },
    health: ['Healthy'],
  },
]

describe('health of built-in kinds', () => {
  for (const { says, object: input, health } of cases) {
    test(says, () => {
      const got = assessHealth(input as KubeObject)

      assert.deepEqual(got === undefined ? undefined : [got.status, got.message], health && [health[0], health[1]])
    })
  }
})

test('a rule of the user goes before the built-in one, unless it has nothing to say', () => {
  const service = { apiVersion: 'v1', kind: 'Service', metadata: {} }

  assert.equal(assessHealth(service, () => ({ status: 'Degraded' }))?.status, 'Degraded')
  assert.equal(assessHealth(service, () => undefined)?.status, 'Healthy')
})

test('the worst health of many is found, Healthy for none', () => {
  assert.equal(worstHealth(['Healthy', 'Degraded', 'Missing', 'Progressing']), 'Degraded')
  assert.equal(worstHealth(['Suspended', 'Healthy']), 'Suspended')
  assert.equal(worstHealth([]), 'Healthy')
})
