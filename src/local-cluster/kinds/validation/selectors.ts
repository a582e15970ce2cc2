// Label selectors: their faults, how they print, whether they match.
import { labelKeyFaults, labelValueFaults } from '../../../kube/label-names.ts'
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { listOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { forbiddenValue, invalidValue, requiredValue } from './faults.ts'
import { labelFaults } from './metadata.ts'

/** Faults of `metav1.LabelSelector`. */
export function selectorFaults(selector: JsonObject, field: string): readonly FieldFault[] {
  const faults = [...labelFaults(selector['matchLabels'], `${field}.matchLabels`)]
  for (const [index, expression] of objectsOf(selector['matchExpressions']).entries())
    faults.push(...requirementFaults(expression, `${field}.matchExpressions[${index}]`))
  return faults
}

function requirementFaults(expression: JsonObject, field: string): readonly FieldFault[] {
  const values = listOf(expression['values'])
  const key = textOf(expression['key'])
  const faults = [...operatorFaults(textOf(expression['operator']), values.length, field)]
  faults.push(...labelKeyFaults(key).map((text) => invalidValue(`${field}.key`, key, text)))
  for (const [index, value] of values.entries())
    faults.push(
      ...labelValueFaults(textOf(value)).map((text) => invalidValue(`${field}.values[${index}]`, value, text)),
    )
  return faults
}

/** Faults of an operator and of how many values it has. */
export function operatorFaults(operator: string, count: number, field: string): readonly FieldFault[] {
  switch (operator) {
    case 'In':
    case 'NotIn':
      return count > 0 ? [] : [requiredValue(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'")]
    case 'Exists':
    case 'DoesNotExist':
      if (count === 0) return []
      return [forbiddenValue(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")]
    default:
      return [invalidValue(`${field}.operator`, operator, 'not a valid selector operator')]
  }
}

export function isEmptySelector(selector: JsonObject): boolean {
  return Object.keys(objectOf(selector['matchLabels'])).length + listOf(selector['matchExpressions']).length === 0
}

/** Whether every requirement holds for the labels; a selector that is malformed matches all, as its faults are told elsewhere. */
export function selectorMatches(selector: JsonObject, labels: JsonObject): boolean {
  const ofLabels = Object.entries(objectOf(selector['matchLabels'])).every(([key, value]) => labels[key] === value)
  return ofLabels && objectsOf(selector['matchExpressions']).every((expression) => requirementHolds(expression, labels))
}

function requirementHolds(expression: JsonObject, labels: JsonObject): boolean {
  const value = labels[textOf(expression['key'])]
  const isListed = value !== undefined && listOf(expression['values']).includes(value)
  switch (expression['operator']) {
    case 'In':
      return isListed
    case 'NotIn':
      return !isListed
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    default:
      return true
  }
}

/** A selector as Go prints it: fields in the order of the struct, keys of labels sorted. */
export function printableSelector(selector: JsonObject): JsonObject {
  const labels = selector['matchLabels']
  const expressions = objectsOf(selector['matchExpressions']).map(({ key, operator, values }) => ({
    key: key ?? '',
    operator: operator ?? '',
    ...(values === undefined ? {} : { values }),
  }))
  return {
    ...(labels === undefined ? {} : { matchLabels: sortedMap(labels) }),
    ...(expressions.length > 0 ? { matchExpressions: expressions } : {}),
  }
}

/** A map as Go prints it: keys sorted; null where there is none. */
export function sortedMap(map: JsonValue | undefined): JsonValue {
  if (map === undefined || map === null) return null
  return Object.fromEntries(Object.entries(objectOf(map)).sort(([a], [b]) => (a < b ? -1 : 1)))
}
