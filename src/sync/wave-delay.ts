// How long to wait after a wave before its health is believed (docs/adr/0003-wave-delay.md).
import { kindOf } from '../kube/object.ts'
import { objectOf, type SyncTask } from './task.ts'

/** Upstream's pause: long enough for a controller to note that its object has changed. */
const DELAY_MS = 2000

/** Built-in kinds whose health compares `observedGeneration` with the generation. */
const OBSERVED_KINDS: ReadonlySet<string> = new Set([
  'apps/Deployment',
  'apps/ReplicaSet',
  'apps/StatefulSet',
  'apps/DaemonSet',
])

/** Built-in kinds with a health that does not say which generation it speaks of: believed at once only when just created, for then it starts as Progressing. */
const UNVERSIONED_KINDS: ReadonlySet<string> = new Set([
  '/Pod',
  '/Service',
  '/PersistentVolumeClaim',
  'batch/Job',
  'networking.k8s.io/Ingress',
  'autoscaling/HorizontalPodAutoscaler',
  'apiregistration.k8s.io/APIService',
])

/** Groups that Kubernetes itself serves; a kind of theirs that no table above names has no health to wait for. */
const OWN_GROUPS: ReadonlySet<string> = new Set(['', 'apps', 'batch', 'autoscaling', 'policy', 'extensions'])

/** The delay after the tasks of one wave were applied: what was set by hand, else 2 s only after kinds whose health may be stale. */
export function waveDelay(applied: readonly SyncTask[], configuredMs: number | undefined): number {
  if (configuredMs !== undefined) return configuredMs
  return applied.some(mayBeStale) ? DELAY_MS : 0
}

function mayBeStale(task: SyncTask): boolean {
  const { group, kind } = kindOf(objectOf(task))
  const name = `${group}/${kind}`
  if (OBSERVED_KINDS.has(name)) return false
  if (UNVERSIONED_KINDS.has(name)) return task.live !== undefined && task.target !== undefined
  return !OWN_GROUPS.has(group) && !group.endsWith('.k8s.io')
}
