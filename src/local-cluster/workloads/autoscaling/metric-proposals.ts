// What the metrics of an autoscaler ask for together, with the status of each (podautoscaler/horizontal.go, v1.36.3).
import { messageOf } from '../../../base/errors.ts'
import type { JsonObject } from '../../../kube/object.ts'
import { formatQuantity, quantityOf } from '../../../kube/quantity.ts'
import { printedSelector } from '../kit/printed-selector.ts'
import type { Autoscaler, MetricSpec, MetricTarget } from './model.ts'
import {
  replicasForAverage,
  replicasForUtilization,
  type MetricAnswer,
  type MetricQuestion,
  type Tolerances,
} from './replica-calculator.ts'

/** horizontal-pod-autoscaler-tolerance. */
const TOLERANCE = 0.1

export type Question = Omit<MetricQuestion, 'resource' | 'container' | 'tolerances'>

export interface Proposals {
  /** Undefined where too little is known to scale. */
  readonly replicas: number | undefined
  /** The metric that asks for most. */
  readonly metric: string
  readonly statuses: readonly JsonObject[]
  /** What went wrong first: the reason of an event and a condition, its text, and the text for all of it. */
  readonly failure: MetricFailure | undefined
}

export interface MetricFailure {
  readonly reason: string
  readonly message: string
  /** One event for every metric that failed. */
  readonly all: readonly { readonly reason: string; readonly message: string }[]
  readonly summary: string
}

interface Proposal {
  readonly replicas: number
  readonly metric: string
  readonly status: JsonObject
}

/** Why a metric has no value. */
class MetricError extends Error {
  readonly reason: string
  /** As the summary words it. */
  readonly inner: string

  constructor(reason: string, message: string, inner: string) {
    super(message)
    this.name = 'MetricError'
    this.reason = reason
    this.inner = inner
  }
}

/** The most that any metric asks for. Where some fail, nothing is taken away. */
export function proposeReplicas(autoscaler: Autoscaler, question: Question): Proposals {
  const specs = autoscaler.spec.metrics ?? []
  const tolerances = tolerancesOf(autoscaler)
  let best: Proposal | undefined
  const failures: MetricError[] = []
  const statuses = specs.map((spec): JsonObject => {
    try {
      const proposal = propose(autoscaler, spec, { ...question, tolerances })
      if (best === undefined || best.replicas === 0 || proposal.replicas > best.replicas) best = proposal
      return proposal.status
    } catch (error) {
      if (!(error instanceof MetricError)) throw error
      failures.push(error)
      return { type: '' }
    }
  })
  return summed({ specs, statuses, failures, best, currentReplicas: question.currentReplicas })
}

function summed(facts: {
  readonly specs: readonly MetricSpec[]
  readonly statuses: readonly JsonObject[]
  readonly failures: readonly MetricError[]
  readonly best: Proposal | undefined
  readonly currentReplicas: number
}): Proposals {
  const { specs, statuses, failures, best, currentReplicas } = facts
  const [first] = failures
  const isEnough = best !== undefined && (first === undefined || best.replicas >= currentReplicas)
  const failure: MetricFailure | undefined =
    first === undefined
      ? undefined
      : {
          reason: first.reason,
          message: first.message,
          all: failures.map(({ reason, message }) => ({ reason, message })),
          summary: `invalid metrics (${failures.length} invalid out of ${specs.length}), first error is: ${first.inner}`,
        }
  return { replicas: isEnough ? best.replicas : undefined, metric: best?.metric ?? '', statuses, failure }
}

function tolerancesOf({ spec: { behavior } }: Autoscaler): Tolerances {
  const given = (value: string | number | undefined): number => {
    const quantity = value === undefined ? undefined : quantityOf(value)
    return quantity === undefined ? TOLERANCE : Number(quantity.nano) / 1e9
  }
  return { scaleDown: given(behavior?.scaleDown?.tolerance), scaleUp: given(behavior?.scaleUp?.tolerance) }
}

type FullQuestion = Omit<MetricQuestion, 'resource' | 'container'>

function propose(autoscaler: Autoscaler, spec: MetricSpec, question: FullQuestion): Proposal {
  switch (spec.type) {
    case 'Resource':
      return proposeResource(spec, question)
    case 'ContainerResource':
      return proposeContainer(spec, question)
    default:
      throw unserved(autoscaler, spec)
  }
}

