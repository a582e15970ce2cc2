// Ends hooks: takes their finalizer off, deletes those whose policy says so.
import { KubeError, type KubeClient } from '../kube/client/client.ts'
import { kindOf, type KubeObject } from '../kube/object.ts'
import { HOOK_FINALIZER } from './annotations.ts'
import { resourceRefOf } from './resource-ref.ts'

/** How often an edit that collided with another is tried again, as client-go's DefaultRetry. */
const MAX_ATTEMPTS = 5

/** Lets a hook go: true where it had the finalizer. An object that is gone is fine. */
export async function releaseHook(client: KubeClient, hook: KubeObject, signal: AbortSignal): Promise<boolean> {
  let current: KubeObject | undefined = hook
  for (let attempt = 1; current?.metadata.finalizers?.includes(HOOK_FINALIZER) === true; attempt++) {
    try {
      await client.update(await resourceRefOf(client, hook, signal), withoutFinalizer(current), { signal })
      return true
    } catch (error) {
      if (error instanceof KubeError && error.status === 404) return false
      if (!(error instanceof KubeError) || error.status !== 409 || attempt >= MAX_ATTEMPTS) throw error
      current = await client.get(await resourceRefOf(client, hook, signal), signal)
    }
  }
  return false
}

/** Deletes a hook in the background after its finalizer was taken off; an object that is gone is fine. */
export async function deleteHook(client: KubeClient, hook: KubeObject, signal: AbortSignal): Promise<void> {
  await releaseHook(client, hook, signal)
  const type = await client.resourceOf(kindOf(hook), signal)
  if (type === undefined) return
  await client.delete(await resourceRefOf(client, hook, signal), { propagationPolicy: 'Background', signal })
}

function withoutFinalizer(object: KubeObject): KubeObject {
  const finalizers = (object.metadata.finalizers ?? []).filter((finalizer) => finalizer !== HOOK_FINALIZER)
  return { ...object, metadata: { ...object.metadata, finalizers } }
}
