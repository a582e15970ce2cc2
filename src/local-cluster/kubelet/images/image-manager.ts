// Sees to it that a container's image is on the node (EnsureImageExists of kubelet/images/image_manager.go, v1.36.3).
import type { Clock } from '../../../base/clock.ts'
import { quoteText } from '../../../lang/go/quote.ts'
import type { EventRecord } from '../../../reconcile/events.ts'
import { DockerConfigError } from '../../../registry/docker-config.ts'
import { ImageReferenceError, parseImageReference, type ImageReference } from '../../../registry/image-reference.ts'
import { keyringOf, type PullSecret, type TrackedCredential } from '../../../registry/keyring.ts'
import type { ImagePuller } from './image-puller.ts'
import type { NodeImage, NodeImages } from './node-images.ts'
import type { PullBackoff, PullTiming } from './pull-backoff.ts'

export interface ImageRequest {
  /** As the pod has it. */
  readonly image: string
  readonly policy: string
  /** In the order of the pod's `imagePullSecrets`. */
  readonly secrets: readonly PullSecret[]
  readonly backoff: PullBackoff
  readonly timing: PullTiming
  readonly event: (event: EventRecord) => void
  readonly signal: AbortSignal
}

export type ImageResult =
  | { readonly ok: true; readonly image: NodeImage }
  | {
      readonly ok: false
      /** What the container waits for: `ErrImagePull`, `ImagePullBackOff`, `InvalidImageName` … */
      readonly reason: string
      readonly message: string
      readonly retryAfterMs: number
    }

type Refusal = Extract<ImageResult, { readonly ok: false }>

/** Belongs to one node. */
export class ImageManager {
  readonly #clock: Clock
  readonly #images: NodeImages
  readonly #puller: ImagePuller

  constructor(options: { readonly clock: Clock; readonly images: NodeImages; readonly puller: ImagePuller }) {
    this.#clock = options.clock
    this.#images = options.images
    this.#puller = options.puller
  }

  /** Pulls where the policy, or the credentials of a cached private image, ask for it; tells it by events as the kubelet does. */
  async ensure(request: ImageRequest): Promise<ImageResult> {
    try {
      const reference = parseImageReference(request.image)
      return this.#present(request, reference) ?? (await this.#pull(request, reference))
    } catch (error) {
      if (error instanceof ImageReferenceError) return invalidName(request, error)
      // A Secret that cannot be read: its error stands for the reason too, as upstream has it.
      if (error instanceof DockerConfigError) return refusal(request, error.message, error.message)
      throw error
    }
  }

  /** What is settled without a pull; undefined: pull. */
  #present(request: ImageRequest, reference: ImageReference): ImageResult | undefined {
    if (request.policy === 'Always') return undefined
    const image = this.#images.find(reference)
    const mayUse =
      image !== undefined && !this.#images.mustPull(image, reference, () => credentialsFor(request, reference))
    if (image !== undefined && mayUse) {
      const message = `Container image ${quoteText(request.image)} already present on machine and can be accessed by the pod`
      request.event({ type: 'Normal', reason: 'Pulled', message })
      return { ok: true, image }
    }
    return request.policy === 'Never' ? neverPulled(request) : undefined
  }

  async #pull(request: ImageRequest, reference: ImageReference): Promise<ImageResult> {
    const credentials = credentialsFor(request, reference)
    const { backoff, event, timing } = request
    const image = quoteText(request.image)
    const startMs = this.#clock.now()
    const waiting = backoff.waiting(request.image, startMs)
    if (waiting !== undefined) {
      const text = `Back-off pulling image ${image}`
      event({ type: 'Normal', reason: 'BackOff', message: text })
      return {
        ok: false,
        reason: 'ImagePullBackOff',
        message: `${text}: ${waiting.message}`,
        retryAfterMs: waiting.leftMs,
      }
    }
    event({ type: 'Normal', reason: 'Pulling', message: `Pulling image ${image}` })
    const outcome = await this.#puller.pull(reference, credentials, request.signal)
    const nowMs = this.#clock.now()
    if (!outcome.ok) {
      const { message } = outcome
      event({ type: 'Warning', reason: 'Failed', message: `Failed to pull image ${image}: ${message}` })
      backoff.fail(request.image, `ErrImagePull: ${message}`, { nowMs, timing })
      return { ok: false, reason: 'ErrImagePull', message, retryAfterMs: timing.relistMs }
    }
    const took = formatMs(nowMs - startMs)
    const text = `Successfully pulled image ${image} in ${took} (${took} including waiting). Image size: ${outcome.sizeBytes} bytes.`
    event({ type: 'Normal', reason: 'Pulled', message: text })
    return { ok: true, image: this.#images.pulled(reference, outcome, outcome.credential) }
  }
}

function credentialsFor(request: ImageRequest, { name }: ImageReference): readonly TrackedCredential[] {
  return keyringOf(request.secrets).lookup(name)
}

/** What the kubelet says of an image's name that cannot be parsed; undefined where it can. */
export function invalidNameText(image: string): string | undefined {
  try {
    parseImageReference(image)
    return undefined
  } catch (error) {
    if (error instanceof ImageReferenceError) return nameText(image, error)
    throw error
  }
}

function nameText(name: string, error: ImageReferenceError): string {
  const image = quoteText(name)
  return `Failed to apply default image tag ${image}: couldn't parse image name ${image}: ${error.message}`
}

function invalidName(request: ImageRequest, error: ImageReferenceError): Refusal {
  const message = nameText(request.image, error)
  request.event({ type: 'Warning', reason: 'InspectFailed', message })
  return refusal(request, 'InvalidImageName', message)
}

/** The same words whether the image is absent or only not for this pod: its presence is nobody's business. */
function neverPulled(request: ImageRequest): Refusal {
  const message = `Container image ${quoteText(request.image)} is not present with pull policy of Never`
  request.event({ type: 'Warning', reason: 'ErrImageNeverPull', message })
  return refusal(request, 'ErrImageNeverPull', message)
}

function refusal({ timing }: ImageRequest, reason: string, message: string): Refusal {
  return { ok: false, reason, message, retryAfterMs: timing.syncMs }
}

/** Go's Duration, in whole milliseconds: `85ms`, `1.234s`, `1m2.5s`. */
function formatMs(ms: number): string {
  const whole = Math.max(0, Math.trunc(ms))
  if (whole < 1000) return whole === 0 ? '0s' : `${whole}ms`
  const minutes = Math.floor(whole / 60_000)
  return `${minutes === 0 ? '' : `${minutes}m`}${(whole % 60_000) / 1000}s`
}
