// Waits until a cluster serves a resource type that has just been defined.
import { sleep, type Clock } from '../base/clock.ts'
import { CapstanError } from '../base/errors.ts'
import type { KubeClient, ResourceType } from '../kube/client/client.ts'
import type { GroupVersionKind } from '../kube/object.ts'

/** A real API server establishes a type within a second or two. */
export const SERVED_TIMEOUT_MS = 30_000
const POLL_MS = 50

/** The resource of a kind, once discovery names it; `timeout` past the limit. */
export async function untilServed(
  client: KubeClient,
  kind: GroupVersionKind,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<ResourceType> {
  const endMs = clock.now() + SERVED_TIMEOUT_MS
  for (;;) {
    const type = await client.resourceOf(kind, signal)
    if (type !== undefined) return type
    if (clock.now() > endMs) {
      throw new CapstanError(
        'timeout',
        `the cluster does not serve ${kind.kind} of ${kind.group}; look at its CustomResourceDefinition's conditions`,
      )
    }
    await sleep(clock, POLL_MS, signal)
  }
}
