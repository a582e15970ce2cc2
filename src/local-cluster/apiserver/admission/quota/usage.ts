// What an object of any kind takes of a quota (pkg/quota/v1/evaluator/core and apiserver/pkg/quota/v1/generic, kubernetes v1.36.3).
import type { KubeObject } from '../../../../kube/object.ts'
import { compareQuantities, type Quantity } from '../../../../kube/quantity.ts'
import {
  addAmounts,
  amountOf,
  amountsOf,
  maskAmounts,
  NOTHING,
  ONE,
  type Amounts,
  type AmountTexts,
} from '../pod-amounts.ts'
import {
  isEnding,
  isPodInScope,
  isPodResource,
  meetsScope,
  podConstraint,
  podUsage,
  type QuotaPod,
  type ScopeSelector,
} from './pod-usage.ts'

export interface ResourceQuota extends KubeObject {
  readonly spec?: {
    readonly hard?: AmountTexts
    readonly scopes?: readonly string[]
    readonly scopeSelector?: { readonly matchExpressions?: readonly ScopeSelector[] }
  }
  readonly status?: { readonly hard?: AmountTexts; readonly used?: AmountTexts }
}

/** Measures objects of one resource. */
export interface Evaluator {
  /** Whether this resource of a quota is measured here. */
  readonly measures: (name: string) => boolean
  readonly usage: (object: KubeObject, nowMs: number) => Map<string, Quantity>
  readonly isInScope: (object: KubeObject, scope: ScopeSelector) => boolean
  /** Why an object may not be created under a quota with these resources. */
  readonly constraint?: (object: KubeObject, counted: readonly string[]) => string | undefined
  /** Whether a write may change what is used: creations always do. */
  readonly counts: (write: CountedWrite) => boolean
}

/** A write as far as quotas ask about it. */
export interface CountedWrite {
  readonly operation: string
  readonly subresource: string
  readonly object: KubeObject
  readonly old: KubeObject | undefined
}

function isCreation({ operation, subresource }: CountedWrite): boolean {
  return operation === 'CREATE' && subresource === ''
}

function isPlainWrite({ operation, subresource }: CountedWrite): boolean {
  return subresource === '' && operation !== 'DELETE'
}

interface GroupResource {
  readonly group: string
  readonly resource: string
}

/** Objects that quotas know by a name without `count/` too. */
const ALIASES: ReadonlySet<string> = new Set(['configmaps', 'resourcequotas', 'replicationcontrollers', 'secrets'])
/** Never counted: they are no stored objects, or come and go by themselves. */
const IGNORED: ReadonlySet<string> = new Set([
  'events',
  'events.events.k8s.io',
  'bindings',
  'componentstatuses',
  'localsubjectaccessreviews.authorization.k8s.io',
])

/** How objects of a resource are measured; undefined for those no quota counts. */
export function evaluatorOf({ group, resource }: GroupResource): Evaluator | undefined {
  const qualified = group === '' ? resource : `${resource}.${group}`
  if (IGNORED.has(qualified)) return undefined
  return SPECIAL.get(qualified) ?? counter(qualified)
}

function counter(qualified: string): Evaluator {
  const names = [`count/${qualified}`, ...(ALIASES.has(qualified) ? [qualified] : [])]
  const usage = new Map(names.map((name) => [name, ONE]))
  return {
    measures: (name) => usage.has(name),
    usage: () => new Map(usage),
    isInScope: () => false,
    counts: isCreation,
  }
}

