// Probes of a running container: they succeed unless an annotation says otherwise, or a command that can be interpreted fails.
import type { EventRecord } from '../../reconcile/events.ts'
import type { Container, Probe } from '../workloads/kit/model.ts'
import { knownImage } from './known-images.ts'
import type { ProbeKind, ProbeOutcome, Simulation } from './simulation.ts'

/** Defaults of core/v1 probes, in seconds. */
const PERIOD_SECONDS = 10
const FAILURE_THRESHOLD = 3

export interface ProbedContainer {
  readonly spec: Container
  readonly isRunning: boolean
  /** Changes with every restart. */
  readonly id: string | undefined
  ready: boolean
  isStartupPending: boolean
}

export interface ProbesHost<C extends ProbedContainer> {
  readonly now: () => number
  readonly after: (delayMs: number, task: () => void) => void
  readonly simulation: () => Simulation
  readonly event: (container: C, event: EventRecord) => void
  /** Stops a container that failed, so that it restarts if its pod says so. */
  readonly kill: (container: C, why: string) => void
  readonly changed: () => void
  /** Runs the command of a probe; undefined where its outcome says nothing. */
  readonly command: (container: C, command: readonly string[]) => Promise<CommandResult | undefined> | undefined
}

export interface CommandResult {
  readonly exitCode: number
  readonly output: string
}

/** The probes of one pod's containers. */
export class Probes<C extends ProbedContainer> {
  readonly #host: ProbesHost<C>
  /** By container and kind: under way for this run of the container. */
  readonly #running = new Map<string, string | undefined>()

  constructor(host: ProbesHost<C>) {
    this.#host = host
  }

  /** Takes up the probes of a container that has started, or whose annotations have changed. */
  start(container: C, startedMs: number): void {
    if (this.#isSimulated(container, 'startup')) {
      container.isStartupPending = true
      container.ready = false
      this.#begin(container, 'startup', startedMs)
      return
    }
    for (const kind of ['readiness', 'liveness'] as const) {
      if (!this.#isSimulated(container, kind)) continue
      // Readiness begins with no; the first success turns it.
      if (kind === 'readiness' && this.#running.get(keyOf(container, kind)) !== container.id) container.ready = false
      this.#begin(container, kind, startedMs)
    }
  }

  /** Whether the outcome of a probe is anything but success at once. */
  #isSimulated(container: C, kind: ProbeKind): boolean {
    const probe = probeOf(container.spec, kind)
    if (probe === undefined) return false
    return this.#outcome(container, kind) !== undefined || isCommand(probe)
  }

  #outcome({ spec }: C, kind: ProbeKind): ProbeOutcome | undefined {
    const { probes, probedContainer } = this.#host.simulation()
    const asked = probedContainer === undefined || probedContainer === spec.name ? probes[kind] : undefined
    return asked ?? (isUnanswered(spec, kind) ? FAILURE : undefined)
  }

  #begin(container: C, kind: ProbeKind, startedMs: number): void {
    const probe = probeOf(container.spec, kind)
    const key = keyOf(container, kind)
    if (probe === undefined || this.#running.get(key) === container.id) return
    this.#running.set(key, container.id)
    const run: ProbeRun<C> = { container, kind, probe, startedMs, id: container.id, failures: 0, successes: 0 }
    this.#host.after((probe.initialDelaySeconds ?? 0) * 1000, () => this.#tick(run))
  }

  #tick(run: ProbeRun<C>): void {
    const { container, kind, probe } = run
    if (!container.isRunning || container.id !== run.id) return
    const outcome = this.#outcome(container, kind)
    const command = outcome === undefined && isCommand(probe) ? probe.exec?.command : undefined
    const result = command === undefined ? undefined : this.#host.command(container, command)
    if (result === undefined) {
      this.#told(run, hasFailed(outcome, this.#host.now() - run.startedMs) ? SIMULATED_FAILURE : undefined)
      return
    }
    void result.then((found) => {
      if (container.isRunning && container.id === run.id)
        this.#told(run, found === undefined || found.exitCode === 0 ? undefined : found.output)
    })
  }

  /** `failure`: what the probe said; undefined for success. */
  #told(run: ProbeRun<C>, failure: string | undefined): void {
    const again = failure === undefined ? this.#succeeded(run) : this.#failed(run, failure)
    const { periodSeconds = PERIOD_SECONDS } = run.probe
    if (again) this.#host.after(periodSeconds * 1000, () => this.#tick(run))
  }

  #succeeded(run: ProbeRun<C>): boolean {
    const { container, kind, probe } = run
    run.failures = 0
    run.successes++
    if (run.successes < (probe.successThreshold ?? 1)) return true
    if (kind === 'startup') {
      container.isStartupPending = false
      container.ready = this.#host.simulation().ready
      this.#running.delete(keyOf(container, kind))
      for (const other of ['readiness', 'liveness'] as const) {
        if (!this.#isSimulated(container, other)) continue
        if (other === 'readiness') container.ready = false
        this.#begin(container, other, run.startedMs)
      }
      this.#host.changed()
      return false
    }
    if (kind === 'readiness' && !container.ready && this.#host.simulation().ready) {
      container.ready = true
      this.#host.changed()
    }
    return true
  }

  #failed(run: ProbeRun<C>, output: string): boolean {
    const { container, kind, probe } = run
    run.successes = 0
    run.failures++
    const title = `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`
    this.#host.event(container, { type: 'Warning', reason: 'Unhealthy', message: `${title} probe failed: ${output}` })
    if (run.failures < (probe.failureThreshold ?? FAILURE_THRESHOLD)) return true
    if (kind === 'readiness') {
      if (container.ready) {
        container.ready = false
        this.#host.changed()
      }
      return true
    }
    this.#running.delete(keyOf(container, kind))
    const { name } = container.spec
    this.#host.kill(container, `Container ${name} failed ${kind} probe, will be restarted`)
    return false
  }
}

interface ProbeRun<C> {
  readonly container: C
  readonly kind: ProbeKind
  readonly probe: Probe
  readonly startedMs: number
  readonly id: string | undefined
  failures: number
  successes: number
}

const SIMULATED_FAILURE = 'HTTP probe failed with statuscode: 500'

function keyOf({ spec }: ProbedContainer, kind: ProbeKind): string {
  return `${kind}/${spec.name}`
}

function probeOf(spec: Container, kind: ProbeKind): Probe | undefined {
  switch (kind) {
    case 'startup':
      return spec.startupProbe
    case 'readiness':
      return spec.readinessProbe
    case 'liveness':
      return spec.livenessProbe
  }
}

function isCommand(probe: Probe): boolean {
  return (probe.exec?.command?.length ?? 0) > 0
}

const FAILURE: ProbeOutcome = { failsFirst: false, changesAfterMs: 0 }

/** A probe of the network at a container whose image is known not to listen. */
function isUnanswered(spec: Container, kind: ProbeKind): boolean {
  const probe = probeOf(spec, kind)
  if (probe === undefined || isCommand(probe) || spec.command !== undefined) return false
  return knownImage(spec.image)?.listens === false
}

function hasFailed(outcome: ProbeOutcome | undefined, runningMs: number): boolean {
  if (outcome === undefined) return false
  return outcome.failsFirst ? runningMs < outcome.changesAfterMs : runningMs >= outcome.changesAfterMs
}
