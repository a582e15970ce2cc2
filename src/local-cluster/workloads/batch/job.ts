// Jobs: pods that run to their end, as often as asked for (pkg/controller/job, v1.36).
import type { Informer } from '../../../kube/client/informer.ts'
import type { Controller } from '../../../reconcile/controller.ts'
import type { EventRecorder } from '../../../reconcile/events.ts'
import { enqueueOnChange } from '../../../reconcile/enqueue.ts'
import type { ReconcileResult } from '../../../reconcile/outcome.ts'
import type { Request } from '../../../reconcile/request.ts'
import {
  isStatus,
  ownedInformer,
  refOf,
  updateStatus,
  workloadController,
  type WorkloadContext,
} from '../kit/context.ts'
import { deepEqual } from '../../../kube/json-value.ts'
import type { Condition, Pod } from '../kit/model.ts'
import { claimChildren } from '../kit/ownership.ts'
import { conditionOf, timestamp, withCondition, withoutZeros } from '../kit/pod-state.ts'
import { PodControl } from '../kit/replicas.ts'
import { compareForDeletion } from '../apps/deletion-order.ts'
import {
  completed,
  countPods,
  failureBackoffMs,
  isTracked,
  verdict,
  wantedActive,
  type PodCounts,
} from './job-count.ts'
import { completedIndexes, formatIndexes, TRACKING_FINALIZER } from './job-indexes.ts'
import { failedIndexes, failedIndexesField, replacesOnlyFailed } from './job-policies.ts'
import { awaitedPods, newJobPods } from './job-pods.ts'
import { finishedCondition, type Job, type JobStatus } from './model.ts'

interface Room {
  readonly context: WorkloadContext
  readonly jobs: Informer<Job>
  readonly pods: Informer<Pod>
  readonly podControl: PodControl
  readonly events: EventRecorder
}

/** Who a Job belongs to that says nothing else. */
const JOB_CONTROLLER = 'kubernetes.io/job-controller'

/** The Job controller; it also removes finished Jobs whose time to live is over. */
export async function createJobController(context: WorkloadContext): Promise<Controller> {
  const [jobs, pods] = await Promise.all([
    ownedInformer<Job>(context, { group: 'batch', kind: 'Job' }),
    ownedInformer<Pod>(context, { group: '', kind: 'Pod' }),
  ])
  const events = context.events('job-controller')
  const podControl = new PodControl({ context, pods, events, ownerKind: 'Job' })
  const room: Room = { context, jobs, pods, podControl, events }
  const controller = workloadController(context, { name: 'job', reconcile: (request) => reconcileJob(room, request) })
  enqueueOnChange(jobs, controller)
  podControl.watch(controller)
  return controller
}

async function reconcileJob(room: Room, request: Request): Promise<ReconcileResult> {
  const job = room.jobs.get(request.namespace, request.name)
  if (job === undefined) return releaseOrphans(room, request)
  // Another controller's business.
  if ((job.spec.managedBy ?? JOB_CONTROLLER) !== JOB_CONTROLLER) return 'done'
  const { client, clock } = room.context
  const pods = await claimChildren({ client, cache: room.pods, owner: job, selector: job.spec.selector ?? {} })
  if (job.metadata.deletionTimestamp !== undefined) {
    await removeFinalizers(room, pods.filter(isTracked))
    return 'done'
  }
  if (finishedCondition(job) !== undefined) {
    await removeFinalizers(room, pods.filter(isTracked))
    return expire(room, job)
  }
  if (!room.podControl.expectations.isSatisfied(job.metadata.uid ?? '')) return 'done'
  return work(room, job, { pods, nowMs: clock.now() })
}

/** Pods of a Job that is gone must not be held by its finalizer. */
async function releaseOrphans(room: Room, request: Request): Promise<ReconcileResult> {
  const orphans = [...room.pods.list()].filter((pod) => {
    const ownedByIt = pod.metadata.ownerReferences?.some((one) => one.kind === 'Job' && one.name === request.name)
    return pod.metadata.namespace === request.namespace && ownedByIt === true && isTracked(pod)
  })
  await removeFinalizers(room, orphans)
  return 'done'
}

