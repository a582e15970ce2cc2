// How many replicas figures ask for, one line a case (the arithmetic of podautoscaler/replica_calculator.go).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../kit/model.ts'
import { replicasForAverage, replicasForUtilization, type MetricQuestion } from './replica-calculator.ts'

const NOW = 1_000_000_000

interface Sample {
  readonly cpu: string
  readonly ready?: boolean
  readonly phase?: string
  readonly going?: boolean
  /** How long ago it started, in seconds. */
  readonly age?: number
  readonly request?: string
}

function podOf(sample: Sample, index: number): Pod {
  const { cpu, ready = true, phase = 'Running', going = false, age = 1000, request = '1' } = sample
  const startMs = NOW - age * 1000
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `p${index}`,
      annotations: { 'capstan.dev/cpu-usage': cpu },
      ...(going ? { deletionTimestamp: 'now' } : {}),
    },
    spec: { containers: [{ name: 'main', resources: { requests: request === '' ? {} : { cpu: request } } }] },
    status: {
      phase,
      startTime: new Date(startMs).toISOString(),
      conditions: [
        {
          type: 'Ready',
          status: ready ? 'True' : 'False',
          lastTransitionTime: new Date(startMs + 1000).toISOString(),
        },
      ],
    },
  }
}

function questionOf(samples: readonly Sample[], current: number = samples.length): MetricQuestion {
  return {
    pods: samples.map(podOf),
    currentReplicas: current,
    resource: 'cpu',
    tolerances: { scaleDown: 0.1, scaleUp: 0.1 },
    nowMs: NOW,
  }
}

const used = (...cpus: readonly string[]): readonly Sample[] => cpus.map((cpu) => ({ cpu }))

const UTILIZATION: readonly [string, readonly Sample[], number, number, number?][] = [
  ['grows in proportion', used('300m', '500m', '700m'), 30, 5],
  ['shrinks in proportion', used('100m', '300m', '500m', '250m', '250m'), 50, 3],
  ['stays within the tolerance', used('1010m', '1030m', '1020m'), 100, 3],
  ['stays just at the tolerance', used('550m'), 50, 1],
  ['leaves out a starting pod', [...used('500m', '500m'), { cpu: '500m', ready: false, age: 10 }], 60, 2, 3],
  ['counts starting pods as idle when it grows', [...used('900m', '900m'), { cpu: '900m', ready: false, age: 10 }], 50, 4, 3],
  ['counts a pod that was ready once', [...used('900m'), { cpu: '900m', ready: false, age: 1000 }], 50, 2, 2],
  ['takes missing pods for full when it shrinks', [...used('100m', '100m'), { cpu: 'none' }], 50, 3, 3],
  ['takes missing pods for idle when it grows', [...used('900m', '900m'), { cpu: 'none' }], 50, 4, 3],
  ['ignores pods on their way out', [...used('500m'), { cpu: '900m', going: true }], 50, 2, 2],
  ['counts pending pods as idle', [...used('1'), { cpu: '1', phase: 'Pending' }], 50, 2, 2],
  ['reads shares of the request', used('80%', '80%'), 40, 4],
] // prettier-ignore

test('answers shares of requests as kubernetes does', () => {
  for (const [name, samples, target, expected, current] of UTILIZATION) {
    assert.equal(replicasForUtilization(questionOf(samples, current ?? samples.length), target).replicas, expected, name) // prettier-ignore
  }
})

test('answers averages a pod', () => {
  assert.deepEqual(replicasForAverage(questionOf(used('300m', '500m')), 200), { replicas: 4, average: 400 })
  assert.deepEqual(replicasForAverage(questionOf(used('100m', '100m')), 400), { replicas: 1, average: 100 })
})

test('says with the texts of kubernetes what is missing', () => {
  const cases: readonly [MetricQuestion, string][] = [
    [questionOf([]), 'unable to get metrics for resource cpu: no metrics returned from resource metrics API'],
    [questionOf([{ cpu: '1', request: '' }]), 'missing request for cpu in container main of Pod p0'],
    [{ ...questionOf(used('1')), container: 'other' }, 'unable to get metrics for resource cpu: no metrics returned from resource metrics API'],
    [questionOf([{ cpu: '1', ready: false, age: 5 }]), 'did not receive metrics for targeted pods (pods might be unready)'],
  ] // prettier-ignore

  for (const [question, message] of cases) assert.throws(() => replicasForUtilization(question, 50), { message })
})
