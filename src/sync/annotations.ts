// The annotations, finalizers and labels of objects that steer a sync, and how lists in them are read.
import type { KubeObject } from '../kube/object.ts'

/** Upstream's names (argo-cd v3.5.1, gitops-engine/pkg/sync/common). */
export const ANNOTATION = {
  syncWave: 'argocd.argoproj.io/sync-wave',
  syncOptions: 'argocd.argoproj.io/sync-options',
  compareOptions: 'argocd.argoproj.io/compare-options',
  hook: 'argocd.argoproj.io/hook',
  hookDeletePolicy: 'argocd.argoproj.io/hook-delete-policy',
  ignoreHealthcheck: 'argocd.argoproj.io/ignore-healthcheck',
  deletionApproved: 'argocd.argoproj.io/deletion-approved',
  migrationManager: 'argocd.argoproj.io/client-side-apply-migration-manager',
  helmHook: 'helm.sh/hook',
  helmHookWeight: 'helm.sh/hook-weight',
  helmHookDeletePolicy: 'helm.sh/hook-delete-policy',
  helmResourcePolicy: 'helm.sh/resource-policy',
  lastApplied: 'kubectl.kubernetes.io/last-applied-configuration',
  /** Ours: which operation created a hook, so that a process that was killed before it could note it does not run the hook again. */
  hookOperation: 'capstan.dev/hook-operation',
} as const

export const HOOK_FINALIZER = 'argocd.argoproj.io/hook-finalizer'

/** Who owns the fields of what a sync applies. */
export const FIELD_MANAGER = 'argocd-controller'

/** An annotation's value, undefined where the object has none. */
export function annotationOf(object: KubeObject, name: string): string | undefined {
  return object.metadata.annotations?.[name]
}

/** A comma list in an annotation: trimmed, without empty and repeated entries. */
export function annotationList(object: KubeObject, name: string): readonly string[] {
  const text = annotationOf(object, name)
  if (text === undefined) return []
  return [...new Set(text.split(',').map((part) => part.trim()))].filter((part) => part !== '')
}

/** True where one of the objects carries the sync option exactly as written, such as `Prune=false`. */
export function hasSyncOption(option: string, ...objects: readonly (KubeObject | undefined)[]): boolean {
  return objects.some(
    (object) => object !== undefined && annotationList(object, ANNOTATION.syncOptions).includes(option),
  )
}

/** A copy of the object with one more annotation. */
export function withAnnotation<T extends KubeObject>(object: T, name: string, value: string): T {
  const annotations = { ...object.metadata.annotations, [name]: value }
  return { ...object, metadata: { ...object.metadata, annotations } }
}

/** A copy of the object with a finalizer, the object itself where it has it. */
export function withFinalizer<T extends KubeObject>(object: T, finalizer: string): T {
  const finalizers = object.metadata.finalizers ?? []
  if (finalizers.includes(finalizer)) return object
  return { ...object, metadata: { ...object.metadata, finalizers: [...finalizers, finalizer] } }
}