async function work(
  room: Room,
  job: Job,
  facts: { readonly pods: readonly Pod[]; readonly nowMs: number },
): Promise<ReconcileResult> {
  const { pods, nowMs } = facts
  const started = withStart(job, nowMs)
  const counts = countPods(started, pods)
  const indexed = started.spec.completionMode === 'Indexed' ? completedIndexes(started.status, pods) : undefined
  const seen =
    indexed === undefined
      ? started
      : withStatus(started, {
          completedIndexes: formatIndexes(indexed),
          ...failedIndexesField(started, failedIndexes(started, pods)),
        })
  const decided = decidedCondition(seen) ?? verdict(seen, { counts, pods, nowMs })
  const retryAfterMs = await manage(room, seen, { counts, pods, over: decided !== undefined, nowMs })
  const status = statusOf(seen, counts, { decided, nowMs })
  const uncounted = new Set([...counts.uncounted.succeeded, ...counts.uncounted.failed, ...counts.unlisted])
  const awaited = decided === undefined ? awaitedPods(seen, pods) : new Set<Pod>()
  if (!deepEqual(status, job.status)) {
    if ((await updateStatus(room.context, room.jobs.type, job, status)) === undefined) return 'done'
    announce(room, job, status)
  }
  await removeFinalizers(
    room,
    pods.filter((pod) => isTracked(pod) && uncounted.has(pod.metadata.uid ?? '') && !awaited.has(pod)),
  )
  return retryAfterMs === undefined ? 'done' : { retryAfterMs }
}

/** A Job starts when it is first seen unsuspended; resuming starts it anew. */
function withStart(job: Job, nowMs: number): Job {
  const now = timestamp(nowMs)
  const suspended = conditionOf(job.status?.conditions, 'Suspended')
  if (job.spec.suspend === true) {
    if (suspended?.status === 'True') return job
    const condition: Condition = { type: 'Suspended', status: 'True', reason: 'JobSuspended', message: 'Job suspended' }
    const { startTime: _start, ...status } = job.status ?? {}
    return { ...job, status: { ...status, conditions: jobCondition(job.status, condition, now) } }
  }
  if (suspended?.status === 'True') {
    const condition: Condition = { type: 'Suspended', status: 'False', reason: 'JobResumed', message: 'Job resumed' }
    return withStatus(job, { startTime: now, conditions: jobCondition(job.status, condition, now) })
  }
  return job.status?.startTime === undefined ? withStatus(job, { startTime: now }) : job
}

function withStatus(job: Job, status: JobStatus): Job {
  return { ...job, status: { ...job.status, ...status } }
}

function jobCondition(status: JobStatus | undefined, condition: Condition, now: string): readonly Condition[] {
  return withCondition(status?.conditions, { ...condition, lastProbeTime: now }, now)
}

/** Once it is written why a Job ends, that holds. */
function decidedCondition(job: Job): Condition | undefined {
  const { conditions } = job.status ?? {}
  return ['FailureTarget', 'SuccessCriteriaMet']
    .map((type) => conditionOf(conditions, type))
    .find((one) => one?.status === 'True')
}

/** Creates and deletes pods; the answer says when to look again. */
async function manage(
  room: Room,
  job: Job,
  facts: { readonly counts: PodCounts; readonly pods: readonly Pod[]; readonly over: boolean; readonly nowMs: number },
): Promise<number | undefined> {
  const { counts, pods, over, nowMs } = facts
  const { active } = counts
  const wanted = over || job.spec.suspend === true ? 0 : wantedActive(job, counts)
  if (active.length > wanted) {
    const victims = active.toSorted(compareForDeletion(active, nowMs)).slice(0, active.length - wanted)
    // Pods that go because fewer are wanted have not failed.
    if (!over) await removeFinalizers(room, victims.filter(isTracked))
    await room.podControl.delete(job, victims)
  }
  const missing = wanted - active.length - (replacesOnlyFailed(job) ? counts.terminating : 0)
  if (missing <= 0) return soonest(job, 0, nowMs)
  const isPerIndex = job.spec.backoffLimitPerIndex !== undefined
  const backoffMs = isPerIndex ? 0 : failureBackoffMs(counts, pods, nowMs)
  if (backoffMs > 0) return soonest(job, backoffMs, nowMs)
  const made = newJobPods(job, pods, { count: missing, nowMs })
  if (made.pods.length > 0) await room.podControl.create(job, made.pods)
  return soonest(job, made.waitMs, nowMs)
}

