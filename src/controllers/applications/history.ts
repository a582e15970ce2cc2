// The history of deployments: one entry a full sync that succeeded.
import type { Application, OperationState, RevisionHistory, SyncOperationResult } from '../../crds/application.ts'
import { isMultiSource } from './application-name.ts'

const DEFAULT_LIMIT = 10

/** The history with the operation added; unchanged where it was a dry run, selective or not successful. */
export function appendHistory(
  application: Application,
  state: OperationState,
  now: string,
): readonly RevisionHistory[] {
  const history = application.status?.history ?? []
  if (state.phase !== 'Succeeded' || !isFull(state) || state.syncResult === undefined) return history
  const { initiatedBy } = state.operation
  const entry: RevisionHistory = {
    id: Math.max(-1, ...history.map(({ id }) => id)) + 1,
    deployedAt: now,
    deployStartedAt: state.startedAt,
    ...(initiatedBy === undefined ? {} : { initiatedBy }),
    ...whatWasSynced(state.syncResult, isMultiSource(application.spec)),
  }
  const limit = application.spec.revisionHistoryLimit ?? DEFAULT_LIMIT
  return limit <= 0 ? [] : [...history, entry].slice(-limit)
}

function isFull({ operation: { sync } }: OperationState): boolean {
  return sync !== undefined && sync.dryRun !== true && (sync.resources ?? []).length === 0
}

function whatWasSynced(result: SyncOperationResult, isMulti: boolean): Partial<RevisionHistory> {
  const { revision, revisions = [], source, sources = [] } = result
  if (isMulti || sources.length > 0) return { sources, revisions }
  return { revision, ...(source === undefined ? {} : { source }) }
}
