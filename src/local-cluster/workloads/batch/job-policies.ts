// The policies of a Job: which failures end it, an index, or count for nothing, and when enough has succeeded (pkg/controller/job, v1.36.3).
import type { ContainerStatus, Pod } from '../kit/model.ts'
import { isTerminating } from '../kit/pod-state.ts'
import { INDEX_ANNOTATION, TRACKING_FINALIZER, formatIndexes, parseIndexes } from './job-indexes.ts'
import type { ExitCodes, FailureRule, Job } from './model.ts'

export const FAILURE_COUNT = 'batch.kubernetes.io/job-index-failure-count'
export const IGNORED_FAILURE_COUNT = 'batch.kubernetes.io/job-index-ignored-failure-count'

/** What a Job's policy makes of a failed pod. */
export interface FailureVerdict {
  readonly action: string | undefined
  /** Whether it counts towards the limits. */
  readonly counts: boolean
  /** Why the Job as a whole fails. */
  readonly message?: string
}

/** The first rule of the failure policy that a failed pod matches decides. */
export function judgeFailure(job: Job, pod: Pod): FailureVerdict {
  const rules = job.spec.podFailurePolicy?.rules ?? []
  for (const [index, rule] of rules.entries()) {
    const matched = matchRule(rule, pod)
    if (matched === undefined) continue
    const message = `${matched} matching ${rule.action} rule at index ${index}`
    return { action: rule.action, counts: rule.action !== 'Ignore', ...(rule.action === 'FailJob' ? { message } : {}) }
  }
  return { action: undefined, counts: true }
}

function matchRule({ onExitCodes, onPodConditions }: FailureRule, pod: Pod): string | undefined {
  if (onExitCodes !== undefined && onExitCodes !== null) return matchExits(onExitCodes, pod)
  const condition = (pod.status?.conditions ?? []).find(({ type, status }) =>
    (onPodConditions ?? []).some((pattern) => pattern.type === type && (pattern.status ?? 'True') === status),
  )
  return condition === undefined ? undefined : `Pod ${titleOf(pod)} has condition ${condition.type}`
}

function titleOf({ metadata: { namespace, name } }: Pod): string {
  return `${namespace}/${name}`
}

function matchExits(wanted: ExitCodes, pod: Pod): string | undefined {
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {}
  const found = [...containerStatuses, ...initContainerStatuses].find((status) => matchesExit(status, wanted))
  if (found === undefined) return undefined
  return `Container ${found.name} for pod ${titleOf(pod)} failed with exit code ${found.state?.terminated?.exitCode}`
}

function matchesExit({ name, state }: ContainerStatus, { containerName, operator, values }: ExitCodes): boolean {
  const code = state?.terminated?.exitCode
  if (code === undefined || code === 0) return false
  if (containerName !== undefined && containerName !== null && containerName !== name) return false
  return values.includes(code) === (operator === 'In')
}

/** Why a failed pod ends the whole Job, if one does. */
export function jobFailure(job: Job, pods: readonly Pod[]): string | undefined {
  if (job.spec.podFailurePolicy === undefined) return undefined
  for (const pod of pods) {
    const message = pod.status?.phase === 'Failed' ? judgeFailure(job, pod).message : undefined
    if (message !== undefined) return message
  }
  return undefined
}

/** Whether a pod on its way out is replaced only once it has ended. */
export function replacesOnlyFailed({ spec }: Job): boolean {
  return spec.podReplacementPolicy === 'Failed' || spec.podFailurePolicy !== undefined
}

/** Indexes that have failed for good: those of the status and of pods that are not counted yet. */
export function failedIndexes(job: Job, pods: readonly Pod[]): Set<number> {
  const failed = parseIndexes(job.status?.failedIndexes)
  for (const pod of pods) {
    const index = Number.parseInt(pod.metadata.annotations?.[INDEX_ANNOTATION] ?? '', 10)
    const isCounted = !(pod.metadata.finalizers ?? []).includes(TRACKING_FINALIZER)
    if (!Number.isNaN(index) && !isCounted && isIndexFailed(job, pod)) failed.add(index)
  }
  return failed
}

function isIndexFailed(job: Job, pod: Pod): boolean {
  if (!hasFailed(job, pod)) return false
  const { action, counts } = judgeFailure(job, pod)
  if (action === 'FailIndex') return true
  return counts && failureCount(pod, FAILURE_COUNT) >= (job.spec.backoffLimitPerIndex ?? 0)
}

function hasFailed(job: Job, pod: Pod): boolean {
  if (pod.status?.phase === 'Failed') return true
  return !replacesOnlyFailed(job) && isTerminating(pod) && pod.status?.phase !== 'Succeeded'
}

function failureCount(pod: Pod, annotation: string): number {
  return Number.parseInt(pod.metadata.annotations?.[annotation] ?? '0', 10) || 0
}

/** How often an index has failed before, carried on by the pod that replaces another. */
export function failureCounts(job: Job, replaced: Pod | undefined): Readonly<Record<string, string>> {
  if (job.spec.backoffLimitPerIndex === undefined) return {}
  const counts = replaced === undefined || judgeFailure(job, replaced).counts
  const before = replaced === undefined ? 0 : failureCount(replaced, FAILURE_COUNT) + (counts ? 1 : 0)
  const ignored = replaced === undefined ? 0 : failureCount(replaced, IGNORED_FAILURE_COUNT) + (counts ? 0 : 1)
  return { [FAILURE_COUNT]: String(before), ...(ignored > 0 ? { [IGNORED_FAILURE_COUNT]: String(ignored) } : {}) }
}

/** How often the index of a pod has failed, this failure too; counted and not. */
export function failuresSoFar(pod: Pod): number {
  return failureCount(pod, FAILURE_COUNT) + failureCount(pod, IGNORED_FAILURE_COUNT) + 1
}

/** Which rule of the success policy is met: `Matched rules at index 0`. */
export function metSuccessPolicy(job: Job, succeeded: ReadonlySet<number>): string | undefined {
  if (succeeded.size === 0) return undefined
  const rules = job.spec.successPolicy?.rules ?? []
  const index = rules.findIndex(({ succeededIndexes, succeededCount }) => {
    if (succeededIndexes === undefined) return succeededCount !== undefined && succeeded.size >= succeededCount
    const wanted = parseIndexes(succeededIndexes)
    const met = [...wanted].filter((one) => succeeded.has(one)).length
    return wanted.size > 0 && (met === wanted.size || (succeededCount !== undefined && met >= succeededCount))
  })
  return index < 0 ? undefined : `Matched rules at index ${index}`
}

/** Whether a status says which indexes failed: only where each has its own limit. */
export function failedIndexesField(job: Job, failed: ReadonlySet<number>): { readonly failedIndexes?: string } {
  return job.spec.backoffLimitPerIndex === undefined ? {} : { failedIndexes: formatIndexes(failed) }
}
