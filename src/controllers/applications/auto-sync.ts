// Decides whether an OutOfSync application is synced by itself (facts section 15).
import { isDeepStrictEqual } from 'node:util'
import type {
  Application,
  ApplicationSource,
  Operation,
  OperationState,
  ResourceStatus,
  SyncOperation,
  SyncOperationResource,
} from '../../crds/application.ts'
import { isMultiSource, sourcesOf } from './application-name.ts'
import type { Condition } from './conditions.ts'
import { hasNewNamespaceMetadata } from './namespace-metadata.ts'

/** Wait before the second self-heal, tripled each time. */
const HEAL_BASE_MS = 2_000
const HEAL_FACTOR = 3
const HEAL_MAX_MS = 300_000
/** An application that stayed in step this long after a heal is not fighting anybody: the counter starts anew. */
export const HEAL_COOLDOWN_MS = 330_000
const DEFAULT_RETRIES = 5

export interface AutoSyncInput {
  readonly application: Application
  readonly syncStatus: string
  /** One a source. */
  readonly revisions: readonly string[]
  readonly resources: readonly ResourceStatus[]
  /** True for an object that is on its way out already. */
  readonly isLeaving: (resource: ResourceStatus) => boolean
  readonly nowMs: number
  /** When the application was first seen to differ. */
  readonly outOfSyncSinceMs: number
}

export type AutoSyncDecision =
  | { readonly action: 'none' }
  /** With a delay, to be decided anew after it. */
  | { readonly action: 'refused'; readonly condition: Condition; readonly delayMs?: number }
  | { readonly action: 'wait'; readonly delayMs: number; readonly attempts: number }
  | { readonly action: 'sync'; readonly operation: Operation }

const NOTHING: AutoSyncDecision = { action: 'none' }

/** True where the policy says that Git's changes are applied by themselves. */
export function isAutomated(application: Application): boolean {
  const automated = application.spec.syncPolicy?.automated
  return automated !== undefined && automated.enabled !== false
}

export function decideAutoSync(input: AutoSyncInput): AutoSyncDecision {
  const { application, resources, syncStatus } = input
  const automated = application.spec.syncPolicy?.automated
  if (automated === undefined || syncStatus !== 'OutOfSync' || !isFree(application)) return NOTHING
  const differing = resources.filter((resource) => resource.status !== 'Synced' && !input.isLeaving(resource))
  if (!hasWork(application, differing)) return NOTHING
  const healing = decideHealing(input, differing)
  if ('action' in healing) return healing
  if (automated.prune === true && automated.allowEmpty !== true && wipesOut(resources)) {
    const message = `Skipping sync attempt to [${input.revisions.join(' ')}]: auto-sync will wipe out all resources`
    return { action: 'refused', condition: { type: 'SyncError', message } }
  }
  return { action: 'sync', operation: operationFor(input, healing) }
}

/** Something may be changed: not when all that is left to do is pruning and the policy does not prune. */
function hasWork(application: Application, differing: readonly ResourceStatus[]): boolean {
  if (hasNewNamespaceMetadata(application)) return true
  const prunes = application.spec.syncPolicy?.automated?.prune === true
  return differing.some((resource) => prunes || resource.requiresPruning !== true)
}

/** Automated, and nothing else is going on. */
function isFree(application: Application): boolean {
  const isIdle = application.operation === undefined && application.metadata.deletionTimestamp === undefined
  return isIdle && isAutomated(application)
}

interface Healing {
  readonly attempts: number
  readonly resources: readonly SyncOperationResource[]
}

