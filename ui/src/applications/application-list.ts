// The list of applications: events applied, filtered, counted, sorted.
import type { Application } from '../../../src/crds/application.ts'

export interface ApplicationEvent {
  readonly type?: string
  readonly application?: Application
}

/** What is looked for; an empty set lets everything through. */
export interface ApplicationFilter {
  readonly text: string
  readonly sync: readonly string[]
  readonly health: readonly string[]
}

export type ApplicationOrder = 'name' | 'attention' | 'recent'

export function keyOf({ metadata }: Application): string {
  return `${metadata.namespace ?? ''}/${metadata.name ?? ''}`
}

/** The list after some events of the stream; an event older than what is known changes nothing. */
export function applyEvents(list: readonly Application[], events: readonly ApplicationEvent[]): readonly Application[] {
  const byKey = new Map(list.map((application) => [keyOf(application), application]))
  for (const { type, application } of events) {
    if (application === undefined) continue
    const key = keyOf(application)
    if (type === 'DELETED') byKey.delete(key)
    else if (!isOlder(application, byKey.get(key))) byKey.set(key, application)
  }
  return [...byKey.values()]
}

/** A list just read, but with what events have told meanwhile. */
export function mergeRead(read: readonly Application[], known: readonly Application[]): readonly Application[] {
  const byKey = new Map(known.map((application) => [keyOf(application), application]))
  return read.map((application) => {
    const other = byKey.get(keyOf(application))
    return other !== undefined && isOlder(application, other) ? other : application
  })
}

/** Resource versions are decimal numbers since Kubernetes 1.35; what is none counts as newer. */
function isOlder({ metadata }: Application, known: Application | undefined): boolean {
  if (known === undefined || metadata.uid !== known.metadata.uid) return false
  return Number(metadata.resourceVersion) < Number(known.metadata.resourceVersion)
}

export function filterApplications(list: readonly Application[], filter: ApplicationFilter): readonly Application[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean)
  return list.filter((application) => {
    if (!isAmong(filter.sync, syncOf(application)) || !isAmong(filter.health, healthOf(application))) return false
    const text = searchTextOf(application)
    return words.every((word) => text.includes(word))
  })
}

function isAmong(wanted: readonly string[], value: string): boolean {
  return wanted.length === 0 || wanted.includes(value)
}

function searchTextOf({ metadata, spec }: Application): string {
  const sources = spec.sources ?? (spec.source === undefined ? [] : [spec.source])
  const labels = Object.entries(metadata.labels ?? {}).map(([name, value]) => `${name}=${value}`)
  return [
    metadata.name,
    spec.project,
    spec.destination.namespace,
    spec.destination.name ?? spec.destination.server,
    ...sources.flatMap(({ repoURL, path, chart }) => [repoURL, path, chart]),
    ...labels,
  ]
    .filter((part) => part !== undefined)
    .join('\n')
    .toLowerCase()
}

/** How many applications there are of each value, in the order given. */
export function countBy(
  list: readonly Application[],
  valueOf: (application: Application) => string,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const application of list) {
    const value = valueOf(application)
    counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  return counts
}

export function syncOf({ status }: Application): string {
  return status?.sync?.status ?? 'Unknown'
}

export function healthOf({ status }: Application): string {
  return status?.health?.status ?? 'Unknown'
}

/** Says whether changes in Git are applied without being asked. */
export function isAutomated({ spec }: Application): boolean {
  const automated = spec.syncPolicy?.automated
  return automated !== undefined && automated.enabled !== false
}

/** Worst first, as Kubernetes people fix things. */
const HEALTH_URGENCY = ['Degraded', 'Missing', 'Unknown', 'Progressing', 'Suspended', 'Healthy']

export function sortApplications(list: readonly Application[], order: ApplicationOrder): readonly Application[] {
  const byName = (a: Application, b: Application): number => (keyName(a) < keyName(b) ? -1 : 1)
  switch (order) {
    case 'name':
      return list.toSorted(byName)
    case 'attention':
      return list.toSorted((a, b) => urgencyOf(a) - urgencyOf(b) || byName(a, b))
    case 'recent':
      return list.toSorted((a, b) => -Math.sign(changedAt(a) - changedAt(b)) || byName(a, b))
  }
}

function keyName({ metadata }: Application): string {
  return `${metadata.name ?? ''}/${metadata.namespace ?? ''}`
}

function urgencyOf(application: Application): number {
  return HEALTH_URGENCY.indexOf(healthOf(application)) * 2 + (syncOf(application) === 'Synced' ? 1 : 0)
}

function changedAt({ metadata, status }: Application): number {
  const { finishedAt, startedAt } = status?.operationState ?? {}
  return Date.parse(finishedAt ?? startedAt ?? metadata.creationTimestamp ?? '') || 0
}
