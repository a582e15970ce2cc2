// What a project has against one object, and whether its windows let an application be synced now.
import type { AppProject } from '../../crds/app-project.ts'
import type { Application } from '../../crds/application.ts'
import { kindOf, type KubeObject, type ObjectKey } from '../../kube/object.ts'
import { isDestinationPermitted, isResourcePermitted } from '../../policy/project-rules.ts'
import { canSync, type SyncMoment, windowsFor } from '../../policy/sync-windows.ts'
import type { ClusterRecord } from './cluster-client.ts'
import type { Destination } from './pass.ts'

export interface ObjectPlace {
  readonly object: KubeObject
  /** Undefined where the cluster does not serve the kind. */
  readonly isNamespaced: boolean | undefined
  readonly cluster: ClusterRecord
  /** The application's destination namespace. */
  readonly namespace: string
}

/** True where the lists of the project leave the kind alone, whatever the namespace. */
export function isKindPermitted(project: AppProject, { object, isNamespaced }: ObjectPlace): boolean {
  const { group, kind } = kindOf(object)
  const name = object.metadata.name ?? ''
  return isResourcePermitted(project, { group, kind, name, isNamespaced: isNamespaced ?? true })
}

/** The same for a live object by its key, its place included (argo-cd v3.5.1 `IsResourcePermitted`). */
export function isKeyPermitted(project: AppProject, key: ObjectKey, cluster: ClusterRecord): boolean {
  const isNamespaced = key.namespace !== ''
  if (!isResourcePermitted(project, { ...key, isNamespaced })) return false
  return !isNamespaced || isPlacePermitted(project, cluster, key.namespace)
}

function isPlacePermitted(project: AppProject, cluster: ClusterRecord, namespace: string): boolean {
  const destination = { server: cluster.server, name: cluster.name, namespace }
  return isDestinationPermitted(project, destination, cluster.project === project.metadata.name ? [cluster] : [])
}

/** Why the project forbids an object, undefined where it does not. */
export function refusalOf(project: AppProject, place: ObjectPlace): string | undefined {
  const { object, cluster } = place
  const { group, kind } = kindOf(object)
  const name = project.metadata.name ?? ''
  if (!isKindPermitted(project, place)) {
    return `resource ${group}:${kind} is not permitted in project ${name}`
  }
  if (place.isNamespaced !== true) return undefined
  const namespace = object.metadata.namespace || place.namespace
  if (isPlacePermitted(project, cluster, namespace)) return undefined
  return `namespace ${namespace} is not permitted in project '${name}'`
}

/** The same for an object at an application's destination. */
export function refusalFor({ project, cache, cluster, mark }: Destination, object: KubeObject): string | undefined {
  const isNamespaced = cache.scopeOf(kindOf(object))
  return refusalOf(project, { object, isNamespaced, cluster, namespace: mark.namespace })
}

/** True where no window of the project holds the application back at this moment. */
export function windowsAllow(project: AppProject, application: Application, moment: SyncMoment): boolean {
  return canSync(windowsFor(project.spec.syncWindows ?? [], application), moment)
}
