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

/** Managed resources in the order of the status, then what the operation touched besides (hooks, pruned ones). */
export function resourceRows(application: Application): readonly ResourceRow[] {
  const rows = new Map<string, ResourceRow>()
  for (const resource of application.status?.resources ?? []) rows.set(keyOf(resource), rowOfStatus(resource))
  for (const result of application.status?.operationState?.syncResult?.resources ?? []) {
    rows.set(keyOf(result), rowOfResult(result, rows.get(keyOf(result))))
  }
  return [...rows.values()]
}

/** What is managed alone, without what an operation said. */
export function statusRows(application: Application): readonly ResourceRow[] {
  return (application.status?.resources ?? []).map(rowOfStatus)
}

function rowOfStatus({ health, group, kind, namespace, name, status }: ResourceStatus): ResourceRow {
  return withoutAbsent({ group, kind, namespace, name, status, health: health?.status })
}

/** A hook shows how it went; anything else how it stands now. */
function rowOfResult(result: ResourceResult, known: ResourceRow | undefined): ResourceRow {
  const { group, kind, namespace, name, message, hookType, hookPhase } = result
  const isHook = hookType !== undefined
  const status = isHook ? hookPhase : (known?.status ?? result.status)
  return withoutAbsent({ group, kind, namespace, name, status, health: known?.health, hook: hookType, message })
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
