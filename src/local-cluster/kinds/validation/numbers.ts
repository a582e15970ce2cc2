// Numbers, percentages and choices: the checks most kinds share.
import { isObject } from '../../../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import { quantityOf } from '../../../kube/quantity.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, numberOf, textOf } from '../edit.ts'
import { invalidValue, notSupported, requiredValue } from './faults.ts'
import { isIpAddress, percentage, portName, portNumber } from './names.ts'

const NOT_NEGATIVE = 'must be greater than or equal to 0'

/** Each named field that is there must not be negative. */
export function nonNegative(object: JsonObject, path: string, ...keys: readonly string[]): readonly FieldFault[] {
  return keys
    .filter((key) => numberOf(object[key]) < 0)
    .map((key) => invalidValue(`${path}.${key}`, object[key], NOT_NEGATIVE))
}

/** A resource's amount must not be negative. */
export function nonNegativeQuantity(value: JsonValue | undefined, field: string): readonly FieldFault[] {
  const quantity = isAbsent(value) ? undefined : quantityOf(textOf(value))
  return quantity !== undefined && quantity.nano < 0n ? [invalidValue(field, value, NOT_NEGATIVE)] : []
}

/** One of a closed set; absent is `Required value`. */
export function oneOf(value: JsonValue | undefined, field: string, choices: readonly string[]): readonly FieldFault[] {
  if (isAbsent(value) || value === '') return [requiredValue(field)]
  return choices.includes(textOf(value)) ? [] : [notSupported(field, value, choices)]
}

/** One of a closed set, where the field may be absent. */
export function oneOfIfSet(
  value: JsonValue | undefined,
  field: string,
  choices: readonly string[],
): readonly FieldFault[] {
  return isAbsent(value) ? [] : oneOf(value, field, choices)
}

/** One of a closed set, where the field may be absent and an empty text is one of the wrong ones. */
export function choiceIfSet(
  value: JsonValue | undefined,
  field: string,
  choices: readonly string[],
): readonly FieldFault[] {
  return isAbsent(value) || choices.includes(textOf(value)) ? [] : [notSupported(field, value, choices)]
}

/** A number of pods or a share of them: `1`, `25%`. */
export function intOrPercent(value: JsonValue | undefined, field: string): readonly FieldFault[] {
  if (typeof value === 'string') return percentage(value).map((text) => invalidValue(field, value, text))
  return numberOf(value) < 0 ? [invalidValue(field, value, NOT_NEGATIVE)] : []
}

/** A share of at most everything. */
export function atMostAll(value: JsonValue | undefined, field: string): readonly FieldFault[] {
  const isMore = typeof value === 'string' && /^\d+%$/.test(value) && amountOf(value) > 100
  return isMore ? [invalidValue(field, value, 'must not be greater than 100%')] : []
}

/** The number itself or that of the percentage. */
export function amountOf(value: JsonValue | undefined): number {
  // A text that is neither is refused elsewhere, and counts for nothing.
  if (typeof value === 'string') return /^[+-]?\d+%?$/.test(value) ? Number.parseInt(value, 10) : 0
  return numberOf(value)
}

/** A port by number or by name. */
export function portFaults(port: JsonValue | undefined, field: string): readonly FieldFault[] {
  const texts = typeof port === 'string' ? portName(port) : portNumber(numberOf(port))
  return texts.map((text) => invalidValue(field, port ?? 0, text))
}

/** Whether a key holds an object, even an empty one. */
export function has(object: JsonObject, key: string): boolean {
  return isObject(object[key])
}

/** An address as old fields take it. */
export function ipFaults(address: string, field: string): readonly FieldFault[] {
  if (isIpAddress(address)) return []
  return [invalidValue(field, address, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')]
}

/** A resource's amount must be more than nothing. */
export function positiveQuantity(value: JsonValue | undefined, field: string): readonly FieldFault[] {
  const quantity = quantityOf(textOf(value))
  const isMore = quantity !== undefined && quantity.nano > 0n
  return isMore ? [] : [invalidValue(field, value, 'must be greater than zero')]
}
