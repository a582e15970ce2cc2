// The workloads of an Argo CD in the same namespace: which of them run, and how they are stopped and started again.
import { KubeError, type KubeClient, type ResourceRef } from '../kube/client/client.ts'
import { fieldAt, listAt, textAt } from '../kube/field.ts'
import type { KubeObject } from '../kube/object.ts'

/** A workload of Argo CD's by kind and name. */
export interface Original {
  readonly kind: 'Deployment' | 'StatefulSet'
  readonly name: string
  /** How many it runs of. */
  readonly replicas: number
}

/** What of Argo CD's install acts on applications; its server only serves. */
const CONTROLLERS: readonly (readonly [kind: Original['kind'], name: string])[] = [
  ['StatefulSet', 'argocd-application-controller'],
  ['Deployment', 'argocd-application-controller'],
  ['Deployment', 'argocd-applicationset-controller'],
  ['Deployment', 'argocd-notifications-controller'],
]
/** Answers under the same Service. */
const SERVER = ['Deployment', 'argocd-server'] as const

/** Its images, wherever they are mirrored: `quay.io/argoproj/argocd:v3.5.1`. */
const IMAGE = /(?:^|\/)argocd(?::|@|$)/

export interface OriginalsPlace {
  readonly client: KubeClient
  readonly namespace: string
  readonly signal: AbortSignal
}

/** Its controllers that run. What may not be read is not asked for again, and counts as absent. */
export async function runningControllers(place: OriginalsPlace): Promise<readonly Original[]> {
  return running(place, CONTROLLERS)
}

/** Its controllers and its server that run. */
export async function runningOriginals(place: OriginalsPlace): Promise<readonly Original[]> {
  return running(place, [...CONTROLLERS, SERVER])
}

async function running(
  place: OriginalsPlace,
  workloads: readonly (readonly [Original['kind'], string])[],
): Promise<readonly Original[]> {
  const found: Original[] = []
  for (const [kind, name] of workloads) {
    const replicas = await replicasOf(place, { kind, name })
    if (replicas > 0) found.push({ kind, name, replicas })
  }
  return found
}

/** Zero for what is none of Argo CD's: one that is scaled to zero waits to be given everything back. */
async function replicasOf(place: OriginalsPlace, workload: Pick<Original, 'kind' | 'name'>): Promise<number> {
  try {
    const ref = await refOf(place, workload)
    const found = ref && (await place.client.get(ref, place.signal))
    return found !== undefined && isOriginal(found) ? (numberOf(fieldAt(found, 'spec', 'replicas')) ?? 1) : 0
  } catch (error) {
    if (error instanceof KubeError && error.status === 403) return 0
    throw error
  }
}

async function refOf(
  { client, namespace, signal }: OriginalsPlace,
  { kind, name }: Pick<Original, 'kind' | 'name'>,
): Promise<ResourceRef | undefined> {
  const type = await client.resourceOf({ group: 'apps', kind }, signal)
  return type && { type, namespace, name }
}

function isOriginal(workload: KubeObject): boolean {
  return listAt(workload, 'spec', 'template', 'spec', 'containers').some((one) => IMAGE.test(textAt(one, 'image')))
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

/** Sets how many of a workload run; false where it is gone. */
export async function scaleOriginal(
  place: OriginalsPlace,
  original: Pick<Original, 'kind' | 'name'>,
  replicas: number,
): Promise<boolean> {
  const ref = await refOf(place, original)
  if (ref === undefined || (await place.client.get(ref, place.signal)) === undefined) return false
  await place.client.patch(ref, 'merge', { spec: { replicas } }, { signal: place.signal })
  return true
}
