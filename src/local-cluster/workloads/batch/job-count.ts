// Which pods of a Job count as what, and whether the Job is over: pure functions (pkg/controller/job, v1.36).
import type { Condition, Pod } from '../kit/model.ts'
import { isReady, isTerminating } from '../kit/pod-state.ts'
import { parseIndexes, TRACKING_FINALIZER } from './job-indexes.ts'
import { failedIndexes, jobFailure, judgeFailure, metSuccessPolicy } from './job-policies.ts'
import type { Job } from './model.ts'

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
  /** Finished pods that count for nothing, or by their index alone; their finalizer is still on. */
  readonly unlisted: readonly string[]
}

/** Moves uids that no longer hold a finalizer into the counters and takes up newly finished pods. */
export function countPods(job: Job, pods: readonly Pod[]): PodCounts {
  const { uncountedTerminatedPods = {}, succeeded = 0, failed = 0 } = job.status ?? {}
  const holding = new Map(pods.filter(isTracked).map((pod) => [pod.metadata.uid ?? '', pod]))
  const known = { succeeded: uncountedTerminatedPods.succeeded ?? [], failed: uncountedTerminatedPods.failed ?? [] }
  const isKnown = new Set([...known.succeeded, ...known.failed])
  const fresh = [...holding].filter(([uid, pod]) => !isKnown.has(uid) && outcome(pod) !== undefined)
  const isIndexed = job.spec.completionMode === 'Indexed'
  const isUnlisted = (pod: Pod): boolean => (outcome(pod) === 'succeeded' ? isIndexed : !judgeFailure(job, pod).counts)
  const freshOf = (wanted: 'succeeded' | 'failed'): readonly string[] =>
    fresh.filter(([, pod]) => outcome(pod) === wanted && !isUnlisted(pod)).map(([uid]) => uid)
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
    unlisted: fresh.filter(([, pod]) => isUnlisted(pod)).map(([uid]) => uid),
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

/** How many completions there are: pods, or indexes. */
export function completed(job: Job, counts: PodCounts): number {
  const isIndexed = job.spec.completionMode === 'Indexed'
  return isIndexed ? parseIndexes(job.status?.completedIndexes).size : totals(counts).succeeded
}

/** What a verdict looks at. */
export interface JobView {
  readonly counts: PodCounts
  readonly pods: readonly Pod[]
  readonly nowMs: number
}

/** Why the Job is over: `FailureTarget` or `SuccessCriteriaMet`; undefined while it goes on. */
export function verdict(job: Job, view: JobView): Condition | undefined {
  const message = jobFailure(job, view.pods)
  if (message !== undefined) return failure('PodFailurePolicy', message)
  return limitVerdict(job, view) ?? indexVerdict(job, view.pods) ?? policyVerdict(job) ?? completion(job, view.counts)
}

function limitVerdict(job: Job, { counts, nowMs }: JobView): Condition | undefined {
  const { backoffLimit = 6, activeDeadlineSeconds, suspend } = job.spec
  if (totals(counts).failed > backoffLimit || restartsExceed(job, counts, backoffLimit)) {
    return failure('BackoffLimitExceeded', 'Job has reached the specified backoff limit')
  }
  if (activeDeadlineSeconds === undefined || suspend === true) return undefined
  const activeMs = nowMs - Date.parse(job.status?.startTime ?? '')
  if (activeMs < activeDeadlineSeconds * 1000) return undefined
  return failure('DeadlineExceeded', 'Job was active longer than specified deadline')
}

/** With a limit for each index: too many have failed, or all have come to an end. */
function indexVerdict(job: Job, pods: readonly Pod[]): Condition | undefined {
  const { backoffLimitPerIndex, maxFailedIndexes, completions = 0 } = job.spec
  if (backoffLimitPerIndex === undefined) return undefined
  const failed = failedIndexes(job, pods).size
  if (maxFailedIndexes !== undefined && failed > maxFailedIndexes) {
    return failure('MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes')
  }
  const ended = failed + parseIndexes(job.status?.completedIndexes).size
  return failed > 0 && ended >= completions ? failure('FailedIndexes', 'Job has failed indexes') : undefined
}

function policyVerdict(job: Job): Condition | undefined {
  const message = metSuccessPolicy(job, parseIndexes(job.status?.completedIndexes))
  return message === undefined ? undefined : { ...SUCCESS, reason: 'SuccessPolicy', message }
}

function completion(job: Job, counts: PodCounts): Condition | undefined {
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
  if (completions === undefined) return completed(job, counts) > 0 && counts.active.length === 0
  return completed(job, counts) >= completions
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
  const succeeded = completed(job, counts)
  if (completions === undefined) return succeeded > 0 ? Math.min(counts.active.length, parallelism) : parallelism
  return Math.min(parallelism, Math.max(0, completions - succeeded))
}

/** How long a new pod still has to wait after the latest failure. */
export function failureBackoffMs(counts: PodCounts, pods: readonly Pod[], nowMs: number): number {
  const { failed } = totals(counts)
  if (failed === 0) return 0
  const ends = pods
    .filter((pod) => pod.status?.phase === 'Failed')
    .map(endedAtMs)
    .filter((ms) => !Number.isNaN(ms))
  if (ends.length === 0) return 0
  return Math.max(0, Math.max(...ends) + backoffOfMs(failed) - nowMs)
}

/** How long to wait after so many failures. */
export function backoffOfMs(failures: number): number {
  return Math.min(MAX_BACKOFF_MS, BACKOFF_MS * 2 ** (failures - 1))
}

/** When a pod ended, as its containers tell; long ago where they do not. */
export function endedAtMs(pod: Pod): number {
  const ends = (pod.status?.containerStatuses ?? []).map(({ state }) => Date.parse(state?.terminated?.finishedAt ?? ''))
  return Math.max(...ends.filter((ms) => !Number.isNaN(ms)), Number.NEGATIVE_INFINITY)
}
