// HorizontalPodAutoscalers as their controller reads and writes them (autoscaling/v2).
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import type { LabelSelectorObject } from '../../../kube/selector.ts'
import type { Condition } from '../kit/model.ts'

export interface MetricTarget {
  readonly type: string
  readonly averageUtilization?: number
  readonly averageValue?: string | number
  readonly value?: string | number
}

export interface MetricSpec {
  readonly type: string
  readonly resource?: { readonly name: string; readonly target: MetricTarget }
  readonly containerResource?: { readonly name: string; readonly container: string; readonly target: MetricTarget }
  readonly pods?: { readonly metric: { readonly name: string } }
  readonly object?: {
    readonly metric: { readonly name: string }
    readonly describedObject: { readonly kind: string; readonly name: string }
  }
  readonly external?: { readonly metric: { readonly name: string; readonly selector?: LabelSelectorObject } }
}

export interface ScalingPolicy {
  readonly type: string
  readonly value: number
  readonly periodSeconds: number
}

export interface ScalingRules {
  readonly stabilizationWindowSeconds?: number
  readonly selectPolicy?: string
  readonly policies?: readonly ScalingPolicy[]
  readonly tolerance?: string | number
}

export interface AutoscalerStatus {
  readonly observedGeneration?: number
  readonly lastScaleTime?: string
  readonly currentReplicas?: number
  readonly desiredReplicas: number
  readonly currentMetrics?: readonly JsonObject[] | null
  readonly conditions?: readonly Condition[] | null
}

export interface Autoscaler extends KubeObject {
  readonly spec: {
    readonly scaleTargetRef: { readonly apiVersion?: string; readonly kind: string; readonly name: string }
    readonly minReplicas?: number
    readonly maxReplicas: number
    readonly metrics?: readonly MetricSpec[]
    readonly behavior?: { readonly scaleUp?: ScalingRules; readonly scaleDown?: ScalingRules }
  }
  readonly status?: AutoscalerStatus
}

export interface Scale extends KubeObject {
  readonly spec?: { readonly replicas?: number }
  readonly status?: { readonly replicas?: number; readonly selector?: string }
}
