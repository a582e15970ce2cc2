// Lets the hooks of an application go that was deleted, without its objects, while they ran.
import { HOOK_FINALIZER } from '../../sync/annotations.ts'
import { releaseHook } from '../../sync/finish-hooks.ts'
import type { ClusterCache } from '../../live/cluster-cache.ts'
import { ownObjects } from './live-objects.ts'

/** Takes our finalizer off, or nobody could ever delete them. The hooks themselves stay and may run to their end. */
export async function releaseAbandonedHooks(cache: ClusterCache, mark: string, signal: AbortSignal): Promise<void> {
  for (const object of ownObjects(cache, mark)) {
    if (object.metadata.finalizers?.includes(HOOK_FINALIZER) === true) await releaseHook(cache.client, object, signal)
  }
}