/** The same revision is tried once; after that only self-heal goes on, with back-off and only for what differs. */
function decideHealing(input: AutoSyncInput, differing: readonly ResourceStatus[]): Healing | AutoSyncDecision {
  const { application, revisions, nowMs } = input
  const state = application.status?.operationState
  if (state === undefined || !wasAttempted(input)) return { attempts: 0, resources: [] }
  const finishedMs = Date.parse(state.finishedAt ?? state.startedAt)
  const selfHeals = application.spec.syncPolicy?.automated?.selfHeal === true
  if (state.phase !== 'Succeeded')
    return afterFailure(state, selfHeals ? finishedMs + HEAL_MAX_MS - nowMs : undefined, revisions)
  if (!selfHeals) return NOTHING
  const attempts = attemptsBefore(state, input.outOfSyncSinceMs - finishedMs)
  const remainingMs = healDelay(attempts) - (nowMs - finishedMs)
  if (remainingMs > 0) return { action: 'wait', delayMs: remainingMs, attempts }
  return { attempts: attempts + 1, resources: differing.map(identityOf) }
}

/** One failure must not end self-healing for good (argo-cd #18442): the whole sync is tried again after the longest back-off. */
function afterFailure(
  { operation, message = '' }: OperationState,
  delayMs: number | undefined,
  revisions: readonly string[],
): Healing | AutoSyncDecision {
  if (delayMs !== undefined && delayMs <= 0) {
    return { attempts: (operation.sync?.autoHealAttemptsCount ?? 0) + 1, resources: [] }
  }
  const text = `Failed last sync attempt to [${revisions.join(' ')}]: ${message}`
  const condition = { type: 'SyncError', message: text } as const
  return { action: 'refused', condition, ...(delayMs === undefined ? {} : { delayMs }) }
}

function attemptsBefore({ operation }: OperationState, calmMs: number): number {
  return calmMs >= HEAL_COOLDOWN_MS ? 0 : (operation.sync?.autoHealAttemptsCount ?? 0)
}

/** 0 for the first heal, then 2 s, 6 s, 18 s … up to 5 min. */
function healDelay(attempts: number): number {
  return attempts === 0 ? 0 : Math.min(HEAL_MAX_MS, HEAL_BASE_MS * HEAL_FACTOR ** (attempts - 1))
}

function wasAttempted({ application, revisions }: AutoSyncInput): boolean {
  const result = application.status?.operationState?.syncResult
  if (result === undefined || hasNewNamespaceMetadata(application)) return false
  const isMulti = isMultiSource(application.spec)
  const tried = isMulti ? (result.revisions ?? []) : [result.revision]
  if (!isDeepStrictEqual([...tried], [...revisions])) return false
  const sources = isMulti ? (result.sources ?? []) : result.source === undefined ? [] : [result.source]
  return isDeepStrictEqual(sources.map(withoutRevision), sourcesOf(application.spec).map(withoutRevision))
}

/** The revision was compared already, as what it resolves to. */
function withoutRevision({ targetRevision: _revision, ...source }: ApplicationSource): unknown {
  return source
}

function wipesOut(resources: readonly ResourceStatus[]): boolean {
  return resources.length > 0 && resources.every((resource) => resource.requiresPruning === true)
}

function identityOf({ group = '', kind = '', name = '', namespace }: ResourceStatus): SyncOperationResource {
  return { group, kind, name, ...(namespace === undefined || namespace === '' ? {} : { namespace }) }
}

function operationFor({ application, revisions }: AutoSyncInput, healing: Healing): Operation {
  const policy = application.spec.syncPolicy
  const sync: SyncOperation = {
    ...(isMultiSource(application.spec) ? { revisions } : { revision: revisions[0] ?? '' }),
    ...(policy?.automated?.prune === true ? { prune: true } : {}),
    ...(policy?.syncOptions === undefined ? {} : { syncOptions: policy.syncOptions }),
    ...(healing.attempts > 0 ? { autoHealAttemptsCount: healing.attempts } : {}),
    ...(healing.resources.length > 0 ? { resources: healing.resources } : {}),
  }
  return { sync, initiatedBy: { automated: true }, retry: policy?.retry ?? { limit: DEFAULT_RETRIES } }
}
