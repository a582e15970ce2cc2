// Rows of resources: what is managed, with what the last operation said of each (argo-cd cmd/argocd/commands/app.go, v3.5.1).
import type { Application, ResourceResult, ResourceStatus } from '../../crds/application.ts'
import { cells } from '../table.ts'

/** One resource as the tables show it. */
export interface ResourceRow {
  readonly group?: string
  readonly kind?: string
  readonly namespace?: string
  readonly name?: string
  readonly status?: string
  readonly health?: string
  readonly hook?: string
  readonly message?: string
}

export const RESOURCE_HEADING: readonly string[] = cells(
  'GROUP',
  'KIND',
  'NAMESPACE',
  'NAME',
  'STATUS',
  'HEALTH',
  'HOOK',
  'MESSAGE',
)

/** What the last operation touched, in its order, then what else is managed, by key (getResourceStates). */
export function resourceRows(application: Application): readonly ResourceRow[] {
  const managed = new Map(statusRows(application).map((row) => [keyOf(row), row]))
  const touched = (application.status?.operationState?.syncResult?.resources ?? []).map((result) => {
    const row = rowOfResult(result, managed.get(keyOf(result)))
    managed.delete(keyOf(result))
    return row
  })
  const others = [...managed].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row)
  return [...touched, ...others]
}

/** What is managed alone, without what an operation said. */
export function statusRows(application: Application): readonly ResourceRow[] {
  return (application.status?.resources ?? []).map(rowOfStatus)
}

function rowOfStatus({ health, group, kind, namespace, name, status }: ResourceStatus): ResourceRow {
  return withoutAbsent({ group, kind, namespace, name, status, health: health?.status })
}

/** What is managed shows how it stands now; a hook, and what is not managed, how it went: upstream puts that into STATUS and HEALTH. */
function rowOfResult(result: ResourceResult, known: ResourceRow | undefined): ResourceRow {
  const { group, kind, namespace, name, message, hookType, hookPhase } = result
  const isHook = Boolean(hookType)
  const state =
    known === undefined || isHook
      ? { status: hookPhase, health: result.status }
      : { status: known.status, health: known.health }
  return withoutAbsent({ group, kind, namespace, name, ...state, hook: hookType, message })
}

type Loose = { readonly [Name in keyof ResourceRow]: string | undefined }

function withoutAbsent(row: Loose): ResourceRow {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined))
}

export function cellsOf(row: ResourceRow): readonly string[] {
  return cells(row.group, row.kind, row.namespace, row.name, row.status, row.health, row.hook, row.message)
}

export function keyOf(row: Pick<ResourceRow, 'group' | 'kind' | 'namespace' | 'name'>): string {
  return cells(row.group, row.kind, row.namespace, row.name).join('/')
}
