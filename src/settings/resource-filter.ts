// Which kinds of resources the control plane looks at: resource.exclusions and resource.inclusions.
import { matchesGlob } from '../base/glob.ts'
import type { MapReader } from './map-reader.ts'

export interface ResourceFilter {
  readonly apiGroups: readonly string[]
  readonly kinds: readonly string[]
  /** Server URLs; globs. */
  readonly clusters: readonly string[]
}

/** Reads a YAML list of filters; absent lists are empty and fit everything. */
export function readFilters(reader: MapReader, key: string): readonly ResourceFilter[] {
  const value = reader.yaml(key)
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw reader.wrong(key, 'is no list: write entries with apiGroups, kinds and clusters')
  return value.map((entry: unknown, index) => {
    if (typeof entry !== 'object' || entry === null) throw reader.wrong(key, `entry ${index} is no object`)
    return {
      apiGroups: textsAt(entry, 'apiGroups'),
      kinds: textsAt(entry, 'kinds'),
      clusters: textsAt(entry, 'clusters'),
    }
  })
}

function textsAt(entry: object, key: string): readonly string[] {
  const value: unknown = Object.entries(entry).find(([name]) => name === key)?.[1]
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

/** Kinds that upstream never looks at: they change all the time (argo-cd v3.5.1 `util/settings/resources_filter.go`). */
const ALWAYS_EXCLUDED: readonly ResourceFilter[] = [
  { apiGroups: ['events.k8s.io', 'metrics.k8s.io'], kinds: [], clusters: [] },
  { apiGroups: [''], kinds: ['Event', 'Node'], clusters: [] },
  { apiGroups: ['coordination.k8s.io'], kinds: ['Lease'], clusters: [] },
]

/** True where a kind of a cluster is left out: excluded, or not among the inclusions where there are any. */
export function isExcludedResource(
  resource: { readonly group: string; readonly kind: string; readonly server: string },
  filters: { readonly inclusions: readonly ResourceFilter[]; readonly exclusions: readonly ResourceFilter[] },
): boolean {
  const fits = (filter: ResourceFilter): boolean =>
    isIn(filter.apiGroups, resource.group) &&
    isIn(filter.kinds, resource.kind) &&
    isIn(filter.clusters, resource.server)
  if (ALWAYS_EXCLUDED.some(fits)) return true
  if (filters.inclusions.length > 0 && !filters.inclusions.some(fits)) return true
  return filters.exclusions.some(fits)
}

function isIn(patterns: readonly string[], text: string): boolean {
  return patterns.length === 0 || patterns.some((pattern) => matchesGlob(pattern, text))
}
