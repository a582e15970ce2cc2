// Creating and deleting the pods of an owner, with expectations so that a lagging cache repeats nothing.
import { messageOf } from '../../../base/errors.ts'
import type { Informer } from '../../../kube/client/informer.ts'
import type { KubeObject, ObjectMeta } from '../../../kube/object.ts'
import type { Controller } from '../../../reconcile/controller.ts'
import type { EventRecorder } from '../../../reconcile/events.ts'
import { isNamespaceTerminating, refOf, type WorkloadContext } from './context.ts'
import { Expectations } from './expectations.ts'
import type { Pod, PodTemplate } from './model.ts'
import { controllerOf, controllerReference } from './ownership.ts'
import { labelSelectorOf, matchesLabels } from '../../../kube/selector.ts'
import type { LabelSelector } from './model.ts'

/** replica_set.go BurstReplicas: at most so many pods are made or removed in one go. */
const BURST = 500

export interface PodControlOptions {
  readonly context: WorkloadContext
  readonly pods: Informer<Pod>
  readonly events: EventRecorder
  /** Kind of the owners: only their pods count. */
  readonly ownerKind: string
}

/** Makes and removes pods for owners of one kind. */
export class PodControl {
  readonly expectations: Expectations
  readonly #options: PodControlOptions

  constructor(options: PodControlOptions) {
    this.#options = options
    this.expectations = new Expectations(options.context.clock)
  }

  /** Enqueues owners when their pods change, and keeps the expectations. */
  watch(controller: Pick<Controller, 'enqueue'>): void {
    this.#options.pods.onChange(({ type, object, old }) => {
      for (const pod of old === undefined || old === object ? [object] : [old, object]) {
        const owner = controllerOf(pod)
        if (owner?.kind !== this.#options.ownerKind) continue
        this.#observe(owner.uid, type, pod)
        controller.enqueue({ namespace: pod.metadata.namespace ?? '', name: owner.name })
      }
    })
  }

  #observe(owner: string, type: 'ADDED' | 'MODIFIED' | 'DELETED', pod: Pod): void {
    if (type === 'ADDED') this.expectations.created(owner)
    if (type === 'DELETED' || pod.metadata.deletionTimestamp !== undefined) {
      this.expectations.deleted(owner, pod.metadata.uid ?? '')
    }
  }

  /** Creates `count` pods; tells what went wrong with the first that could not be made. */
  async create(owner: KubeObject, podsToMake: readonly KubeObject[]): Promise<void> {
    const uid = owner.metadata.uid ?? ''
    const batch = podsToMake.slice(0, BURST)
    this.expectations.expect(uid, batch.length)
    const results = await Promise.allSettled(batch.map((pod) => this.#createOne(owner, pod)))
    throwFirst(results)
  }

  async delete(owner: KubeObject, victims: readonly Pod[]): Promise<void> {
    const uid = owner.metadata.uid ?? ''
    const batch = victims.slice(0, BURST)
    this.expectations.expect(
      uid,
      0,
      batch.map((pod) => pod.metadata.uid ?? ''),
    )
    const results = await Promise.allSettled(batch.map((pod) => this.#deleteOne(owner, pod)))
    throwFirst(results)
  }

  async #createOne(owner: KubeObject, pod: KubeObject): Promise<void> {
    const { context, events, pods } = this.#options
    try {
      const created = await context.client.create(pods.type, pod)
      events.record(owner, {
        type: 'Normal',
        reason: 'SuccessfulCreate',
        message: `Created pod: ${created.metadata.name}`,
      })
    } catch (error) {
      this.expectations.created(owner.metadata.uid ?? '')
      if (isNamespaceTerminating(error)) throw error
      events.record(owner, { type: 'Warning', reason: 'FailedCreate', message: `Error creating: ${messageOf(error)}` })
      throw error
    }
  }

  async #deleteOne(owner: KubeObject, pod: Pod): Promise<void> {
    const { context, events, pods } = this.#options
    const { uid = '', name } = pod.metadata
    try {
      const deleted = await context.client.delete(refOf(pods.type, pod), { preconditions: { uid } })
      if (!deleted) this.expectations.deleted(owner.metadata.uid ?? '', uid)
      else events.record(owner, { type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted pod: ${name}` })
    } catch (error) {
      this.expectations.deleted(owner.metadata.uid ?? '', uid)
      events.record(owner, { type: 'Warning', reason: 'FailedDelete', message: `Error deleting: ${messageOf(error)}` })
      throw error
    }
  }
}

/** A pod of a template, controlled by `owner`; a server-made name unless one is given. */
export function podFromTemplate(owner: KubeObject, template: PodTemplate, metadata: ObjectMeta = {}): KubeObject {
  const { labels, annotations, finalizers } = template.metadata ?? {}
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(metadata.name === undefined ? { generateName: `${owner.metadata.name}-` } : {}),
      namespace: owner.metadata.namespace ?? '',
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(finalizers === undefined ? {} : { finalizers }),
      ownerReferences: [controllerReference(owner)],
      ...metadata,
    },
    spec: template.spec,
  }
  return pod
}

/** Enqueues every owner whose selector matches a pod that nobody controls: one of them may adopt it. */
export function enqueueForOrphans<T extends KubeObject>(
  pods: Informer<Pod>,
  owners: Informer<T>,
  controller: Pick<Controller, 'enqueue'>,
  selectorOf: (owner: T) => LabelSelector | undefined,
): void {
  pods.onChange(({ type, object }) => {
    if (type === 'DELETED' || object.metadata.labels === undefined || controllerOf(object) !== undefined) return
    for (const owner of owners.list()) {
      const { namespace = '', name = '' } = owner.metadata
      const sameNamespace = namespace === object.metadata.namespace
      if (sameNamespace && matchesLabels(labelSelectorOf(selectorOf(owner)), object.metadata.labels))
        controller.enqueue({ namespace, name })
    }
  })
}

function throwFirst(results: readonly PromiseSettledResult<void>[]): void {
  const failed = results.find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason instanceof Error ? failed.reason : new Error(String(failed.reason))
}
