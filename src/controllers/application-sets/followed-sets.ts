// ApplicationSets as the cluster has them, followed once for the controller and for the API server.
import { messageOf } from '../../base/errors.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { type ApplicationSet, parseApplicationSet } from '../../crds/application-set.ts'
import type { KubeClient } from '../../kube/client/client.ts'
import { Informer, withoutManagedFields } from '../../kube/client/informer.ts'
import type { KubeObject } from '../../kube/object.ts'
import { refOf } from './resource-ref.ts'

export interface FollowSetsOptions {
  readonly client: KubeClient
  readonly clock: Clock
  readonly log: Log
  /** Namespace of the control plane. */
  readonly namespace: string
  /** True for other namespaces whose ApplicationSets count. Default: none. */
  readonly allowsNamespace?: (namespace: string) => boolean
  readonly signal: AbortSignal
}

export interface FollowedSets {
  readonly sets: Informer<ApplicationSet>
  /** Why an object that was read here is no valid ApplicationSet. */
  faultOf(set: ApplicationSet): string | undefined
  stop(): Promise<void>
}

/** Resolves when they are read. Throws `unavailable` where the cluster does not serve the kind. */
export async function followSets(options: FollowSetsOptions): Promise<FollowedSets> {
  const { client, clock, log, namespace, allowsNamespace, signal } = options
  const faults = new WeakMap<ApplicationSet, string>()
  const { type } = await refOf({ dependencies: { client }, signal }, 'ApplicationSet', {})
  const place =
    allowsNamespace === undefined
      ? { namespace }
      : {
          keeps: ({ metadata }: KubeObject): boolean =>
            metadata.namespace === namespace || allowsNamespace(metadata.namespace ?? ''),
        }
  const sets = new Informer<ApplicationSet>({
    client,
    type,
    clock,
    log,
    ...place,
    transform: (object) => readSet(object, faults),
  })
  sets.start()
  await sets.hasSynced
  return { sets, faultOf: (set) => faults.get(set), stop: () => sets.stop() }
}

/** One that was stored in a form of its own generates nothing; a pass says what is wrong with it. */
function readSet(object: KubeObject, faults: WeakMap<ApplicationSet, string>): ApplicationSet {
  const plain = withoutManagedFields(object)
  try {
    return parseApplicationSet(plain)
  } catch (error) {
    const template = { metadata: {}, spec: { project: '', destination: {} } }
    const shown: ApplicationSet = { ...plain, spec: { generators: [], template } }
    faults.set(shown, messageOf(error))
    return shown
  }
}
