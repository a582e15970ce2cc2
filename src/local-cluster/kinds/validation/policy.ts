// Disruption budgets, priority classes, leases and runtime classes (pkg/apis/policy/validation and siblings, 1.36.3).
import { deepEqual, isObject } from '../../../kube/json-value.ts'
import type { JsonObject } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, numberOf, objectOf, objectsOf, textOf, without } from '../edit.ts'
import { duplicate, forbiddenValue, invalidValue } from './faults.ts'
import { internalValue } from './internal-values.ts'
import { immutable, labelFaults } from './metadata.ts'
import { requiredName } from './named-faults.ts'
import { dnsLabel } from './names.ts'
import { atMostAll, choiceIfSet, intOrPercent, oneOf } from './numbers.ts'
import { resourceFaults } from './resources.ts'
import { printableSelector, selectorFaults } from './selectors.ts'
import { tolerationFaults } from './tolerations.ts'

/** Beyond this stand the priorities of the system. */
const MAX_USER_PRIORITY = 1_000_000_000

export function validateDisruptionBudget(object: JsonObject): readonly FieldFault[] {
  const spec = objectOf(object['spec'])
  const faults: FieldFault[] = []
  if (!isAbsent(spec['minAvailable']) && !isAbsent(spec['maxUnavailable']))
    faults.push(invalidValue('spec', printedBudget(spec), 'minAvailable and maxUnavailable cannot be both set'))
  for (const key of ['minAvailable', 'maxUnavailable'])
    if (!isAbsent(spec[key])) faults.push(...intOrPercent(spec[key], `spec.${key}`), ...atMostAll(spec[key], `spec.${key}`)) // prettier-ignore
  faults.push(...selectorFaults(objectOf(spec['selector']), 'spec.selector'))
  const policies = ['AlwaysAllow', 'IfHealthyBudget']
  return [...faults, ...choiceIfSet(spec['unhealthyPodEvictionPolicy'], 'spec.unhealthyPodEvictionPolicy', policies)]
}

/** The internal type has no JSON names, so its Go names are told. */
function printedBudget(spec: JsonObject): JsonObject {
  const selector = spec['selector']
  return {
    MinAvailable: spec['minAvailable'] ?? null,
    Selector: isObject(selector) ? printableSelector(selector) : null,
    MaxUnavailable: spec['maxUnavailable'] ?? null,
    UnhealthyPodEvictionPolicy: spec['unhealthyPodEvictionPolicy'] ?? null,
  }
}

export function validatePriorityClass(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const name = textOf(objectOf(object['metadata'])['name'])
  const value = numberOf(object['value'])
  if (old !== undefined) {
    const text = 'may not be changed in an update.'
    const faults = value === numberOf(old['value']) ? [] : [forbiddenValue('value', text)]
    return [...faults, ...immutable('preemptionPolicy', object['preemptionPolicy'], old['preemptionPolicy'])]
  }
  const policy = oneOf(object['preemptionPolicy'], 'preemptionPolicy', ['PreemptLowerPriority', 'Never'])
  return [...valueFaults(name, value), ...(isAbsent(object['preemptionPolicy']) ? [] : policy)]
}

function valueFaults(name: string, value: number): readonly FieldFault[] {
  if (name.startsWith('system-')) {
    const isKnown = name === 'system-cluster-critical' || name === 'system-node-critical'
    const text = 'priority class names with `system-` prefix are reserved for system use only'
    return isKnown
      ? []
      : [forbiddenValue('metadata.name', `${text}. error: ${name} is not a known system priority class`)]
  }
  if (value <= MAX_USER_PRIORITY) return []
  return [forbiddenValue('value', `maximum allowed value of a user defined priority is ${MAX_USER_PRIORITY}`)]
}

export function validateLease(object: JsonObject): readonly FieldFault[] {
  const spec = objectOf(object['spec'])
  const faults: FieldFault[] = []
  const seconds = spec['leaseDurationSeconds']
  if (!isAbsent(seconds) && numberOf(seconds) <= 0)
    faults.push(invalidValue('spec.leaseDurationSeconds', seconds, 'must be greater than 0'))
  const transitions = spec['leaseTransitions']
  if (numberOf(transitions) >= 0) return faults
  return [...faults, invalidValue('spec.leaseTransitions', transitions, 'must be greater than or equal to 0')]
}

export function validateRuntimeClass(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const { handler, overhead, scheduling } = object
  const faults = [...requiredName(handler, 'handler', dnsLabel)]
  if (!isAbsent(overhead)) faults.push(...resourceFaults({ limits: objectOf(overhead)['podFixed'] ?? {} }, 'overhead'))
  if (!isAbsent(scheduling)) faults.push(...schedulingFaults(objectOf(scheduling), 'scheduling'))
  return old === undefined ? faults : [...faults, ...immutable('handler', handler, old['handler'])]
}

function schedulingFaults(scheduling: JsonObject, field: string): readonly FieldFault[] {
  const tolerations = objectsOf(scheduling['tolerations'])
  const keyOf = (toleration: JsonObject): JsonObject => without(toleration, 'tolerationSeconds')
  const repeated = tolerations.flatMap((toleration, index) => {
    const isSeen = tolerations.slice(0, index).some((other) => deepEqual(keyOf(other), keyOf(toleration)))
    return isSeen ? [duplicate(`${field}.tolerations[${index}]`, internalValue('Toleration', toleration))] : []
  })
  return [
    ...labelFaults(scheduling['nodeSelector'], `${field}.nodeSelector`),
    ...tolerationFaults(scheduling, `${field}.tolerations`),
    ...repeated,
  ]
}
