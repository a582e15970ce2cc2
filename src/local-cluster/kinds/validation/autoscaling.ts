// HorizontalPodAutoscalers of both versions (pkg/apis/autoscaling/validation, 1.36.3).
import type { JsonObject } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, numberOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { behaviorFaults, metricFaults, referenceFaults } from './autoscaling-metrics.ts'
import { invalidValue, requiredValue } from './faults.ts'

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
  const share = spec['targetCPUUtilizationPercentage']
  if (!isAbsent(share) && numberOf(share) < 1)
    faults.push(invalidValue('spec.metrics[0].resource.target.averageUtilization', share, 'must be greater than 0'))
  return [...faults, ...behaviorFaults(objectOf(spec['behavior']), 'spec.behavior')]
}

function targetFaults(target: JsonObject): readonly FieldFault[] {
  const field = 'spec.scaleTargetRef'
  const faults = referenceFaults(target, field)
  const version = textOf(target['apiVersion'])
  const isCore = target['kind'] === 'ReplicationController' && version === 'v1'
  if (isCore || version.includes('/')) return faults
  return [...faults, invalidValue(`${field}.apiVersion`, version, 'apiVersion must specify API group')]
}
