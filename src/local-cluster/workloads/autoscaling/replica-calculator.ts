// How many replicas a metric asks for: pure arithmetic over pods and figures (podautoscaler/replica_calculator.go, v1.36.3).
import { quantityOf } from '../../../kube/quantity.ts'
import { podAmounts } from '../../apiserver/admission/pod-amounts.ts'
import type { Pod } from '../kit/model.ts'
import { conditionOf } from '../kit/pod-state.ts'
import { podUsage, runningContainers } from './simulated-usage.ts'

/** horizontal-pod-autoscaler-cpu-initialization-period. */
const CPU_INITIALIZATION_MS = 300_000
/** horizontal-pod-autoscaler-initial-readiness-delay. */
const INITIAL_READINESS_MS = 30_000

/** Within which a ratio of use to target changes nothing. */
export interface Tolerances {
  readonly scaleDown: number
  readonly scaleUp: number
}

export interface MetricQuestion {
  readonly pods: readonly Pod[]
  readonly currentReplicas: number
  /** `cpu`, `memory` … */
  readonly resource: string
  /** Only this container of each pod. */
  readonly container?: string
  readonly tolerances: Tolerances
  readonly nowMs: number
}

export interface MetricAnswer {
  readonly replicas: number
  /** Of what is requested, in per cent; only for shares. */
  readonly utilization?: number
  /** Average of a pod, in thousandths. */
  readonly average: number
}

/** In thousandths, by pod. */
type Figures = Map<string, number>

/** For a target in per cent of what pods request. Throws an `Error` with upstream's text where that cannot be told. */
export function replicasForUtilization(question: MetricQuestion, targetUtilization: number): MetricAnswer {
  const { pods, resource, container } = question
  const groups = groupPods(question)
  const requests = new Map(pods.map((pod) => [nameOf(pod), requestOf(pod, resource, container)]))
  const ratioOf = (figures: Figures): MetricAnswer & { readonly ratio: number } =>
    utilizationRatio(figures, requests, targetUtilization)
  const { ratio, utilization = 0, average } = ratioOf(groups.figures)
  // On a way down, pods without figures are taken to use all they may.
  const fallback = Math.max(100, targetUtilization)
  const missing = (pod: string): number => Math.trunc(((requests.get(pod) ?? 0) * fallback) / 100)
  const replicas = settle(question, groups, { ratio, missing, ratioOf: (figures) => ratioOf(figures).ratio })
  return { replicas, utilization, average }
}

/** For a target in absolute amounts a pod, in thousandths. */
export function replicasForAverage(question: MetricQuestion, target: number): MetricAnswer {
  const groups = groupPods(question)
  const averageOf = (figures: Figures): number => Math.trunc(sum(figures) / figures.size)
  const average = averageOf(groups.figures)
  const ratioOf = (figures: Figures): number => averageOf(figures) / target
  const replicas = settle(question, groups, { ratio: average / target, missing: () => target, ratioOf })
  return { replicas, average }
}

interface Groups {
  readonly figures: Figures
  readonly readyCount: number
  readonly unready: readonly string[]
  readonly missing: readonly string[]
}

function groupPods(question: MetricQuestion): Groups {
  const { pods, resource, container } = question
  const figures = collect(pods, resource, container)
  if (figures.size === 0) {
    throw new Error(`unable to get metrics for resource ${resource}: no metrics returned from resource metrics API`)
  }
  const groups: Record<PodGroup, string[]> = { ready: [], unready: [], missing: [], ignored: [] }
  for (const pod of pods) groups[groupOf(pod, figures, question)].push(nameOf(pod))
  for (const name of [...groups.ignored, ...groups.unready]) figures.delete(name)
  if (figures.size === 0) throw new Error('did not receive metrics for targeted pods (pods might be unready)')
  return { figures, readyCount: groups.ready.length, unready: groups.unready, missing: groups.missing }
}

type PodGroup = 'ready' | 'unready' | 'missing' | 'ignored'

function groupOf(pod: Pod, figures: Figures, { resource, nowMs }: MetricQuestion): PodGroup {
  const { phase } = pod.status ?? {}
  if (pod.metadata.deletionTimestamp !== undefined || phase === 'Failed') return 'ignored'
  if (phase === 'Pending') return 'unready'
  if (!figures.has(nameOf(pod))) return 'missing'
  return resource === 'cpu' && isStarting(pod, nowMs) ? 'unready' : 'ready'
}

