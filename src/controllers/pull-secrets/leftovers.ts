// Looks whether propagation has left anything in a cluster that is not followed.
import type { PullSecretAuthor } from '../../pull-secrets/authorship.ts'
import { isOwnPullSecret, PULL_SECRET_LABEL } from '../../pull-secrets/secret-object.ts'
import type { TargetCluster } from './dependencies.ts'

/** False also where it cannot be told: a login for some namespaces may not list them all. Throws what the cluster throws. */
export async function holdsPullSecrets(
  cluster: TargetCluster | undefined,
  author: PullSecretAuthor,
  signal: AbortSignal,
): Promise<boolean> {
  if (cluster === undefined || cluster.namespaces.length > 0) return false
  const type = await cluster.client.resourceOf({ group: '', kind: 'Secret', version: 'v1' }, signal)
  if (type === undefined) return false
  const { items } = await cluster.client.list(type, { labelSelector: PULL_SECRET_LABEL, signal })
  return items.some((secret) => isOwnPullSecret(secret, author))
}
