// How fast an autoscaler may move: stabilisation over recent recommendations, limits of rate, least and most (podautoscaler/horizontal.go, v1.36.3).
import type { ScalingRules } from './model.ts'

/** horizontal-pod-autoscaler-downscale-stabilization. */
export const DOWNSCALE_STABILIZATION_SECONDS = 300
/** Without behaviour, at most twice as many, and four always. */
const SCALE_UP_FACTOR = 2
const SCALE_UP_MINIMUM = 4

interface Recommendation {
  readonly replicas: number
  readonly atMs: number
}

interface ScaleEvent {
  readonly change: number
  readonly atMs: number
}

/** What an autoscaler remembers between two looks. */
export interface ScalingHistory {
  recommendations: readonly Recommendation[]
  ups: readonly ScaleEvent[]
  downs: readonly ScaleEvent[]
}

/** The memory of an autoscaler that is seen for the first time: the present size counts as recommended. */
export function newHistory(replicas: number, nowMs: number): ScalingHistory {
  return { recommendations: [{ replicas, atMs: nowMs }], ups: [], downs: [] }
}

export interface ScalingRequest {
  readonly current: number
  /** What the metrics ask for. */
  readonly desired: number
  readonly min: number
  readonly max: number
  readonly behavior: { readonly scaleUp?: ScalingRules; readonly scaleDown?: ScalingRules } | undefined
  readonly nowMs: number
}

export interface ScalingDecision {
  readonly replicas: number
  readonly ableReason: string
  readonly ableMessage: string
  readonly isLimited: boolean
  readonly limitReason: string
  readonly limitMessage: string
}

/** The size an autoscaler takes now, with the reasons it tells; the request is remembered. */
export function decide(history: ScalingHistory, request: ScalingRequest): ScalingDecision {
  const stable = request.behavior === undefined ? stabilizeDown(history, request) : stabilize(history, request)
  const isStabilized = stable !== request.desired
  const limited = limitRate(history, { ...request, desired: stable })
  return {
    replicas: limited.replicas,
    ableReason: isStabilized ? stabilizedReason(request) : 'ReadyForNewScale',
    ableMessage: isStabilized ? stabilizedMessage(request) : 'recommended size matches current size',
    isLimited: limited.replicas !== stable,
    limitReason: limited.reason,
    limitMessage: limited.message,
  }
}

/** Remembers a change of size for as long as the longest policy looks back. */
export function rememberScale(history: ScalingHistory, request: ScalingRequest, replicas: number): void {
  const { behavior, current, nowMs } = request
  if (behavior === undefined) return
  const isUp = replicas > current
  const rules = isUp ? behavior.scaleUp : behavior.scaleDown
  const longest = Math.max(0, ...(rules?.policies ?? []).map(({ periodSeconds }) => periodSeconds))
  const recent = (events: readonly ScaleEvent[]): readonly ScaleEvent[] =>
    events.filter(({ atMs }) => atMs >= nowMs - longest * 1000)
  const event = { change: Math.abs(replicas - current), atMs: nowMs }
  if (isUp) history.ups = [...recent(history.ups), event]
  else history.downs = [...recent(history.downs), event]
}

function stabilizedReason({ behavior, desired, current }: ScalingRequest): string {
  return behavior !== undefined && desired >= current ? 'ScaleUpStabilized' : 'ScaleDownStabilized'
}

function stabilizedMessage(request: ScalingRequest): string {
  return stabilizedReason(request) === 'ScaleUpStabilized'
    ? 'recent recommendations were lower than current one, applying the lowest recent recommendation'
    : 'recent recommendations were higher than current one, applying the highest recent recommendation'
}

function stabilizeDown(history: ScalingHistory, { desired, nowMs }: ScalingRequest): number {
  const recent = recentOf(history, nowMs - DOWNSCALE_STABILIZATION_SECONDS * 1000)
  history.recommendations = [...recent, { replicas: desired, atMs: nowMs }]
  return Math.max(desired, ...recent.map(({ replicas }) => replicas))
}

function recentOf({ recommendations }: ScalingHistory, cutoffMs: number): readonly Recommendation[] {
  return recommendations.filter(({ atMs }) => atMs >= cutoffMs)
}

