// CreateNamespace=true: the task that makes the application's namespace before anything else.
import type { ManagedNamespaceMetadata } from '../crds/application.ts'
import type { KubeObject } from '../kube/object.ts'
import { ANNOTATION } from './annotations.ts'
import type { ObjectPair } from './pair-objects.ts'
import type { SyncTask } from './task.ts'

export interface NamespaceWish {
  readonly name: string
  /** The namespace as it is, undefined where it does not exist. */
  readonly live: KubeObject | undefined
  readonly metadata: ManagedNamespaceMetadata | undefined
  /** Why looking for the namespace failed. */
  readonly fault?: string
}

/** A PreSync task; none where the namespace exists and has no managed metadata, or is itself among the targets. */
export function namespaceTask(wish: NamespaceWish | undefined, pairs: readonly ObjectPair[]): SyncTask | undefined {
  if (wish === undefined || wish.name === '') return undefined
  if (pairs.some(({ target }) => isNamespace(target, wish.name))) return undefined
  const needed = wish.live === undefined || wish.metadata !== undefined || wish.fault !== undefined
  if (!needed) return undefined
  const task = { phase: 'PreSync', wave: 0, target: wishedNamespace(wish), live: wish.live, skipDryRun: false } as const
  return wish.fault === undefined ? task : { ...task, fault: `namespace auto creation failed: ${wish.fault}` }
}

/** True for the task that has to create the namespace, which must happen before the dry run. */
export function createsNamespace(task: SyncTask, namespace: string): boolean {
  return task.phase === 'PreSync' && task.live === undefined && isNamespace(task.target, namespace)
}

function isNamespace(target: KubeObject | undefined, name: string): boolean {
  return target?.kind === 'Namespace' && target.apiVersion === 'v1' && target.metadata.name === name
}

/** Managed metadata is applied server-side, so that labels others put on the namespace stay. */
function wishedNamespace(wish: NamespaceWish): KubeObject {
  const { name, metadata } = wish
  if (metadata === undefined) return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
  const annotations = { ...metadata.annotations, [ANNOTATION.syncOptions]: 'ServerSideApply=true' }
  const labels = metadata.labels === undefined ? {} : { labels: metadata.labels }
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, ...labels, annotations } }
}
