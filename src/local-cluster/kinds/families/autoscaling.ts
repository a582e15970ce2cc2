// HorizontalPodAutoscalers of both versions (pkg/apis/autoscaling/v2/defaults.go, 1.36.3).
import type { JsonObject } from '../../../kube/object.ts'
import { change, fill, listOf, objectOf, put } from '../edit.ts'
import type { Family } from './family.ts'

const SCALE_UP: JsonObject = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
}
const SCALE_DOWN: JsonObject = { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] }
const CPU_TARGET: JsonObject = {
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
}

export const autoscalingFamily: Family = {
  'autoscaling/v2/HorizontalPodAutoscaler': {
    setDefaults: (object) => change(object, 'spec', defaultSpec),
  },
  'autoscaling/v1/HorizontalPodAutoscaler': {
    setDefaults: (object) =>
      change(object, 'spec', (spec) => fill(spec, { minReplicas: 1, targetCPUUtilizationPercentage: 80 })),
  },
}

function defaultSpec(spec: JsonObject): JsonObject {
  const edited = fill(spec, { minReplicas: 1 })
  const measured = listOf(edited['metrics']).length > 0 ? edited : put(edited, 'metrics', [CPU_TARGET])
  return change(measured, 'behavior', (behavior) => ({
    ...behavior,
    scaleUp: fill(objectOf(behavior['scaleUp']), SCALE_UP),
    scaleDown: fill(objectOf(behavior['scaleDown']), SCALE_DOWN),
  }))
}
