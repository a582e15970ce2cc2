// What a pod takes of a quota, which scopes it is in, and what its containers must say (pkg/quota/v1/evaluator/core/pods.go, kubernetes v1.36.3).
import type { JsonObject } from '../../../../kube/object.ts'
import type { Quantity } from '../../../../kube/quantity.ts'
import { qosClass } from '../../../kinds/pod/quality-of-service.ts'
import {
  addAmounts,
  amountsOf,
  isPodLevel,
  ONE,
  podAmounts,
  type Amounts,
  type CountedContainer,
  type CountedPod,
} from '../pod-amounts.ts'

export interface QuotaPod extends CountedPod {
  readonly spec?: NonNullable<CountedPod['spec']> & {
    readonly activeDeadlineSeconds?: number
    readonly priorityClassName?: string
    readonly affinity?: JsonObject
  }
  readonly status?: { readonly phase?: string }
}

/** One condition of a quota's scopes. */
export interface ScopeSelector {
  readonly scopeName: string
  readonly operator: string
  readonly values?: readonly string[]
}

const PREFIX = 'requests.'
const POD_RESOURCES: ReadonlySet<string> = new Set([
  'count/pods',
  'pods',
  ...['cpu', 'memory', 'ephemeral-storage'].flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
])
/** Where a quota has one of these, every container must name it. */
const MUST_BE_NAMED: ReadonlySet<string> = new Set(
  ['cpu', 'memory'].flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
)

/** Whether a resource of a quota is about pods. */
export function isPodResource(name: string): boolean {
  if (POD_RESOURCES.has(name)) return true
  if (name.startsWith('hugepages-') || name.startsWith('requests.hugepages-')) return true
  return name.startsWith(PREFIX) && !isNative(name)
}

/** Names without a domain, or of the kubernetes.io domain (helper.IsNativeResource). */
function isNative(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/')
}

/** Everything a pod counts for; a finished one is counted as an object only, and so is one whose time to go is over. */
export function podUsage(pod: QuotaPod, nowMs: number): Map<string, Quantity> {
  const objects: Amounts = new Map([['count/pods', ONE]])
  if (!takesRoom(pod, nowMs)) return new Map(objects)
  return addAmounts(objects, computeUsage(podAmounts(pod, 'requests'), podAmounts(pod, 'limits')))
}

function takesRoom(pod: QuotaPod, nowMs: number): boolean {
  const { phase } = pod.status ?? {}
  if (phase === 'Failed' || phase === 'Succeeded') return false
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return true
  return nowMs <= Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000
}

function computeUsage(requests: Amounts, limits: Amounts): Map<string, Quantity> {
  const usage = new Map<string, Quantity>([['pods', ONE]])
  for (const [name, amount] of requests) {
    const isCompute = POD_RESOURCES.has(name) && name !== 'pods'
    if (isCompute || name.startsWith('hugepages-')) usage.set(name, amount)
    if (isCompute || name.startsWith('hugepages-') || isExtended(name)) usage.set(PREFIX + name, amount)
  }
  for (const [name, amount] of limits) if (POD_RESOURCES.has(`limits.${name}`)) usage.set(`limits.${name}`, amount)
  return usage
}

function isExtended(name: string): boolean {
  return !isNative(name) && !name.startsWith(PREFIX)
}

/** What containers leave out that the quota counts: `must specify …`; undefined where nothing is missing, or the pod speaks for all of them. */
export function podConstraint(pod: QuotaPod, counted: readonly string[]): string | undefined {
  const { containers = [], initContainers = [], resources } = pod.spec ?? {}
  if (Object.keys({ ...resources?.requests, ...resources?.limits }).some(isPodLevel)) return undefined
  const required = counted.filter((name) => MUST_BE_NAMED.has(name)).toSorted()
  const missing = required.flatMap((name) => {
    const without = [...containers, ...initContainers].filter((one) => !namesResource(one, name))
    const names = [...new Set(without.map((one) => one.name ?? ''))].toSorted()
    return names.length === 0 ? [] : [`${name} for: ${names.join(',')}`]
  })
  return missing.length === 0 ? undefined : `must specify ${missing.join('; ')}`
}

function namesResource({ resources }: CountedContainer, name: string): boolean {
  return computeUsage(amountsOf(resources?.requests), amountsOf(resources?.limits)).has(name)
}

/** Whether a pod is in the scope of a quota. */
export function isPodInScope(pod: QuotaPod, scope: ScopeSelector): boolean {
  const { spec = {} } = pod
  switch (scope.scopeName) {
    case 'Terminating':
      return isEnding(pod)
    case 'NotTerminating':
      return !isEnding(pod)
    case 'BestEffort':
      return isBestEffort(spec)
    case 'NotBestEffort':
      return !isBestEffort(spec)
    case 'PriorityClass':
      return meetsScope(spec.priorityClassName, scope)
    case 'CrossNamespacePodAffinity':
      return hasForeignAffinity(spec.affinity)
    default:
      return false
  }
}

/** Whether a pod's time is limited, which upstream calls terminating. */
export function isEnding(pod: QuotaPod | undefined): boolean {
  return (pod?.spec?.activeDeadlineSeconds ?? -1) >= 0
}

function isBestEffort(spec: object): boolean {
  return qosClass(spec as JsonObject) === 'BestEffort' // specs are JSON
}

/** A scope over one name: is there one, and is it among the values? */
export function meetsScope(name: string | undefined, { operator, values = [] }: ScopeSelector): boolean {
  const isNamed = name !== undefined && name !== ''
  switch (operator) {
    case 'Exists':
      return isNamed
    case 'DoesNotExist':
      return !isNamed
    case 'In':
      return isNamed && values.includes(name)
    case 'NotIn':
      return !isNamed || !values.includes(name)
    default:
      return false
  }
}

interface AffinityTerm {
  readonly namespaces?: readonly string[]
  readonly namespaceSelector?: JsonObject
  readonly podAffinityTerm?: AffinityTerm
}

/** Whether any term of pod (anti-)affinity looks into other namespaces. */
function hasForeignAffinity(affinity: JsonObject | undefined): boolean {
  return ['podAffinity', 'podAntiAffinity'].some((part) => {
    // As the schema of core/v1 PodAffinity has it.
    const terms = (affinity?.[part] ?? {}) as Readonly<Record<string, readonly AffinityTerm[] | undefined>>
    const all = [
      ...(terms['requiredDuringSchedulingIgnoredDuringExecution'] ?? []),
      ...(terms['preferredDuringSchedulingIgnoredDuringExecution'] ?? []),
    ]
    return all.map((term) => term.podAffinityTerm ?? term).some(looksElsewhere)
  })
}

function looksElsewhere({ namespaces = [], namespaceSelector }: AffinityTerm): boolean {
  return namespaces.length > 0 || namespaceSelector !== undefined
}
