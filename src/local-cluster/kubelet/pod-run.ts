// One pod on a simulated node: starts its containers in order, lets them end and restart, and reports what it sees.
import { randomBytes } from 'node:crypto'
import type { Cancel, Clock } from '../../base/clock.ts'
import type { EventRecord } from '../../reconcile/events.ts'
import type { Container, ContainerStatus, Pod, PodStatus } from '../workloads/kit/model.ts'
import { timestamp } from '../workloads/kit/pod-state.ts'
import { planOf, type Plan } from './command.ts'
import { ContainerRun } from './container-run.ts'
import type { ImageResult } from './images/image-manager.ts'
import type { ContainerImage } from './images/pod-images.ts'
import { isInitialized, phaseOf, podConditions } from './pod-phase.ts'
import { simulationOf, type FailureKind, type Simulation } from './simulation.ts'

/** From being bound to running, where the pod does not say otherwise. */
const DEFAULT_START_DELAY_MS = 20
/** As the kubelet's image back-off. */
const PULL_BACKOFF_MS = 10_000
const MAX_PULL_BACKOFF_MS = 300_000

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
}

/** Lives as long as the pod does; `stop` ends every timer. */
export class PodRun {
  pod: Pod
  readonly #host: PodHost
  readonly #containers: readonly ContainerRun[]
  readonly #timers = new Set<Cancel>()
  #simulation: Simulation
  #startTime: string | undefined
  #hasSandbox = false
  #isEnding = false
  #evicted = false

  constructor(pod: Pod, host: PodHost) {
    this.pod = pod
    this.#host = host
    this.#simulation = simulationOf(pod)
    this.#containers = containersOf(pod)
    this.#startTime = pod.status?.startTime
  }

  /** Begins, or takes up what an earlier kubelet had begun. */
  start(): void {
    if (this.#resume()) return
    this.#startTime ??= timestamp(this.#host.clock.now())
    this.#host.changed()
    this.#after(this.#simulation.startDelayMs ?? DEFAULT_START_DELAY_MS, () => {
      this.#hasSandbox = true
      if (this.#simulation.failure === 'Evicted') this.#evict()
      else this.#advance()
    })
  }

