// The order in which resources are printed (api/internal/builtins/SortOrderTransformer.go).
import { CapstanError } from '../../base/errors.ts'
import type { SortOptions } from './kustomization.ts'
import type { Gvk, ResId } from './res-id.ts'
import { gvkText } from './res-id.ts'
import type { Resource } from './resource.ts'
import { currentId } from './resource.ts'

const ORDER_FIRST = [
  'Namespace',
  'ResourceQuota',
  'StorageClass',
  'CustomResourceDefinition',
  'ServiceAccount',
  'PodSecurityPolicy',
  'Role',
  'ClusterRole',
  'RoleBinding',
  'ClusterRoleBinding',
  'ConfigMap',
  'Secret',
  'Endpoints',
  'Service',
  'LimitRange',
  'PriorityClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'Deployment',
  'StatefulSet',
  'CronJob',
  'PodDisruptionBudget',
]

const ORDER_LAST = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']

/** The resources in the order of the options; without any in the legacy order. Throws `bad-input` for options that contradict. */
export function orderResources(resources: readonly Resource[], options?: SortOptions): readonly Resource[] {
  if (options?.order === 'fifo') {
    if (options.legacySortOptions === undefined) return resources
    const message =
      "the field 'sortOptions.legacySortOptions' is set but the selected sort order is 'fifo', not 'legacy'"
    throw new CapstanError('bad-input', message)
  }
  if (options !== undefined && options.order !== 'legacy') {
    throw new CapstanError('bad-input', "the field 'sortOptions.order' must be one of [fifo, legacy]")
  }
  const ranks = legacyRanks(options?.legacySortOptions)
  return resources
    .map((resource) => sortable(resource, ranks))
    .toSorted(compare)
    .map((entry) => entry.resource)
}

function legacyRanks(options: SortOptions['legacySortOptions']): ReadonlyMap<string, number> {
  return options === undefined ? DEFAULT_RANKS : ranksOf(options.orderFirst ?? [], options.orderLast ?? [])
}

const DEFAULT_RANKS: ReadonlyMap<string, number> = ranksOf(ORDER_FIRST, ORDER_LAST)

function ranksOf(first: readonly string[], last: readonly string[]): ReadonlyMap<string, number> {
  const ranks = new Map<string, number>()
  for (const [i, kind] of first.entries()) ranks.set(kind, i - first.length)
  for (const [i, kind] of last.entries()) ranks.set(kind, i + 1)
  return ranks
}

interface Sortable {
  readonly resource: Resource
  readonly id: ResId
  readonly rank: number
  readonly type: string
  readonly text: string
}

function sortable(resource: Resource, ranks: ReadonlyMap<string, number>): Sortable {
  const id = currentId(resource)
  const namespace = id.namespace === '' ? '~X' : id.namespace
  const text = `${gvkText(id)}|${namespace}|${id.name === '' ? '~N' : id.name}`
  return { resource, id, rank: ranks.get(id.kind) ?? 0, type: typeText(id), text }
}

function compare(a: Sortable, b: Sortable): number {
  if (a.rank !== b.rank) return a.rank - b.rank
  if (a.type === b.type) return compareTexts(a.text, b.text)
  // Namespaces of other groups come behind the core group's.
  const isReversed = a.id.kind === 'Namespace' && b.id.kind === 'Namespace' && (a.id.group === '' || b.id.group === '')
  return isReversed ? compareTexts(b.type, a.type) : compareTexts(a.type, b.type)
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function typeText(gvk: Partial<Gvk>): string {
  const or = (text: string | undefined, instead: string): string => (text === undefined || text === '' ? instead : text)
  return `${or(gvk.group, '~G')}_${or(gvk.version, '~V')}_${or(gvk.kind, '~K')}`
}

/** The order of field specs: that of their types. */
export function bySortKey(a: Partial<Gvk>, b: Partial<Gvk>): number {
  const byRank = (DEFAULT_RANKS.get(a.kind ?? '') ?? 0) - (DEFAULT_RANKS.get(b.kind ?? '') ?? 0)
  return byRank === 0 ? compareTexts(typeText(a), typeText(b)) : byRank
}
