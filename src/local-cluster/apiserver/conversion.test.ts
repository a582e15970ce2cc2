// Objects read in another version than they were written in.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../kube/object.ts'
import { convertBuiltin } from './conversion.ts'

const EVENT = {
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: 'e' },
  involvedObject: { kind: 'Pod', name: 'p' },
  message: 'started',
  count: 2,
}

const AUTOSCALER = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'h' },
  spec: {
    maxReplicas: 3,
    metrics: [
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
      { type: 'Resource', resource: { name: 'memory', target: { type: 'Utilization', averageUtilization: 50 } } },
    ],
    behavior: { scaleDown: { stabilizationWindowSeconds: 60 } },
  },
  status: { desiredReplicas: 0, currentMetrics: null },
}

test('events go from one group to the other and back', () => {
  const other = convertBuiltin(EVENT as KubeObject, 'events.k8s.io/v1')

  assert.partialDeepStrictEqual(other, {
    apiVersion: 'events.k8s.io/v1',
    regarding: { name: 'p' },
    note: 'started',
    deprecatedCount: 2,
  })
  assert.deepEqual(convertBuiltin(other, 'v1'), EVENT)
})

test('an autoscaler loses nothing on the way through v1', () => {
  const first = convertBuiltin(AUTOSCALER as KubeObject, 'autoscaling/v1')
  const back = convertBuiltin(first, 'autoscaling/v2') as KubeObject & { spec: unknown }

  assert.partialDeepStrictEqual(first, { spec: { maxReplicas: 3, targetCPUUtilizationPercentage: 80 } })
  assert.deepEqual(back.spec, AUTOSCALER.spec)
  assert.deepEqual(back.metadata, AUTOSCALER.metadata)
})

test('kinds without differences are renamed', () => {
  const made = convertBuiltin({ apiVersion: 'a.io/v1', kind: 'Thing', metadata: {} }, 'a.io/v2')

  assert.deepEqual(made, { apiVersion: 'a.io/v2', kind: 'Thing', metadata: {} })
})
