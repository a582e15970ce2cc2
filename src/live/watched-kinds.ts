// Which resources of a cluster are followed: all that can be listed and watched but those excluded.
import type { ResourceType } from '../kube/client/client.ts'
import type { GroupKind } from '../kube/object.ts'

/** Excluded whatever the settings say: they change without end and mean nothing to delivery. */
const ALWAYS_EXCLUDED_GROUPS: ReadonlySet<string> = new Set(['events.k8s.io', 'metrics.k8s.io'])
const ALWAYS_EXCLUDED_KINDS: ReadonlySet<string> = new Set(['Event', 'Lease'])

/** True for a resource whose objects are followed. */
export function isWatched(type: ResourceType, isExcluded: (kind: GroupKind) => boolean): boolean {
  if (ALWAYS_EXCLUDED_GROUPS.has(type.group) || ALWAYS_EXCLUDED_KINDS.has(type.kind)) return false
  if (!type.verbs.includes('list') || !type.verbs.includes('watch')) return false
  return !isExcluded(type)
}