  /** The pod has changed: its annotations may ask for something else now. */
  update(pod: Pod): void {
    const before = this.#simulation
    this.pod = pod
    this.#simulation = simulationOf(pod)
    if (this.#isEnding || !this.#hasSandbox) return
    if (before.ready !== this.#simulation.ready) this.#setReadiness()
    if (before.failure !== this.#simulation.failure) this.#failureChanged()
  }

  /** Stops every container; true where there is nothing left to wait for. */
  terminate(): void {
    if (this.#isEnding) return
    this.#isEnding = true
    this.#cancelTimers()
    const now = this.#host.clock.now()
    for (const container of this.#containers) {
      if (!container.isRunning) continue
      this.#containerEvent(container, {
        type: 'Normal',
        reason: 'Killing',
        message: `Stopping container ${container.spec.name}`,
      })
      const isServer = this.#planOf(container).exitCode === undefined
      if (isServer) container.exit(0, 'Completed', now)
      else container.exit(143, 'Error', now)
    }
  }

  /** Ends every timer; nothing is reported any more. */
  stop(): void {
    this.#isEnding = true
    this.#cancelTimers()
    for (const container of this.#containers) container.log.end()
  }

  /** A container by name, for its logs. */
  container(name: string): ContainerRun | undefined {
    return this.#containers.find(({ spec }) => spec.name === name)
  }

  /** What the kubelet would report now. */
  status(): PodStatus {
    const { clock, hostIp, podIp } = this.#host
    const phase = this.#evicted ? 'Failed' : phaseOf(this.pod, this.#containers, this.#isEnding)
    const facts = {
      phase,
      nowMs: clock.now(),
      hasSandbox: this.#hasSandbox && phase !== 'Failed' && phase !== 'Succeeded',
    }
    const init = this.#statuses((one) => one.role !== 'app')
    const generation = this.pod.metadata.generation
    return {
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      phase,
      conditions: podConditions(this.pod, this.#containers, facts),
      ...(this.#evicted ? { reason: 'Evicted', message: 'The node was low on resource: memory. ' } : {}),
      hostIP: hostIp,
      hostIPs: [{ ip: hostIp }],
      ...(this.#hasSandbox ? { podIP: podIp, podIPs: [{ ip: podIp }] } : {}),
      ...(this.#startTime === undefined ? {} : { startTime: this.#startTime }),
      ...(init.length === 0 ? {} : { initContainerStatuses: init }),
      containerStatuses: this.#statuses((one) => one.role === 'app'),
    }
  }

  #statuses(wanted: (container: ContainerRun) => boolean): readonly ContainerStatus[] {
    return this.#containers.filter(wanted).map((container) => container.status())
  }

  #resume(): boolean {
    const { status } = this.pod
    const known = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]
    if (!known.some((one) => one.containerID !== undefined)) return false
    this.#hasSandbox = true
    for (const container of this.#containers) {
      const old = known.find((one) => one.name === container.spec.name)
      if (old !== undefined) container.resume(old)
      if (container.isRunning) this.#run(container)
      else if (container.state.waiting?.reason === 'CrashLoopBackOff') this.#restartLater(container)
    }
    this.#advance()
    return true
  }

  /** Starts whatever may start now: one init container after the other, then all app containers. */
  #advance(): void {
    if (this.#isEnding) return
    for (const container of this.#containers) {
      if (container.role === 'app') break
      const isDone = container.role === 'init' ? container.hasSucceeded : container.wasStarted
      if (isDone) continue
      if (isFresh(container)) this.#begin(container)
      if (container.role === 'init' || !container.wasStarted) return
    }
    for (const container of this.#containers) {
      if (container.role === 'app' && isFresh(container)) this.#begin(container)
    }
    this.#host.changed()
  }

  #begin(container: ContainerRun): void {
    const { ensureImage } = this.#host
    if (ensureImage === undefined) {
      this.#imagePresent(container)
      return
    }
    if (container.isPulling) return
    container.isPulling = true
    const event = (one: EventRecord): void => this.#containerEvent(container, one)
    const wanted = { pod: this.pod, container: container.spec, event }
    void ensureImage(wanted).then((result) => this.#imageChecked(container, result))
  }

  #imageChecked(container: ContainerRun, result: ImageResult): void {
    container.isPulling = false
    if (this.#isEnding) return
    if (result.ok) {
      container.image = result.image
      this.#imagePresent(container)
      return
    }
    this.#containerEvent(container, { type: 'Warning', reason: 'Failed', message: `Error: ${result.reason}` })
    container.wait(result.reason, result.message)
    this.#after(result.retryAfterMs, () => this.#begin(container))
    this.#host.changed()
  }

  #imagePresent(container: ContainerRun): void {
    const failure = this.#failureOf(container)
    if (failure === 'ImagePullBackOff' || failure === 'ErrImagePull') {
      const image = container.spec.image ?? ''
      this.#pullFailed(container, `failed to pull and unpack image "${image}": not found`)
    } else if (failure !== undefined && WAITING_MESSAGES[failure] !== undefined) this.#stuck(container, failure)
    else this.#started(container)
    this.#host.changed()
  }

  #pullFailed(container: ContainerRun, message: string): void {
    const image = container.spec.image ?? ''
    container.pullFailures++
    const text = `Failed to pull image "${image}": ${message}`
    this.#containerEvent(container, { type: 'Warning', reason: 'Failed', message: text })
    this.#containerEvent(container, { type: 'Warning', reason: 'Failed', message: 'Error: ErrImagePull' })
    const backoffMs = Math.min(MAX_PULL_BACKOFF_MS, PULL_BACKOFF_MS * 2 ** (container.pullFailures - 1))
    if (container.pullFailures === 1 && this.#failureOf(container) === 'ErrImagePull')
      container.wait('ErrImagePull', message)
    else {
      container.wait('ImagePullBackOff', `Back-off pulling image "${image}": ErrImagePull: ${message}`)
      this.#containerEvent(container, {
        type: 'Normal',
        reason: 'BackOff',
        message: `Back-off pulling image "${image}"`,
      })
      this.#containerEvent(container, { type: 'Warning', reason: 'Failed', message: 'Error: ImagePullBackOff' })
    }
    this.#after(backoffMs, () => {
      if (!container.isRunning) this.#begin(container)
    })
  }

  /** Waits with an error until the annotation that causes it goes. */
  #stuck(container: ContainerRun, failure: FailureKind): void {
    const message = WAITING_MESSAGES[failure] ?? failure
    container.wait(failure, message)
    this.#containerEvent(container, {
      type: 'Warning',
      reason: failure === 'InvalidImageName' ? 'InspectFailed' : 'Failed',
      message: `Error: ${message}`,
    })
  }

  #started(container: ContainerRun): void {
    const { image = '' } = container.spec
    const nowMs = this.#host.clock.now()
    container.start(nowMs, `containerd://${randomBytes(32).toString('hex')}`)
    if (container.image === undefined) {
      const present = `Container image "${image}" already present on machine and can be accessed by the pod`
      this.#containerEvent(container, { type: 'Normal', reason: 'Pulled', message: present })
    }
    this.#containerEvent(container, { type: 'Normal', reason: 'Created', message: 'Container created' })
    this.#containerEvent(container, { type: 'Normal', reason: 'Started', message: 'Container started' })
    if (container.role === 'app' && this.#simulation.logs !== undefined)
      container.log.print(this.#simulation.logs, nowMs)
    this.#run(container)
    if (container.role === 'sidecar') this.#after(0, () => this.#advance())
  }

  /** Lets a running container do what its command says. */
  #run(container: ContainerRun): void {
    const { readyAfterMs, exitAfterMs, exitCode } = this.#simulation
    if (readyAfterMs > 0) this.#after(readyAfterMs, () => this.#setReadiness())
    else container.ready = container.role !== 'init' && this.#simulation.ready
    const failure = this.#failureOf(container)
    if (failure === 'OOMKilled') this.#exitSoon(container, 137, 'OOMKilled')
    else if (failure === 'CrashLoopBackOff' || failure === 'Error') this.#exitSoon(container, 1, 'Error')
    else if (container.role === 'app' && exitAfterMs !== undefined) {
      this.#after(exitAfterMs, () => this.#exited(container, exitCode, exitCode === 0 ? 'Completed' : 'Error'))
    } else this.#walk(container, this.#planOf(container), 0)
  }

  #exitSoon(container: ContainerRun, exitCode: number, reason: string): void {
    container.ready = false
    this.#after(1, () => this.#exited(container, exitCode, reason))
  }

  #walk(container: ContainerRun, plan: Plan, from: number): void {
    for (let index = from; index < plan.steps.length; index++) {
      const step = plan.steps[index]
      if (step?.kind === 'print') container.log.print(step.text, this.#host.clock.now())
      if (step?.kind === 'sleep') {
        this.#after(step.ms, () => this.#walk(container, plan, index + 1))
        return
      }
    }
    const { exitCode } = plan
    if (exitCode === undefined) return
    this.#after(1, () => this.#exited(container, exitCode, exitCode === 0 ? 'Completed' : 'Error'))
  }

  #exited(container: ContainerRun, exitCode: number, reason: string): void {
    if (!container.isRunning) return
    container.exit(exitCode, reason, this.#host.clock.now())
    if (this.#restarts(container)) this.#restartLater(container)
    else this.#endSidecars()
    this.#advance()
    this.#host.changed()
  }

  #restarts(container: ContainerRun): boolean {
    const policy = this.pod.spec.restartPolicy ?? 'Always'
    if (container.role === 'sidecar') return true
    if (container.role === 'init') return !container.hasSucceeded && policy !== 'Never'
    return policy === 'Always' || (policy === 'OnFailure' && !container.hasSucceeded)
  }

  #restartLater(container: ContainerRun): void {
    const { backoffMs } = container
    const { namespace, name, uid } = this.pod.metadata
    if (backoffMs > 0) {
      const subject = `container=${container.spec.name} pod=${name}_${namespace}(${uid})`
      container.wait('CrashLoopBackOff', `back-off ${formatBackoff(backoffMs)} restarting failed ${subject}`)
      const message = `Back-off restarting failed container ${container.spec.name} in pod ${name}_${namespace}(${uid})`
      this.#containerEvent(container, { type: 'Warning', reason: 'BackOff', message })
    }
    this.#after(backoffMs, () => {
      if (container.isRunning) return
      if (container.state.terminated !== undefined) container.lastState = { terminated: container.state.terminated }
      this.#begin(container)
    })
  }

  /** Sidecars go once all app containers have ended for good. */
  #endSidecars(): void {
    const apps = this.#containers.filter((one) => one.role === 'app')
    if (!apps.every((one) => one.state.terminated !== undefined && !this.#restarts(one))) return
    for (const container of this.#containers) {
      if (container.role === 'sidecar' && container.isRunning) container.exit(0, 'Completed', this.#host.clock.now())
    }
    this.#cancelTimers()
  }

  #setReadiness(): void {
    for (const container of this.#containers) {
      if (container.role !== 'init' && container.isRunning) container.ready = this.#simulation.ready
    }
    this.#host.changed()
  }

  #failureChanged(): void {
    if (this.#simulation.failure === 'Evicted') {
      this.#evict()
      return
    }
    this.#cancelTimers()
    for (const container of this.#containers) {
      if (container.role !== 'app' || !isInitialized(this.#containers)) continue
      if (container.isRunning) this.#run(container)
      else if (container.state.terminated === undefined) this.#begin(container)
    }
    this.#host.changed()
  }

  #evict(): void {
    this.terminate()
    this.#evicted = true
    this.#host.event({ type: 'Warning', reason: 'Evicted', message: 'The node was low on resource: memory. ' })
    this.#host.changed()
  }

  #failureOf(container: ContainerRun): FailureKind | undefined {
    const { failure, failingContainer } = this.#simulation
    if (failingContainer !== undefined) return container.spec.name === failingContainer ? failure : undefined
    return container.role === 'app' ? failure : undefined
  }

  #planOf(container: ContainerRun): Plan {
    const completes =
      container.role === 'init' || (container.role === 'app' && (this.pod.spec.restartPolicy ?? 'Always') !== 'Always')
    return planOf(container.spec, completes)
  }

  #containerEvent(container: ContainerRun, event: EventRecord): void {
    const list = container.role === 'app' ? 'containers' : 'initContainers'
    this.#host.event({ ...event, fieldPath: `spec.${list}{${container.spec.name}}` })
  }

  #after(delayMs: number, task: () => void): void {
    const cancel = this.#host.clock.schedule(delayMs, () => {
      this.#timers.delete(cancel)
      if (!this.#isEnding) task()
    })
    this.#timers.add(cancel)
  }

  #cancelTimers(): void {
    for (const cancel of this.#timers) cancel()
    this.#timers.clear()
  }
}

