// How many pods the controllers of pods want: through the caches of the usual kinds, else by the scale subresource (disruption.go finders, v1.36.3).
import type { Informer } from '../../../kube/client/informer.ts'
import { splitApiVersion, type KubeObject, type OwnerReference } from '../../../kube/object.ts'
import { isStatus, type WorkloadContext } from '../kit/context.ts'
import type { Pod } from '../kit/model.ts'
import { controllerOf } from '../kit/ownership.ts'

interface Scalable extends KubeObject {
  readonly spec?: { readonly replicas?: number }
}

interface OwnerScale {
  readonly uid: string
  readonly replicas: number
}

export interface OwnerScales {
  /** The size all controllers of these pods want together, and the pods that have none. Throws where a controller cannot be found or has no size. */
  totalOf(pods: readonly Pod[]): Promise<{ readonly total: number; readonly unmanaged: readonly string[] }>
}

/** Looks sizes up; a ReplicaSet of a Deployment counts as the Deployment. */
export async function createOwnerScales(context: WorkloadContext): Promise<OwnerScales> {
  const kinds = ['ReplicaSet', 'Deployment', 'StatefulSet']
  const informers = await Promise.all(kinds.map((kind) => context.informers.of<Scalable>({ group: 'apps', kind })))
  const caches = new Map(kinds.map((kind, index) => [`apps/${kind}`, informers[index]]))
  return {
    async totalOf(pods) {
      const sizes = new Map<string, number>()
      const unmanaged: string[] = []
      const seen = new Set<string>()
      for (const pod of pods) {
        const owner = controllerOf(pod)
        if (owner === undefined) unmanaged.push(pod.metadata.name ?? '')
        if (owner === undefined || seen.has(owner.uid)) continue
        seen.add(owner.uid)
        const found = await sizeOf({ context, caches }, owner, pod.metadata.namespace ?? '')
        if (found === undefined) throw new Error(`found no controllers for pod "${pod.metadata.name}"`)
        sizes.set(found.uid, found.replicas)
      }
      let total = 0
      for (const replicas of sizes.values()) total += replicas
      return { total, unmanaged }
    },
  }
}

interface Sources {
  readonly context: WorkloadContext
  readonly caches: ReadonlyMap<string, Informer<Scalable> | undefined>
}

async function sizeOf(sources: Sources, owner: OwnerReference, namespace: string): Promise<OwnerScale | undefined> {
  const { group } = splitApiVersion(owner.apiVersion)
  const cache = sources.caches.get(`${group}/${owner.kind}`)
  if (cache === undefined) return scaleOf(sources, owner, namespace)
  const found = cache.get(namespace, owner.name)
  if (found === undefined || found.metadata.uid !== owner.uid) return undefined
  const parent = controllerOf(found)
  if (owner.kind === 'ReplicaSet' && parent?.kind === 'Deployment') return sizeOf(sources, parent, namespace)
  return { uid: owner.uid, replicas: found.spec?.replicas ?? 1 }
}

async function scaleOf(
  { context }: Sources,
  owner: OwnerReference,
  namespace: string,
): Promise<OwnerScale | undefined> {
  const { group } = splitApiVersion(owner.apiVersion)
  const type = await context.client.resourceOf({ group, kind: owner.kind })
  if (type === undefined) return undefined
  if (!type.subresources.includes('scale')) {
    const name = group === '' ? type.resource : `${type.resource}.${group}`
    throw new Error(`${name} does not implement the scale subresource`)
  }
  try {
    const scale = await context.client.get({ type, namespace, name: owner.name, subresource: 'scale' })
    if (scale === undefined || scale.metadata.uid !== owner.uid) return undefined
    return { uid: owner.uid, replicas: (scale as Scalable).spec?.replicas ?? 0 }
  } catch (error) {
    if (isStatus(error, 404)) return undefined
    throw error
  }
}
