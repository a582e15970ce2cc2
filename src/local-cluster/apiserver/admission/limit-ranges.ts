// LimitRanges: what containers get that say nothing, and what nobody may ask for (`LimitRanger`, kubernetes v1.36.3).
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import { compareQuantities } from '../../../kube/quantity.ts'
import type { AdmissionRequest } from '../call.ts'
import { forbidden } from '../status.ts'
import { amountOf, amountTexts, podAmounts } from './pod-amounts.ts'

type Amounts = Readonly<Record<string, string>>

interface Limit {
  readonly type: string
  readonly min?: Amounts
  readonly max?: Amounts
  readonly default?: Amounts
  readonly defaultRequest?: Amounts
  readonly maxLimitRequestRatio?: Amounts
}

interface LimitRange extends KubeObject {
  readonly spec?: { readonly limits?: readonly Limit[] }
}

interface Resources {
  readonly requests?: Amounts
  readonly limits?: Amounts
}

type Container = JsonObject & {
  readonly name?: string
  readonly restartPolicy?: string
  readonly resources?: Resources
}

interface Pod extends KubeObject {
  readonly spec?: {
    readonly containers?: readonly Container[]
    readonly initContainers?: readonly Container[]
    readonly overhead?: Amounts
  }
}

const ANNOTATION = 'kubernetes.io/limit-ranger'

/** Completes a new pod with the defaults of its namespace's ranges, and throws 403 for a pod or claim beyond them. */
export function admitWithinRanges(request: AdmissionRequest): KubeObject {
  const { call, object } = request
  if (!isLimited(request)) return object
  const { store, codec } = call.server
  const stored = store.list({ prefix: `/limitranges/${call.namespace}/` }).items
  if (stored.length === 0) return object
  const ranges = stored.map((one) => codec.parse(one) as LimitRange) // stored as its kind has it
  const limits = ranges.flatMap((range) => range.spec?.limits ?? [])
  const isPod = call.resource.resource === 'pods'
  const complete = isPod ? ranges.reduce(withDefaults, object as Pod) : object
  const faults = new Set(isPod ? podFaults(complete, limits) : claimFaults(complete, limits))
  if (faults.size === 0) return complete
  const text = faults.size === 1 ? [...faults].join('') : `[${[...faults].join(', ')}]`
  throw forbidden(call.resource, object.metadata.name ?? '', text)
}

/** Claims are held against limits whenever they are written, pods at their creation: what containers ask for cannot change later. */
function isLimited({ call, operation, subresource }: AdmissionRequest): boolean {
  const { group, resource } = call.resource
  if (group !== '' || subresource !== '' || operation === 'DELETE') return false
  return resource === 'persistentvolumeclaims' || (resource === 'pods' && operation === 'CREATE')
}

function withDefaults(pod: Pod, range: LimitRange): Pod {
  const limits: Record<string, string> = {}
  const requests: Record<string, string> = {}
  for (const limit of range.spec?.limits ?? []) {
    if (limit.type !== 'Container') continue
    Object.assign(limits, limit.default)
    Object.assign(requests, limit.defaultRequest)
  }
  const notes: string[] = []
  const complete = (containers: readonly Container[], title: string): readonly Container[] =>
    containers.map((container) => completed(container, { limits, requests }, { title, notes }))
  const { containers = [], initContainers } = pod.spec ?? {}
  const spec = {
    ...pod.spec,
    containers: complete(containers, 'container'),
    ...(initContainers === undefined ? {} : { initContainers: complete(initContainers, 'init container') }),
  }
  if (notes.length === 0) return pod
  const annotations = { ...pod.metadata.annotations, [ANNOTATION]: `LimitRanger plugin set: ${notes.join('; ')}` }
  return { ...pod, metadata: { ...pod.metadata, annotations }, spec }
}

interface Notes {
  readonly title: string
  readonly notes: string[]
}

function completed(container: Container, defaults: Required<Resources>, { title, notes }: Notes): Container {
  const resources: Record<string, Amounts> = { ...container.resources }
  for (const [part, word] of [
    ['requests', 'request'],
    ['limits', 'limit'],
  ] as const) {
    const given = container.resources?.[part] ?? {}
    const missing = Object.keys(defaults[part])
      .filter((name) => given[name] === undefined)
      .toSorted()
    if (missing.length === 0) continue
    resources[part] = { ...given, ...Object.fromEntries(missing.map((name) => [name, defaults[part][name] ?? ''])) }
    notes.push(`${missing.join(', ')} ${word} for ${title} ${container.name ?? ''}`)
  }
  return { ...container, resources } as Container // amounts are texts
}

