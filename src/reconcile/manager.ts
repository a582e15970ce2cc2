// Starts informers and controllers in the right order, and stops them in the reverse.
import type { Cancel } from '../base/clock.ts'
import type { KubeObject } from '../kube/object.ts'
import type { ChangeEvent, Informer } from '../kube/client/informer.ts'
import type { Controller } from './controller.ts'
import { requestFor, type Request } from './request.ts'

/** What a manager needs of an informer or a set of them. */
export interface StartableCache {
  start(): void
  readonly hasSynced: Promise<void> | (() => Promise<void>)
  stop(): Promise<void>
}

export interface ManagerOptions {
  /** Informers, or one `InformerSet`. */
  readonly caches: readonly StartableCache[]
  readonly controllers: readonly Controller[]
}

export interface Manager {
  /** Resolves once every cache has its first list and the workers run. */
  start(): Promise<void>
  /** Stops workers first, then caches: no reconcile sees a cache that no longer moves. */
  stop(): Promise<void>
  /** Resolves when every controller's queue was idle one after the other, without new work in between. */
  idle(): Promise<void>
}

/** See `ManagerOptions`. */
export function createManager(options: ManagerOptions): Manager {
  const { caches, controllers } = options
  return {
    async start() {
      for (const cache of caches) cache.start()
      await Promise.all(caches.map((cache) => synced(cache)))
      for (const controller of controllers) controller.start()
    },
    async stop() {
      await Promise.all(controllers.map((controller) => controller.stop()))
      await Promise.all(caches.map((cache) => cache.stop()))
    },
    async idle() {
      let adds = -1
      while (adds !== totalAdds(controllers)) {
        adds = totalAdds(controllers)
        for (const controller of controllers) await controller.idle()
      }
    },
  }
}

/** Enqueues a request for every change `map` names one for. By default that of the changed object. */
export function enqueueOnChange<T extends KubeObject>(
  informer: Informer<T>,
  controller: Pick<Controller, 'enqueue'>,
  map: (event: ChangeEvent<T>) => readonly Request[] = (event) => [requestFor(event.object)],
): Cancel {
  return informer.onChange((event) => {
    for (const request of map(event)) controller.enqueue(request)
  })
}

/** A map for owned objects: the request of the controlling owner of that kind, before and after the change. */
export function ownerRequests(kind: string): (event: ChangeEvent) => readonly Request[] {
  return ({ object, old }) => {
    const names = new Set<string>()
    for (const one of [old, object]) {
      const owner = one?.metadata.ownerReferences?.find((reference) => reference.controller === true)
      if (owner?.kind === kind) names.add(owner.name)
    }
    return [...names].map((name) => ({ namespace: object.metadata.namespace ?? '', name }))
  }
}

function synced(cache: StartableCache): Promise<void> {
  return typeof cache.hasSynced === 'function' ? cache.hasSynced() : cache.hasSynced
}

function totalAdds(controllers: readonly Controller[]): number {
  let adds = 0
  for (const controller of controllers) adds += controller.statistics().adds
  return adds
}
