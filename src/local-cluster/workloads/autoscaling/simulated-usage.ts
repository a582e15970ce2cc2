// What the containers of a simulated pod seem to use: figures for autoscalers and `kubectl top`, told by annotations.
import { quantityOf } from '../../../kube/quantity.ts'
import type { Container, Pod } from '../kit/model.ts'

/**
 * | annotation of the pod | value | effect |
 * |---|---|---|
 * | `capstan.dev/cpu-usage` | `250m`, `80%` or `none` | what each container seems to use of a CPU: an amount, or a share of what it requests; default 1m |
 * | `capstan.dev/memory-usage` | `128Mi`, `50%` or `none` | likewise of memory; default 8Mi |
 *
 * `none`: the pod has no figures at all, as one whose node reports none.
 */
export const USAGE_ANNOTATIONS: Readonly<Record<string, string>> = {
  cpu: 'capstan.dev/cpu-usage',
  memory: 'capstan.dev/memory-usage',
}

const DEFAULTS: Readonly<Record<string, string>> = { cpu: '1m', memory: '8Mi' }

export interface ContainerUsage {
  readonly name: string
  /** In billionths, by the resource's name. */
  readonly usage: ReadonlyMap<string, bigint>
}

/** What each running container uses; undefined for a pod without figures: one that does not run, or says so. */
export function podUsage(pod: Pod): readonly ContainerUsage[] | undefined {
  if (pod.status?.phase !== 'Running' || pod.metadata.deletionTimestamp !== undefined) return undefined
  const texts = Object.entries(USAGE_ANNOTATIONS).map(
    ([name, annotation]) => [name, pod.metadata.annotations?.[annotation] ?? DEFAULTS[name] ?? ''] as const,
  )
  if (texts.some(([, text]) => text === 'none')) return undefined
  return runningContainers(pod).map((container) => ({
    name: container.name,
    usage: new Map(texts.map(([name, text]) => [name, amountOf(container, name, text)])),
  }))
}

/** Sidecars run beside the others, other init containers have ended. */
export function runningContainers({ spec }: Pod): readonly Container[] {
  return [...spec.containers, ...(spec.initContainers ?? []).filter((one) => one.restartPolicy === 'Always')]
}

function amountOf(container: Container, name: string, text: string): bigint {
  const percent = /^(?<number>\d{1,5})%$/.exec(text)?.groups?.['number']
  if (percent === undefined) return quantityOf(text)?.nano ?? 0n
  const requested = container.resources?.requests?.[name]
  const whole = requested === undefined ? 0n : (quantityOf(requested)?.nano ?? 0n)
  return (whole * BigInt(percent)) / 100n
}

/** Whether two states of a pod differ in what an autoscaler sees of it. */
export function isSameUsage(a: Pod, b: Pod): boolean {
  return Object.values(USAGE_ANNOTATIONS).every(
    (annotation) => a.metadata.annotations?.[annotation] === b.metadata.annotations?.[annotation],
  )
}
