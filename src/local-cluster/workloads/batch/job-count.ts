// Which pods of a Job count as what, and whether the Job is over: pure functions (pkg/controller/job, v1.36).
import type { Condition, Pod } from '../kit/model.ts'
import { isReady, isTerminating } from '../kit/pod-state.ts'
import type { Job, JobStatus } from './model.ts'

export const TRACKING_FINALIZER = 'batch.kubernetes.io/job-tracking'
export const INDEX_ANNOTATION = 'batch.kubernetes.io/job-completion-index'

/** A pod replaced after a failure waits 10 s, then doubling up to 10 min (job_controller.go DefaultJobPodFailureBackOff). */
const BACKOFF_MS = 10_000
const MAX_BACKOFF_MS = 600_000

export interface PodCounts {
  readonly active: readonly Pod[]
  readonly ready: number
  readonly terminating: number
  /** Counted for good: in the status, or pods of it whose finalizer is off. */
  readonly succeeded: number
  readonly failed: number
  /** Finished pods whose finalizer is still on. */
  readonly uncounted: { readonly succeeded: readonly string[]; readonly failed: readonly string[] }
}

/** Moves uids that no longer hold a finalizer into the counters and takes up newly finished pods. */
export function countPods(job: Job, pods: readonly Pod[]): PodCounts {
  const { uncountedTerminatedPods = {}, succeeded = 0, failed = 0 } = job.status ?? {}
  const holding = new Map(pods.filter(isTracked).map((pod) => [pod.metadata.uid ?? '', pod]))
  const known = { succeeded: uncountedTerminatedPods.succeeded ?? [], failed: uncountedTerminatedPods.failed ?? [] }
  const isKnown = new Set([...known.succeeded, ...known.failed])
  const fresh = [...holding].filter(([uid, pod]) => !isKnown.has(uid) && outcome(pod) !== undefined)
  const freshOf = (wanted: 'succeeded' | 'failed'): readonly string[] =>
    fresh.filter(([, pod]) => outcome(pod) === wanted).map(([uid]) => uid)
  const still = (uids: readonly string[]): readonly string[] => uids.filter((uid) => holding.has(uid))
  const active = pods.filter((pod) => outcome(pod) === undefined && !isTerminating(pod))
  return {
    active,
    ready: active.filter(isReady).length,
    terminating: pods.filter((pod) => isTerminating(pod) && outcome(pod) === undefined).length,
    succeeded: succeeded + known.succeeded.length - still(known.succeeded).length,
    failed: failed + known.failed.length - still(known.failed).length,
    uncounted: {
      succeeded: [...still(known.succeeded), ...freshOf('succeeded')],
      failed: [...still(known.failed), ...freshOf('failed')],
    },
  }
}

export function isTracked(pod: Pod): boolean {
  return (pod.metadata.finalizers ?? []).includes(TRACKING_FINALIZER)
}

function outcome(pod: Pod): 'succeeded' | 'failed' | undefined {
  if (pod.status?.phase === 'Succeeded') return 'succeeded'
  if (pod.status?.phase === 'Failed') return 'failed'
  // Deleted before a node had it: nobody will ever report its end.
  return isTerminating(pod) && !pod.spec.nodeName ? 'failed' : undefined
}

/** All that succeeded or failed, also what still holds its finalizer. */
export function totals(counts: PodCounts): { readonly succeeded: number; readonly failed: number } {
  return {
    succeeded: counts.succeeded + counts.uncounted.succeeded.length,
    failed: counts.failed + counts.uncounted.failed.length,
  }
}

/** Why the Job is over: `FailureTarget` or `SuccessCriteriaMet`; undefined while it goes on. */
export function verdict(job: Job, counts: PodCounts, nowMs: number): Condition | undefined {
  const { backoffLimit = 6, activeDeadlineSeconds } = job.spec
  const { failed } = totals(counts)
  if (failed > backoffLimit || restartsExceed(job, counts, backoffLimit)) {
    return failure('BackoffLimitExceeded', 'Job has reached the specified backoff limit')
  }
  const startedMs = Date.parse(job.status?.startTime ?? '')
  if (
    activeDeadlineSeconds !== undefined &&
    job.spec.suspend !== true &&
    nowMs - startedMs >= activeDeadlineSeconds * 1000
  ) {
    return failure('DeadlineExceeded', 'Job was active longer than specified deadline')
  }
  return isSuccessful(job, counts) ? SUCCESS : undefined
}

