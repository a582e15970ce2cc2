// Metrics and scaling rules of HorizontalPodAutoscalers (pkg/apis/autoscaling/validation, 1.36.3).
import { isObject } from '../../../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import { quantityOf } from '../../../kube/quantity.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, numberOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { forbiddenValue, invalidValue, notSupported, requiredValue } from './faults.ts'
import { pathSegment } from './names.ts'
import { choiceIfSet, nonNegativeQuantity } from './numbers.ts'

type SourceCheck = (source: JsonObject, path: string) => readonly FieldFault[]

const CHECKS: Readonly<Record<string, SourceCheck>> = {
  containerResource: (source, path) => [
    ...resourceFaults(source, path),
    ...(textOf(source['container']) === '' ? [requiredValue(`${path}.container`, 'must specify a container')] : []),
    ...resourceTarget(source, path),
  ],
  external: externalFaults,
  object: objectFaults,
  pods: podsFaults,
  resource: (source, path) => [...resourceFaults(source, path), ...resourceTarget(source, path)],
}
const SOURCES: Readonly<Record<string, string>> = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
}

/** Faults of one of `metrics`. */
export function metricFaults(metric: JsonObject, path: string): readonly FieldFault[] {
  const type = textOf(metric['type'])
  const types = Object.keys(SOURCES)
  const faults = type === '' ? [requiredValue(`${path}.type`, 'must specify a metric source type')] : []
  const expected = SOURCES[type]
  // Upstream looks at the type twice, and tells twice.
  if (expected === undefined)
    faults.push(notSupported(`${path}.type`, type, types), notSupported(`${path}.type`, type, types)) // prettier-ignore
  else if (!isObject(metric[expected]))
    faults.push(requiredValue(`${path}.${expected}`, 'must populate information for the given metric source'))
  const present = Object.values(SOURCES).filter((key) => isObject(metric[key]))
  const [only = ''] = present
  if (present.length === 1 && only === expected) return [...faults, ...(CHECKS[only]?.(objectOf(metric[only]), `${path}.${only}`) ?? [])] // prettier-ignore
  if (present.length === 1) return faults
  const extra = present.filter((key) => key !== expected)
  return [
    ...faults,
    ...extra.map((key) => forbiddenValue(`${path}.${key}`, 'must populate the given metric source only')),
  ]
}

function resourceFaults(source: JsonObject, path: string): readonly FieldFault[] {
  return textOf(source['name']) === '' ? [requiredValue(`${path}.name`, 'must specify a resource name')] : []
}

function resourceTarget(source: JsonObject, path: string): readonly FieldFault[] {
  const target = objectOf(source['target'])
  const field = `${path}.target`
  const faults = [...targetFaults(target, field)]
  const [hasShare, hasAmount] = [!isAbsent(target['averageUtilization']), !isAbsent(target['averageValue'])]
  if (!hasShare && !hasAmount)
    faults.push(requiredValue(`${field}.averageUtilization`, 'must set either a target raw value or a target utilization')) // prettier-ignore
  if (hasShare && hasAmount)
    faults.push(forbiddenValue(`${field}.averageValue`, 'may not set both a target raw value and a target utilization'))
  return faults
}

function targetFaults(target: JsonObject, field: string): readonly FieldFault[] {
  const type = textOf(target['type'])
  const faults = type === '' ? [requiredValue(`${field}.type`, 'must specify a metric target type')] : []
  if (!['Utilization', 'Value', 'AverageValue'].includes(type))
    faults.push(invalidValue(`${field}.type`, type, 'must be either Utilization, Value, or AverageValue'))
  for (const key of ['value', 'averageValue'])
    if (!isAbsent(target[key]) && !isPositive(target[key])) faults.push(invalidValue(`${field}.${key}`, target[key], 'must be positive')) // prettier-ignore
  const share = target['averageUtilization']
  if (isAbsent(share) || numberOf(share) >= 1) return faults
  return [...faults, invalidValue(`${field}.averageUtilization`, share, 'must be greater than 0')]
}

function isPositive(value: JsonValue | undefined): boolean {
  const quantity = quantityOf(textOf(value))
  return quantity !== undefined && quantity.nano > 0n
}

function identifierFaults(source: JsonObject, path: string): readonly FieldFault[] {
  const name = textOf(objectOf(source['metric'])['name'])
  const field = `${path}.metric.name`
  if (name === '') return [requiredValue(field, 'must specify a metric name')]
  return pathSegment(name).map((text) => invalidValue(field, name, text))
}

