// Writes a pod's status to the API: one write at a time, several changes in one, and at the end the removal of the pod.
import { sleep, type Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { KubeError, type KubeClient, type ResourceRef, type ResourceType } from '../../kube/client/client.ts'
import type { JsonObject } from '../../kube/object.ts'
import { deepEqual } from '../../kube/json-value.ts'
import type { Pod, PodStatus } from '../workloads/kit/model.ts'

/** Between attempts while the API does not answer. */
const RETRY_MS = 1000

export interface StatusWriterOptions {
  readonly client: KubeClient
  readonly clock: Clock
  readonly log: Log
  readonly type: ResourceType
  /** What is true now. */
  readonly status: () => { readonly pod: Pod; readonly status: PodStatus }
}

/** Belongs to one pod. */
export class StatusWriter {
  readonly #options: StatusWriterOptions
  readonly #stopping = new AbortController()
  #dirty = false
  #removing = false
  #working: Promise<void> | undefined
  #written: PodStatus | undefined

  constructor(options: StatusWriterOptions) {
    this.#options = options
  }

  /** The status has changed: it is written soon. */
  changed(): void {
    this.#dirty = true
    this.#wake()
  }

  /** Writes the last status and removes the pod for good. */
  remove(): void {
    if (this.#removing) return
    this.#removing = true
    this.changed()
  }

  stop(): void {
    this.#stopping.abort(new Error('status writer stopped'))
  }

  /** Resolves when no write is under way. */
  async idle(): Promise<void> {
    await this.#working
  }

  #wake(): void {
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined
      if (this.#dirty && !this.#stopping.signal.aborted) this.#wake()
    })
  }

  async #work(): Promise<void> {
    // Changes of one moment go out together.
    await Promise.resolve()
    while (this.#dirty && !this.#stopping.signal.aborted) {
      this.#dirty = false
      try {
        await this.#write()
        if (this.#removing) await this.#remove()
      } catch (error) {
        if (error instanceof KubeError && error.status === 404) {
          this.stop()
          return
        }
        await this.#retryLater(error)
      }
    }
  }

  async #write(): Promise<void> {
    const { client } = this.#options
    const { pod, status } = this.#options.status()
    if (deepEqual(status, this.#written)) return
    const patch = { metadata: { uid: pod.metadata.uid ?? '' }, status: patchOf(status) }
    // The uid keeps it from a new pod of the same name.
    await client.patch(this.#ref(pod, 'status'), 'strategic', patch)
    this.#written = status
  }

  async #remove(): Promise<void> {
    const { pod } = this.#options.status()
    const uid = pod.metadata.uid ?? ''
    await this.#options.client.delete(this.#ref(pod), { gracePeriodSeconds: 0, preconditions: { uid } })
  }

  async #retryLater(error: unknown): Promise<void> {
    const { clock, log } = this.#options
    // A conflict means that the pod of this name is another one by now.
    if (error instanceof KubeError && error.status === 409) return
    log.debug('pod status not written', { error })
    this.#dirty = true
    await sleep(clock, RETRY_MS, this.#stopping.signal).catch(() => undefined)
  }

  #ref(pod: Pod, subresource?: string): ResourceRef {
    const { namespace = '', name = '' } = pod.metadata
    return { type: this.#options.type, namespace, name, ...(subresource === undefined ? {} : { subresource }) }
  }
}

/** Conditions are merged by type: what one no longer says has to be taken away by name. */
function patchOf(status: PodStatus): JsonObject {
  const conditions = (status.conditions ?? []).map((one) => ({
    ...one,
    reason: one.reason ?? null,
    message: one.message ?? null,
  }))
  // JSON data through and through.
  return { ...status, conditions } as unknown as JsonObject
}
