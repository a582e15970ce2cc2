// Pods that wait for an image and lack the entry that their ServiceAccount has since been given: they are made anew by their controllers.
import { KubeError } from '../../kube/client/client.ts'
import type { JsonObject, KubeObject } from '../../kube/object.ts'
import type { ClusterView } from './cluster-view.ts'
import type { StuckPod } from './dependencies.ts'

export interface Restart {
  readonly view: ClusterView
  readonly pods: readonly StuckPod[]
  /** Names of the Secrets that are right now. */
  readonly secrets: readonly string[]
  readonly signal: AbortSignal
}

/** Names of the pods that were deleted. One that names the Secret itself heals by itself, one without a controller would not come again. */
export async function restartStuckPods({ view, pods, secrets, signal }: Restart): Promise<readonly string[]> {
  if (pods.length === 0) return []
  const { client } = view
  const type = await view.type('Pod')
  const restarted: string[] = []
  for (const { namespace, name, uid } of pods) {
    const ref = { type, namespace, name }
    const pod = await client.get(ref, signal)
    if (pod === undefined || pod.metadata.uid !== uid || !canBeHelped(pod, view, secrets)) continue
    try {
      await client.delete(ref, { preconditions: { uid }, signal })
      restarted.push(name)
    } catch (error) {
      if (!(error instanceof KubeError && error.status === 409)) throw error
    }
  }
  return restarted
}

interface PodFields {
  readonly spec?: { readonly serviceAccountName?: string; readonly imagePullSecrets?: readonly { name?: string }[] }
  readonly status?: JsonObject
}

/** A pod whose own list came from its ServiceAccount gets the one that stands there now; one that brought its own never does. */
function canBeHelped(pod: KubeObject, view: ClusterView, secrets: readonly string[]): boolean {
  const { spec, status } = pod as KubeObject & PodFields // a v1 Pod, as the server gives it
  const hasController = (pod.metadata.ownerReferences ?? []).some(({ controller }) => controller === true)
  if (!hasController || status?.['phase'] !== 'Pending' || pod.metadata.deletionTimestamp !== undefined) return false
  const own = (spec?.imagePullSecrets ?? []).map(({ name = '' }) => name)
  const accounts = view.accountsIn(pod.metadata.namespace ?? '')
  const account = accounts.find(({ metadata }) => metadata.name === (spec?.serviceAccountName ?? 'default'))
  const given = new Set((account?.imagePullSecrets ?? []).map(({ name = '' }) => name))
  return own.every((name) => given.has(name)) && secrets.some((name) => given.has(name) && !own.includes(name))
}
