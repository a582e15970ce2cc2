// How far an operation is: its results by phase and wave, and what of them is done.
import type { Application, ResourceResult } from '../../../src/crds/application.ts'
import { resourceKey } from '../tree/nodes.ts'

export interface WaveResults {
  /** Undefined where nobody says: of hooks that are gone. */
  readonly wave: number | undefined
  readonly results: readonly ResourceResult[]
}

export interface PhaseResults {
  readonly phase: string
  readonly waves: readonly WaveResults[]
}

const PHASES = ['PreSync', 'Sync', 'PostSync', 'SyncFail']

/** The results of the last operation in the order in which they happen. */
export function phasesOf({ status }: Application): readonly PhaseResults[] {
  const results = status?.operationState?.syncResult?.resources ?? []
  const waves = new Map((status?.resources ?? []).map((resource) => [resourceKey(resource), resource.syncWave ?? 0]))
  const byPhase = Map.groupBy(results, ({ syncPhase }) => syncPhase ?? 'Sync')
  return [...byPhase]
    .toSorted(([a], [b]) => PHASES.indexOf(a) - PHASES.indexOf(b))
    .map(([phase, members]) => {
      const byWave = Map.groupBy(members, (result) => waves.get(resourceKey(result)))
      return {
        phase,
        waves: [...byWave].toSorted(([a = 0], [b = 0]) => a - b).map(([wave, inWave]) => ({ wave, results: inWave })),
      }
    })
}

/** The word for a result: of a hook its phase, else what was done. */
export function outcomeOf({ status, hookPhase, hookType }: ResourceResult): string {
  return (hookType === undefined ? status : undefined) ?? hookPhase ?? 'Running'
}

export interface Progress {
  readonly done: number
  readonly all: number
  readonly failed: number
}

export function progressOf(application: Application): Progress {
  const results = application.status?.operationState?.syncResult?.resources ?? []
  const failed = results.filter(isFailed).length
  // Resources keep the phase Running of the moment they were applied; once it is over, all are done.
  const done = isRunning(application) ? results.filter((result) => !isWaiting(result)).length : results.length
  return { done, all: results.length, failed }
}

function isFailed(result: ResourceResult): boolean {
  return result.status === 'SyncFailed' || result.hookPhase === 'Failed' || result.hookPhase === 'Error'
}

/** What is applied but not yet healthy, or a hook that runs. */
function isWaiting({ status, hookPhase, hookType }: ResourceResult): boolean {
  if (hookPhase !== undefined) return hookPhase === 'Running'
  return hookType !== undefined || status === undefined
}

export function isRunning({ operation, status }: Application): boolean {
  const phase = status?.operationState?.phase
  return operation !== undefined || phase === 'Running' || phase === 'Terminating'
}
