// One pod on a simulated node: starts its containers in order, lets them end and restart, and reports what it sees.
import { messageOf } from '../../base/errors.ts'
import type { EventRecord } from '../../reconcile/events.ts'
import type { ContainerStatus, Pod, PodStatus } from '../workloads/kit/model.ts'
import { timestamp } from '../workloads/kit/pod-state.ts'
import { containersOf, ContainerRun, crashLoopTexts, isFresh, restarts } from './container-run.ts'
import { ContainerStart } from './container-start.ts'
import type { PodHost } from './pod-host.ts'
import { isInitialized } from './pod-phase.ts'
import { PodPrograms } from './pod-programs.ts'
import { podStatus, type PodFailure } from './pod-status.ts'
import { PodStop } from './pod-stop.ts'
import { PodTimers } from './pod-timers.ts'
import { Probes } from './probes.ts'
import { failureOf } from './simulated-failures.ts'
import { simulationOf, type Simulation } from './simulation.ts'

/** From being bound to running, where the pod does not say otherwise. */
const DEFAULT_START_DELAY_MS = 20
/** The kubelet's first wait for a volume is as long; its last is 2 min 2 s. */
const MOUNT_BACKOFF_MS = 500
const MAX_MOUNT_BACKOFF_MS = 8_000

/** Lives as long as the pod does; `stop` ends every timer. */
export class PodRun {
  pod: Pod
  readonly #host: PodHost
  readonly #containers: readonly ContainerRun[]
  readonly #ephemeral: ContainerRun[] = []
  readonly #timers: PodTimers
  readonly #start: ContainerStart
  readonly #stop: PodStop
  readonly #probes: Probes<ContainerRun>
  /** What runs in the containers, for exec. */
  readonly programs: PodPrograms
  #simulation: Simulation
  #startTime: string | undefined
  #hasSandbox = false
  #failure: PodFailure | undefined

