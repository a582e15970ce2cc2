// Pods and pod templates as resources of their own.
import { rfc3339Seconds } from '../../../base/rfc3339.ts'
import type { JsonObject } from '../../../kube/object.ts'
import type { KindContext } from '../contract.ts'
import { listOf, numberOf, objectOf, objectsOf, put, textOf } from '../edit.ts'
import { defaultPod, defaultTemplate } from '../pod/pod-defaults.ts'
import { qosClass } from '../pod/quality-of-service.ts'
import { specParts, type Family } from './family.ts'

export const podFamily: Family = {
  '/v1/Pod': {
    setDefaults: defaultPod,
    prepareForCreate: preparePod,
    generationParts: specParts,
    fieldLabels: podLabels,
  },
  '/v1/PodTemplate': {
    setDefaults: (object) => defaultTemplate(object),
    generationParts: (object) => [object['template']],
  },
}

function preparePod(pod: JsonObject, { nowMs }: KindContext): JsonObject {
  const spec = objectOf(pod['spec'])
  const grace = numberOf(spec['terminationGracePeriodSeconds'])
  const edited = grace < 0 ? put(pod, 'spec', put(spec, 'terminationGracePeriodSeconds', 1)) : pod
  const isGated = listOf(spec['schedulingGates']).length > 0
  const conditions = isGated ? { conditions: [gatedCondition(nowMs)] } : {}
  return { ...edited, status: { phase: 'Pending', ...conditions, qosClass: qosClass(spec) } }
}

function gatedCondition(nowMs: number): JsonObject {
  return {
    type: 'PodScheduled',
    status: 'False',
    lastProbeTime: null,
    lastTransitionTime: rfc3339Seconds(nowMs),
    reason: 'SchedulingGated',
    message: 'Scheduling is blocked due to non-empty scheduling gates',
  }
}

/** pkg/registry/core/pod/strategy.go, ToSelectableFields. */
function podLabels(pod: JsonObject): Record<string, string> {
  const [spec, status] = [objectOf(pod['spec']), objectOf(pod['status'])]
  const addresses = objectsOf(status['podIPs']).map((address) => textOf(address['ip']))
  return {
    'spec.nodeName': textOf(spec['nodeName']),
    'spec.restartPolicy': textOf(spec['restartPolicy']),
    'spec.schedulerName': textOf(spec['schedulerName']),
    'spec.serviceAccountName': textOf(spec['serviceAccountName']),
    'spec.hostNetwork': String(spec['hostNetwork'] === true),
    'status.phase': textOf(status['phase']),
    'status.podIP': textOf(status['podIP']) || (addresses[0] ?? ''),
    'status.podIPs': listOf(status['podIPs']).length > 0 ? addresses.join(',') : '',
    'status.nominatedNodeName': textOf(status['nominatedNodeName']),
  }
}
