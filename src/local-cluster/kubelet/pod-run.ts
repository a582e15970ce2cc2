// One pod on a simulated node: starts its containers in order, lets them end and restart, and reports what it sees.
import { randomBytes } from 'node:crypto'
import type { Cancel } from '../../base/clock.ts'
import { messageOf } from '../../base/errors.ts'
import type { EventRecord } from '../../reconcile/events.ts'
import type { ContainerStatus, Pod, PodStatus } from '../workloads/kit/model.ts'
import { timestamp } from '../workloads/kit/pod-state.ts'
import { containersOf, ContainerRun, containerStatuses, crashLoopTexts, isFresh } from './container-run.ts'
import type { ImageResult } from './images/image-manager.ts'
import type { PodHost } from './pod-host.ts'
import { isInitialized, phaseOf, podConditions } from './pod-phase.ts'
import { PodPrograms } from './pod-programs.ts'
import { PodStop } from './pod-stop.ts'
import { Probes } from './probes.ts'
import { failureOf, simulateWait } from './simulated-failures.ts'
import { printSimulatedLogs } from './simulated-logs.ts'
import { simulationOf, type Simulation } from './simulation.ts'

/** From being bound to running, where the pod does not say otherwise. */
const DEFAULT_START_DELAY_MS = 20
/** The kubelet's first wait for a volume is as long; its last is 2 min 2 s. */
const MOUNT_BACKOFF_MS = 500
const MAX_MOUNT_BACKOFF_MS = 8_000
/** A container whose environment names what is missing is tried again; the kubelet does at its next look at the pod. */
const CONFIG_RETRY_MS = 2_000

/** Lives as long as the pod does; `stop` ends every timer. */
export class PodRun {
  pod: Pod
  readonly #host: PodHost
  readonly #containers: readonly ContainerRun[]
  readonly #ephemeral: ContainerRun[] = []
  readonly #stop: PodStop
  readonly #probes: Probes<ContainerRun>
  /** What runs in the containers, for exec. */
  readonly programs: PodPrograms
  readonly #timers = new Set<Cancel>()
  #simulation: Simulation
  #startTime: string | undefined
  #hasSandbox = false
  #isEnding = false
  /** Why the whole pod has failed, whatever its containers did. */
  #failure: { readonly reason: string; readonly message: string } | undefined

  constructor(pod: Pod, host: PodHost) {
    this.pod = pod
    this.#host = host
    this.#simulation = simulationOf(pod)
    this.#containers = containersOf(pod)
    this.#startTime = pod.status?.startTime
    const after = (delayMs: number, task: () => void): void => this.#after(delayMs, task)
    this.programs = new PodPrograms({ ...host, pod: () => this.pod, after })
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
    this.#after(this.#simulation.startDelayMs ?? DEFAULT_START_DELAY_MS, () => this.#mount(MOUNT_BACKOFF_MS))
  }

