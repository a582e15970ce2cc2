// CronJobs: a Job at each time of a schedule (pkg/controller/cronjob, v1.36).
import { messageOf } from '../../../base/errors.ts'
import type { Informer } from '../../../kube/client/informer.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { Controller } from '../../../reconcile/controller.ts'
import type { EventRecorder } from '../../../reconcile/events.ts'
import { enqueueOnChange, ownerRequests } from '../../../reconcile/enqueue.ts'
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
import { controllerReference } from '../kit/ownership.ts'
import { timestamp } from '../kit/pod-state.ts'
import { parseCron, type CronSchedule } from '../../kinds/cron-schedule.ts'
import { nextRun } from './cron-times.ts'
import { finishedCondition, type CronJob, type Job } from './model.ts'

/** Upstream warns and gives up on counting beyond this many missed times. */
const MAX_MISSED = 100

interface Room {
  readonly context: WorkloadContext
  readonly cronJobs: Informer<CronJob>
  readonly jobs: Informer<Job>
  readonly events: EventRecorder
}

/** The CronJob controller. */
export async function createCronJobController(context: WorkloadContext): Promise<Controller> {
  const [cronJobs, jobs] = await Promise.all([
    context.informers.of<CronJob>({ group: 'batch', kind: 'CronJob' }),
    ownedInformer<Job>(context, { group: 'batch', kind: 'Job' }),
  ])
  const room: Room = { context, cronJobs, jobs, events: context.events('cronjob-controller') }
  const controller = workloadController(context, {
    name: 'cronjob',
    reconcile: (request) => reconcileCronJob(room, request),
  })
  enqueueOnChange(cronJobs, controller)
  enqueueOnChange(jobs, controller, ownerRequests('CronJob'))
  return controller
}

async function reconcileCronJob(room: Room, request: Request): Promise<ReconcileResult> {
  const cronJob = room.cronJobs.get(request.namespace, request.name)
  if (cronJob === undefined || cronJob.metadata.deletionTimestamp !== undefined) return 'done'
  const jobs = [...room.jobs.byIndex('controller', cronJob.metadata.uid ?? '')]
  await removeHistory(room, cronJob, jobs)
  const schedule = readSchedule(room, cronJob)
  const run = schedule === undefined ? {} : await runDue(room, { cronJob, jobs, schedule })
  const status = statusOf(cronJob, jobs, run.started)
  if (!deepEqual(status, cronJob.status ?? {})) await updateStatus(room.context, room.cronJobs.type, cronJob, status)
  return run.nextMs === undefined ? 'done' : { retryAfterMs: run.nextMs - room.context.clock.now() }
}

function readSchedule(room: Room, cronJob: CronJob): CronSchedule | undefined {
  try {
    const schedule = parseCron(cronJob.spec.schedule)
    nextRun(schedule, 0, cronJob.spec.timeZone)
    return schedule
  } catch (error) {
    const message = `unparseable schedule: "${cronJob.spec.schedule}" : ${messageOf(error)}`
    room.events.record(cronJob, { type: 'Warning', reason: 'UnparseableSchedule', message })
    return undefined
  }
}

interface Started {
  readonly job: KubeObject
  readonly atMs: number
}

interface Due {
  readonly cronJob: CronJob
  readonly jobs: readonly Job[]
  readonly schedule: CronSchedule
}

async function runDue(room: Room, due: Due): Promise<{ readonly started?: Started; readonly nextMs?: number }> {
  const { cronJob, jobs, schedule } = due
  if (cronJob.spec.suspend === true) return {}
  const nowMs = room.context.clock.now()
  const next = nextRun(schedule, nowMs, cronJob.spec.timeZone)
  const nextMs = next === undefined ? {} : { nextMs: next }
  const dueMs = latestDue(cronJob, schedule, nowMs)
  if (dueMs === undefined || isTooLate(room, cronJob, dueMs)) return nextMs
  const active = jobs.filter((job) => finishedCondition(job) === undefined)
  const policy = cronJob.spec.concurrencyPolicy ?? 'Allow'
  if (policy === 'Forbid' && active.length > 0) {
    const message = 'Not starting job because prior execution is running and concurrency policy is Forbid'
    room.events.record(cronJob, { type: 'Normal', reason: 'JobAlreadyActive', message })
    return nextMs
  }
  if (policy === 'Replace') await deleteJobs(room, cronJob, active)
  const started = await startJob(room, cronJob, dueMs)
  return started === undefined ? nextMs : { ...nextMs, started }
}

