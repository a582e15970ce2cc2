// The finalizers by which an application's deletion waits for its objects and hooks.
import type { Application } from '../../crds/application.ts'
import type { PropagationPolicy } from '../../sync/sync-options.ts'

const CASCADE = 'resources-finalizer.argocd.argoproj.io'
const CASCADE_FOREGROUND = `${CASCADE}/foreground`
const CASCADE_BACKGROUND = `${CASCADE}/background`

export type DeletionHook = 'PreDelete' | 'PostDelete'

const HOOK_FINALIZERS: Readonly<Record<DeletionHook, string>> = {
  PreDelete: 'pre-delete-finalizer.argocd.argoproj.io',
  PostDelete: 'post-delete-finalizer.argocd.argoproj.io',
}

/** Undefined where the objects stay; else how they are deleted. */
export function cascadeOf(application: Application): PropagationPolicy | undefined {
  const finalizers = application.metadata.finalizers ?? []
  if (finalizers.includes(CASCADE_BACKGROUND)) return 'Background'
  return finalizers.includes(CASCADE) || finalizers.includes(CASCADE_FOREGROUND) ? 'Foreground' : undefined
}

export function hasHookFinalizer(application: Application, hook: DeletionHook): boolean {
  return (application.metadata.finalizers ?? []).some((finalizer) => isOfHook(finalizer, hook))
}

/** Every finalizer of ours. */
export function isOurs(finalizer: string): boolean {
  return isCascade(finalizer) || isOfHook(finalizer, 'PreDelete') || isOfHook(finalizer, 'PostDelete')
}

export function isCascade(finalizer: string): boolean {
  return finalizer === CASCADE || finalizer === CASCADE_FOREGROUND || finalizer === CASCADE_BACKGROUND
}

/** The hook's finalizer itself or that of its `/cleanup`. */
export function isOfHook(finalizer: string, hook: DeletionHook): boolean {
  return finalizer === HOOK_FINALIZERS[hook] || finalizer === `${HOOK_FINALIZERS[hook]}/cleanup`
}

/** The application with or without the finalizers of a deletion hook. */
export function withHookFinalizers(application: Application, hook: DeletionHook, wanted: boolean): Application {
  if (hasHookFinalizer(application, hook) === wanted) return application
  const others = withoutFinalizers(application, (finalizer) => isOfHook(finalizer, hook))
  if (!wanted) return others
  const added = [HOOK_FINALIZERS[hook], `${HOOK_FINALIZERS[hook]}/cleanup`]
  const finalizers = [...(others.metadata.finalizers ?? []), ...added]
  return { ...others, metadata: { ...others.metadata, finalizers } }
}

export function withoutFinalizers(application: Application, drops: (finalizer: string) => boolean): Application {
  const finalizers = (application.metadata.finalizers ?? []).filter((finalizer) => !drops(finalizer))
  return { ...application, metadata: { ...application.metadata, finalizers } }
}
