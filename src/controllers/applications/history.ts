// The history of deployments: one entry a full sync that succeeded.
import type { Application, OperationState, RevisionHistory } from '../../crds/application.ts'
import { isMultiSource } from './application-name.ts'

const DEFAULT_LIMIT = 10

/** The history with the operation added; unchanged where it was a dry run, selective or not successful. */
export function appendHistory(
  application: Application,
  state: OperationState,
  now: string,
): readonly RevisionHistory[] {
  const history = application.status?.history ?? []
  const { sync } = state.operation
  const result = state.syncResult
  const isFull = sync !== undefined && sync.dryRun !== true && (sync.resources ?? []).length === 0
  if (state.phase !== 'Succeeded' || !isFull || result === undefined) return history
  const entry: RevisionHistory = {
    id: history.reduce((highest, { id }) => Math.max(highest, id), -1) + 1,
    deployedAt: now,
    deployStartedAt: state.startedAt,
    ...(state.operation.initiatedBy === undefined ? {} : { initiatedBy: state.operation.initiatedBy }),
    ...(isMultiSource(application.spec) || (result.sources ?? []).length > 0
      ? { sources: result.sources ?? [], revisions: result.revisions ?? [] }
      : { revision: result.revision, ...(result.source === undefined ? {} : { source: result.source }) }),
  }
  const limit = application.spec.revisionHistoryLimit ?? DEFAULT_LIMIT
  return limit <= 0 ? [] : [...history, entry].slice(-limit)
}