  constructor(pod: Pod, host: PodHost) {
    this.pod = pod
    this.#host = host
    this.#simulation = simulationOf(pod)
    this.#containers = containersOf(pod)
    this.#startTime = pod.status?.startTime
    this.#timers = new PodTimers(host.clock)
    const after = (delayMs: number, task: () => void): void => this.#timers.after(delayMs, task)
    this.programs = new PodPrograms({ ...host, pod: () => this.pod, after })
    this.#start = new ContainerStart({
      host,
      programs: this.programs,
      timers: this.#timers,
      pod: () => this.pod,
      simulation: () => this.#simulation,
      event: (container, event) => this.#containerEvent(container, event),
      started: (container) => this.#started(container),
    })
    this.#stop = new PodStop({ clock: host.clock, programs: this.programs, changed: host.changed })
    this.#probes = new Probes({
      now: () => host.clock.now(),
      after,
      simulation: () => this.#simulation,
      event: (container, event) => this.#containerEvent(container, event),
      kill: (container, why) => this.#killed(container, why),
      changed: host.changed,
      command: (container, command) => this.#stop.commandResult(container, command),
    })
  }

  /** Begins, or takes up what an earlier kubelet had begun. */
  start(): void {
    if (this.#resume()) return
    this.#startTime ??= timestamp(this.#host.clock.now())
    this.#host.changed()
    this.#watchDeadline()
    this.#timers.after(this.#simulation.startDelayMs ?? DEFAULT_START_DELAY_MS, () => this.#mount(MOUNT_BACKOFF_MS))
  }

  /** Nothing starts before every volume is there. */
  #mount(backoffMs: number): void {
    const checked = this.programs.volumes()
    if (checked === undefined) {
      this.#mounted()
      return
    }
    checked.then(
      () => this.#timers.after(0, () => this.#mounted()),
      (error: unknown) => {
        if (this.#timers.isClosed) return
        this.#host.event({ type: 'Warning', reason: 'FailedMount', message: messageOf(error) })
        this.#timers.after(backoffMs, () => this.#mount(Math.min(MAX_MOUNT_BACKOFF_MS, backoffMs * 2)))
      },
    )
  }

  #mounted(): void {
    this.#hasSandbox = true
    if (this.#simulation.failure === 'Evicted') this.#evict()
    else this.#advance()
    this.#addEphemeral()
  }

  /** `activeDeadlineSeconds` counts from the pod's start time, over restarts of the kubelet. */
  #watchDeadline(): void {
    const { activeDeadlineSeconds } = this.pod.spec
    if (activeDeadlineSeconds === undefined || this.#startTime === undefined) return
    const endMs = Date.parse(this.#startTime) + activeDeadlineSeconds * 1000
    this.#timers.after(Math.max(0, endMs - this.#host.clock.now()), () => {
      const message = 'Pod was active on the node longer than the specified deadline'
      this.#host.event({ type: 'Normal', reason: 'DeadlineExceeded', message })
      this.#fail('DeadlineExceeded', message)
    })
  }

  /** Ephemeral containers come later and never restart. */
  #addEphemeral(): void {
    for (const spec of this.pod.spec.ephemeralContainers ?? []) {
      if (this.#ephemeral.some((one) => one.spec.name === spec.name)) continue
      const container = new ContainerRun(spec, 'ephemeral', 'ContainerCreating')
      this.#ephemeral.push(container)
      this.#start.begin(container)
      this.#host.changed()
    }
  }

  /** Takes up a pod that is over: nothing runs any more, but its containers are known. */
  recall(): void {
    for (const container of this.#containers) {
      const old = this.#known().find((one) => one.name === container.spec.name)
      if (old !== undefined) container.resume(old)
    }
  }

  /** What an earlier kubelet had written. */
  #known(): readonly ContainerStatus[] {
    const { initContainerStatuses = [], containerStatuses: statuses = [] } = this.pod.status ?? {}
    return [...initContainerStatuses, ...statuses]
  }

  /** The pod has changed: its annotations may ask for something else now. */
  update(pod: Pod): void {
    const before = this.#simulation
    const hadDeadline = this.pod.spec.activeDeadlineSeconds
    this.pod = pod
    this.#simulation = simulationOf(pod)
    for (const container of this.#containers) container.respec(pod)
    if (this.#timers.isClosed) return
    if (hadDeadline !== pod.spec.activeDeadlineSeconds) this.#watchDeadline()
    if (!this.#hasSandbox) return
    this.#addEphemeral()
    if (before.ready !== this.#simulation.ready) this.#setReadiness()
    for (const container of this.#containers) if (container.isRunning) this.#probe(container)
    if (before.failure !== this.#simulation.failure) this.#failureChanged()
  }

  /** Stops every container, and says when all are over: at once, unless a hook or an annotation takes its time. */
  terminate(over: () => void = () => undefined): void {
    if (this.#timers.isClosed) {
      this.#stop.whenOver(over)
      return
    }
    this.#timers.close()
    const running = [...this.#containers, ...this.#ephemeral].filter((one) => one.isRunning)
    for (const container of running) this.#killing(container, `Stopping container ${container.spec.name}`)
    const { deletionGracePeriodSeconds } = this.pod.metadata
    const graceSeconds = deletionGracePeriodSeconds ?? this.pod.spec.terminationGracePeriodSeconds ?? 30
    this.#stop.stopAll(running, { graceMs: graceSeconds * 1000, stopAfterMs: this.#simulation.stopAfterMs }, over)
  }

  /** Ends every timer; nothing is reported any more. */
  stop(): void {
    this.#timers.close()
    this.#stop.close()
    for (const container of [...this.#containers, ...this.#ephemeral]) {
      container.inside?.process.stop()
      container.log.end()
    }
  }

  /** A container by name, for its logs. */
  container(name: string): ContainerRun | undefined {
    return [...this.#containers, ...this.#ephemeral].find(({ spec }) => spec.name === name)
  }

  /** Has a sandbox, and is not on its way out. */
  get isAlive(): boolean {
    return this.#hasSandbox && this.#failure === undefined && this.#containers.some((one) => one.isRunning)
  }

  /** What the kubelet would report now. */
  status(): PodStatus {
    const { clock, hostIp, podIp } = this.#host
    return podStatus(this.pod, {
      containers: this.#containers,
      ephemeral: this.#ephemeral,
      failure: this.#failure,
      isOver: this.#timers.isClosed && !this.#stop.isStopping,
      hasSandbox: this.#hasSandbox,
      startTime: this.#startTime,
      nowMs: clock.now(),
      hostIp,
      podIp,
    })
  }

  #resume(): boolean {
    const known = this.#known()
    if (!known.some((one) => one.containerID !== undefined)) return false
    this.#hasSandbox = true
    this.#watchDeadline()
    for (const container of this.#containers) {
      const old = known.find((one) => one.name === container.spec.name)
      this.#resumeOne(container, old)
    }
    for (const old of this.pod.status?.ephemeralContainerStatuses ?? []) {
      const spec = this.pod.spec.ephemeralContainers?.find((one) => one.name === old.name)
      if (spec === undefined) continue
      const container = new ContainerRun(spec, 'ephemeral', 'ContainerCreating')
      this.#ephemeral.push(container)
      this.#resumeOne(container, old)
    }
    this.#addEphemeral()
    this.#advance()
    return true
  }

  #resumeOne(container: ContainerRun, old: ContainerStatus | undefined): void {
    if (old !== undefined) container.resume(old)
    if (container.isRunning) this.#run(container)
    else if (container.state.waiting?.reason === 'CrashLoopBackOff') this.#restartLater(container)
    // Its image was not there: looked for again, with a new back-off.
    else if (old?.state?.waiting !== undefined && !isFresh(container)) this.#start.begin(container)
  }

  /** Starts whatever may start now: one init container after the other, then all app containers. */
  #advance(): void {
    if (this.#timers.isClosed) return
    for (const container of this.#containers) {
      if (container.role === 'app') break
      const isDone = container.role === 'init' ? container.hasSucceeded : container.wasStarted
      if (isDone) continue
      if (isFresh(container)) this.#start.begin(container)
      if (container.role === 'init' || !container.wasStarted) return
    }
    for (const container of this.#containers) {
      if (container.role === 'app' && isFresh(container)) this.#start.begin(container)
    }
    this.#host.changed()
  }

  #started(container: ContainerRun): void {
    this.#run(container)
    this.#postStart(container)
    if (container.role === 'sidecar') this.#timers.after(0, () => this.#advance())
  }

  /** A hook that fails ends its container, as does nothing else it does. */
  #postStart(container: ContainerRun): void {
    const command = container.spec.lifecycle?.postStart?.exec?.command
    const result = command === undefined ? undefined : this.#stop.commandResult(container, command)
    const { id } = container
    void result?.then((found) => {
      if (found === undefined || found.exitCode === 0 || !container.isRunning || container.id !== id) return
      this.#containerEvent(container, {
        type: 'Warning',
        reason: 'FailedPostStartHook',
        message: 'PostStartHook failed',
      })
      this.#killed(container, 'FailedPostStartHook')
    })
  }

  /** Stopped for what it did: it ends as if by signal, and restarts if the pod says so. */
  #killed(container: ContainerRun, why: string): void {
    if (!container.isRunning) return
    this.#killing(container, why)
    this.#exited(container, this.#stop.exitCodeOf(container), 'Error')
  }

  #probe(container: ContainerRun): void {
    if (container.role === 'init' || container.role === 'ephemeral') return
    this.#probes.start(container, Date.parse(container.state.running?.startedAt ?? '') || this.#host.clock.now())
  }

  /** Lets a running container do what its command says. */
  #run(container: ContainerRun): void {
    const { readyAfterMs, exitAfterMs, exitCode } = this.#simulation
    if (readyAfterMs > 0) this.#timers.after(readyAfterMs, () => this.#setReadiness())
    else container.ready = container.role !== 'init' && this.#simulation.ready
    this.#probe(container)
    const failure = failureOf(container, this.#simulation)
    if (failure === 'OOMKilled') this.#exitSoon(container, 137, 'OOMKilled')
    else if (failure === 'CrashLoopBackOff' || failure === 'Error') this.#exitSoon(container, 1, 'Error')
    else if (container.role === 'app' && exitAfterMs !== undefined) {
      this.#timers.after(exitAfterMs, () => this.#exited(container, exitCode, exitCode === 0 ? 'Completed' : 'Error'))
    } else this.#launch(container)
  }

  #launch(container: ContainerRun): void {
    const policy = this.pod.spec.restartPolicy ?? 'Always'
    const completes = container.role === 'init' || (container.role === 'app' && policy !== 'Always')
    const ended = (exitCode: number): void => this.#exited(container, exitCode, exitCode === 0 ? 'Completed' : 'Error')
    container.inside = this.programs.start(container, { completes, ended })
    container.inside.process.start()
  }

  #exitSoon(container: ContainerRun, exitCode: number, reason: string): void {
    container.ready = false
    this.#timers.after(1, () => this.#exited(container, exitCode, reason))
  }

  #exited(container: ContainerRun, exitCode: number, reason: string): void {
    if (!container.isRunning) return
    container.exit(exitCode, reason, this.#host.clock.now())
    if (restarts(container, this.pod)) this.#restartLater(container)
    else this.#endSidecars()
    this.#advance()
    this.#host.changed()
  }

  #restartLater(container: ContainerRun): void {
    const { backoffMs } = container
    if (backoffMs > 0) {
      const { waiting, event } = crashLoopTexts(container, this.pod)
      container.wait('CrashLoopBackOff', waiting)
      this.#containerEvent(container, { type: 'Warning', reason: 'BackOff', message: event })
    }
    this.#timers.after(backoffMs, () => {
      if (container.isRunning) return
      if (container.state.terminated !== undefined) container.lastState = { terminated: container.state.terminated }
      this.#start.begin(container)
    })
  }

  /** Sidecars go once all app containers have ended for good. */
  #endSidecars(): void {
    const apps = this.#containers.filter((one) => one.role === 'app')
    if (!apps.every((one) => one.state.terminated !== undefined && !restarts(one, this.pod))) return
    for (const container of this.#containers) {
      if (container.role === 'sidecar' && container.isRunning) container.exit(0, 'Completed', this.#host.clock.now())
    }
    this.#timers.cancel()
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
    this.#timers.cancel()
    for (const container of this.#containers) {
      if (container.role !== 'app' || !isInitialized(this.#containers)) continue
      if (container.isRunning) this.#run(container)
      else if (container.state.terminated === undefined) this.#start.begin(container)
    }
    this.#host.changed()
  }

  #evict(): void {
    const message = 'The node was low on resource: memory. '
    this.#host.event({ type: 'Warning', reason: 'Evicted', message })
    this.#fail('Evicted', message)
  }

  /** The pod is over, whatever its containers did. */
  #fail(reason: string, message: string): void {
    this.terminate()
    this.#failure = { reason, message }
    this.#host.changed()
  }

  #killing(container: ContainerRun, message: string): void {
    this.#containerEvent(container, { type: 'Normal', reason: 'Killing', message })
  }

  #containerEvent(container: ContainerRun, event: EventRecord): void {
    const lists = {
      app: 'containers',
      init: 'initContainers',
      sidecar: 'initContainers',
      ephemeral: 'ephemeralContainers',
    }
    const list = lists[container.role]
    this.#host.event({ ...event, fieldPath: `spec.${list}{${container.spec.name}}` })
  }
}
