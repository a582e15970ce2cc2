// Progressive syncs: the status of each Application in its step, which may sync now, and the operation that makes it (argo-cd v3.5.1 `progressive_sync.go`).
import type { ApplicationSet } from '../../crds/application-set.ts'
import type { Application, Operation } from '../../crds/application.ts'
import type { Message } from '../../crds/message-type.ts'
import { withoutEmpty } from '../../generators/normalize-spec.ts'
import { deepEqual } from '../../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../../kube/object.ts'
import { compareText } from '../../lang/go/text.ts'
import type { SetCondition } from './conditions.ts'
import { mapSteps, type StepMap, stepsOf, stepText } from './rollout-steps.ts'

export type RolloutStatus = Message<'ApplicationSetApplicationStatus'>

export interface RolloutInput {
  readonly applicationSet: ApplicationSet
  readonly owned: readonly Application[]
  readonly generated: readonly Application[]
  /** Whether a generated Application's spec is what there is. */
  readonly hasSameSpec: (generated: Application, live: Application) => boolean
  /** RFC 3339. */
  readonly at: string
}

export interface Rollout {
  /** Sorted by name. */
  readonly statuses: readonly RolloutStatus[]
  /** Names in steps that may sync now. */
  readonly syncable: ReadonlySet<string>
  /** An application waits for the next second, so that its last sync is not taken for the one it is about to get. */
  readonly isDelayed: boolean
  readonly condition: SetCondition
}

/** The next state of the rollout; the same input gives the same, and waiting applications move on as others become healthy. */
export function advanceRollout(input: RolloutInput): Rollout {
  const { applicationSet, owned, generated, at } = input
  const map = mapSteps(applicationSet, generated)
  const known = new Map((applicationSet.status?.applicationStatus ?? []).map((one) => [one.application, one]))
  const wanted = new Map(generated.map((application) => [nameOf(application), application]))
  const judged = owned
    .toSorted((a, b) => compareText(nameOf(a), nameOf(b)))
    .map((application) => {
      const name = nameOf(application)
      return judge(application, { known: known.get(name), wanted: wanted.get(name), map, input })
    })
  const syncable = syncableNames(map, owned, judged)
  const justSynced = new Set(owned.filter((application) => hasBegunAt(application, at)).map(nameOf))
  const statuses = startWaiting(judged, { applicationSet, map, syncable, justSynced, at })
  const isDelayed = statuses.some(
    ({ application, status }) => status === 'Waiting' && syncable.has(application) && justSynced.has(application),
  )
  return { statuses, syncable, isDelayed, condition: rolloutCondition(applicationSet, statuses) }
}

interface Judged {
  readonly known: RolloutStatus | undefined
  readonly wanted: Application | undefined
  readonly map: StepMap
  readonly input: RolloutInput
}

function judge(live: Application, { known, wanted, map, input }: Judged): RolloutStatus {
  const { at, hasSameSpec } = input
  const step = stepText(nameOf(live), map)
  const targetRevisions = revisionsOf(live)
  const current = known ?? {
    application: nameOf(live),
    targetRevisions,
    lastTransitionTime: at,
    message: 'No Application status found, defaulting status to Waiting',
    status: 'Waiting',
    step,
  }
  const before = { ...current, step }
  const hasNewRevisions = !isSameList(current.targetRevisions ?? [], targetRevisions)
  const hasNewSpec = wanted !== undefined && !hasSameSpec(withoutAutomation(wanted), live)
  const isPending = hasNewRevisions || hasNewSpec
  const next: RolloutStatus = isPending
    ? {
        ...before,
        targetRevisions,
        status: 'Waiting',
        message: pendingText(hasNewRevisions, hasNewSpec),
        lastTransitionTime: at,
      }
    : before
  // What has been waiting with the same text keeps its time, or every pass would write.
  const steady = isSameStatus(next, before) ? before : next
  // A state that was found before the spec changed says nothing of the new one.
  const isStale = hasNewSpec || !isComparedAsIs(live)
  const move = steady.status === 'Waiting' ? (isStale ? undefined : moveOfWaiting(live)) : moveOfStarted(live, steady)
  return move === undefined ? steady : { ...steady, ...move, lastTransitionTime: at }
}

