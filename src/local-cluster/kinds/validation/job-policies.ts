// When an indexed job has failed or succeeded (pkg/apis/batch/validation, validatePodFailurePolicy and validateSuccessPolicy, 1.36.3).
import { labelKeyFaults } from '../../../kube/label-names.ts'
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, listOf, numberOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { sentValue } from '../emptied.ts'
import { duplicate, fault, invalidValue, notSupported, requiredValue, tooLong, tooMany } from './faults.ts'
import { internalValue } from './internal-values.ts'
import { ruleFaults } from './named-faults.ts'
import { nonNegative } from './numbers.ts'

const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore']
const OPERATORS = ['In', 'NotIn']
const STATES = ['False', 'True', 'Unknown']
const MAX_RULES = 20
const MAX_VALUES = 255
const MAX_PATTERNS = 20

/** Faults of `podFailurePolicy` of a job's spec. */
export function failurePolicyFaults(spec: JsonObject, field: string): readonly FieldFault[] {
  if (isAbsent(spec['podFailurePolicy'])) return []
  const rules = objectsOf(objectOf(spec['podFailurePolicy'])['rules'])
  const podSpec = objectOf(objectOf(spec['template'])['spec'])
  const names = [...objectsOf(podSpec['containers']), ...objectsOf(podSpec['initContainers'])].map(({ name }) => textOf(name)) // prettier-ignore
  const faults = rules.length > MAX_RULES ? [tooMany(`${field}.rules`, rules.length, MAX_RULES)] : []
  return [
    ...faults,
    ...rules.flatMap((rule, index) => {
      const at = `${field}.rules[${index}]`
      return [...actionFaults(spec, rule, `${at}.action`), ...matchFaults(rule, at, names)]
    }),
  ]
}

/** A choice that must be made, with Go's way of listing them. */
function choiceFaults(value: string, field: string, choices: readonly string[]): readonly FieldFault[] {
  const listed = choices.map((choice) => JSON.stringify(choice)).join(' ')
  if (value === '') return [requiredValue(field, `valid values: [${listed}]`)]
  return choices.includes(value) ? [] : [notSupported(field, value, choices)]
}

function actionFaults(spec: JsonObject, rule: JsonObject, field: string): readonly FieldFault[] {
  const action = textOf(rule['action'])
  if (action !== 'FailIndex') return choiceFaults(action, field, ACTIONS)
  return isAbsent(spec['backoffLimitPerIndex']) ? [invalidValue(field, action, 'requires the backoffLimitPerIndex to be set')] : [] // prettier-ignore
}

function matchFaults(rule: JsonObject, at: string, names: readonly string[]): readonly FieldFault[] {
  const patterns = objectsOf(rule['onPodConditions'])
  const [hasCodes, hasConditions] = [!isAbsent(rule['onExitCodes']), patterns.length > 0]
  const says = (text: string): FieldFault => fault('FieldValueInvalid', at, `Invalid value: ${text}`)
  const faults = hasCodes ? [...exitCodeFaults(objectOf(rule['onExitCodes']), `${at}.onExitCodes`, names)] : []
  faults.push(...conditionFaults(patterns, `${at}.onPodConditions`))
  if (hasCodes && hasConditions) faults.push(says('specifying both OnExitCodes and OnPodConditions is not supported'))
  if (!hasCodes && !hasConditions) faults.push(says('specifying one of OnExitCodes and OnPodConditions is required'))
  return faults
}

function conditionFaults(patterns: readonly JsonObject[], field: string): readonly FieldFault[] {
  const faults = patterns.length > MAX_PATTERNS ? [tooMany(field, patterns.length, MAX_PATTERNS)] : []
  return [
    ...faults,
    ...patterns.flatMap((pattern, index) => [
      ...ruleFaults(pattern['type'], `${field}[${index}].type`, labelKeyFaults),
      ...choiceFaults(textOf(pattern['status']), `${field}[${index}].status`, STATES),
    ]),
  ]
}

