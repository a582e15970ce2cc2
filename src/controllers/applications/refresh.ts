// Compares an application anew where something asks for it, and puts the outcome into its status.
import { isDeepStrictEqual } from 'node:util'
import { messageOf } from '../../base/errors.ts'
import type {
  Application,
  ApplicationStatus,
  HealthStatusCode,
  ResourceStatus,
  SyncStatus,
} from '../../crds/application.ts'
import { ANNOTATION } from '../../sync/annotations.ts'
import { isMultiSource, sourcesOf } from './application-name.ts'
import { compareApplication } from './comparison.ts'
import type { Comparison } from './comparison-result.ts'
import { type Condition, type ConditionType, isErrorCondition, replaceConditions } from './conditions.ts'
import { addDeletionFinalizers } from './deletion-hooks.ts'
import type { DesiredSource } from '../../desired/contract.ts'
import type { PreparedTargets } from './targets.ts'
import { loadDesired, parseLocal, prepare, renderWarnings } from './load-desired.ts'
import { comeBack, type Destination, nowOf, type Pass, recordEvent, setStatus } from './pass.ts'
import { requestFor } from '../../reconcile/request.ts'
import { type CompareLevel, decideRefresh, higherLevel, REFRESH_ANNOTATION } from './refresh-decision.ts'
import { lookAtSources, revisionFields, takeRevisions } from './source-look.ts'
import { integrityConditions } from './source-integrity.ts'
import { checkSpec } from './spec-check.ts'
import { orphanCondition, summaryOf } from './summary.ts'

/** What a refresh found out, for the steps after it. */
export interface Refreshed {
  readonly destination: Destination
  readonly comparison: Comparison
}

const EVALUATED: ReadonlySet<ConditionType> = new Set([
  'InvalidSpecError',
  'ComparisonError',
  'UnknownError',
  'SharedResourceWarning',
  'RepeatedResourceWarning',
  'RenderWarning',
  'ExcludedResourceWarning',
  'OrphanedResourceWarning',
  'ImagePullSecretWarning',
])

/** Undefined where nothing asked for a comparison, or it could not be made without errors. */
export async function refresh(pass: Pass): Promise<Refreshed | undefined> {
  const { memory, settings, dependencies } = pass
  const jitterMs = Math.round(settings.resyncJitterMs * memory.jitter)
  const resyncMs = settings.resyncMs === 0 ? 0 : settings.resyncMs + jitterMs
  // A comparison that failed is made again at its time, or when something has changed: not for every event of the application.
  const hasComparison = memory.comparison !== undefined || memory.hasFailed
  const wish = wishOf(pass.application)
  const hasNewWish = memory.wish !== undefined && !isDeepStrictEqual(wish, memory.wish)
  const { application } = pass
  const asked = decideRefresh({ application, asked: memory.asked, hasComparison, hasNewWish })
  const found = await lookIfDue(pass, asked, resyncMs)
  const level = higherLevel(asked, found)
  if (readsSources(level) || !hasComparison) memory.lookedMs = dependencies.clock.now()
  if (resyncMs > 0) comeBack(pass, remainingMs(pass, resyncMs))
  if (level === undefined) return undefined
  memory.asked = undefined
  memory.wish = wish
  dropAnnotation(pass)
  const check = await checkSpec(pass)
  if (check.destination === undefined) {
    failRefresh(pass, check.conditions)
    return undefined
  }
  if (level === 'tree' && memory.comparison !== undefined) {
    setStatus(pass, { summary: summaryOf(check.destination.cache, memory.comparison) })
    return undefined
  }
  return compareAndReport(pass, check.destination, { level, isOwnWish: asked !== level })
}

/** Looks at the sources where it is time, or refs have moved, and nothing asks for more than that. */
async function lookIfDue(
  pass: Pass,
  asked: CompareLevel | undefined,
  resyncMs: number,
): Promise<CompareLevel | undefined> {
  const { memory, application, dependencies, signal } = pass
  const isDue = memory.isToLook || (resyncMs > 0 && remainingMs(pass, resyncMs) === 0)
  const hasComparison = memory.comparison !== undefined || memory.hasFailed
  if (!isDue || !hasComparison || readsSources(asked)) return undefined
  memory.isToLook = false
  memory.lookedMs = dependencies.clock.now()
  // Applications of one repository are due at different times: each may take what another one has just been told.
  const maxAgeMs = resyncMs === 0 ? FOLLOWED_AGE_MS : resyncMs / SHARED_PART
  const { level, revisions } = await lookAtSources(application, memory, dependencies.desired, { maxAgeMs, signal })
  if (level === undefined) takeRevisions(pass, revisions)
  return level
}

