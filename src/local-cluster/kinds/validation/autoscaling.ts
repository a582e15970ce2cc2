// HorizontalPodAutoscalers of both versions (pkg/apis/autoscaling/validation, 1.36.3).
import { isObject } from '../../../kube/json-value.ts'
import type { JsonObject } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, numberOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { forbiddenValue, invalidValue, notSupported, requiredValue } from './faults.ts'
import { pathSegment } from './names.ts'

const SOURCES: Readonly<Record<string, string>> = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
}

export function validateAutoscaler(object: JsonObject): readonly FieldFault[] {
  const spec = objectOf(object['spec'])
  const [minimum, maximum] = [spec['minReplicas'], numberOf(spec['maxReplicas'])]
  const faults: FieldFault[] = []
  if (!isAbsent(minimum) && numberOf(minimum) < 1)
    faults.push(invalidValue('spec.minReplicas', minimum, 'must be greater than or equal to 1'))
  if (maximum === 0) faults.push(requiredValue('spec.maxReplicas', 'must be set and greater than 0'))
  if (maximum < 0) faults.push(invalidValue('spec.maxReplicas', maximum, 'must be greater than or equal to 1'))
  if (!isAbsent(minimum) && maximum < numberOf(minimum))
    faults.push(invalidValue('spec.maxReplicas', maximum, 'must be greater than or equal to `minReplicas`'))
  faults.push(...targetFaults(objectOf(spec['scaleTargetRef'])))
  for (const [index, metric] of objectsOf(spec['metrics']).entries())
    faults.push(...metricFaults(metric, `spec.metrics[${index}]`))
  return faults
}

function targetFaults(target: JsonObject): readonly FieldFault[] {
  const field = 'spec.scaleTargetRef'
  const faults = ['kind', 'name'].flatMap((key) => {
    const text = textOf(target[key])
    return text === '' ? [requiredValue(`${field}.${key}`)] : pathSegment(text).map((said) => invalidValue(`${field}.${key}`, text, said)) // prettier-ignore
  })
  const version = textOf(target['apiVersion'])
  const isCore = target['kind'] === 'ReplicationController' && version === 'v1'
  if (isCore || version.includes('/')) return faults
  return [...faults, invalidValue(`${field}.apiVersion`, version, 'apiVersion must specify API group')]
}

function metricFaults(metric: JsonObject, path: string): readonly FieldFault[] {
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
  if (expected === 'resource' && present.length === 1)
    faults.push(...resourceMetric(objectOf(metric['resource']), `${path}.resource`))
  if (present.length === 1) return faults
  const extra = present.filter((key) => key !== expected)
  return [
    ...faults,
    ...extra.map((key) => forbiddenValue(`${path}.${key}`, 'must populate the given metric source only')),
  ]
}

function resourceMetric(source: JsonObject, path: string): readonly FieldFault[] {
  const target = objectOf(source['target'])
  const field = `${path}.target`
  const type = textOf(target['type'])
  const faults = textOf(source['name']) === '' ? [requiredValue(`${path}.name`, 'must specify a resource name')] : []
  if (type === '') faults.push(requiredValue(`${field}.type`, 'must specify a metric target type'))
  if (!['Utilization', 'Value', 'AverageValue'].includes(type))
    faults.push(invalidValue(`${field}.type`, type, 'must be either Utilization, Value, or AverageValue'))
  const utilization = target['averageUtilization']
  if (!isAbsent(utilization) && numberOf(utilization) < 1)
    faults.push(invalidValue(`${field}.averageUtilization`, utilization, 'must be greater than 0'))
  const both = 'may not set both a target raw value and a target utilization'
  const none = 'must set either a target raw value or a target utilization'
  if (isAbsent(utilization) && isAbsent(target['averageValue']))
    faults.push(requiredValue(`${field}.averageUtilization`, none))
  if (!isAbsent(utilization) && !isAbsent(target['averageValue']))
    faults.push(forbiddenValue(`${field}.averageValue`, both))
  return faults
}