function externalFaults(source: JsonObject, path: string): readonly FieldFault[] {
  const target = objectOf(source['target'])
  const [hasValue, hasAverage] = [!isAbsent(target['value']), !isAbsent(target['averageValue'])]
  const faults = [...identifierFaults(source, path), ...targetFaults(target, `${path}.target`)]
  if (!hasValue && !hasAverage)
    faults.push(requiredValue(`${path}.target.averageValue`, 'must set either a target value for metric or a per-pod target')) // prettier-ignore
  if (hasValue && hasAverage)
    faults.push(forbiddenValue(`${path}.target.value`, 'may not set both a target value for metric and a per-pod target')) // prettier-ignore
  return faults
}

function objectFaults(source: JsonObject, path: string): readonly FieldFault[] {
  const target = objectOf(source['target'])
  const faults = [
    ...referenceFaults(objectOf(source['describedObject']), `${path}.describedObject`),
    ...identifierFaults(source, path),
    ...targetFaults(target, `${path}.target`),
  ]
  const isBare = isAbsent(target['value']) && isAbsent(target['averageValue'])
  return isBare
    ? [...faults, requiredValue(`${path}.target.averageValue`, 'must set either a target value or averageValue')]
    : faults
}

function podsFaults(source: JsonObject, path: string): readonly FieldFault[] {
  const target = objectOf(source['target'])
  const faults = [...identifierFaults(source, path), ...targetFaults(target, `${path}.target`)]
  if (!isAbsent(target['averageValue'])) return faults
  return [...faults, requiredValue(`${path}.target.averageValue`, 'must specify a positive target averageValue')]
}

/** Kind and name of `CrossVersionObjectReference`. */
export function referenceFaults(reference: JsonObject, field: string): readonly FieldFault[] {
  return ['kind', 'name'].flatMap((key) => {
    const text = textOf(reference[key])
    if (text === '') return [requiredValue(`${field}.${key}`)]
    return pathSegment(text).map((said) => invalidValue(`${field}.${key}`, text, said))
  })
}

/** An hour: longer windows are refused. */
const MAX_WINDOW = 3600
/** Half an hour: longer periods are refused. */
const MAX_PERIOD = 1800

/** Faults of `behavior`. */
export function behaviorFaults(behavior: JsonObject, field: string): readonly FieldFault[] {
  return ['scaleUp', 'scaleDown'].flatMap((key) =>
    isObject(behavior[key]) ? rulesFaults(objectOf(behavior[key]), `${field}.${key}`) : [],
  )
}

function rulesFaults(rules: JsonObject, field: string): readonly FieldFault[] {
  const window = rules['stabilizationWindowSeconds']
  const at = `${field}.stabilizationWindowSeconds`
  const faults: FieldFault[] = []
  if (numberOf(window) < 0) faults.push(invalidValue(at, window, 'must be greater than or equal to zero'))
  if (numberOf(window) > MAX_WINDOW) faults.push(invalidValue(at, window, `must be less than or equal to ${MAX_WINDOW}`)) // prettier-ignore
  faults.push(...choiceIfSet(rules['selectPolicy'], `${field}.selectPolicy`, ['Disabled', 'Max', 'Min']))
  const policies = objectsOf(rules['policies'])
  if (policies.length === 0) faults.push(requiredValue(`${field}.policies`, 'must specify at least one Policy'))
  for (const [index, policy] of policies.entries()) faults.push(...policyFaults(policy, `${field}.policies[${index}]`))
  const { tolerance } = rules
  return isAbsent(tolerance) ? faults : [...faults, ...nonNegativeQuantity(tolerance, `${field}.tolerance`)]
}

function policyFaults(policy: JsonObject, field: string): readonly FieldFault[] {
  const types = ['Percent', 'Pods']
  const period = numberOf(policy['periodSeconds'])
  const faults = types.includes(textOf(policy['type']))
    ? []
    : [notSupported(`${field}.type`, policy['type'] ?? '', types)]
  for (const key of ['value', 'periodSeconds'])
    if (numberOf(policy[key]) <= 0) faults.push(invalidValue(`${field}.${key}`, policy[key] ?? 0, 'must be greater than zero')) // prettier-ignore
  if (period > MAX_PERIOD) faults.push(invalidValue(`${field}.periodSeconds`, period, `must be less than or equal to ${MAX_PERIOD}`)) // prettier-ignore
  return faults
}
