// How pods of a Job are counted, once each.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../kit/model.ts'
import { countPods, verdict, wantedActive } from './job-count.ts'
import { formatIndexes, INDEX_ANNOTATION, parseIndexes, TRACKING_FINALIZER } from './job-indexes.ts'
import { judgeFailure } from './job-policies.ts'
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
    const view = { counts: countPods(one, []), pods: [], nowMs: Date.UTC(2026, 0, 1, 0, 0, 5) }
    assert.equal(verdict(one, view)?.reason, reason)
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

function failed(uid: string, exitCode: number, index?: number, failures = 0): Pod {
  const annotations: Record<string, string> = index === undefined ? {} : { [INDEX_ANNOTATION]: String(index), 'batch.kubernetes.io/job-index-failure-count': String(failures) } // prettier-ignore
  const one = pod(uid, 'Failed')
  const status = {
    name: 'main',
    ready: false,
    restartCount: 0,
    image: '',
    imageID: '',
    state: { terminated: { exitCode } },
  }
  const metadata = { ...one.metadata, name: uid, namespace: 'ns', annotations }
  return { ...one, metadata, status: { phase: 'Failed', containerStatuses: [status] } }
}

const exits = (action: string, ...values: readonly number[]): NonNullable<JobSpec['podFailurePolicy']>['rules'][number] => ({ action, onExitCodes: { operator: 'In', values } }) // prettier-ignore

test('failures count as the first matching rule says', () => {
  const podFailurePolicy = { rules: [exits('Ignore', 1), exits('FailJob', 42), { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }] } // prettier-ignore
  const one = job({ podFailurePolicy, backoffLimit: 0 })
  const pods = [failed('a', 1)]
  const fatal = [failed('b', 42)]
  const view = (all: readonly Pod[]): Parameters<typeof verdict>[1] => ({
    counts: countPods(one, all),
    pods: all,
    nowMs: 0,
  })

  assert.deepEqual([countPods(one, pods).uncounted.failed, countPods(one, pods).unlisted], [[], ['a']])
  assert.equal(verdict(one, view(pods)), undefined)
  assert.deepEqual(
    [verdict(one, view(fatal))?.reason, verdict(one, view(fatal))?.message],
    ['PodFailurePolicy', 'Container main for pod ns/b failed with exit code 42 matching FailJob rule at index 1'],
  )
  assert.deepEqual(judgeFailure(one, failed('c', 7)), { action: undefined, counts: true })
})

test('indexes fail by themselves, and too many of them fail the Job', () => {
  const spec: Partial<JobSpec> = { completionMode: 'Indexed', completions: 3, backoffLimitPerIndex: 1, backoffLimit: 9 }
  const cases: readonly [Partial<JobSpec>, JobStatus, readonly Pod[], string | undefined][] = [
    [spec, {}, [failed('a', 1, 0, 0)], undefined],
    [spec, { completedIndexes: '1,2' }, [failed('a', 1, 0, 1)], 'FailedIndexes'],
    [{ ...spec, maxFailedIndexes: 0 }, {}, [failed('a', 1, 0, 1)], 'MaxFailedIndexesExceeded'],
    [{ ...spec, podFailurePolicy: { rules: [exits('FailIndex', 5)] }, maxFailedIndexes: 0 }, {}, [failed('a', 5, 0, 0)], 'MaxFailedIndexesExceeded'],
    [{ ...spec, successPolicy: { rules: [{ succeededIndexes: '0-1', succeededCount: 1 }] } }, { completedIndexes: '1' }, [], 'SuccessPolicy'],
    [{ ...spec, successPolicy: { rules: [{ succeededIndexes: '0-1' }] } }, { completedIndexes: '1' }, [], undefined],
    [spec, { completedIndexes: '0-2' }, [], 'CompletionsReached'],
  ] // prettier-ignore

  for (const [parts, status, pods, reason] of cases) {
    const one = job(parts, status)
    assert.equal(verdict(one, { counts: countPods(one, pods), pods, nowMs: 0 })?.reason, reason, JSON.stringify(status))
  }
})