/** A repository is asked at most so often in the time in which each of its applications is due once. */
const SHARED_PART = 4
/** Without a time for that, a look is one that refs asked for when they moved. */
const FOLLOWED_AGE_MS = 60_000

function readsSources(level: CompareLevel | undefined): boolean {
  return level === 'latest' || level === 'forced' || level === 'hard'
}

/** All that a person may change of what is compared, and of what follows from it. */
function wishOf({ spec, metadata: { annotations } }: Application): unknown {
  return [spec, annotations?.[ANNOTATION.compareOptions]]
}

function remainingMs({ memory, dependencies }: Pass, resyncMs: number): number {
  return memory.lookedMs === undefined ? 0 : Math.max(0, memory.lookedMs + resyncMs - dependencies.clock.now())
}

async function compareAndReport(
  pass: Pass,
  destination: Destination,
  { level, isOwnWish }: Wanted,
): Promise<Refreshed | undefined> {
  const { memory } = pass
  let comparison: Comparison
  let rendered: readonly DesiredSource[] = []
  let isRead = false
  try {
    await destination.cache.whenReady()
    isRead = true
    const { state, targets: own } = await loadDesired(pass, destination, { level })
    rendered = state.sources
    const targets = localTargets(pass, destination) ?? own
    const compared = await compareApplication({ ...pass, ...destination, sources: state.sources, targets })
    const unsigned = await integrityConditions(pass, destination.project, state.sources)
    comparison = { ...compared, conditions: [...compared.conditions, ...renderWarnings(state), ...unsigned] }
  } catch (error) {
    pass.signal.throwIfAborted()
    const redact = memory.desired?.targets.secrets.redact
    const message = messageOf(error)
    const types = typesOf({ sources: rendered }, isMultiSource(pass.application.spec))
    failRefresh(pass, [{ type: 'ComparisonError', message: redact?.(message) ?? message }], {
      isOwnWish,
      types,
      isRead,
    })
    return undefined
  }
  memory.comparison = comparison
  memory.hasFailed = false
  if (comparison.status === 'OutOfSync') memory.outOfSyncSinceMs ??= pass.dependencies.clock.now()
  else memory.outOfSyncSinceMs = undefined
  addDeletionFinalizers(pass, comparison)
  const orphans = orphanCondition(destination.cache, comparison)
  report(pass, {
    sync: syncStatus(pass, comparison),
    health: comparison.health,
    resources: comparison.resources,
    conditions: [...comparison.conditions, ...orphans, ...pullProblems(pass)],
    reconciled: readsSources(level) && (isOwnWish ? 'with-news' : 'always'),
    extra: {
      ...typesOf(comparison, isMultiSource(pass.application.spec)),
      summary: summaryOf(destination.cache, comparison),
    },
  })
  const blocks = comparison.conditions.some((condition) => isErrorCondition(condition) && condition.isHarmless !== true)
  return blocks ? undefined : { destination, comparison }
}

function pullProblems({ application, dependencies }: Pass): readonly Condition[] {
  const problems = dependencies.pullSecrets?.problemsOf(requestFor(application)) ?? []
  return problems.map((message): Condition => ({ type: 'ImagePullSecretWarning', message }))
}

/** Nothing can be said: status Unknown, the resources as they were known last. */
/** What the last operation brought along instead of what is in Git: it counts until another one (`processAppRefreshQueueItem`). */
function localTargets(pass: Pass, destination: Destination): PreparedTargets | undefined {
  const manifests = pass.application.status?.operationState?.operation.sync?.manifests ?? []
  return manifests.length === 0 ? undefined : prepare(pass, destination, { manifests: parseLocal(manifests) })
}

function resourcesOf(status: ApplicationStatus | undefined): readonly ResourceStatus[] {
  return status?.resources ?? []
}

interface Failure {
  readonly isOwnWish?: boolean
  /** What is in the cluster is known. */
  readonly isRead?: boolean
  /** Of sources that were rendered. */
  readonly types?: Partial<ApplicationStatus>
}