function pendingText(hasNewRevisions: boolean, hasNewSpec: boolean): string {
  if (!hasNewSpec) return 'Application has pending changes, setting status to Waiting'
  const what = hasNewRevisions ? 'revision and spec differ' : 'spec differs'
  return `Application has pending changes (${what}), setting status to Waiting`
}

/** Whether the application's sync status is that of the sources and the destination it has now. */
function isComparedAsIs({ spec, status }: Application): boolean {
  const comparedTo = status?.sync?.comparedTo
  if (comparedTo === undefined) return true
  const { sources = [], source } = spec
  const own = { destination: spec.destination, ...(sources.length > 0 ? { sources } : { source }) }
  const then = {
    destination: comparedTo.destination,
    ...(sources.length > 0 ? { sources: comparedTo.sources ?? [] } : { source: comparedTo.source }),
  }
  const plain = (value: object): JsonValue => withoutEmpty(value as unknown as JsonObject) // both are parts of a stored object
  return deepEqual(plain(own), plain(then))
}

type Move = Pick<RolloutStatus, 'status' | 'message'>

/** One that is in sync already needs no sync of ours. */
function moveOfWaiting({ status }: Application): Move | undefined {
  if (status?.sync?.status !== 'Synced') return undefined
  return status.health?.status === 'Healthy'
    ? { status: 'Healthy', message: 'Application resource has synced, updating status to Healthy' }
    : { status: 'Progressing', message: 'Application resource has synced, updating status to Progressing' }
}

function moveOfStarted(live: Application, current: RolloutStatus): Move | undefined {
  const { status } = live
  if (current.status === 'Pending') return moveOfPending(live, current)
  if (current.status !== 'Progressing') return undefined
  if (status?.health?.status !== 'Healthy' || status.sync?.status !== 'Synced') return undefined
  return {
    status: 'Healthy',
    message: 'Application resource became Healthy, updating status from Progressing to Healthy',
  }
}

function moveOfPending({ status }: Application, { lastTransitionTime = '' }: RolloutStatus): Move | undefined {
  const { operationState, reconciledAt } = status ?? {}
  if (operationState !== undefined && !isBefore(operationState.startedAt, lastTransitionTime)) {
    return { status: 'Progressing', message: progressText(operationState.phase) }
  }
  if (reconciledAt !== undefined && isBefore(reconciledAt, lastTransitionTime)) return undefined
  const isBroken = (status?.conditions ?? []).some(({ type }) => type === 'InvalidSpecError' || type === 'UnknownError')
  return isBroken
    ? {
        status: 'Progressing',
        message: 'Application resource has error and cannot sync, updating status to Progressing',
      }
    : undefined
}

function progressText(phase: string): string {
  const tail = 'updating status from Pending to Progressing'
  if (phase === 'Succeeded') return `Application resource completed a sync successfully, ${tail}`
  if (phase === 'Failed' || phase === 'Error') return `Application resource completed a sync, ${tail}`
  return `Application resource became Progressing, ${tail}`
}

/** Kubernetes' times are whole seconds. */
function isBefore(a: string, b: string): boolean {
  return Date.parse(a) < Date.parse(b)
}

/** Whether the application's last sync began in this very second. */
function hasBegunAt({ status }: Application, at: string): boolean {
  const startedAt = status?.operationState?.startedAt
  return startedAt !== undefined && !isBefore(startedAt, at)
}

/** All steps up to the first that is not healthy throughout. */
function syncableNames(
  map: StepMap,
  owned: readonly Application[],
  statuses: readonly RolloutStatus[],
): ReadonlySet<string> {
  const existing = new Set(owned.map(nameOf))
  const healthy = new Set(statuses.filter(({ status }) => status === 'Healthy').map(({ application }) => application))
  const syncable = new Set<string>()
  for (const names of map.steps) {
    for (const name of names) syncable.add(name)
    if (!names.every((name) => existing.has(name) && healthy.has(name))) break
  }
  return syncable
}

interface Starting {
  readonly applicationSet: ApplicationSet
  readonly map: StepMap
  readonly syncable: ReadonlySet<string>
  readonly justSynced: ReadonlySet<string>
  readonly at: string
}

