// The images of one pod: its pull secrets, its image volumes, and its containers' images one after the other.
import { messageOf } from '../../../base/errors.ts'
import type { KubeClient } from '../../../kube/client/client.ts'
import type { EventRecord } from '../../../reconcile/events.ts'
import { pullSecretOf, type PullSecret } from '../../../registry/keyring.ts'
import type { Container, Pod } from '../../workloads/kit/model.ts'
import { simulationOf } from '../simulation.ts'
import type { ImageManager, ImageResult } from './image-manager.ts'
import { PullBackoff, timingFrom, type PullTiming } from './pull-backoff.ts'

export interface PodImagesOptions {
  readonly client: KubeClient
  readonly manager: ImageManager
  /** About the pod as a whole. */
  readonly event: (event: EventRecord) => void
}

export interface ContainerImage {
  readonly pod: Pod
  readonly container: Container
  /** About the container. */
  readonly event: (event: EventRecord) => void
}

/** What holds for all containers that are looked at in one go. */
interface Round {
  readonly secrets: readonly PullSecret[]
  readonly timing: PullTiming
  readonly volumes: ReadonlyMap<string, ImageResult>
}

/** Belongs to one pod; `stop` ends what is under way. */
export class PodImages {
  readonly #options: PodImagesOptions
  readonly #backoff = new PullBackoff()
  readonly #stopping = new AbortController()
  #last: Promise<unknown> = Promise.resolve()
  #waiting = 0
  #round: Promise<Round> | undefined

  constructor(options: PodImagesOptions) {
    this.#options = options
  }

  /** Resolves once the container's image, and those of the volumes it mounts, are there or were refused. */
  async ensure(wanted: ContainerImage): Promise<ImageResult> {
    this.#waiting++
    const result = this.#last.then(() => this.#ensure(wanted))
    this.#last = result.catch(() => undefined)
    try {
      return await result
    } finally {
      this.#waiting--
      // Secrets are read anew for every round, so that one that has become right is seen.
      if (this.#waiting === 0) this.#round = undefined
    }
  }

  stop(): void {
    this.#stopping.abort(new Error('pod stopped'))
  }

  async #ensure({ pod, container, event }: ContainerImage): Promise<ImageResult> {
    try {
      this.#round ??= this.#begin(pod)
      const { secrets, timing, volumes } = await this.#round
      const broken = (container.volumeMounts ?? [])
        .map(({ name }) => volumes.get(name))
        .findLast((result) => result !== undefined && !result.ok)
      if (broken !== undefined) return broken
      const { image = '', imagePullPolicy: policy = 'IfNotPresent' } = container
      return await this.#options.manager.ensure({ image, policy, secrets, timing, event, ...this.#own() })
    } catch (error) {
      // Nothing of the registry's: the API did not answer, or the pod is going.
      const message = messageOf(error)
      return { ok: false, reason: 'ErrImagePull', message, retryAfterMs: timingOf(pod).syncMs }
    }
  }

  async #begin(pod: Pod): Promise<Round> {
    const secrets = await this.#readSecrets(pod)
    const timing = timingOf(pod)
    const volumes = new Map<string, ImageResult>()
    for (const { name, image } of pod.spec.volumes ?? []) {
      if (image === undefined) continue
      const { reference = '', pullPolicy: policy = 'IfNotPresent' } = image
      const { event, manager } = this.#options
      volumes.set(name, await manager.ensure({ image: reference, policy, secrets, timing, event, ...this.#own() }))
    }
    return { secrets, timing, volumes }
  }

  /** Those that cannot be read are left out, and named in an event (getPullSecretsForPod of kubelet_pods.go). */
  async #readSecrets(pod: Pod): Promise<readonly PullSecret[]> {
    const names = (pod.spec.imagePullSecrets ?? []).map(({ name = '' }) => name).filter((name) => name !== '')
    if (names.length === 0) return []
    const found = await Promise.all(names.map((name) => this.#readSecret(pod, name)))
    const missing = names.filter((_, index) => found[index] === undefined)
    if (missing.length > 0) {
      const message = `Unable to retrieve some image pull secrets (${missing.join(', ')}); attempting to pull the image may not succeed.`
      this.#options.event({ type: 'Warning', reason: 'FailedToRetrieveImagePullSecret', message })
    }
    return found.filter((secret) => secret !== undefined)
  }

  async #readSecret(pod: Pod, name: string): Promise<PullSecret | undefined> {
    const { client } = this.#options
    try {
      const type = await client.resourceOf({ group: '', kind: 'Secret', version: 'v1' })
      if (type === undefined) return undefined
      const namespace = pod.metadata.namespace ?? ''
      const secret = await client.get({ type, namespace, name }, this.#stopping.signal)
      return secret === undefined ? undefined : pullSecretOf(secret)
    } catch {
      // Not readable is not there, for the kubelet; the event tells it.
      return undefined
    }
  }

  #own(): { readonly backoff: PullBackoff; readonly signal: AbortSignal } {
    return { backoff: this.#backoff, signal: this.#stopping.signal }
  }
}

function timingOf(pod: Pod): PullTiming {
  return timingFrom(simulationOf(pod).imagePullBackoffMs)
}
