// What a simulated pod needs of the node it is on.
import type { Clock } from '../../base/clock.ts'
import type { EventRecord } from '../../reconcile/events.ts'
import type { InputSource } from './container-inputs.ts'
import type { ImageResult } from './images/image-manager.ts'
import type { ContainerImage } from './images/pod-images.ts'

export interface PodHost {
  readonly clock: Clock
  readonly hostIp: string
  /** The pod's own address; asked once. */
  readonly podIp: string
  /** Called whenever `status()` may have changed. */
  readonly changed: () => void
  readonly event: (event: EventRecord) => void
  /** Sees to it that a container's image is there; absent: every image is. Never rejects. */
  readonly ensureImage?: (wanted: ContainerImage) => Promise<ImageResult>
  /** Reads what the pod refers to; absent: all of it is taken to be there. */
  readonly inputs?: InputSource
}