function exitCodeFaults(codes: JsonObject, field: string, names: readonly string[]): readonly FieldFault[] {
  const container = codes['containerName']
  const values = listOf(codes['values']).map(numberOf)
  const faults = [...choiceFaults(textOf(codes['operator']), `${field}.operator`, OPERATORS)]
  if (!isAbsent(container) && !names.includes(textOf(container)))
    faults.push(invalidValue(`${field}.containerName`, container, 'must be one of the container or initContainer names in the pod template')) // prettier-ignore
  const at = `${field}.values`
  if (values.length === 0) faults.push(invalidValue(at, sentValue(codes, 'values'), 'at least one value is required'))
  if (values.length > MAX_VALUES) faults.push(tooMany(at, values.length, MAX_VALUES))
  for (const [index, value] of values.entries()) {
    if (codes['operator'] === 'In' && value === 0)
      faults.push(invalidValue(`${at}[${index}]`, value, 'must not be 0 for the In operator'))
    if (values.indexOf(value) < index) faults.push(duplicate(`${at}[${index}]`, value))
  }
  const isOrdered = values.every((value, index) => index === 0 || (values[index - 1] ?? value) <= value)
  return isOrdered ? faults : [...faults, invalidValue(at, values, 'must be ordered')]
}

/** Longest text of indexes. */
const MAX_INDEXES = 64 * 1024

/** Faults of `successPolicy` of a job's spec. */
export function successPolicyFaults(spec: JsonObject, field: string): readonly FieldFault[] {
  if (isAbsent(spec['successPolicy'])) return []
  const policy = objectOf(spec['successPolicy'])
  if (spec['completionMode'] !== 'Indexed')
    return [invalidValue(field, internalValue('batch.SuccessPolicy', policy), 'requires indexed completion mode')]
  const rules = objectsOf(policy['rules'])
  const at = `${field}.rules`
  const faults: FieldFault[] = []
  if (rules.length === 0)
    faults.push(requiredValue(at, 'at least one rules must be specified when the successPolicy is specified'))
  if (rules.length > MAX_RULES) faults.push(tooMany(at, rules.length, MAX_RULES))
  const completions = numberOf(spec['completions'])
  return [...faults, ...rules.flatMap((rule, index) => successFaults(rule, completions, `${at}[${index}]`))]
}

function successFaults(rule: JsonObject, completions: number, at: string): readonly FieldFault[] {
  const { succeededIndexes: indexes, succeededCount: count } = rule
  if (isAbsent(indexes) && isAbsent(count))
    return [requiredValue(at, 'at least one of succeededCount or succeededIndexes must be specified')]
  const faults: FieldFault[] = []
  const text = textOf(indexes)
  if (text.length > MAX_INDEXES) faults.push(tooLong(`${at}.succeededIndexes`, MAX_INDEXES))
  const read = readIndexes(text, completions)
  if (typeof read === 'string')
    faults.push(invalidValue(`${at}.succeededIndexes`, text, `error parsing succeededIndexes: ${read}`))
  const total = typeof read === 'string' ? 0 : read
  return [...faults, ...countFaults(rule, completions, isAbsent(indexes) ? undefined : total, at)]
}

function countFaults(
  rule: JsonObject,
  completions: number,
  total: number | undefined,
  at: string,
): readonly FieldFault[] {
  const count: JsonValue | undefined = rule['succeededCount']
  if (isAbsent(count)) return []
  const says = (text: string): FieldFault => invalidValue(`${at}.succeededCount`, count, text)
  const faults = [...nonNegative(rule, at, 'succeededCount')]
  if (numberOf(count) > completions)
    faults.push(says(`must be less than or equal to ${completions} (the number of specified completions)`))
  if (total !== undefined && numberOf(count) > total)
    faults.push(says(`must be less than or equal to ${total} (the number of indexes in the specified succeededIndexes field)`)) // prettier-ignore
  return faults
}

/** How many indexes a text like `0-2,5` names, or what is wrong with it. */
function readIndexes(text: string, completions: number): number | string {
  if (text === '') return 0
  let total = 0
  let last: number | undefined
  for (const interval of text.split(',')) {
    const read = readInterval(interval, completions)
    if (typeof read === 'string') return read
    const [first, end] = read
    if (last !== undefined && last >= first) return `non-increasing order, previous: ${last}, current: ${first}`
    total += end - first + 1
    last = end
  }
  return total
}

function readInterval(interval: string, completions: number): readonly [first: number, last: number] | string {
  const parts = interval.split('-')
  if (parts.length > 2)
    return `the fragment ${JSON.stringify(interval)} violates the requirement that an index interval can have at most two parts separated by '-'`
  const numbers: number[] = []
  for (const part of parts) {
    if (!/^[+-]?\d{1,15}$/.test(part)) return `cannot convert string to integer for index: ${JSON.stringify(part)}`
    if (Number(part) >= completions) return `too large index: ${JSON.stringify(part)}`
    numbers.push(Number(part))
  }
  const [first = 0, last = first] = numbers
  const isWrong = numbers.length === 2 && first >= last
  return isWrong ? `non-increasing order, previous: ${first}, current: ${last}` : [first, last]
}