const WAITING_MESSAGES: Readonly<Partial<Record<FailureKind, string>>> = {
  InvalidImageName: "couldn't parse image name: invalid reference format",
  CreateContainerConfigError: 'configmap "simulated" not found',
  CreateContainerError: 'failed to create containerd container: simulated',
  RunContainerError: 'failed to start containerd task: simulated',
}

/** Waits for its first start. */
function isFresh(container: ContainerRun): boolean {
  const reason = container.state.waiting?.reason
  return !container.wasStarted && (reason === 'ContainerCreating' || reason === 'PodInitializing')
}

function containersOf(pod: Pod): readonly ContainerRun[] {
  const { initContainers = [], containers } = pod.spec
  const waiting = initContainers.length > 0 ? 'PodInitializing' : 'ContainerCreating'
  const role = (spec: Container): 'init' | 'sidecar' => (spec.restartPolicy === 'Always' ? 'sidecar' : 'init')
  return [
    ...initContainers.map((spec) => new ContainerRun(spec, role(spec), waiting)),
    ...containers.map((spec) => new ContainerRun(spec, 'app', waiting)),
  ]
}

/** Go's Duration: `10s`, `1m20s`. */
function formatBackoff(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  const seconds = (ms % 60_000) / 1000
  return minutes === 0 ? `${seconds}s` : `${minutes}m${seconds}s`
}
