// When a volume entered its phase.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../../kube/object.ts'
import type { Resource } from '../resource.ts'
import { withPhaseTime } from './phase-time.ts'

// Only these two fields are read.
const VOLUMES = { group: '', resource: 'persistentvolumes' } as Resource
const PODS = { group: '', resource: 'pods' } as Resource
const NOW = Date.parse('2026-01-02T03:04:05Z')

function volume(phase: string, lastPhaseTransitionTime?: string): KubeObject {
  const time = lastPhaseTransitionTime === undefined ? {} : { lastPhaseTransitionTime }
  const object = { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'v' }, status: { phase, ...time } }
  return object
}

test('a volume that changes its phase gets the time, one that stays keeps it', () => {
  const [now, then, given] = ['2026-01-02T03:04:05Z', '2020-01-01T00:00:00Z', '2021-01-01T00:00:00Z']
  const cases = [
    [volume('Available', then), volume('Bound'), volume('Bound', now)],
    [volume('Available', then), volume('Bound', then), volume('Bound', now)],
    [volume('Available', then), volume('Bound', given), volume('Bound', given)],
    [volume('Bound', then), volume('Bound'), volume('Bound', then)],
    [volume('Bound'), volume('Bound'), volume('Bound')],
  ] as const
  for (const [old, next, wanted] of cases) {
    assert.deepEqual(withPhaseTime(next, { old, resource: VOLUMES, nowMs: NOW }), wanted)
  }
  const pod = volume('Running')
  assert.equal(withPhaseTime(pod, { old: volume('Pending'), resource: PODS, nowMs: NOW }), pod)
})
