// The status of each resource and, from them, of the application (facts section 11).
import type { ResourceStatus, SyncStatusCode } from '../../crds/application.ts'
import type { Health } from '../../health/health.ts'
import { keyText, kindOf, type KubeObject } from '../../kube/object.ts'
import { ANNOTATION, annotationList, hasSyncOption } from '../../sync/annotations.ts'
import { isHook, isSkipped } from '../../sync/hooks.ts'
import type { ObjectPair } from '../../sync/pair-objects.ts'
import { waveOf } from '../../sync/waves.ts'

export interface JudgedObject extends ObjectPair {
  readonly isHook: boolean
  /** False for an object that only carries a copy of another's mark. */
  readonly isSelfReferenced: boolean
  /** The project forbids the kind. */
  readonly isUnknown: boolean
  readonly isModified: boolean
  readonly health: Health | undefined
}

/** OutOfSync, Synced, Unknown, or undefined for what does not count: hooks, skipped objects, copies of a mark. */
export function syncStatusOf(object: JudgedObject): SyncStatusCode | undefined {
  if (object.isUnknown) return 'Unknown'
  if (object.isHook || !object.isSelfReferenced) return undefined
  if (object.target !== undefined && isSkipped(object.target)) return undefined
  return object.isModified ? 'OutOfSync' : 'Synced'
}

export function requiresPruning({ target, live, isHook: hook, isSelfReferenced }: JudgedObject): boolean {
  return target === undefined && live !== undefined && isSelfReferenced && !hook
}

/**
 * OutOfSync if any resource is; superfluous ones with IgnoreExtraneous do not count. What the project forbids counts, though it
 * is told as Unknown itself (argo-cd v3.5.1 controller/state.go): the sync that follows says what is wrong.
 */
export function overallStatus(objects: readonly JudgedObject[]): SyncStatusCode {
  const counts = (object: JudgedObject): boolean => {
    if (syncStatusOf({ ...object, isUnknown: false }) !== 'OutOfSync') return false
    return !(requiresPruning(object) && object.live !== undefined && ignoresExtraneous(object.live))
  }
  return objects.some(counts) ? 'OutOfSync' : 'Synced'
}

function ignoresExtraneous(live: KubeObject): boolean {
  return annotationList(live, ANNOTATION.compareOptions).includes('IgnoreExtraneous')
}

/** status.resources, sorted by group, kind, namespace and name. */
export function resourceStatuses(objects: readonly JudgedObject[], withHealth: boolean): readonly ResourceStatus[] {
  return objects
    .map((object): readonly [string, ResourceStatus] => [keyText(object.key), statusOf(object, withHealth)])
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, status]) => status)
}

function statusOf(judged: JudgedObject, withHealth: boolean): ResourceStatus {
  const wave = waveOfPair(judged)
  const status = syncStatusOf(judged)
  return {
    ...identityOf(judged),
    ...(status === undefined ? {} : { status }),
    ...(withHealth && judged.health !== undefined ? { health: judged.health } : {}),
    ...(judged.isHook ? { hook: true } : {}),
    ...(requiresPruning(judged) ? { requiresPruning: true } : {}),
    ...(wave === 0 ? {} : { syncWave: wave }),
    ...(needsConfirmation(judged) ? { requiresDeletionConfirmation: true } : {}),
  }
}

function identityOf({ key, target, live }: JudgedObject): ResourceStatus {
  const { group, kind, namespace, name } = key
  const object = target ?? live
  const version = object === undefined ? '' : kindOf(object).version
  return { ...(group === '' ? {} : { group }), version, kind, ...(namespace === '' ? {} : { namespace }), name }
}

function waveOfPair({ target, live }: JudgedObject): number {
  const object = target ?? live
  return object === undefined ? 0 : waveOf(object)
}

function needsConfirmation({ live, target }: JudgedObject): boolean {
  return hasSyncOption('Prune=confirm', live, target) || hasSyncOption('Delete=confirm', live, target)
}

/** True for an object that is a hook on either side. */
export function isHookPair({ target, live }: Pick<ObjectPair, 'target' | 'live'>): boolean {
  const object = target ?? live
  return object !== undefined && isHook(object)
}
