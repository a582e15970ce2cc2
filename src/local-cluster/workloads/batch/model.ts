// Jobs and CronJobs as their controllers read them.
import type { KubeObject, ObjectMeta } from '../../../kube/object.ts'
import type { Condition, LabelSelector, PodTemplate } from '../kit/model.ts'

export interface ExitCodes {
  readonly containerName?: string | null
  readonly operator: string
  readonly values: readonly number[]
}

export interface FailureRule {
  readonly action: string
  readonly onExitCodes?: ExitCodes | null
  readonly onPodConditions?: readonly { readonly type: string; readonly status?: string }[] | null
}

export interface JobSpec {
  readonly podFailurePolicy?: { readonly rules: readonly FailureRule[] }
  readonly successPolicy?: {
    readonly rules: readonly { readonly succeededIndexes?: string; readonly succeededCount?: number }[]
  }
  readonly backoffLimitPerIndex?: number
  readonly maxFailedIndexes?: number
  readonly podReplacementPolicy?: string
  readonly managedBy?: string
  readonly parallelism?: number
  readonly completions?: number
  readonly completionMode?: string
  readonly backoffLimit?: number
  readonly activeDeadlineSeconds?: number
  readonly ttlSecondsAfterFinished?: number
  readonly suspend?: boolean
  readonly selector?: LabelSelector
  readonly template: PodTemplate
}

export interface JobStatus {
  readonly conditions?: readonly Condition[]
  readonly startTime?: string
  readonly completionTime?: string
  readonly active?: number
  readonly ready?: number
  readonly terminating?: number
  readonly succeeded?: number
  readonly failed?: number
  readonly completedIndexes?: string
  readonly failedIndexes?: string
  readonly uncountedTerminatedPods?: { readonly succeeded?: readonly string[]; readonly failed?: readonly string[] }
}

export interface Job extends KubeObject {
  readonly spec: JobSpec
  readonly status?: JobStatus
}

export interface CronJob extends KubeObject {
  readonly spec: {
    readonly schedule: string
    readonly timeZone?: string
    readonly concurrencyPolicy?: string
    readonly suspend?: boolean
    readonly startingDeadlineSeconds?: number
    readonly successfulJobsHistoryLimit?: number
    readonly failedJobsHistoryLimit?: number
    readonly jobTemplate: { readonly metadata?: ObjectMeta; readonly spec: JobSpec }
  }
  readonly status?: {
    readonly active?: readonly { readonly uid?: string; readonly name?: string }[]
    readonly lastScheduleTime?: string
    readonly lastSuccessfulTime?: string
  }
}

/** The condition that says a Job is over, if it is. */
export function finishedCondition(job: Job): Condition | undefined {
  return job.status?.conditions?.find(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  )
}