/** A starting pod uses more CPU than it will: it is left out until it has been ready. */
function isStarting(pod: Pod, nowMs: number): boolean {
  const condition = conditionOf(pod.status?.conditions, 'Ready')
  const startMs = Date.parse(pod.status?.startTime ?? '')
  if (condition === undefined || Number.isNaN(startMs)) return true
  if (condition.status !== 'False') return false
  if (startMs + CPU_INITIALIZATION_MS > nowMs) return true
  return startMs + INITIAL_READINESS_MS > Date.parse(condition.lastTransitionTime ?? '')
}

function collect(pods: readonly Pod[], resource: string, container: string | undefined): Figures {
  const figures: Figures = new Map()
  for (const pod of pods) {
    const used = podUsage(pod)?.filter(({ name }) => container === undefined || name === container)
    if (used === undefined || used.length === 0 || !used.every(({ usage }) => usage.has(resource))) continue
    let total = 0
    for (const { usage } of used) total += milli(usage.get(resource) ?? 0n)
    figures.set(nameOf(pod), total)
  }
  return figures
}

interface Ratios {
  readonly ratio: number
  readonly ratioOf: (figures: Figures) => number
  /** What a pod without figures is taken to use when there is too little use. */
  readonly missing: (pod: string) => number
}

/** The number of replicas; the present one where the change is too small, or pods without figures would turn its direction. */
function settle({ currentReplicas, tolerances }: MetricQuestion, groups: Groups, ratios: Ratios): number {
  const { ratio } = ratios
  const countsUnready = groups.unready.length > 0 && ratio > 1
  if (!countsUnready && groups.missing.length === 0) {
    return isWithin(tolerances, ratio) ? currentReplicas : Math.ceil(ratio * groups.readyCount)
  }
  const figures = withAssumed(groups, ratios, countsUnready)
  const next = ratios.ratioOf(figures)
  if (isWithin(tolerances, next) || (ratio < 1 && next > 1) || (ratio > 1 && next < 1)) return currentReplicas
  const replicas = Math.ceil(next * figures.size)
  const turns = next < 1 ? replicas > currentReplicas : replicas < currentReplicas
  return turns ? currentReplicas : replicas
}

function withAssumed({ figures, missing, unready }: Groups, ratios: Ratios, countsUnready: boolean): Figures {
  const assumed = new Map(figures)
  const { ratio } = ratios
  if (ratio !== 1) for (const pod of missing) assumed.set(pod, ratio < 1 ? ratios.missing(pod) : 0)
  if (countsUnready) for (const pod of unready) assumed.set(pod, 0)
  return assumed
}

function isWithin({ scaleDown, scaleUp }: Tolerances, ratio: number): boolean {
  return 1 - scaleDown <= ratio && ratio <= 1 + scaleUp
}

function utilizationRatio(
  figures: Figures,
  requests: ReadonlyMap<string, number>,
  target: number,
): MetricAnswer & { readonly ratio: number } {
  let used = 0
  let requested = 0
  let count = 0
  for (const [pod, value] of figures) {
    const request = requests.get(pod)
    if (request === undefined) continue
    used += value
    requested += request
    count++
  }
  if (requested === 0) throw new Error('no metrics returned matched known pods')
  const utilization = Math.trunc((used * 100) / requested)
  return { replicas: 0, utilization, average: Math.trunc(used / count), ratio: utilization / target }
}

function requestOf(pod: Pod, resource: string, container: string | undefined): number {
  const whole = (pod.spec as { readonly resources?: { readonly requests?: object } }).resources?.requests
  if (container === undefined && whole !== undefined && Object.keys(whole).length > 0) {
    const amount = podAmounts(pod, 'requests').get(resource)
    if (amount === undefined) throw new Error(`missing pod-level request for ${resource} in Pod ${nameOf(pod)}`)
    return milli(amount.nano)
  }
  return containersRequest(pod, resource, container)
}

function containersRequest(pod: Pod, resource: string, container: string | undefined): number {
  const containers = runningContainers(pod).filter(({ name }) => container === undefined || name === container)
  if (container !== undefined && containers.length === 0) {
    throw new Error(`container ${container} not found in Pod ${nameOf(pod)}`)
  }
  let total = 0
  for (const { name, resources } of containers) {
    const request = resources?.requests?.[resource]
    if (request === undefined) {
      throw new Error(`missing request for ${resource} in container ${name} of Pod ${nameOf(pod)}`)
    }
    total += milli(quantityOf(request)?.nano ?? 0n)
  }
  return total
}

/** Billionths in thousandths, rounded up as Quantity.MilliValue does. */
function milli(nano: bigint): number {
  return Number((nano + 999_999n) / 1_000_000n)
}

function sum(figures: Figures): number {
  let total = 0
  for (const value of figures.values()) total += value
  return total
}

function nameOf(pod: Pod): string {
  return pod.metadata.name ?? ''
}