/** The last time before now that has not been run. */
function latestDue(cronJob: CronJob, schedule: CronSchedule, nowMs: number): number | undefined {
  const { startingDeadlineSeconds } = cronJob.spec
  const lastMs = Date.parse(cronJob.status?.lastScheduleTime ?? cronJob.metadata.creationTimestamp ?? '')
  const earliestMs =
    startingDeadlineSeconds === undefined ? lastMs : Math.max(lastMs, nowMs - startingDeadlineSeconds * 1000)
  let due: number | undefined
  let at = nextRun(schedule, earliestMs, cronJob.spec.timeZone)
  for (let missed = 0; at !== undefined && at <= nowMs; missed++) {
    due = at
    // Far behind: go on near now instead of counting every minute since.
    const fromMs = missed < MAX_MISSED ? at : Math.max(at, nowMs - 86_400_000)
    at = nextRun(schedule, fromMs, cronJob.spec.timeZone)
  }
  return due
}

function isTooLate(room: Room, cronJob: CronJob, dueMs: number): boolean {
  const { startingDeadlineSeconds } = cronJob.spec
  if (startingDeadlineSeconds === undefined) return false
  if (dueMs + startingDeadlineSeconds * 1000 >= room.context.clock.now()) return false
  const message = `Missed scheduled time to start a job: ${new Date(dueMs).toUTCString()}`
  room.events.record(cronJob, { type: 'Warning', reason: 'MissSchedule', message })
  return true
}

async function startJob(room: Room, cronJob: CronJob, dueMs: number): Promise<Started | undefined> {
  const { labels, annotations } = cronJob.spec.jobTemplate.metadata ?? {}
  const job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      // The time in minutes keeps one time from being run twice.
      name: `${cronJob.metadata.name}-${Math.floor(dueMs / 60_000)}`,
      namespace: cronJob.metadata.namespace ?? '',
      ...(labels === undefined ? {} : { labels }),
      annotations: { ...annotations, 'batch.kubernetes.io/cronjob-scheduled-timestamp': timestamp(dueMs) },
      ownerReferences: [controllerReference(cronJob)],
    },
    spec: cronJob.spec.jobTemplate.spec,
  }
  try {
    const created = await room.context.client.create(room.jobs.type, job)
    room.events.record(cronJob, {
      type: 'Normal',
      reason: 'SuccessfulCreate',
      message: `Created job ${job.metadata.name}`,
    })
    return { job: created, atMs: dueMs }
  } catch (error) {
    if (!isStatus(error, 409)) {
      room.events.record(cronJob, {
        type: 'Warning',
        reason: 'FailedCreate',
        message: `Error creating job: ${messageOf(error)}`,
      })
      throw error
    }
    return undefined
  }
}

async function deleteJobs(room: Room, cronJob: CronJob, jobs: readonly Job[]): Promise<void> {
  await Promise.all(
    jobs.map(async (job) => {
      await room.context.client.delete(refOf(room.jobs.type, job), { propagationPolicy: 'Background' })
      room.events.record(cronJob, {
        type: 'Normal',
        reason: 'SuccessfulDelete',
        message: `Deleted job ${job.metadata.name}`,
      })
    }),
  )
}

async function removeHistory(room: Room, cronJob: CronJob, jobs: readonly Job[]): Promise<void> {
  const { successfulJobsHistoryLimit = 3, failedJobsHistoryLimit = 1 } = cronJob.spec
  const newestFirst = jobs.toSorted((a, b) => startOf(b).localeCompare(startOf(a)))
  const finished = (type: string): readonly Job[] => newestFirst.filter((job) => finishedCondition(job)?.type === type)
  await deleteJobs(room, cronJob, [
    ...finished('Complete').slice(successfulJobsHistoryLimit),
    ...finished('Failed').slice(failedJobsHistoryLimit),
  ])
}

function startOf(job: Job): string {
  return job.status?.startTime ?? job.metadata.creationTimestamp ?? ''
}

function statusOf(
  cronJob: CronJob,
  jobs: readonly Job[],
  started: Started | undefined,
): NonNullable<CronJob['status']> {
  const running: readonly KubeObject[] = jobs.filter((job) => finishedCondition(job) === undefined)
  const all =
    started === undefined || running.some((job) => job.metadata.uid === started.job.metadata.uid)
      ? running
      : [...running, started.job]
  const active = all.map(reference)
  const ends = jobs.map((job) => job.status?.completionTime).filter((time) => time !== undefined)
  const last = [...ends, cronJob.status?.lastSuccessfulTime ?? ''].toSorted().at(-1) ?? ''
  const lastSchedule = started === undefined ? cronJob.status?.lastScheduleTime : timestamp(started.atMs)
  return {
    ...(active.length === 0 ? {} : { active }),
    ...(lastSchedule === undefined ? {} : { lastScheduleTime: lastSchedule }),
    ...(last === '' ? {} : { lastSuccessfulTime: last }),
  }
}

function reference(job: KubeObject): Readonly<Record<string, string>> {
  const { namespace = '', name = '', uid = '', resourceVersion = '' } = job.metadata
  return { kind: 'Job', namespace, name, uid, apiVersion: 'batch/v1', resourceVersion }
}
