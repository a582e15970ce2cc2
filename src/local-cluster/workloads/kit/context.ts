// What every workload controller is given, and the few things all of them do.
import type { Clock } from '../../../base/clock.ts'
import type { Log } from '../../../base/log.ts'
import { KubeError, type KubeClient, type ResourceRef, type ResourceType } from '../../../kube/client/client.ts'
import type { IndexFunction } from '../../../kube/client/indexed-store.ts'
import type { Informer } from '../../../kube/client/informer.ts'
import type { InformerSet } from '../../../kube/client/informer-set.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { createController, type Controller, type Reconcile } from '../../../reconcile/controller.ts'
import type { Request } from '../../../reconcile/request.ts'
import type { EventRecorder } from '../../../reconcile/events.ts'
import { OWNER_INDEXES } from './ownership.ts'

/** Long enough for a watch event to arrive. */
const CONFLICT_RETRY_MS = 20

export interface WorkloadContext {
  readonly client: KubeClient
  readonly clock: Clock
  readonly log: Log
  readonly informers: InformerSet
  /** Aborts when the controllers stop. */
  readonly signal: AbortSignal
  /** PEM of the cluster's own authority, for `kube-root-ca.crt`. */
  readonly rootCertificate?: string
  /** A recorder for a component; made once per name. */
  readonly events: (component: string) => EventRecorder
}

/** Builds one controller on the shared caches; it is started once these have their first lists. */
export type WorkloadFactory = (context: WorkloadContext) => Promise<Controller>

/** The shared cache of children, with the indexes `claimChildren` needs. */
export function ownedInformer<T extends KubeObject>(
  context: WorkloadContext,
  kind: { readonly group: string; readonly kind: string },
): Promise<Informer<T>> {
  return context.informers.of<T>({ ...kind, indexes: OWNER_INDEXES as Readonly<Record<string, IndexFunction<T>>> })
}

/** How an object is named in a request to the server. */
export function refOf(type: ResourceType, object: KubeObject, subresource?: string): ResourceRef {
  const { namespace, name } = object.metadata
  return {
    type,
    name: name ?? '',
    ...(namespace === undefined ? {} : { namespace }),
    ...(subresource === undefined ? {} : { subresource }),
  }
}

/** Writes `status` of an object as the cache has it. Undefined where the object is gone meanwhile. */
export async function updateStatus(
  context: WorkloadContext,
  type: ResourceType,
  object: KubeObject,
  status: object,
): Promise<KubeObject | undefined> {
  try {
    return await context.client.update(refOf(type, object, 'status'), { ...object, status } as KubeObject)
  } catch (error) {
    if (isStatus(error, 404)) return undefined
    throw error
  }
}

export function isStatus(error: unknown, status: number): boolean {
  return error instanceof KubeError && error.status === status
}

/** Nothing can be made in a namespace that is on its way out; trying again would not help. */
export function isNamespaceTerminating(error: unknown): boolean {
  if (!(error instanceof KubeError) || error.status !== 403) return false
  const causes = error.details?.['causes']
  return (
    Array.isArray(causes) &&
    causes.some((cause: { readonly reason?: string }) => cause.reason === 'NamespaceTerminating')
  )
}

/** A controller whose conflicts with its own stale cache are no failures: it comes back once the cache has moved on. */
export function workloadController(
  context: WorkloadContext,
  options: { readonly name: string; readonly reconcile: Reconcile; readonly workers?: number },
): Controller {
  const { reconcile } = options
  return createController({
    name: options.name,
    clock: context.clock,
    log: context.log,
    workers: options.workers ?? 4,
    async reconcile(request, reconcileContext) {
      try {
        return await reconcile(request, reconcileContext)
      } catch (error) {
        if (isStatus(error, 409)) return { retryAfterMs: CONFLICT_RETRY_MS }
        if (isNamespaceTerminating(error)) return 'done'
        throw error
      }
    },
  })
}

/** The request for the namespace an object is in. */
export function requestsByNamespace(object: KubeObject): readonly Request[] {
  return [{ namespace: '', name: object.metadata.namespace ?? '' }]
}