  /** Nothing starts before every volume is there. */
  #mount(backoffMs: number): void {
    const checked = this.programs.volumes()
    if (checked === undefined) {
      this.#mounted()
      return
    }
    checked.then(
      () => this.#after(0, () => this.#mounted()),
      (error: unknown) => {
        if (this.#isEnding) return
        this.#host.event({ type: 'Warning', reason: 'FailedMount', message: messageOf(error) })
        this.#after(backoffMs, () => this.#mount(Math.min(MAX_MOUNT_BACKOFF_MS, backoffMs * 2)))
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
    this.#after(Math.max(0, endMs - this.#host.clock.now()), () => {
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
      this.#begin(container)
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
    if (this.#isEnding) return
    if (hadDeadline !== pod.spec.activeDeadlineSeconds) this.#watchDeadline()
    if (!this.#hasSandbox) return
    this.#addEphemeral()
    if (before.ready !== this.#simulation.ready) this.#setReadiness()
    for (const container of this.#containers) if (container.isRunning) this.#probe(container)
    if (before.failure !== this.#simulation.failure) this.#failureChanged()
  }

  /** Stops every container, and says when all are over: at once, unless a hook or an annotation takes its time. */
  terminate(over: () => void = () => undefined): void {
    if (this.#isEnding) {
      this.#stop.whenOver(over)
      return
    }
    this.#isEnding = true
    this.#cancelTimers()
    const running = [...this.#containers, ...this.#ephemeral].filter((one) => one.isRunning)
    for (const container of running) this.#killing(container, `Stopping container ${container.spec.name}`)
    const { deletionGracePeriodSeconds } = this.pod.metadata
    const graceSeconds = deletionGracePeriodSeconds ?? this.pod.spec.terminationGracePeriodSeconds ?? 30
    this.#stop.stopAll(running, { graceMs: graceSeconds * 1000, stopAfterMs: this.#simulation.stopAfterMs }, over)
  }

  /** Ends every timer; nothing is reported any more. */
  stop(): void {
    this.#isEnding = true
    this.#cancelTimers()
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
    const isOver = this.#isEnding && !this.#stop.isStopping
    const phase = this.#failure === undefined ? phaseOf(this.pod, this.#containers, isOver) : 'Failed'
    const facts = {
      phase,
      nowMs: clock.now(),
      hasSandbox: this.#hasSandbox && phase !== 'Failed' && phase !== 'Succeeded',
    }
    const generation = this.pod.metadata.generation
    return {
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      phase,
      conditions: podConditions(this.pod, this.#containers, facts),
      ...this.#failure,
      hostIP: hostIp,
      hostIPs: [{ ip: hostIp }],
      ...(this.#hasSandbox ? { podIP: podIp, podIPs: [{ ip: podIp }] } : {}),
      ...(this.#startTime === undefined ? {} : { startTime: this.#startTime }),
      ...containerStatuses([...this.#containers, ...this.#ephemeral]),
    }
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
    else if (old?.state?.waiting !== undefined && !isFresh(container)) this.#begin(container)
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
      if (!container.isPreparing) this.#imagePresent(container)
      return
    }
    if (container.isPulling || container.isPreparing) return
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
    const wait = simulateWait(container, failureOf(container, this.#simulation))
    if (wait === undefined) this.#prepare(container)
    for (const event of wait?.events ?? []) this.#containerEvent(container, event)
    if (wait?.retryMs !== undefined) {
      this.#after(wait.retryMs, () => {
        if (!container.isRunning) this.#begin(container)
      })
    }
    this.#host.changed()
  }

  /** Looks for what the container's environment names. */
  #prepare(container: ContainerRun): void {
    const prepared = this.programs.prepare(container)
    if (prepared === undefined) {
      this.#started(container)
      return
    }
    container.isPreparing = true
    prepared.then(
      () =>
        this.#after(0, () => {
          container.isPreparing = false
          this.#started(container)
          this.#host.changed()
        }),
      (error: unknown) => {
        container.isPreparing = false
        if (!this.#isEnding) this.#lacksConfig(container, messageOf(error))
      },
    )
  }

  #lacksConfig(container: ContainerRun, message: string): void {
    container.wait('CreateContainerConfigError', message)
    this.#containerEvent(container, { type: 'Warning', reason: 'Failed', message: `Error: ${message}` })
    this.#after(CONFIG_RETRY_MS, () => this.#begin(container))
    this.#host.changed()
  }

  #started(container: ContainerRun): void {
    const { image = '' } = container.spec
    const nowMs = this.#host.clock.now()
    container.start(nowMs, `containerd://${randomBytes(32).toString('hex')}`)
    if (this.#host.ensureImage === undefined) {
      const present = `Container image "${image}" already present on machine and can be accessed by the pod`
      this.#containerEvent(container, { type: 'Normal', reason: 'Pulled', message: present })
    }
    this.#containerEvent(container, { type: 'Normal', reason: 'Created', message: 'Container created' })
    this.#containerEvent(container, { type: 'Normal', reason: 'Started', message: 'Container started' })
    printSimulatedLogs(container, this.#simulation, {
      now: () => this.#host.clock.now(),
      after: (delayMs, task) => this.#after(delayMs, task),
    })
    this.#run(container)
    this.#postStart(container)
    if (container.role === 'sidecar') this.#after(0, () => this.#advance())
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
    if (readyAfterMs > 0) this.#after(readyAfterMs, () => this.#setReadiness())
    else container.ready = container.role !== 'init' && this.#simulation.ready
    this.#probe(container)
    const failure = failureOf(container, this.#simulation)
    if (failure === 'OOMKilled') this.#exitSoon(container, 137, 'OOMKilled')
    else if (failure === 'CrashLoopBackOff' || failure === 'Error') this.#exitSoon(container, 1, 'Error')
    else if (container.role === 'app' && exitAfterMs !== undefined) {
      this.#after(exitAfterMs, () => this.#exited(container, exitCode, exitCode === 0 ? 'Completed' : 'Error'))
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
    this.#after(1, () => this.#exited(container, exitCode, reason))
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
    if (container.role === 'ephemeral') return false
    if (container.role === 'sidecar') return true
    if (container.role === 'init') return !container.hasSucceeded && policy !== 'Never'
    return policy === 'Always' || (policy === 'OnFailure' && !container.hasSucceeded)
  }

  #restartLater(container: ContainerRun): void {
    const { backoffMs } = container
    if (backoffMs > 0) {
      const { waiting, event } = crashLoopTexts(container, this.pod)
      container.wait('CrashLoopBackOff', waiting)
      this.#containerEvent(container, { type: 'Warning', reason: 'BackOff', message: event })
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
