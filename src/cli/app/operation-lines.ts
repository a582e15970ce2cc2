// What an operation did, in lines (argo-cd cmd/argocd/commands/app.go `printOperationResult`, v3.5.1).
import type { OperationState } from '../../crds/application.ts'
import { goTime } from '../human-time.ts'

type Lines = readonly (readonly [string, string])[]

/** `Operation:`, revision, phase, times, message. */
export function operationLines(state: OperationState): Lines {
  const { phase, startedAt, finishedAt, message } = state
  const seconds = Math.max(0, Math.round((Date.parse(finishedAt ?? startedAt) - Date.parse(startedAt)) / 1000))
  return [
    ...syncLines(state),
    ['Phase:', phase],
    ['Start:', goTime(startedAt)],
    ...optional('Finished:', finishedAt === undefined ? undefined : goTime(finishedAt)),
    ['Duration:', `${seconds}s`],
    ...optional('Message:', message),
  ]
}

function syncLines({ operation, syncResult }: OperationState): Lines {
  if (syncResult === undefined && operation.sync === undefined) return []
  const revision = syncResult?.revision || (syncResult?.revisions ?? []).join(',')
  return [
    ['Operation:', 'Sync'],
    ['Sync Revision:', revision],
  ]
}

function optional(key: string, value: string | undefined): Lines {
  return value === undefined || value === '' ? [] : [[key, value]]
}
