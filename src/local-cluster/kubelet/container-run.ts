// One simulated container: its state, its restarts, its log.
import type { Container, ContainerState, ContainerStatus, Pod } from '../workloads/kit/model.ts'
import { timestamp } from '../workloads/kit/pod-state.ts'
import { ContainerLog } from './container-log.ts'
import type { ContainerInside } from './container-process.ts'
import { reportedImage } from './images/reported-image.ts'

export type ContainerRole = 'init' | 'sidecar' | 'app' | 'ephemeral'

/** kubelet MaxContainerBackOff and its first step: 10 s doubling up to 5 min; the first restart comes at once. */
const FIRST_BACKOFF_MS = 10_000
const MAX_BACKOFF_MS = 300_000

/** Mutable state of a container; `PodRun` drives it. */
export class ContainerRun {
  spec: Container
  readonly role: ContainerRole
  state: ContainerState
  lastState: ContainerState = {}
  restartCount = 0
  ready = false
  /** Has a startup probe that has not succeeded yet. */
  isStartupPending = false
  id: string | undefined
  pullFailures = 0
  /** Asked for and not answered yet. */
  isPulling = false
  /** Its environment is being read. */
  isPreparing = false
  /** What its program sees and does; undefined before the first start. */
  inside: ContainerInside | undefined
  /** What was found on the node; undefined where images are taken for granted. */
  image: { readonly name: string; readonly repoDigest: string } | undefined
  log: ContainerLog = new ContainerLog()
  previousLog: ContainerLog | undefined

  constructor(spec: Container, role: ContainerRole, waiting: 'ContainerCreating' | 'PodInitializing') {
    this.spec = spec
    this.role = role
    this.state = { waiting: { reason: waiting } }
  }

  /** Takes up what an earlier kubelet had written. */
  resume(status: ContainerStatus): void {
    this.state = status.state ?? this.state
    this.lastState = status.lastState ?? {}
    this.restartCount = status.restartCount
    this.id = status.containerID
    this.ready = status.ready
    if (status.imageID !== '') this.image = { name: status.image, repoDigest: status.imageID }
  }

  /** Of the run before the one that runs, or that waits to run again. */
  get lastLog(): ContainerLog | undefined {
    return this.state.waiting !== undefined ? this.log : this.previousLog
  }

  /** Resources can change while it runs. */
  respec({ spec }: Pod): void {
    const lists = [...spec.containers, ...(spec.initContainers ?? [])]
    this.spec = lists.find((one) => one.name === this.spec.name) ?? this.spec
  }

  get isRunning(): boolean {
    return this.state.running !== undefined
  }

  /** Ended with code 0. */
  get hasSucceeded(): boolean {
    return this.state.terminated?.exitCode === 0
  }

  /** Was started at least once, whatever became of it. */
  get wasStarted(): boolean {
    return this.state.waiting === undefined || this.lastState.terminated !== undefined
  }

  start(nowMs: number, id: string): void {
    if (this.id !== undefined) {
      this.restartCount++
      this.previousLog = this.log
      this.log = new ContainerLog()
    }
    this.id = id
    this.pullFailures = 0
    this.state = { running: { startedAt: timestamp(nowMs) } }
  }

  exit(exitCode: number, reason: string, nowMs: number): void {
    const { startedAt } = this.state.running ?? {}
    const containerID = this.id
    this.ready = false
    this.isStartupPending = false
    this.inside?.process.stop()
    this.log.end()
    this.state = {
      terminated: {
        exitCode,
        reason,
        startedAt: startedAt ?? timestamp(nowMs),
        finishedAt: timestamp(nowMs),
        ...(containerID === undefined ? {} : { containerID }),
      },
    }
  }

  /** Never started, and never will be: what the kubelet says of it (`ContainerStatusUnknown` is for those it lost). */
  wait(reason: string, message?: string): void {
    if (this.state.terminated !== undefined) this.lastState = { terminated: this.state.terminated }
    this.state = { waiting: message === undefined ? { reason } : { reason, message } }
  }

  /** How long until the next restart. */
  get backoffMs(): number {
    return this.restartCount === 0 ? 0 : Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (this.restartCount - 1))
  }

  status(): ContainerStatus {
    const image = this.spec.image ?? ''
    const { name } = this.spec
    return {
      name,
      state: this.state,
      lastState: this.lastState,
      ready: this.role === 'init' ? this.hasSucceeded : this.ready,
      restartCount: this.restartCount,
      ...(this.id === undefined ? { image, imageID: '' } : reportedImage(image, this.image)),
      ...(this.id === undefined ? {} : { containerID: this.id }),
      started: this.role === 'init' || this.role === 'ephemeral' ? false : this.isRunning && !this.isStartupPending,
      ...this.#resources(),
    }
  }

  /** What the node has granted, which is what was asked for. */
  #resources(): Pick<ContainerStatus, 'resources' | 'allocatedResources'> {
    const { resources } = this.spec
    if (resources === undefined || Object.keys(resources).length === 0 || this.id === undefined) return {}
    const { requests } = resources
    return { resources, ...(requests === undefined ? {} : { allocatedResources: requests }) }
  }
}

/** Waits for its first start. */
export function isFresh(container: ContainerRun): boolean {
  const reason = container.state.waiting?.reason
  return !container.wasStarted && (reason === 'ContainerCreating' || reason === 'PodInitializing')
}

/** Whether a container that has ended is started again. */
export function restarts({ role, hasSucceeded }: ContainerRun, { spec }: Pod): boolean {
  const policy = spec.restartPolicy ?? 'Always'
  if (role === 'ephemeral') return false
  if (role === 'sidecar') return true
  if (role === 'init') return !hasSucceeded && policy !== 'Never'
  return policy === 'Always' || (policy === 'OnFailure' && !hasSucceeded)
}

/** Those a pod begins with, in the order they start. */
export function containersOf(pod: Pod): readonly ContainerRun[] {
  const { initContainers = [], containers } = pod.spec
  const waiting = initContainers.length > 0 ? 'PodInitializing' : 'ContainerCreating'
  const role = (spec: Container): 'init' | 'sidecar' => (spec.restartPolicy === 'Always' ? 'sidecar' : 'init')
  return [
    ...initContainers.map((spec) => new ContainerRun(spec, role(spec), waiting)),
    ...containers.map((spec) => new ContainerRun(spec, 'app', waiting)),
  ]
}

/** What the kubelet says of a container that waits to be restarted, in its state and in an event. */
export function crashLoopTexts(
  { spec, backoffMs }: ContainerRun,
  { metadata }: Pod,
): { readonly waiting: string; readonly event: string } {
  const pod = `${metadata.name}_${metadata.namespace}(${metadata.uid})`
  return {
    waiting: `back-off ${formatBackoff(backoffMs)} restarting failed container=${spec.name} pod=${pod}`,
    event: `Back-off restarting failed container ${spec.name} in pod ${pod}`,
  }
}

/** Go's Duration: `10s`, `1m20s`. */
function formatBackoff(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  const seconds = (ms % 60_000) / 1000
  return minutes === 0 ? `${seconds}s` : `${minutes}m${seconds}s`
}
