// How an application reads in one word or one line (argo-cd cmd/argocd/commands/app.go, v3.5.1).
import type { Application, ApplicationCondition, ApplicationSource } from '../../crds/application.ts'

/** `namespace/name`, as people name an application that may live in any namespace. */
export function qualifiedName({ metadata }: Application): string {
  return `${metadata.namespace ?? ''}/${metadata.name ?? ''}`
}

export function sourcesOf({ spec }: Application): readonly ApplicationSource[] {
  const { source, sources = [], sourceHydrator } = spec
  if (sources.length > 0) return sources
  if (sourceHydrator !== undefined) {
    const { drySource, syncSource } = sourceHydrator
    const { targetBranch: targetRevision, path, repoURL } = syncSource
    return [{ repoURL: repoURL || drySource.repoURL, targetRevision, path }]
  }
  return source === undefined ? [] : [source]
}

/** The destination's server, or its name where it is addressed by that. */
export function destinationOf({ spec }: Application): string {
  const { server = '', name = '' } = spec.destination
  return server === '' ? name : server
}

/** The column SYNCPOLICY: `Manual`, `Auto`, `Auto-Prune`. */
export function syncPolicyWord({ spec }: Application): string {
  const automated = spec.syncPolicy?.automated
  if (automated === undefined || automated.enabled === false) return 'Manual'
  return automated.prune === true ? 'Auto-Prune' : 'Auto'
}

/** The line `Sync Policy:`. */
export function syncPolicyLine({ spec }: Application): string {
  const automated = spec.syncPolicy?.automated
  if (automated === undefined || automated.enabled === false) return 'Manual'
  return automated.prune === true ? 'Automated (Prune)' : 'Automated'
}

/** The column CONDITIONS: types, with their number where there are several. */
export function conditionsWord(conditions: readonly ApplicationCondition[] = []): string {
  if (conditions.length === 0) return '<none>'
  const counts = new Map<string, number>()
  for (const { type } of conditions) counts.set(type, (counts.get(type) ?? 0) + 1)
  return [...counts].map(([type, count]) => (count > 1 ? `${type}(${count})` : type)).join(',')
}

/** The line `Sync Status:`: `Synced to main (1234567)`. */
export function syncStatusLine(application: Application): string {
  const sync = application.status?.sync
  const status = sync?.status ?? 'Unknown'
  const target = sourcesOf(application)[0]?.targetRevision ?? ''
  const relation = status === 'Synced' ? ` to ${target}` : status === 'OutOfSync' ? ` from ${target}` : ''
  const revision = sync?.revision ?? ''
  const isPinned = /^[0-9a-f]{7,40}$/.test(target)
  const commit = !isPinned && revision.length > 7 ? ` (${revision.slice(0, 7)})` : ''
  return `${status}${relation}${commit}`
}

/** The lines under `Name:` of `app get`. */
export function headLines(
  application: Application,
  pageUrl: string,
  windows: WindowsState = {},
): readonly (readonly [string, string])[] {
  const { spec, status } = application
  const sources = sourcesOf(application)
  return [
    ['Name:', qualifiedName(application)],
    ['Project:', spec.project || 'default'],
    ['Server:', destinationOf(application)],
    ['Namespace:', spec.destination.namespace ?? ''],
    ['URL:', pageUrl],
    [sources.length > 1 ? 'Sources:' : 'Source:', ''],
    ...sources.flatMap(sourceLines),
    ...windowLines(windows),
    ['Sync Policy:', syncPolicyLine(application)],
    ['Sync Status:', syncStatusLine(application)],
    ['Health Status:', status?.health?.status ?? ''],
  ]
}

interface Window {
  readonly kind: string
  readonly schedule: string
  readonly duration: string
}

/** Windows that apply to an application, those that are active now, and whether people may sync. */
export interface WindowsState {
  readonly activeWindows?: readonly Window[] | null
  readonly assignedWindows?: readonly Window[] | null
  readonly canSync?: boolean
}

/** Upstream's words (printAppSummaryTable): what is denied to all may still be allowed by hand. */
function windowLines({
  activeWindows,
  assignedWindows,
  canSync,
}: WindowsState): readonly (readonly [string, string])[] {
  const [active, assigned] = [activeWindows ?? [], assignedWindows ?? []]
  const count = (windows: readonly Window[], wanted: string): number => windows.filter(({ kind }) => kind === wanted).length // prettier-ignore
  const isOutsideAllowed = count(active, 'allow') === 0 && count(assigned, 'allow') > 0
  const isHeld = count(active, 'deny') > 0 || isOutsideAllowed
  const status = !isHeld ? 'Sync Allowed' : canSync === true ? 'Manual Allowed' : 'Sync Denied'
  const all = assigned.map(({ kind, schedule, duration }) => `${kind}:${schedule}:${duration}`)
  return [['SyncWindow:', status], ...(all.length === 0 ? [] : ([['Assigned Windows:', all.join(',')]] as const))]
}

function sourceLines(source: ApplicationSource): readonly (readonly [string, string])[] {
  const values = source.helm?.valueFiles ?? []
  return [
    ['- Repo:', source.repoURL ?? ''],
    ['  Target:', source.targetRevision ?? ''],
    ...(source.path === undefined ? [] : ([['  Path:', source.path]] as const)),
    ...(source.chart === undefined ? [] : ([['  Chart:', source.chart]] as const)),
    ...(values.length === 0 ? [] : ([['  Helm Values:', values.join(',')]] as const)),
  ]
}

/** `Name:` lines as the originals print them: the key in twenty columns. */
export function formatLines(lines: readonly (readonly [string, string])[]): string {
  return lines.map(([key, value]) => `${/^Sources?:$/.test(key) ? key : key.padEnd(20) + value}\n`).join('')
}