function proposeResource({ resource }: MetricSpec, question: FullQuestion): Proposal {
  if (resource === undefined) throw new MetricError('InvalidMetricSourceType', 'no resource', 'no resource')
  const { name, target } = resource
  try {
    const answer = answerFor({ ...question, resource: name }, target)
    const what = answer.utilization === undefined ? 'resource' : 'resource utilization (percentage of request)'
    const status = { type: 'Resource', resource: { name, current: currentValue(name, answer) } }
    return { replicas: answer.replicas, metric: `${name} ${what}`, status }
  } catch (error) {
    const why = messageOf(error)
    throw new MetricError('FailedGetResourceMetric', why, `failed to get ${name} resource metric value: ${why}`)
  }
}

function proposeContainer({ containerResource }: MetricSpec, question: FullQuestion): Proposal {
  if (containerResource === undefined) throw new MetricError('InvalidMetricSourceType', 'no container', 'no container')
  const { name, container, target } = containerResource
  try {
    const answer = answerFor({ ...question, resource: name, container }, target)
    const what =
      answer.utilization === undefined ? 'resource' : 'container resource utilization (percentage of request)'
    const current = currentValue(name, answer)
    const status = { type: 'ContainerResource', containerResource: { name, container, current } }
    return { replicas: answer.replicas, metric: `${name} ${what}`, status }
  } catch (error) {
    const why = messageOf(error)
    const inner = `failed to get ${container} container metric value: ${why}`
    throw new MetricError('FailedGetContainerResourceMetric', why, inner)
  }
}

function answerFor(question: MetricQuestion, target: MetricTarget): MetricAnswer {
  const { resource } = question
  const isAverage = target.averageValue !== undefined
  if (!isAverage && target.averageUtilization === undefined) {
    const why = 'neither an average utilization target nor an average value (usage) target was set'
    throw new Error(`invalid resource metric source: ${why}`)
  }
  try {
    if (target.averageValue === undefined) return replicasForUtilization(question, target.averageUtilization ?? 0)
    const nano = quantityOf(target.averageValue)?.nano ?? 0n
    return replicasForAverage(question, Number((nano + 999_999n) / 1_000_000n))
  } catch (error) {
    throw new Error(`failed to get ${resource} ${isAverage ? 'usage' : 'utilization'}: ${messageOf(error)}`, { cause: error }) // prettier-ignore
  }
}

/** As the metrics server prints them: memory in powers of two. */
function currentValue(resource: string, { average, utilization }: MetricAnswer): JsonObject {
  const format = resource === 'memory' ? 'BinarySI' : 'DecimalSI'
  const averageValue = formatQuantity({ nano: BigInt(average) * 1_000_000n, format })
  return utilization === undefined ? { averageValue } : { averageUtilization: utilization, averageValue }
}

const NO_CUSTOM =
  'unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered'

/** No simulated figures exist beyond pods' resources; the answer is that of a cluster without these APIs. */
function unserved({ metadata: { namespace = '' } }: Autoscaler, spec: MetricSpec): MetricError {
  const { pods, object, external } = spec
  if (spec.type === 'Pods' && pods !== undefined) {
    const why = `unable to get metric ${pods.metric.name}: ${NO_CUSTOM}`
    return new MetricError('FailedGetPodsMetric', why, `failed to get pods metric value: ${why}`)
  }
  if (spec.type === 'Object' && object !== undefined) {
    const { describedObject, metric } = object
    const why = `unable to get metric ${metric.name}: ${NO_CUSTOM} on ${describedObject.kind} ${namespace}/${describedObject.name}`
    return new MetricError('FailedGetObjectMetric', why, `failed to get object metric value: ${why}`)
  }
  if (spec.type === 'External' && external !== undefined) {
    const { name, selector } = external.metric
    const missing = `the server could not find the requested resource (get ${name}.external.metrics.k8s.io)`
    const api = `unable to fetch metrics from external metrics API: ${missing}`
    const why = `unable to get external metric ${namespace}/${name}/${printedSelector(selector)}: ${api}`
    const inner = `failed to get ${name} external metric value: failed to get ${name} external metric: ${why}`
    return new MetricError('FailedGetExternalMetric', why, inner)
  }
  const why = `unknown metric source type ${JSON.stringify(spec.type)}`
  return new MetricError('InvalidMetricSourceType', why, why)
}