function podFaults(pod: Pod, limits: readonly Limit[]): readonly string[] {
  const { containers = [], initContainers = [] } = pod.spec ?? {}
  return limits.flatMap((limit) => {
    if (limit.type === 'Pod') return resourceFaults(limit, podResources(pod))
    if (limit.type !== 'Container') return []
    return [...containers, ...initContainers].flatMap((one) => resourceFaults(limit, one.resources ?? {}))
  })
}

/** Of a claim, what it requests counts alone. */
function claimFaults(claim: KubeObject, limits: readonly Limit[]): readonly string[] {
  const { spec } = claim as KubeObject & { readonly spec?: { readonly resources?: Resources } }
  const requests = spec?.resources?.requests ?? {}
  return limits
    .filter(({ type }) => type === 'PersistentVolumeClaim')
    .flatMap(({ type, min = {}, max = {} }) => [
      ...Object.entries(min).flatMap(([name, bound]) => minFaults({ type, name, bound }, { requests })),
      ...Object.entries(max).flatMap(([name, bound]) => maxFaults({ type, name, bound }, { requests }, 'request')),
    ])
}

function resourceFaults(limit: Limit, resources: Resources): readonly string[] {
  const { type, min = {}, max = {}, maxLimitRequestRatio = {} } = limit
  return [
    ...Object.entries(min).flatMap(([name, bound]) => minFaults({ type, name, bound }, resources)),
    ...Object.entries(max).flatMap(([name, bound]) => maxFaults({ type, name, bound }, resources, 'limit')),
    ...Object.entries(maxLimitRequestRatio).flatMap(([name, bound]) => ratioFaults({ type, name, bound }, resources)),
  ]
}

interface Bound {
  readonly type: string
  readonly name: string
  readonly bound: string
}

function minFaults({ type, name, bound }: Bound, { requests = {}, limits = {} }: Resources): readonly string[] {
  const text = `minimum ${name} usage per ${type} is ${bound}`
  const [request, limit] = [requests[name], limits[name]]
  if (request === undefined) return [`${text}.  No request is specified`]
  if (compare(request, bound) < 0) return [`${text}, but request is ${request}`]
  return limit !== undefined && compare(limit, bound) < 0 ? [`${text}, but limit is ${limit}`] : []
}

/** `first` must be there and is looked at first; claims have no limits. */
function maxFaults({ type, name, bound }: Bound, resources: Resources, first: 'limit' | 'request'): readonly string[] {
  const text = `maximum ${name} usage per ${type} is ${bound}`
  const request = resources.requests?.[name]
  const amount = first === 'limit' ? resources.limits?.[name] : request
  if (amount === undefined) return [`${text}.  No ${first} is specified`]
  if (compare(amount, bound) > 0) return [`${text}, but ${first} is ${amount}`]
  return request !== undefined && compare(request, bound) > 0 ? [`${text}, but request is ${request}`] : []
}

function ratioFaults({ type, name, bound }: Bound, { requests = {}, limits = {} }: Resources): readonly string[] {
  const text = `${name} max limit to request ratio per ${type} is ${bound}`
  const [request, limit] = [amountOf(requests[name]), amountOf(limits[name])]
  if (request.nano === 0n) return [`${text}, but no request is specified or request is 0`]
  if (limit.nano === 0n) return [`${text}, but no limit is specified or limit is 0`]
  const ratio = Number(limit.nano) / Number(request.nano)
  return ratio > Number(amountOf(bound).nano) / 1e9 ? [`${text}, but provided ratio is ${ratio.toFixed(6)}`] : []
}

function compare(a: string, b: string): number {
  return compareQuantities(amountOf(a), amountOf(b))
}

/** What a pod asks for as a whole: its containers together or its largest init container, with sidecars, and its overhead. */
function podResources(pod: Pod): Required<Resources> {
  return { requests: amountTexts(podAmounts(pod, 'requests')), limits: amountTexts(podAmounts(pod, 'limits')) }
}