/** All conditions of a quota's scopes. */
export function scopesOf({ spec = {} }: ResourceQuota): readonly ScopeSelector[] {
  const named = (spec.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' }))
  return [...named, ...(spec.scopeSelector?.matchExpressions ?? [])]
}

/** Whether an object is in every scope of a quota. */
export function isCovered(evaluator: Evaluator, quota: ResourceQuota, object: KubeObject): boolean {
  return scopesOf(quota).every((scope) => evaluator.isInScope(object, scope))
}

/** What all objects of a resource take of a quota, its own resources alone. */
export function totalUsage(
  evaluator: Evaluator,
  quota: ResourceQuota,
  facts: { readonly objects: readonly KubeObject[]; readonly nowMs: number },
): Amounts {
  const names = Object.keys(quota.spec?.hard ?? {}).filter(evaluator.measures)
  let total: Amounts = new Map(names.map((name) => [name, NOTHING]))
  const measured = new Set(names)
  for (const object of facts.objects) {
    if (!isCovered(evaluator, quota, object)) continue
    total = addAmounts(total, maskAmounts(evaluator.usage(object, facts.nowMs), measured))
  }
  return total
}

const PODS: Evaluator = {
  measures: isPodResource,
  usage: (object, nowMs) => podUsage(object as QuotaPod, nowMs), // asked about pods only
  isInScope: (object, scope) => isPodInScope(object as QuotaPod, scope),
  constraint: (object, counted) => podConstraint(object as QuotaPod, counted),
  counts: (write) => {
    if (write.operation !== 'UPDATE') return isCreation(write)
    if (write.subresource === 'resize') return true
    const [before, after] = [write.old, write.object].map((one) => isEnding(one as QuotaPod | undefined))
    return write.subresource === '' && before !== after
  },
}

interface Service extends KubeObject {
  readonly spec?: {
    readonly type?: string
    readonly ports?: readonly { readonly nodePort?: number }[]
    readonly allocateLoadBalancerNodePorts?: boolean
  }
}

const SERVICE_RESOURCES: ReadonlySet<string> = new Set([
  'count/services',
  'services',
  'services.nodeports',
  'services.loadbalancers',
])

const SERVICES: Evaluator = {
  measures: (name) => SERVICE_RESOURCES.has(name),
  usage: (object) => {
    const { type, ports = [], allocateLoadBalancerNodePorts = true } = (object as Service).spec ?? {}
    const isBalanced = type === 'LoadBalancer'
    const isAllocated = type === 'NodePort' || (isBalanced && allocateLoadBalancerNodePorts)
    const explicit = isBalanced ? ports.filter((port) => (port.nodePort ?? 0) !== 0).length : 0
    return new Map([
      ['count/services', ONE],
      ['services', ONE],
      ['services.nodeports', amountOf(isAllocated ? ports.length : explicit)],
      ['services.loadbalancers', isBalanced ? ONE : NOTHING],
    ])
  },
  isInScope: () => false,
  counts: isPlainWrite,
}

interface Claim extends KubeObject {
  readonly spec?: {
    readonly storageClassName?: string
    readonly volumeAttributesClassName?: string
    readonly resources?: { readonly requests?: AmountTexts }
  }
  readonly status?: {
    readonly allocatedResources?: AmountTexts
    readonly currentVolumeAttributesClassName?: string
    readonly modifyVolumeStatus?: { readonly targetVolumeAttributesClassName?: string }
  }
}

const CLAIM_RESOURCES = ['persistentvolumeclaims', 'requests.storage']
const BY_CLASS = '.storageclass.storage.k8s.io/'

const CLAIMS: Evaluator = {
  measures: (name) =>
    name === 'count/persistentvolumeclaims' ||
    CLAIM_RESOURCES.includes(name) ||
    CLAIM_RESOURCES.some((resource) => name.endsWith(BY_CLASS + resource)),
  usage: (object) => claimUsage(object as Claim),
  isInScope: (object, scope) => {
    const { spec, status } = object as Claim
    if (scope.scopeName !== 'VolumeAttributesClass') return false
    const target = status?.modifyVolumeStatus?.targetVolumeAttributesClassName
    const all = [spec?.volumeAttributesClassName, status?.currentVolumeAttributesClassName, target]
    const names = all.filter((name) => name !== undefined && name !== '')
    // A claim without any class is one without a name.
    return (names.length === 0 ? [undefined] : names).some((name) => meetsScope(name, scope))
  },
  counts: (write) => isPlainWrite(write) || (write.subresource === 'status' && isAllocatedAnew(write)),
}

/** persistent_volume_claims.go RequiresQuotaReplenish: what was allocated, or its class, has changed. */
function isAllocatedAnew({ object, old }: CountedWrite): boolean {
  const facts = ({ status = {} }: Claim): string =>
    JSON.stringify([status.allocatedResources, status.currentVolumeAttributesClassName, status.modifyVolumeStatus])
  return facts(object as Claim) !== facts((old ?? object) as Claim)
}

function claimUsage(claim: Claim): Map<string, Quantity> {
  const { storageClassName, resources } = claim.spec ?? {}
  const className = claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? storageClassName ?? ''
  const usage = new Map([
    ['count/persistentvolumeclaims', ONE],
    ['persistentvolumeclaims', ONE],
  ])
  if (className !== '') usage.set(`${className}${BY_CLASS}persistentvolumeclaims`, ONE)
  const wanted = amountsOf(resources?.requests).get('storage')
  if (wanted === undefined) return usage
  const allocated = amountOf(claim.status?.allocatedResources?.['storage'])
  const storage = compareQuantities(allocated, wanted) > 0 ? allocated : wanted
  usage.set('requests.storage', storage)
  if (className !== '') usage.set(`${className}${BY_CLASS}requests.storage`, storage)
  return usage
}

const SPECIAL: ReadonlyMap<string, Evaluator> = new Map([
  ['pods', PODS],
  ['services', SERVICES],
  ['persistentvolumeclaims', CLAIMS],
])