function soonest(job: Job, backoffMs: number, nowMs: number): number | undefined {
  const waits = backoffMs > 0 ? [backoffMs] : []
  const { activeDeadlineSeconds, suspend } = job.spec
  const { startTime } = job.status ?? {}
  if (activeDeadlineSeconds !== undefined && suspend !== true && startTime !== undefined) {
    waits.push(Math.max(1, Date.parse(startTime) + activeDeadlineSeconds * 1000 - nowMs))
  }
  return waits.length === 0 ? undefined : Math.min(...waits)
}

function statusOf(
  job: Job,
  counts: PodCounts,
  facts: { readonly decided: Condition | undefined; readonly nowMs: number },
): JobStatus {
  const { decided, nowMs } = facts
  const now = timestamp(nowMs)
  const over = decided !== undefined
  const isIndexed = job.spec.completionMode === 'Indexed'
  const { active: _active, succeeded: _succeeded, failed: _failed, ...rest } = job.status ?? {}
  const active = over ? 0 : counts.active.length
  const terminating = counts.terminating + (over ? counts.active.length : 0)
  const status: JobStatus = {
    ...rest,
    ...withoutZeros({
      active,
      succeeded: isIndexed ? completed(job, counts) : counts.succeeded,
      failed: counts.failed,
    }),
    ready: over ? 0 : counts.ready,
    terminating,
    uncountedTerminatedPods: withoutEmpty(counts.uncounted),
  }
  if (decided === undefined) return status
  const conditions = jobCondition(status, decided, now)
  const isSettled = terminating === 0 && Object.keys(status.uncountedTerminatedPods ?? {}).length === 0
  return isSettled ? finishedStatus({ ...status, conditions }, decided, now) : { ...status, conditions }
}

/** Go leaves out what is empty (`omitempty`). */
function withoutEmpty(lists: PodCounts['uncounted']): NonNullable<JobStatus['uncountedTerminatedPods']> {
  return Object.fromEntries(Object.entries(lists).filter(([, uids]) => uids.length > 0))
}

function finishedStatus(status: JobStatus, decided: Condition, now: string): JobStatus {
  const type = decided.type === 'SuccessCriteriaMet' ? 'Complete' : 'Failed'
  const conditions = jobCondition(status, { ...decided, type, status: 'True' }, now)
  return type === 'Complete' ? { ...status, conditions, completionTime: now } : { ...status, conditions }
}

function announce(room: Room, job: Job, status: JobStatus): void {
  const finished = finishedCondition({ ...job, status })
  if (finished?.type === 'Complete') {
    room.events.record(job, { type: 'Normal', reason: 'Completed', message: 'Job completed' })
  } else if (finished !== undefined) {
    room.events.record(job, { type: 'Warning', reason: finished.reason ?? '', message: finished.message ?? '' })
  }
  const suspended = conditionOf(status.conditions, 'Suspended')
  if (suspended !== undefined && suspended.status !== conditionOf(job.status?.conditions, 'Suspended')?.status) {
    const reason = suspended.status === 'True' ? 'Suspended' : 'Resumed'
    room.events.record(job, { type: 'Normal', reason, message: suspended.message ?? '' })
  }
}

async function removeFinalizers(room: Room, pods: readonly Pod[]): Promise<void> {
  await Promise.all(pods.map((pod) => removeFinalizer(room, pod)))
}

async function removeFinalizer(room: Room, pod: Pod): Promise<void> {
  const { uid = '', resourceVersion = '', finalizers = [] } = pod.metadata
  const kept = finalizers.filter((one) => one !== TRACKING_FINALIZER)
  const patch = { metadata: { uid, resourceVersion, finalizers: kept.length === 0 ? null : kept } }
  try {
    await room.context.client.patch(refOf(room.pods.type, pod), 'merge', patch)
  } catch (error) {
    // Gone, which is all a finalizer could hold up.
    if (!isStatus(error, 404)) throw error
  }
}

/** Finished Jobs with a time to live go when it is over (pkg/controller/ttlafterfinished). */
async function expire(room: Room, job: Job): Promise<ReconcileResult> {
  const { ttlSecondsAfterFinished } = job.spec
  if (ttlSecondsAfterFinished === undefined) return 'done'
  const finishedMs = Date.parse(finishedCondition(job)?.lastTransitionTime ?? '')
  const leftMs = finishedMs + ttlSecondsAfterFinished * 1000 - room.context.clock.now()
  if (leftMs > 0) return { retryAfterMs: leftMs }
  const { uid = '' } = job.metadata
  await room.context.client.delete(refOf(room.jobs.type, job), {
    propagationPolicy: 'Foreground',
    preconditions: { uid },
  })
  return 'done'
}
