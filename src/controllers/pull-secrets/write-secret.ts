// Writes and removes propagated Secrets: by server-side apply with a field manager of our own, in place, never somebody else's.
import { KubeError } from '../../kube/client/client.ts'
import {
  isOwnPullSecret,
  type LivePullSecret,
  managerOf,
  pullSecretObject,
  type PullSecretWish,
} from '../../pull-secrets/secret-object.ts'
import type { ClusterView } from './cluster-view.ts'
import type { Fingerprints } from './fingerprints.ts'

export type SecretOutcome = 'unchanged' | 'created' | 'updated' | 'foreign'

export interface SecretContext {
  readonly live: LivePullSecret | undefined
  readonly fingerprints: Fingerprints
  readonly signal: AbortSignal
}

/**
 * Brings a Secret to what is wished. One that stands there and is not ours is left alone: `foreign`. What somebody wrote into ours
 * is put right. Throws what the cluster throws.
 */
export async function writeSecret(
  view: ClusterView,
  wish: PullSecretWish,
  { live, fingerprints, signal }: SecretContext,
): Promise<SecretOutcome> {
  if (live !== undefined && live.fingerprint === fingerprints.of(wish)) return 'unchanged'
  const object = pullSecretObject(wish)
  const type = await view.type('Secret')
  const ref = { type, namespace: wish.namespace, name: object.metadata.name ?? '' }
  const options = { fieldManager: managerOf(wish.author), signal }
  try {
    // Without force the fields of another manager are conflicts, and a Secret always has some: nobody's is taken over.
    const written = await view.client.patch(ref, 'apply', object, { ...options, force: live !== undefined })
    view.wroteSecret(written)
    return live === undefined ? 'created' : 'updated'
  } catch (error) {
    if (!(error instanceof KubeError)) throw error
    const isForeign = live === undefined && (error.status === 409 || error.status === 422)
    if (!isForeign) throw error
    const found = await view.client.get(ref, signal)
    if (found === undefined || !isOwnPullSecret(found, wish.author)) return 'foreign'
    const written = await view.client.patch(ref, 'apply', object, { ...options, force: true })
    view.wroteSecret(written)
    return 'updated'
  }
}

/** Removes a Secret of ours, and no other that has taken its name meanwhile. */
export async function removeSecret(
  view: ClusterView,
  { name, namespace, uid }: LivePullSecret,
  signal: AbortSignal,
): Promise<void> {
  const type = await view.type('Secret')
  try {
    await view.client.delete({ type, namespace, name }, { preconditions: { uid }, signal })
  } catch (error) {
    if (!(error instanceof KubeError && error.status === 409)) throw error
  }
}
