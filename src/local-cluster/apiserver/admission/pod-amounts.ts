// What a pod asks for as a whole, and arithmetic over such lists of resources (component-helpers/resource and apiserver/pkg/quota, kubernetes v1.36.3).
import type { KubeObject } from '../../../kube/object.ts'
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  quantityOf,
  subtractQuantities,
  type Quantity,
} from '../../../kube/quantity.ts'

/** Amounts as objects have them. */
export type AmountTexts = Readonly<Record<string, string | number>>
/** Amounts to calculate with, by the resource's name. */
export type Amounts = ReadonlyMap<string, Quantity>

export interface Resources {
  readonly requests?: AmountTexts
  readonly limits?: AmountTexts
}

export interface CountedContainer {
  readonly name?: string
  readonly restartPolicy?: string
  readonly resources?: Resources
}

/** The part of a pod that says what it asks for. */
export interface CountedPod extends KubeObject {
  readonly spec?: {
    readonly containers?: readonly CountedContainer[]
    readonly initContainers?: readonly CountedContainer[]
    readonly overhead?: AmountTexts
    readonly resources?: Resources
  }
}

export const NOTHING: Quantity = { nano: 0n, format: 'DecimalSI' }
export const ONE: Quantity = { nano: 1_000_000_000n, format: 'DecimalSI' }

/** Of the resources a pod may name as a whole, upstream knows these; hugepages too. */
const POD_LEVEL: ReadonlySet<string> = new Set(['cpu', 'memory'])

/** The amount behind a text; nothing for what is none. */
export function amountOf(text: string | number | undefined): Quantity {
  return text === undefined ? NOTHING : (quantityOf(text) ?? NOTHING)
}

export function amountsOf(texts: AmountTexts | undefined): Map<string, Quantity> {
  return new Map(Object.entries(texts ?? {}).map(([name, text]) => [name, amountOf(text)]))
}

/** Amounts as an object has them. */
export function amountTexts(amounts: Amounts): Readonly<Record<string, string>> {
  return Object.fromEntries([...amounts].map(([name, amount]) => [name, formatQuantity(amount)]))
}

/** Both lists together; what only one of them names is kept as it is. */
export function addAmounts(a: Amounts, b: Amounts): Map<string, Quantity> {
  const sum = new Map(a)
  addTo(sum, b)
  return sum
}

/** `a` less `b`; what only `b` names becomes negative. */
export function subtractAmounts(a: Amounts, b: Amounts): Map<string, Quantity> {
  const left = new Map(a)
  for (const [name, amount] of b) left.set(name, subtractQuantities(left.get(name) ?? NOTHING, amount))
  return left
}

/** The entries of these names. */
export function maskAmounts(amounts: Amounts, names: { has(name: string): boolean }): Map<string, Quantity> {
  return new Map([...amounts].filter(([name]) => names.has(name)))
}

/** Containers together or the largest init container with the sidecars before it, then overhead; amounts of the pod as a whole win. */
export function podAmounts(pod: CountedPod, part: 'requests' | 'limits'): Map<string, Quantity> {
  const { containers = [], initContainers = [], overhead, resources } = pod.spec ?? {}
  const total = new Map<string, Quantity>()
  for (const container of containers) addTo(total, amountsOf(container.resources?.[part]))
  withInitContainers(total, initContainers, part)
  for (const [name, amount] of amountsOf(resources?.[part])) if (isPodLevel(name)) total.set(name, amount)
  const extra = amountsOf(overhead)
  // A pod without a limit keeps having none.
  addTo(total, part === 'requests' ? extra : maskAmounts(extra, total))
  return total
}

/** Init containers run one after the other, and with the sidecars started before them. */
function withInitContainers(
  total: Map<string, Quantity>,
  containers: readonly CountedContainer[],
  part: 'requests' | 'limits',
): void {
  const sidecars = new Map<string, Quantity>()
  const largest = new Map<string, Quantity>()
  for (const container of containers) {
    const amounts = amountsOf(container.resources?.[part])
    if (container.restartPolicy === 'Always') {
      addTo(total, amounts)
      addTo(sidecars, amounts)
      raise(largest, sidecars)
    } else raise(largest, addAmounts(sidecars, amounts))
  }
  raise(total, largest)
}

/** Whether a pod may ask for it as a whole. */
export function isPodLevel(name: string): boolean {
  return POD_LEVEL.has(name) || name.startsWith('hugepages-')
}

function addTo(total: Map<string, Quantity>, amounts: Amounts): void {
  for (const [name, amount] of amounts) {
    const known = total.get(name)
    total.set(name, known === undefined ? amount : addQuantities(known, amount))
  }
}

function raise(total: Map<string, Quantity>, others: Amounts): void {
  for (const [name, amount] of others) {
    const known = total.get(name)
    if (known === undefined || compareQuantities(amount, known) > 0) total.set(name, amount)
  }
}
