// How much of a device's capacity one claim may take (pkg/apis/resource/validation, validateRequestPolicy, 1.36.3).
import type { JsonObject, JsonValue } from '../../../../kube/object.ts'
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  quantityOf,
  wholeUnits,
  type Quantity,
} from '../../../../kube/quantity.ts'
import type { FieldFault } from '../../contract.ts'
import { isAbsent, listOf, objectOf, textOf } from '../../edit.ts'
import { forbiddenValue, invalidValue, requiredValue } from '../faults.ts'
import { itemFaults, repeatedFaults } from './device-names.ts'

/** `CapacityRequestPolicyDiscreteMaxOptions` */
const MAX_OPTIONS = 10
const ZERO: Quantity = { nano: 0n, format: 'DecimalSI' }

/** Faults of `requestPolicy` for a capacity of this value. */
export function requestPolicyFaults(
  policy: JsonObject,
  value: JsonValue | undefined,
  field: string,
): readonly FieldFault[] {
  const options = listOf(policy['validValues'])
  const { default: standard, validRange } = policy
  if (options.length === 0 && isAbsent(validRange)) return []
  if (options.length > 0 && !isAbsent(validRange))
    return [forbiddenValue(field, 'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time')] // prettier-ignore
  const key = options.length > 0 ? 'validValues' : 'validRange'
  if (isAbsent(standard)) return [requiredValue(`${field}.default`, `required when ${key} is defined`)]
  const given = { standard: amountOf(standard), most: amountOf(value) }
  return key === 'validValues'
    ? optionFaults(options.map(amountOf), given, `${field}.validValues`)
    : rangeFaults(objectOf(validRange), given, `${field}.validRange`)
}

interface Given {
  /** What is taken where a claim says nothing. */
  readonly standard: Quantity
  readonly most: Quantity
}

function amountOf(value: JsonValue | undefined): Quantity {
  return quantityOf(typeof value === 'number' ? value : textOf(value)) ?? ZERO
}

function isMore(a: Quantity, b: Quantity): boolean {
  return compareQuantities(a, b) > 0
}

function optionFaults(options: readonly Quantity[], { standard, most }: Given, field: string): readonly FieldFault[] {
  const faults: FieldFault[] = []
  for (const [index, option] of options.entries()) {
    const before = options[index - 1]
    if (before !== undefined && isMore(before, option))
      faults.push(invalidValue(`${field}[${index}]`, formatQuantity(option), 'values must be sorted in ascending order')) // prettier-ignore
  }
  const texts = options.map(formatQuantity)
  const larger = `option ${largerThan(most)}`
  faults.push(
    ...itemFaults(texts, field, MAX_OPTIONS, (text, path) =>
      isMore(amountOf(text), most) ? [invalidValue(path, text, larger)] : [],
    ),
  )
  const isFull = options.length > MAX_OPTIONS
  if (!isFull)
    faults.push(
      ...repeatedFaults(
        options.map((option) => String(wholeUnits(option))),
        field,
      ),
    )
  const isThere = !isFull && options.some((option) => compareQuantities(option, standard) === 0)
  return isThere
    ? faults
    : [...faults, invalidValue(field, formatQuantity(standard), 'default value is not valid according to the requestPolicy')] // prettier-ignore
}

function rangeFaults(range: JsonObject, given: Given, field: string): readonly FieldFault[] {
  if (isAbsent(range['min'])) return [requiredValue(`${field}.min`, 'required when validRange is defined')]
  const min = amountOf(range['min'])
  const max = isAbsent(range['max']) ? undefined : amountOf(range['max'])
  const { standard, most } = given
  const faults: FieldFault[] = []
  if (isMore(min, most)) faults.push(wrong(`${field}.min`, min, `min ${largerThan(most)}`))
  if (isMore(min, standard))
    faults.push(wrong(`${field}.min`, standard, `default is less than min: ${formatQuantity(min)}`))
  if (max !== undefined) faults.push(...maximumFaults(min, max, given, `${field}.max`))
  if (isAbsent(range['step'])) return faults
  const amounts = max === undefined ? [standard] : [standard, max]
  return [...faults, ...stepFaults(amountOf(range['step']), { min, most, amounts }, `${field}.step`)]
}

function maximumFaults(min: Quantity, max: Quantity, { standard, most }: Given, field: string): readonly FieldFault[] {
  const faults: FieldFault[] = []
  if (isMore(min, max)) faults.push(wrong(field, min, `min is larger than max: ${formatQuantity(max)}`))
  if (isMore(max, most)) faults.push(wrong(field, max, `max ${largerThan(most)}`))
  if (isMore(standard, max)) faults.push(wrong(field, standard, `default is more than max: ${formatQuantity(max)}`))
  return faults
}

interface Stepped {
  readonly min: Quantity
  readonly most: Quantity
  /** What must be whole steps above the minimum. */
  readonly amounts: readonly Quantity[]
}

function stepFaults(step: Quantity, { min, most, amounts }: Stepped, field: string): readonly FieldFault[] {
  const first = addQuantities(min, step)
  const text = `value is not a multiple of a given step (${formatQuantity(step)}) from (${formatQuantity(min)})`
  const uneven = amounts.filter((amount) => !isStep(amount, min, step)).map((amount) => wrong(field, amount, text))
  return isMore(first, most)
    ? [wrong(field, step, `one step ${formatQuantity(first)} ${largerThan(most)}`), ...uneven]
    : uneven
}

function wrong(field: string, amount: Quantity, text: string): FieldFault {
  return invalidValue(field, formatQuantity(amount), text)
}

function largerThan(most: Quantity): string {
  return `is larger than capacity value: ${formatQuantity(most)}`
}

function isStep(amount: Quantity, min: Quantity, step: Quantity): boolean {
  const units = wholeUnits(step)
  // Upstream divides by it and panics; here nothing is a multiple of nothing.
  return units !== 0 && (wholeUnits(amount) - wholeUnits(min)) % units === 0
}