const SUCCESS: Condition = {
  type: 'SuccessCriteriaMet',
  status: 'True',
  reason: 'CompletionsReached',
  message: 'Reached expected number of succeeded pods',
}

function failure(reason: string, message: string): Condition {
  return { type: 'FailureTarget', status: 'True', reason, message }
}

/** Without completions: any success, once no pod runs any more. */
function isSuccessful(job: Job, counts: PodCounts): boolean {
  const { completions } = job.spec
  const { succeeded } = totals(counts)
  if (completions === undefined) return succeeded > 0 && counts.active.length === 0
  if (job.spec.completionMode === 'Indexed') return parseIndexes(job.status?.completedIndexes).size >= completions
  return succeeded >= completions
}

/** With restartPolicy OnFailure the kubelet restarts containers: their restarts count. */
function restartsExceed(job: Job, counts: PodCounts, limit: number): boolean {
  if (job.spec.template.spec.restartPolicy !== 'OnFailure') return false
  let restarts = 0
  for (const { status } of counts.active) {
    for (const one of [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])])
      restarts += one.restartCount
  }
  return limit === 0 ? restarts > 0 : restarts >= limit
}

/** How many pods should run at once now. */
export function wantedActive(job: Job, counts: PodCounts): number {
  const { parallelism = 1, completions } = job.spec
  const { succeeded } = totals(counts)
  if (completions === undefined) return succeeded > 0 ? Math.min(counts.active.length, parallelism) : parallelism
  return Math.min(parallelism, Math.max(0, completions - succeeded))
}

/** How long a new pod still has to wait after the latest failure. */
export function failureBackoffMs(counts: PodCounts, pods: readonly Pod[], nowMs: number): number {
  const { failed } = totals(counts)
  if (failed === 0) return 0
  const ends = pods
    .filter((pod) => pod.status?.phase === 'Failed')
    .map(finishedAtMs)
    .filter((ms) => !Number.isNaN(ms))
  if (ends.length === 0) return 0
  const delayMs = Math.min(MAX_BACKOFF_MS, BACKOFF_MS * 2 ** (failed - 1))
  return Math.max(0, Math.max(...ends) + delayMs - nowMs)
}

function finishedAtMs(pod: Pod): number {
  const ends = (pod.status?.containerStatuses ?? []).map(({ state }) => Date.parse(state?.terminated?.finishedAt ?? ''))
  return Math.max(...ends.filter((ms) => !Number.isNaN(ms)), Number.NEGATIVE_INFINITY)
}

/** `0-2,5` as a set. */
export function parseIndexes(text: string | undefined): Set<number> {
  const indexes = new Set<number>()
  for (const part of (text ?? '').split(',')) {
    const [first, last = first] = part.split('-').map((number) => Number.parseInt(number, 10))
    if (first === undefined || last === undefined || Number.isNaN(first)) continue
    for (let index = first; index <= last; index++) indexes.add(index)
  }
  return indexes
}

/** A set as `0-2,5`. */
export function formatIndexes(indexes: ReadonlySet<number>): string {
  const parts: string[] = []
  const sorted = [...indexes].toSorted((a, b) => a - b)
  for (let from = 0; from < sorted.length;) {
    let to = from
    while (sorted[to + 1] === (sorted[to] ?? 0) + 1) to++
    parts.push(
      to === from
        ? `${sorted[from]}`
        : to === from + 1
          ? `${sorted[from]},${sorted[to]}`
          : `${sorted[from]}-${sorted[to]}`,
    )
    from = to + 1
  }
  return parts.join(',')
}

/** The index of a pod of an Indexed Job. */
export function indexOf(pod: Pod): number | undefined {
  const text = pod.metadata.annotations?.[INDEX_ANNOTATION]
  return text === undefined ? undefined : Number.parseInt(text, 10)
}

/** Indexes that have succeeded so far. */
export function completedIndexes(status: JobStatus | undefined, pods: readonly Pod[]): Set<number> {
  const indexes = parseIndexes(status?.completedIndexes)
  for (const pod of pods) {
    const index = indexOf(pod)
    if (index !== undefined && pod.status?.phase === 'Succeeded') indexes.add(index)
  }
  return indexes
}