/** Waiting applications of open steps become pending, as many as `maxUpdate` allows at a time. */
function startWaiting(
  statuses: readonly RolloutStatus[],
  { applicationSet, map, syncable, justSynced, at }: Starting,
): readonly RolloutStatus[] {
  const steps = stepsOf(applicationSet)
  if (steps.length === 0) return []
  // As upstream, what no step selects is counted with the first.
  const stepOf = ({ application }: RolloutStatus): number => map.stepOf.get(application) ?? 0
  const totals = steps.map((_, index) => statuses.filter((one) => stepOf(one) === index).length)
  const busy = steps.map(
    (_, index) =>
      statuses.filter((one) => stepOf(one) === index && (one.status === 'Pending' || one.status === 'Progressing'))
        .length,
  )
  return statuses.map((one) => {
    const index = stepOf(one)
    const limit = maxUpdateOf(steps[index]?.maxUpdate, totals[index] ?? 0)
    const isReady = one.status === 'Waiting' && syncable.has(one.application) && !justSynced.has(one.application)
    if (!isReady || (busy[index] ?? 0) >= limit) return one
    busy[index] = (busy[index] ?? 0) + 1
    const message = 'Application moved to Pending status, watching for the Application resource to start Progressing'
    return { ...one, status: 'Pending', message, lastTransitionTime: at }
  })
}

/** How many of a step may be under way; a percentage rounds down, and above 0% is at least one. */
export function maxUpdateOf(maxUpdate: number | string | undefined, total: number): number {
  if (maxUpdate === undefined) return Number.POSITIVE_INFINITY
  if (typeof maxUpdate === 'number') return maxUpdate
  const percent = /^(?<number>\d+)%$/.exec(maxUpdate)?.groups?.['number']
  if (maxUpdate === '0%') return 0
  return percent === undefined ? 1 : Math.max(1, Math.floor((Number(percent) * total) / 100))
}

function rolloutCondition(set: ApplicationSet, statuses: readonly RolloutStatus[]): SetCondition {
  const open = stepsOf(set).findIndex((_, index) => {
    const inStep = statuses.filter(({ step }) => step === String(index + 1))
    return inStep.some(({ status }) => status !== 'Healthy')
  })
  return open < 0
    ? {
        type: 'RolloutProgressing',
        status: 'False',
        reason: 'ApplicationSetRolloutComplete',
        message: 'ApplicationSet Rollout has completed',
      }
    : {
        type: 'RolloutProgressing',
        status: 'True',
        reason: 'ApplicationSetModified',
        message: `ApplicationSet is performing rollout of step ${open + 1}`,
      }
}

/** Applications as a progressive sync writes them: they do not sync by themselves, and those whose turn it is get an operation. */
export function withRollout(
  applications: readonly Application[],
  { statuses, syncable }: Rollout,
): readonly Application[] {
  const pending = new Set(statuses.filter(({ status }) => status === 'Pending').map(({ application }) => application))
  return applications.map((application) => {
    const name = nameOf(application)
    const plain = withoutAutomation(application)
    return syncable.has(name) && pending.has(name) ? { ...plain, operation: syncOperation(application) } : plain
  })
}

function withoutAutomation(application: Application): Application {
  const { syncPolicy } = application.spec
  if (syncPolicy?.automated === undefined) return application
  const automated = { ...syncPolicy.automated, enabled: false }
  return { ...application, spec: { ...application.spec, syncPolicy: { ...syncPolicy, automated } } }
}

/** As many attempts as automated syncs have. */
const RETRY_LIMIT = 5

function syncOperation({ spec }: Application): Operation {
  const { automated, retry, syncOptions } = spec.syncPolicy ?? {}
  const prunes = automated !== undefined && automated.enabled !== false && automated.prune === true
  return {
    initiatedBy: { username: 'applicationset-controller', automated: true },
    info: [{ name: 'Reason', value: 'ApplicationSet RollingSync triggered a sync of this Application resource' }],
    sync: { ...(prunes ? { prune: true } : {}), ...(syncOptions === undefined ? {} : { syncOptions }) },
    retry: retry ?? { limit: RETRY_LIMIT },
  }
}

function revisionsOf({ status }: Application): readonly string[] {
  const { revision = '', revisions = [] } = status?.sync ?? {}
  if (revisions.length > 0) return revisions
  return revision === '' ? [] : [revision]
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index])
}

function isSameStatus(a: RolloutStatus, b: RolloutStatus): boolean {
  return (
    a.status === b.status &&
    a.message === b.message &&
    a.step === b.step &&
    isSameList(a.targetRevisions ?? [], b.targetRevisions ?? [])
  )
}

function nameOf({ metadata }: Application): string {
  return metadata.name ?? ''
}
