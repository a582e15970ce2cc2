// How a container of a simulated pod comes to run: its image, what its environment names, and what the kubelet says meanwhile.
import { randomBytes } from 'node:crypto'
import { messageOf } from '../../base/errors.ts'
import type { EventRecord } from '../../reconcile/events.ts'
import type { Pod } from '../workloads/kit/model.ts'
import type { ContainerRun } from './container-run.ts'
import { type ImageResult, invalidNameText } from './images/image-manager.ts'
import type { PodHost } from './pod-host.ts'
import type { PodPrograms } from './pod-programs.ts'
import type { PodTimers } from './pod-timers.ts'
import { failureOf, simulateWait } from './simulated-failures.ts'
import { printSimulatedLogs } from './simulated-logs.ts'
import type { Simulation } from './simulation.ts'

/** A container whose environment names what is missing is tried again; the kubelet does at its next look at the pod. */
const CONFIG_RETRY_MS = 2_000

/** A name that cannot be parsed is looked at again as often. */
const IMAGE_RETRY_MS = 10_000

export interface StartHost {
  readonly host: Pick<PodHost, 'clock' | 'changed' | 'ensureImage'>
  readonly programs: PodPrograms
  readonly timers: PodTimers
  readonly pod: () => Pod
  readonly simulation: () => Simulation
  readonly event: (container: ContainerRun, event: EventRecord) => void
  /** The container's state says that it runs: what it does comes next. */
  readonly started: (container: ContainerRun) => void
}

/** Belongs to one pod, and does nothing more once the pod's timers are closed. */
export class ContainerStart {
  readonly #of: StartHost

  constructor(of: StartHost) {
    this.#of = of
  }

  /** Looks for the image, then for what the environment names, as often as it takes; asked twice it is done once. */
  begin(container: ContainerRun): void {
    const { ensureImage } = this.#of.host
    if (ensureImage === undefined) {
      if (container.isPreparing) return
      const result = invalidImage(container)
      if (result === undefined) this.#imagePresent(container)
      else this.#imageChecked(container, result)
      return
    }
    if (container.isPulling || container.isPreparing) return
    container.isPulling = true
    const event = (one: EventRecord): void => this.#of.event(container, one)
    const wanted = { pod: this.#of.pod(), container: container.spec, event }
    void ensureImage(wanted).then((result) => this.#imageChecked(container, result))
  }

  #imageChecked(container: ContainerRun, result: ImageResult): void {
    const { host, timers, event } = this.#of
    container.isPulling = false
    if (timers.isClosed) return
    if (result.ok) {
      container.image = result.image
      this.#imagePresent(container)
      return
    }
    event(container, { type: 'Warning', reason: 'Failed', message: `Error: ${result.reason}` })
    container.wait(result.reason, result.message)
    timers.after(result.retryAfterMs, () => this.begin(container))
    host.changed()
  }

  #imagePresent(container: ContainerRun): void {
    const { host, timers, event, simulation } = this.#of
    const wait = simulateWait(container, failureOf(container, simulation()))
    if (wait === undefined) this.#prepare(container)
    for (const one of wait?.events ?? []) event(container, one)
    if (wait?.retryMs !== undefined) {
      timers.after(wait.retryMs, () => {
        if (!container.isRunning) this.begin(container)
      })
    }
    host.changed()
  }

  /** Looks for what the container's environment names. */
  #prepare(container: ContainerRun): void {
    const { host, programs, timers } = this.#of
    const prepared = programs.prepare(container)
    if (prepared === undefined) {
      this.#start(container)
      return
    }
    container.isPreparing = true
    prepared.then(
      // Not among the pod's timers: those are cancelled when its simulated failure changes, and this would never start then.
      () =>
        host.clock.schedule(0, () => {
          container.isPreparing = false
          if (timers.isClosed) return
          this.#start(container)
          host.changed()
        }),
      (error: unknown) => {
        container.isPreparing = false
        if (!timers.isClosed) this.#lacksConfig(container, messageOf(error))
      },
    )
  }

  #lacksConfig(container: ContainerRun, message: string): void {
    const { host, timers, event } = this.#of
    container.wait('CreateContainerConfigError', message)
    event(container, { type: 'Warning', reason: 'Failed', message: `Error: ${message}` })
    timers.after(CONFIG_RETRY_MS, () => this.begin(container))
    host.changed()
  }

  #start(container: ContainerRun): void {
    const { host, timers, event, simulation, started } = this.#of
    const { image = '' } = container.spec
    container.start(host.clock.now(), `containerd://${randomBytes(32).toString('hex')}`)
    if (host.ensureImage === undefined) {
      const message = `Container image "${image}" already present on machine and can be accessed by the pod`
      event(container, { type: 'Normal', reason: 'Pulled', message })
    }
    event(container, { type: 'Normal', reason: 'Created', message: 'Container created' })
    event(container, { type: 'Normal', reason: 'Started', message: 'Container started' })
    printSimulatedLogs(container, simulation(), {
      now: () => host.clock.now(),
      after: (delayMs, task) => timers.after(delayMs, task),
    })
    started(container)
  }
}

/** Where images are taken to be on the node, only their names can be wrong. */
function invalidImage({ spec }: ContainerRun): ImageResult | undefined {
  const message = invalidNameText(spec.image ?? '')
  if (message === undefined) return undefined
  return { ok: false, reason: 'InvalidImageName', message, retryAfterMs: IMAGE_RETRY_MS }
}
