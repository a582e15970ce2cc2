// Kinds a login may not list: with `resource.respectRBAC` they are left out instead of keeping the whole cluster unread.
import { KubeError, type KubeClient, type ResourceType } from '../kube/client/client.ts'
import { fieldAt } from '../kube/field.ts'

/** `normal` believes the refusal, `strict` asks the cluster whether it was meant. */
export type RespectRbac = 'no' | 'normal' | 'strict'

/** How long a refusal counts; the login may have been given more since. */
const REFUSAL_AGE_MS = 600_000

export function isRefusal(error: unknown): boolean {
  return error instanceof KubeError && (error.status === 401 || error.status === 403)
}

/** The refusals of one cluster, by name of the resource. */
export class RefusedKinds {
  readonly #refused = new Map<string, number>()

  add(name: string, nowMs: number): void {
    this.#refused.set(name, nowMs)
  }

  has(name: string, nowMs: number): boolean {
    const sinceMs = this.#refused.get(name)
    return sinceMs !== undefined && nowMs - sinceMs < REFUSAL_AGE_MS
  }
}

export interface Reach {
  /** Empty: all. */
  readonly namespaces: readonly string[]
  readonly clusterResources: boolean
  readonly signal: AbortSignal
}

/** Whether the login may list the resource somewhere in its reach (gitops-engine `pkg/cache/cluster.go` checkPermission, v3.5.1). */
export async function mayList(client: KubeClient, type: ResourceType, reach: Reach): Promise<boolean> {
  const kind = { group: 'authorization.k8s.io', version: 'v1', kind: 'SelfSubjectAccessReview' }
  const reviews = await client.resourceOf(kind, reach.signal)
  if (reviews === undefined) throw new KubeError(404, 'NotFound', 'the cluster serves no SelfSubjectAccessReview')
  const isWhole = reach.namespaces.length === 0 || (!type.namespaced && reach.clusterResources)
  for (const namespace of isWhole ? ['*'] : reach.namespaces) {
    const resourceAttributes = { namespace, verb: 'list', group: type.group, resource: type.resource }
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: kind.kind,
      metadata: {},
      spec: { resourceAttributes },
    }
    const answer = await client.create(reviews, review, { signal: reach.signal })
    if (fieldAt(answer, 'status', 'allowed') === true) return true
  }
  return false
}