/** Up to the least that was recommended lately, down to the most. */
function stabilize(history: ScalingHistory, { current, desired, behavior, nowMs }: ScalingRequest): number {
  const upWindow = behavior?.scaleUp?.stabilizationWindowSeconds ?? 0
  const downWindow = behavior?.scaleDown?.stabilizationWindowSeconds ?? DOWNSCALE_STABILIZATION_SECONDS
  const within = (seconds: number): readonly number[] =>
    history.recommendations.filter(({ atMs }) => atMs > nowMs - seconds * 1000).map(({ replicas }) => replicas)
  const lowest = Math.min(desired, ...within(upWindow))
  const highest = Math.max(desired, ...within(downWindow))
  const recent = recentOf(history, nowMs - Math.max(upWindow, downWindow) * 1000)
  history.recommendations = [...recent, { replicas: desired, atMs: nowMs }]
  return Math.min(Math.max(current, lowest), highest)
}

interface Limited {
  readonly replicas: number
  readonly reason: string
  readonly message: string
}

function limitRate(history: ScalingHistory, request: ScalingRequest): Limited {
  const { behavior, current, desired, min, max } = request
  if (behavior === undefined) return between(desired, { least: min, most: max, rate: simpleLimit(current) })
  const [up, down] = [behavior.scaleUp, behavior.scaleDown]
  if (desired > current) {
    const rate = Math.max(current, rateLimit(history, request, { rules: up, isUp: true }))
    return between(desired, { least: Number.NEGATIVE_INFINITY, most: max, rate })
  }
  if (desired === current) return inRange(desired)
  const rate = Math.min(current, rateLimit(history, request, { rules: down, isUp: false }))
  const least = Math.max(min, rate)
  if (desired >= least) return inRange(desired)
  if (min < rate) {
    const message = 'the desired replica count is decreasing faster than the maximum scale rate'
    return { replicas: least, reason: 'ScaleDownLimit', message }
  }
  return tooFew(least)
}

function simpleLimit(current: number): number {
  return Math.max(SCALE_UP_FACTOR * current, SCALE_UP_MINIMUM)
}

function between(
  desired: number,
  bounds: { readonly least: number; readonly most: number; readonly rate: number },
): Limited {
  const { least, most, rate } = bounds
  if (desired < least) return tooFew(least)
  if (desired <= Math.min(most, rate)) return inRange(desired)
  if (most > rate) {
    const message = 'the desired replica count is increasing faster than the maximum scale rate'
    return { replicas: rate, reason: 'ScaleUpLimit', message }
  }
  const message = 'the desired replica count is more than the maximum replica count'
  return { replicas: most, reason: 'TooManyReplicas', message }
}

function tooFew(replicas: number): Limited {
  const message = 'the desired replica count is less than the minimum replica count'
  return { replicas, reason: 'TooFewReplicas', message }
}

function inRange(replicas: number): Limited {
  return { replicas, reason: 'DesiredWithinRange', message: 'the desired count is within the acceptable range' }
}

/** How far the policies let the size go, counted from what it was when their periods began. */
function rateLimit(
  history: ScalingHistory,
  { current, nowMs }: ScalingRequest,
  { rules = {}, isUp }: { readonly rules: ScalingRules | undefined; readonly isUp: boolean },
): number {
  if (rules.selectPolicy === 'Disabled') return current
  const changed = (events: readonly ScaleEvent[], seconds: number): number => {
    let total = 0
    for (const { change, atMs } of events) if (atMs > nowMs - seconds * 1000) total += change
    return total
  }
  const proposals = (rules.policies ?? []).map(({ type, value, periodSeconds }) => {
    const start = current - changed(history.ups, periodSeconds) + changed(history.downs, periodSeconds)
    if (type === 'Pods') return isUp ? start + value : start - value
    return isUp ? Math.ceil(start * (1 + value / 100)) : Math.trunc(start * (1 - value / 100))
  })
  const takesLeast = (rules.selectPolicy === 'Min') === isUp
  return takesLeast ? Math.min(...proposals) : Math.max(...proposals)
}
