import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KubeObject } from '../../kube/object.ts'
import { assessHealth } from '../assess.ts'
import { assessCustomHealth } from './custom.ts'

function object(apiVersion: string, kind: string, rest: object): KubeObject {
  return { apiVersion, kind, metadata: { name: 'x', generation: 2 }, ...rest }
}

function ready(apiVersion: string, kind: string, condition?: object): KubeObject {
  return object(apiVersion, kind, { status: { conditions: condition === undefined ? [] : [condition] } })
}

const cases: readonly (readonly [says: string, input: KubeObject, status: string, message?: string])[] = [
  [
    'a condition that is True is Healthy with its message',
    ready('external-secrets.io/v1', 'ExternalSecret', { type: 'Ready', status: 'True', message: 'synced' }),
    'Healthy',
    'synced',
  ],
  [
    'Flux says the reason',
    ready('source.toolkit.fluxcd.io/v1', 'GitRepository', { type: 'Ready', status: 'False', reason: 'Gone' }),
    'Degraded',
    'Gone',
  ],
  ['without a condition it is waited for', ready('cert-manager.io/v1', 'Issuer'), 'Progressing', 'Initializing issuer'],
  [
    'a certificate being issued is not Degraded',
    object('cert-manager.io/v1', 'Certificate', {
      status: {
        conditions: [
          { type: 'Ready', status: 'False', message: 'no' },
          { type: 'Issuing', status: 'True', message: 'on its way' },
        ],
      },
    }),
    'Progressing',
    'on its way',
  ],
  [
    'a rollout that was aborted is Degraded',
    object('argoproj.io/v1alpha1', 'Rollout', {
      spec: { replicas: 1 },
      status: {
        observedGeneration: '2',
        conditions: [{ type: 'Progressing', reason: 'RolloutAborted', message: 'aborted' }],
      },
    }),
    'Degraded',
    'aborted',
  ],
  [
    'a rollout that has not seen its newest spec is Progressing',
    object('argoproj.io/v1alpha1', 'Rollout', { status: { observedGeneration: '1', phase: 'Healthy' } }),
    'Progressing',
    'Waiting for rollout spec update to be observed',
  ],
  [
    'a suspended cron job is as somebody wants it',
    object('batch/v1', 'CronJob', { spec: { suspend: true } }),
    'Healthy',
    'CronJob is Suspended',
  ],
  [
    'a word of the status is looked up',
    object('minio.min.io/v2', 'Tenant', { status: { currentState: 'Initialized' } }),
    'Healthy',
    'Initialized',
  ],
  [
    'the first of several reports that has a state decides',
    object('gloo.solo.io/v1', 'Upstream', {
      status: { statuses: { a: {}, b: { state: 2, reason: 'no such host' } }, state: 'Accepted' },
    }),
    'Degraded',
    'no such host',
  ],
  [
    'a node comes up in stages',
    ready('karpenter.sh/v1', 'NodeClaim', { type: 'Launched', status: 'True' }),
    'Progressing',
    'Node launched, waiting for registration',
  ],
  [
    'a wildcard group has one rule for all its kinds',
    object('pubsub.cnrm.cloud.google.com/v1beta1', 'PubSubTopic', {
      status: {
        observedGeneration: 2,
        conditions: [{ type: 'Ready', status: 'False', reason: 'UpdateFailed', message: 'denied' }],
      },
    }),
    'Degraded',
    'denied',
  ],
  [
    'a proxy that includes others is not judged by their absence',
    object('projectcontour.io/v1', 'HTTPProxy', {
      spec: { includes: [{ name: 'other' }] },
      status: { conditions: [{ type: 'Valid', status: 'False', observedGeneration: 2 }] },
    }),
    'Healthy',
    'HTTPProxy inclusions cannot be health checked',
  ],
  [
    'a policy names what does not comply',
    object('policy.open-cluster-management.io/v1', 'Policy', {
      status: { compliant: 'NonCompliant', details: [{ compliant: 'NonCompliant', templateMeta: { name: 'one' } }] },
    }),
    'Degraded',
    'NonCompliant templates: one',
  ],
]

describe('health of custom resources', () => {
  for (const [says, input, status, message] of cases) {
    test(says, () => {
      const health = assessCustomHealth(input)

      assert.deepEqual([health?.status, health?.message], [status, message])
    })
  }
})

test('a kind without a rule has no health', () => {
  assert.equal(assessCustomHealth(object('example.com/v1', 'Thing', {})), undefined)
  assert.equal(assessCustomHealth(object('v1', 'constructor', {})), undefined)
})

test('custom rules take part in the health of an object, deletion goes before them', () => {
  const crd = object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', {})
  const deleted = { ...crd, metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }

  assert.deepEqual(assessHealth(crd), { status: 'Progressing', message: 'Status conditions not found' })
  assert.deepEqual(assessHealth(deleted), { status: 'Progressing', message: 'Pending deletion' })
})
