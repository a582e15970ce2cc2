// A look at the sources of an application: has anything moved that its manifests are made of?
import { isDeepStrictEqual } from 'node:util'
import type { Application, SyncStatus } from '../../crds/application.ts'
import type { Desired, DesiredState } from '../../desired/contract.ts'
import type { AppMemory } from './app-memory.ts'
import { isMultiSource, sourcesOf } from './application-name.ts'
import { isAutomated } from './auto-sync.ts'
import type { Pass } from './pass.ts'
import { setStatus } from './pass.ts'
import type { CompareLevel } from './refresh-decision.ts'

export interface Sight {
  /** Undefined where nothing the comparison was made of has moved. */
  readonly level: CompareLevel | undefined
  /** What the target revisions resolve to now; empty where it was not found out. */
  readonly revisions: readonly string[]
}

export interface LookOptions {
  /** How long ago a revision may have been resolved. */
  readonly maxAgeMs: number
  readonly signal: AbortSignal
}

/** Reads ids, renders nothing. What cannot be looked at is compared, which tells why. */
export async function lookAtSources(
  application: Application,
  { comparison, desired }: Pick<AppMemory, 'comparison' | 'desired'>,
  { glance }: Pick<Desired, 'glance'>,
  { maxAgeMs, signal }: LookOptions,
): Promise<Sight> {
  if (comparison === undefined || desired === undefined) return { level: 'forced', revisions: [] }
  const { request, state, isFilled } = desired
  if (!isDeepStrictEqual(request.sources, sourcesOf(application.spec))) return { level: 'latest', revisions: [] }
  try {
    const { revisions, rendering } = await glance({ ...request, freshness: 'cached', maxAgeMs, signal })
    // Others, such as the server, may have asked for another rendering since.
    if (rendering === undefined || rendering !== state.rendering) return { level: 'latest', revisions }
    // A sync may be due without any news: a window has opened, or a new commit allows another attempt.
    const isSettled = comparison.status === 'Synced' || !isAutomated(application)
    const isComplete = comparison.conditions.length === 0 && comparison.orphans === undefined && !isFilled
    return { level: isSettled && isComplete ? undefined : 'latest', revisions }
  } catch {
    signal.throwIfAborted()
    return { level: 'forced', revisions: [] } // the comparison meets the same error, and reports it
  }
}

/** The manifests of the application are those of these revisions, too. */
export function takeRevisions(pass: Pass, revisions: readonly string[]): void {
  const { memory, application } = pass
  const { sync } = application.status ?? {}
  if (memory.desired !== undefined) {
    const { state } = memory.desired
    if (!hasRevisions(state, revisions)) memory.desired = { ...memory.desired, state: withRevisions(state, revisions) }
  }
  if (sync !== undefined && !isAt(sync, revisions))
    setStatus(pass, { sync: { ...sync, ...revisionFields(application, revisions) } })
}

/** Does the status say these revisions? */
export function isAt(sync: SyncStatus | undefined, revisions: readonly string[]): boolean {
  const told = sync?.revisions ?? (sync?.revision === undefined ? [] : [sync.revision])
  return isDeepStrictEqual([...told], [...revisions])
}

/** As the status names them: a list for several sources, else one. */
export function revisionFields(
  { spec }: Application,
  revisions: readonly string[],
): Pick<SyncStatus, 'revision' | 'revisions'> {
  return isMultiSource(spec) ? { revisions: [...revisions] } : { revision: revisions[0] ?? '' }
}

function hasRevisions({ sources }: DesiredState, revisions: readonly string[]): boolean {
  return sources.every(({ revision }, index) => revisions[index] === revision)
}

function withRevisions(state: DesiredState, revisions: readonly string[]): DesiredState {
  const sources = state.sources.map((source, index) => ({ ...source, revision: revisions[index] ?? source.revision }))
  return { ...state, sources }
}
