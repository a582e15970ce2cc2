// How pods of a Job are counted, once each.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../kit/model.ts'
import { countPods, formatIndexes, parseIndexes, TRACKING_FINALIZER, verdict, wantedActive } from './job-count.ts'
import type { Job, JobSpec, JobStatus } from './model.ts'

function job(spec: Partial<JobSpec> = {}, status: JobStatus = {}): Job {
  const template = { spec: { containers: [] } }
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'j' }, spec: { template, ...spec }, status }
}

function pod(uid: string, phase: string, tracked = true): Pod {
  const finalizers = tracked ? { finalizers: [TRACKING_FINALIZER] } : {}
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { uid, ...finalizers },
    spec: { containers: [], nodeName: 'n' },
    status: { phase },
  }
}

test('a finished pod is noted first and counted when its finalizer is off', () => {
  const first = countPods(job(), [pod('a', 'Succeeded'), pod('b', 'Running')])
  const noted = job({}, { uncountedTerminatedPods: first.uncounted })
  const again = countPods(noted, [pod('a', 'Succeeded')])
  const off = countPods(noted, [pod('a', 'Succeeded', false)])
  const gone = countPods(noted, [])

  assert.deepEqual([first.succeeded, first.uncounted.succeeded, first.active.length], [0, ['a'], 1])
  assert.deepEqual([again.succeeded, again.uncounted.succeeded], [0, ['a']])
  assert.deepEqual([off.succeeded, off.uncounted.succeeded], [1, []])
  assert.deepEqual([gone.succeeded, gone.uncounted.succeeded], [1, []])
})

test('wants as many pods as are still missing, up to the parallelism', () => {
  const counts = countPods(job({}, { succeeded: 3 }), [])

  assert.equal(wantedActive(job({ completions: 5, parallelism: 4 }), counts), 2)
  assert.equal(wantedActive(job({ completions: 50, parallelism: 4 }), counts), 4)
  assert.equal(wantedActive(job({ parallelism: 4 }), counts), 0)
})

test('is over for the first reason that holds', () => {
  const cases: readonly [Partial<JobSpec>, JobStatus, string | undefined][] = [
    [{ completions: 2 }, { succeeded: 1 }, undefined],
    [{ completions: 2 }, { succeeded: 2 }, 'CompletionsReached'],
    [{ backoffLimit: 1 }, { failed: 1 }, undefined],
    [{ backoffLimit: 1 }, { failed: 2 }, 'BackoffLimitExceeded'],
    [{ completions: 1, activeDeadlineSeconds: 5 }, { startTime: '2026-01-01T00:00:00Z' }, 'DeadlineExceeded'],
    [{}, { succeeded: 1 }, 'CompletionsReached'],
  ]
  for (const [spec, status, reason] of cases) {
    const one = job(spec, status)
    assert.equal(verdict(one, countPods(one, []), Date.UTC(2026, 0, 1, 0, 0, 5))?.reason, reason)
  }
})

test('indexes are written as ranges', () => {
  const cases: readonly [readonly number[], string][] = [
    [[], ''],
    [[0, 1, 2, 5], '0-2,5'],
    [[3, 4], '3,4'],
  ]
  for (const [indexes, text] of cases) {
    assert.equal(formatIndexes(new Set(indexes)), text)
    assert.deepEqual([...parseIndexes(text)], indexes)
  }
})
