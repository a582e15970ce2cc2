// Pods of a RuntimeClass: it has to be there, and gives them its overhead, node selector and tolerations (`RuntimeClass`, v1.36.3).
import { deepEqual } from '../../../kube/json-value.ts'
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import { quantityOf } from '../../../kube/quantity.ts'
import type { AdmissionRequest } from '../call.ts'
import { forbidden } from '../status.ts'
import { admittedName } from './admission.ts'

interface Toleration {
  readonly key?: string
  readonly operator?: string
  readonly value?: string
  readonly effect?: string
  readonly tolerationSeconds?: number
}

type Texts = Readonly<Record<string, string>>

interface PodSpec {
  readonly runtimeClassName?: string
  readonly overhead?: Texts
  readonly nodeSelector?: Texts
  readonly tolerations?: readonly Toleration[]
}

interface RuntimeClass extends KubeObject {
  readonly overhead?: { readonly podFixed?: Texts }
  readonly scheduling?: { readonly nodeSelector?: Texts; readonly tolerations?: readonly Toleration[] }
}

/** The pod as its class wants it. Throws 403 where there is no such class, or where the two contradict each other. */
export function admitRuntimeClass(request: AdmissionRequest): KubeObject {
  const { call, operation, object, subresource } = request
  const { group, resource } = call.resource
  if (operation !== 'CREATE' || subresource !== '' || group !== '' || resource !== 'pods') return object
  const { spec = {} } = object as KubeObject & { readonly spec?: PodSpec }
  const refuse = (why: string): Error => forbidden(call.resource, admittedName(object), why)
  const found = classOf(request, spec, refuse)
  if (found === undefined && spec.overhead === undefined) return object
  const overhead = overheadOf(found, spec, refuse)
  const next = { ...spec, ...(overhead === undefined ? {} : { overhead }), ...scheduling(found, spec, refuse) }
  return { ...object, spec: next as unknown as JsonObject } as KubeObject // a spec is JSON
}

type Refuse = (why: string) => Error

function classOf({ call }: AdmissionRequest, spec: PodSpec, refuse: Refuse): RuntimeClass | undefined {
  const { runtimeClassName: name } = spec
  if (name === undefined) return undefined
  const { store, codec } = call.server
  const stored = store.get(`node.k8s.io/runtimeclasses/${name}`)
  if (stored === undefined) throw refuse(`pod rejected: RuntimeClass ${JSON.stringify(name)} not found`)
  return codec.parse(stored)
}

function overheadOf(found: RuntimeClass | undefined, { overhead }: PodSpec, refuse: Refuse): Texts | undefined {
  const wanted = found?.overhead === undefined ? undefined : (found.overhead.podFixed ?? {})
  const isSet = overhead !== undefined && Object.keys(overhead).length > 0
  if (wanted === undefined) {
    if (overhead === undefined) return undefined
    throw refuse('pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead')
  }
  if (isSet && !isSameAmounts(wanted, overhead))
    throw refuse("pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")
  return wanted
}

function isSameAmounts(a: Texts, b: Texts): boolean {
  const amount = (text: string | undefined): bigint | undefined => quantityOf(text ?? '')?.nano
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => amount(a[name]) === amount(b[name]))
}

function scheduling(
  found: RuntimeClass | undefined,
  { nodeSelector, tolerations = [] }: PodSpec,
  refuse: Refuse,
): Pick<PodSpec, 'nodeSelector' | 'tolerations'> {
  if (found?.scheduling === undefined) return {}
  const { nodeSelector: wanted = {}, tolerations: more = [] } = found.scheduling
  for (const [key, value] of Object.entries(wanted)) {
    const own = nodeSelector?.[key]
    if (own === undefined || own === value) continue
    const sides = [`runtimeClass.scheduling.nodeSelector[${key}] = ${value}`, `pod.spec.nodeSelector[${key}] = ${own}`]
    throw refuse(`conflict: ${sides.join('; ')}`)
  }
  const merged = mergeTolerations([...tolerations, ...more])
  const selector = { ...nodeSelector, ...wanted }
  return {
    ...(Object.keys(selector).length === 0 ? {} : { nodeSelector: selector }),
    ...(merged.length === 0 ? {} : { tolerations: merged }),
  }
}

/** Those that another covers go; of equal ones the first stays (pkg/util/tolerations). */
function mergeTolerations(all: readonly Toleration[]): readonly Toleration[] {
  const merged: Toleration[] = []
  for (const [index, one] of all.entries()) {
    const isCovered = merged.some((other) => covers(other, one))
    const isCoveredLater = all.slice(index + 1).some((other) => !deepEqual(other, one) && covers(other, one))
    if (!isCovered && !isCoveredLater) merged.push(one)
  }
  return merged
}

function covers(wide: Toleration, one: Toleration): boolean {
  if (deepEqual(wide, one)) return true
  if (!coversTaints(wide, one) || !lastsAsLong(wide, one)) return false
  return wide.operator === 'Exists' || (one.operator === 'Equal' && isSame(one.value, wide.value))
}

/** An empty key that exists is any key, an empty effect any effect. */
function coversTaints(wide: Toleration, one: Toleration): boolean {
  const isAnyKey = isSame(wide.key, '') && wide.operator === 'Exists'
  const isAnyEffect = isSame(wide.effect, '')
  return (isAnyKey || isSame(wide.key, one.key)) && (isAnyEffect || wide.effect === one.effect)
}

function lastsAsLong({ effect, tolerationSeconds: most }: Toleration, { tolerationSeconds }: Toleration): boolean {
  if (effect !== 'NoExecute' || most === undefined) return true
  return tolerationSeconds !== undefined && tolerationSeconds <= most
}

function isSame(a = '', b = ''): boolean {
  return a === b
}
