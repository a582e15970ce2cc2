// The annotations by which a pod tells the simulated kubelet how to behave.
import type { Pod } from '../workloads/kit/model.ts'

/** How a simulated container fails. */
export type FailureKind =
  | 'CrashLoopBackOff'
  | 'Error'
  | 'OOMKilled'
  | 'ImagePullBackOff'
  | 'ErrImagePull'
  | 'InvalidImageName'
  | 'CreateContainerConfigError'
  | 'CreateContainerError'
  | 'RunContainerError'
  | 'Evicted'

const FAILURES: ReadonlySet<string> = new Set<FailureKind>([
  'CrashLoopBackOff',
  'Error',
  'OOMKilled',
  'ImagePullBackOff',
  'ErrImagePull',
  'InvalidImageName',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'Evicted',
])

export type ProbeKind = 'startup' | 'readiness' | 'liveness'

/** A probe that changes its mind once. */
export interface ProbeOutcome {
  readonly failsFirst: boolean
  /** Since the container's start. */
  readonly changesAfterMs: number
}

/**
 * | annotation | value | effect |
 * |---|---|---|
 * | `capstan.dev/start-delay` | `500ms`, `2s`, `1m` | time from being bound to running; default 20 ms |
 * | `capstan.dev/ready-after` | duration | time from running to ready; default none |
 * | `capstan.dev/ready` | `false` | containers run but are not ready, as with a failing readiness probe; may change while the pod runs |
 * | `capstan.dev/simulate-failure` | one of `FailureKind` | all app containers fail that way; ends when the annotation goes |
 * | `capstan.dev/simulate-failure-container` | name | only that container fails |
 * | `capstan.dev/exit-after` | duration | app containers end after this long |
 * | `capstan.dev/exit-code` | 0-255 | with which code; default 0 |
 * | `capstan.dev/image-pull-backoff` | duration | with `--verify-images`: after the first failed pull, instead of 10 s; the longest wait shrinks likewise |
 * | `capstan.dev/logs` | text | lines each app container prints when it starts |
 * | `capstan.dev/log-interval` | duration | those lines come one at a time, this far apart, again and again |
 * | `capstan.dev/startup-probe`, `…/readiness-probe`, `…/liveness-probe` | `failure`, `failure-after=30s`, `success-after=30s` | outcome of that probe where a container has one; default success; may change while the pod runs |
 * | `capstan.dev/probe-container` | name | only that container's probes |
 * | `capstan.dev/stop-after` | duration | how long containers take to stop; default at once; cut at the grace period, with exit code 137 |
 */
export interface Simulation {
  readonly startDelayMs: number | undefined
  readonly readyAfterMs: number
  readonly ready: boolean
  readonly failure: FailureKind | undefined
  readonly failingContainer: string | undefined
  readonly exitAfterMs: number | undefined
  readonly exitCode: number
  readonly logs: string | undefined
  readonly logIntervalMs: number | undefined
  readonly probes: Readonly<Record<ProbeKind, ProbeOutcome | undefined>>
  readonly probedContainer: string | undefined
  readonly stopAfterMs: number
  readonly imagePullBackoffMs: number | undefined
}

/** Reads the annotations of a pod; values that make no sense count as absent. */
export function simulationOf(pod: Pod): Simulation {
  const annotation = (name: string): string | undefined => pod.metadata.annotations?.[`capstan.dev/${name}`]
  const failure = annotation('simulate-failure')
  return {
    startDelayMs: durationMs(annotation('start-delay')),
    readyAfterMs: durationMs(annotation('ready-after')) ?? 0,
    ready: annotation('ready') !== 'false',
    failure: isFailure(failure) ? failure : undefined,
    failingContainer: annotation('simulate-failure-container'),
    exitAfterMs: durationMs(annotation('exit-after')),
    exitCode: Number.parseInt(annotation('exit-code') ?? '0', 10) & 255,
    logs: annotation('logs'),
    logIntervalMs: durationMs(annotation('log-interval')),
    probes: {
      startup: probeOutcome(annotation('startup-probe')),
      readiness: probeOutcome(annotation('readiness-probe')),
      liveness: probeOutcome(annotation('liveness-probe')),
    },
    probedContainer: annotation('probe-container'),
    stopAfterMs: durationMs(annotation('stop-after')) ?? 0,
    imagePullBackoffMs: durationMs(annotation('image-pull-backoff')),
  }
}

function probeOutcome(text: string | undefined): ProbeOutcome | undefined {
  if (text === 'failure') return { failsFirst: false, changesAfterMs: 0 }
  const { first, after } = /^(?<first>failure|success)-after=(?<after>.+)$/.exec(text ?? '')?.groups ?? {}
  const changesAfterMs = durationMs(after)
  return changesAfterMs === undefined ? undefined : { failsFirst: first === 'success', changesAfterMs }
}

function isFailure(value: string | undefined): value is FailureKind {
  return value !== undefined && FAILURES.has(value)
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** `500ms`, `2s`, `1.5m`; undefined for anything else. */
export function durationMs(text: string | undefined): number | undefined {
  const { number, unit } = /^(?<number>\d{1,9}(?:\.\d{1,6})?)(?<unit>ms|s|m|h)$/.exec(text ?? '')?.groups ?? {}
  if (number === undefined || unit === undefined) return undefined
  return Number(number) * (UNIT_MS[unit] ?? 1)
}
