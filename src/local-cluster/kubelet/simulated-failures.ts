// Failures that an annotation asks for: what the container waits for, and the events that tell of it.
import type { EventRecord } from '../../reconcile/events.ts'
import type { ContainerRun } from './container-run.ts'
import type { FailureKind, Simulation } from './simulation.ts'

/** As the kubelet's image back-off. */
const PULL_BACKOFF_MS = 10_000
const MAX_PULL_BACKOFF_MS = 300_000

const WAITING_MESSAGES: Readonly<Partial<Record<FailureKind, string>>> = {
  InvalidImageName: "couldn't parse image name: invalid reference format",
  CreateContainerConfigError: 'configmap "simulated" not found',
  CreateContainerError: 'failed to create containerd container: simulated',
  RunContainerError: 'failed to start containerd task: simulated',
}

/** What comes of a container that must not start; `retryMs` is undefined where it waits for its annotation to go. */
export interface SimulatedWait {
  readonly events: readonly EventRecord[]
  readonly retryMs: number | undefined
}

/** Makes a container wait as its annotation says; undefined where it may start. */
export function simulateWait(container: ContainerRun, failure: FailureKind | undefined): SimulatedWait | undefined {
  if (failure === 'ImagePullBackOff' || failure === 'ErrImagePull') return failPull(container, failure)
  const message = failure === undefined ? undefined : WAITING_MESSAGES[failure]
  if (failure === undefined || message === undefined) return undefined
  container.wait(failure, message)
  const reason = failure === 'InvalidImageName' ? 'InspectFailed' : 'Failed'
  return { events: [{ type: 'Warning', reason, message: `Error: ${message}` }], retryMs: undefined }
}

function failPull(container: ContainerRun, failure: FailureKind): SimulatedWait {
  const image = container.spec.image ?? ''
  const message = `failed to pull and unpack image "${image}": not found`
  container.pullFailures++
  const events: EventRecord[] = [
    { type: 'Warning', reason: 'Failed', message: `Failed to pull image "${image}": ${message}` },
    { type: 'Warning', reason: 'Failed', message: 'Error: ErrImagePull' },
  ]
  if (container.pullFailures === 1 && failure === 'ErrImagePull') container.wait('ErrImagePull', message)
  else {
    container.wait('ImagePullBackOff', `Back-off pulling image "${image}": ErrImagePull: ${message}`)
    events.push(
      { type: 'Normal', reason: 'BackOff', message: `Back-off pulling image "${image}"` },
      { type: 'Warning', reason: 'Failed', message: 'Error: ImagePullBackOff' },
    )
  }
  return { events, retryMs: Math.min(MAX_PULL_BACKOFF_MS, PULL_BACKOFF_MS * 2 ** (container.pullFailures - 1)) }
}

/** The failure that is asked for of this container: of the one that is named, else of every app container. */
export function failureOf(
  { spec, role }: ContainerRun,
  { failure, failingContainer }: Simulation,
): FailureKind | undefined {
  const isMeant = failingContainer === undefined ? role === 'app' : spec.name === failingContainer
  return isMeant ? failure : undefined
}