function failRefresh(
  pass: Pass,
  conditions: readonly Condition[],
  { isOwnWish = false, types = {}, isRead = false }: Failure = {},
): void {
  pass.memory.comparison = undefined
  pass.memory.hasFailed = true
  const { status } = pass.application
  const revision = status?.sync?.revision
  const resources = resourcesOf(status)
  // Where nothing is there, nothing can be ill: upstream says so, whatever is wrong with the source.
  report(pass, {
    sync: { status: 'Unknown', ...(revision === undefined ? {} : { revision }), comparedTo: comparedTo(pass) },
    health: isRead && resources.length === 0 ? 'Healthy' : 'Unknown',
    resources: resources.map((resource): ResourceStatus => ({ ...resource, status: 'Unknown' })),
    conditions,
    reconciled: isOwnWish ? 'with-news' : 'always',
    extra: types,
  })
}

interface Wanted {
  readonly level: CompareLevel
  /** Nobody asked: it was time to look, and the look asked for more. */
  readonly isOwnWish: boolean
}

interface Report {
  readonly sync: SyncStatus
  readonly health: HealthStatusCode
  readonly resources: readonly ResourceStatus[]
  readonly conditions: readonly Condition[]
  /** Is the time of the comparison written: whatever came of it, or only beside what else is written? */
  readonly reconciled: 'always' | 'with-news' | false
  readonly extra: Partial<ApplicationStatus>
}

function report(pass: Pass, { sync, health, resources, conditions, reconciled, extra }: Report): void {
  const now = nowOf(pass)
  const before = pass.application.status ?? {}
  const next = {
    ...extra,
    sync: kept(before.sync, sync),
    health: before.health?.status === health ? before.health : { status: health, lastTransitionTime: now },
    resources: kept(before.resources, resources),
    conditions: kept(before.conditions, replaceConditions(before.conditions ?? [], conditions, EVALUATED, now)),
    controllerNamespace: pass.dependencies.namespace,
    ...(pass.settings.persistResourceHealth ? {} : { resourceHealthSource: 'appTree' }),
  }
  const isNews = reconciled === 'with-news' && !isDeepStrictEqual({ ...before, ...next }, before)
  const isTimeWritten = reconciled === 'always' || isNews || before.reconciledAt === undefined
  setStatus(pass, isTimeWritten ? { ...next, reconciledAt: afterOperation(before, now) } : next)
  recordChange(pass, 'sync', before.sync?.status, sync.status)
  recordChange(pass, 'health', before.health?.status, health)
}

/** An operation that was put off to its own second ends in that: clients wait for a comparison that is no older than the end. */
function afterOperation({ operationState }: ApplicationStatus, now: string): string {
  const finished = operationState?.finishedAt ?? ''
  return finished > now ? finished : now
}

/** The old value where the new one is equal: what is the same is not written, nor turned into text to find that out. */
function kept<T>(before: T | undefined, next: T): T {
  return before !== undefined && isDeepStrictEqual(before, next) ? before : next
}

function recordChange(pass: Pass, what: 'sync' | 'health', old: string = '', next: string = ''): void {
  if (old !== next) recordEvent(pass, 'Normal', 'ResourceUpdated', `Updated ${what} status: ${old} -> ${next}`)
}

function syncStatus(pass: Pass, { status, sources }: Comparison): SyncStatus {
  const revisions = sources.map(({ revision }) => revision)
  return { status, ...revisionFields(pass.application, revisions), comparedTo: comparedTo(pass) }
}

function comparedTo({ application: { spec } }: Pass): NonNullable<SyncStatus['comparedTo']> {
  const sources = sourcesOf(spec)
  const [source] = sources
  return {
    destination: spec.destination,
    ...(isMultiSource(spec) ? { sources } : source === undefined ? {} : { source }),
    ...(spec.ignoreDifferences === undefined ? {} : { ignoreDifferences: spec.ignoreDifferences }),
  }
}

function typesOf({ sources }: Pick<Comparison, 'sources'>, isMulti: boolean): Partial<ApplicationStatus> {
  const types = sources.map(({ sourceType }) => sourceType)
  if (types.length === 0) return {}
  if (isMulti) return { sourceTypes: types }
  const [first] = types
  return first === undefined ? {} : { sourceType: first }
}

/** The request is answered by this pass, whatever it finds. */
export function dropAnnotation(pass: Pass): void {
  const { [REFRESH_ANNOTATION]: asked, ...annotations } = pass.application.metadata.annotations ?? {}
  if (asked === undefined) return
  pass.application = { ...pass.application, metadata: { ...pass.application.metadata, annotations } }
}
