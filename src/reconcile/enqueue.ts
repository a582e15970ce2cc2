// What a change in a cache asks of a controller: the object itself, or the owner of what changed.
import type { Cancel } from '../base/clock.ts'
import type { KubeObject } from '../kube/object.ts'
import type { ChangeEvent, Informer } from '../kube/client/informer.ts'
import type { Controller } from './controller.ts'
import { requestFor, type Request } from './request.ts'

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
