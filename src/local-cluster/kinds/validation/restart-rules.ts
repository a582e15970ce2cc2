// When a container of a pod is started anew (pkg/apis/core/validation, validateContainerRestartPolicy, 1.36.3).
import type { JsonObject } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, listOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { notSupported, requiredValue, tooMany } from './faults.ts'
import { choiceIfSet } from './numbers.ts'

const POLICIES = ['Always', 'Never', 'OnFailure']
const ACTIONS = ['Restart', 'RestartAllContainers']
const OPERATORS = ['In', 'NotIn']
const MAX_RULES = 20
const MAX_EXIT_CODES = 255

/** Faults of `restartPolicy` and `restartPolicyRules` of a container. */
export function restartFaults(container: JsonObject, path: string): readonly FieldFault[] {
  const rules = objectsOf(container['restartPolicyRules'])
  const policy = container['restartPolicy']
  if (isAbsent(policy) && rules.length === 0) return []
  const field = `${path}.restartPolicyRules`
  const faults: FieldFault[] = isAbsent(policy)
    ? [requiredValue(`${path}.restartPolicy`, 'must specify restartPolicy when restart rules are used')]
    : [...choiceIfSet(policy, `${path}.restartPolicy`, POLICIES)]
  if (rules.length > MAX_RULES) faults.push(tooMany(field, rules.length, MAX_RULES))
  return [...faults, ...rules.flatMap((rule, index) => ruleFaults(rule, `${field}[${index}]`))]
}

function ruleFaults(rule: JsonObject, at: string): readonly FieldFault[] {
  const action = textOf(rule['action'])
  const faults = ACTIONS.includes(action) ? [] : [notSupported(`${at}.action`, action, ACTIONS)]
  if (isAbsent(rule['exitCodes'])) return [...faults, requiredValue(`${at}.exitCodes`, 'must be specified')]
  const codes = objectOf(rule['exitCodes'])
  const [operator, count] = [textOf(codes['operator']), listOf(codes['values']).length]
  if (!OPERATORS.includes(operator)) faults.push(notSupported(`${at}.exitCodes.operator`, operator, OPERATORS))
  return count > MAX_EXIT_CODES ? [...faults, tooMany(`${at}.exitCodes.values`, count, MAX_EXIT_CODES)] : faults
}
