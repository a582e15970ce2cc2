// The status of what makes pods: counts that fit one another (pkg/apis/apps/validation, 1.36.3).
import type { JsonObject } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { numberOf, objectOf } from '../edit.ts'
import { invalidValue } from './faults.ts'
import { nonNegative } from './numbers.ts'

/** A count and what it may not exceed, in the order upstream looks. */
type Bound = readonly [count: string, limit: string]

interface StatusRules {
  readonly counts: readonly string[]
  readonly bounds: readonly Bound[]
  /** What the limit of ready pods is called: by its path for stateful sets alone. */
  readonly ready?: string
}

const DEPLOYMENT: StatusRules = {
  counts: ['observedGeneration', 'replicas', 'updatedReplicas', 'terminatingReplicas', 'readyReplicas', 'availableReplicas', 'unavailableReplicas', 'collisionCount'], // prettier-ignore
  bounds: [
    ['updatedReplicas', 'replicas'],
    ['readyReplicas', 'replicas'],
    ['availableReplicas', 'replicas'],
    ['availableReplicas', 'readyReplicas'],
  ],
}
const REPLICA_SET: StatusRules = {
  counts: ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'observedGeneration'],
  bounds: [
    ['fullyLabeledReplicas', 'replicas'],
    ['readyReplicas', 'replicas'],
    ['availableReplicas', 'replicas'],
    ['availableReplicas', 'readyReplicas'],
  ],
}
const STATEFUL_SET: StatusRules = {
  ready: 'status.readyReplicas',
  counts: ['replicas', 'readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas', 'observedGeneration', 'collisionCount'], // prettier-ignore
  bounds: [
    ['readyReplicas', 'replicas'],
    ['currentReplicas', 'replicas'],
    ['updatedReplicas', 'replicas'],
    ['availableReplicas', 'replicas'],
    ['availableReplicas', 'readyReplicas'],
  ],
}
const DAEMON_SET: StatusRules = {
  counts: ['currentNumberScheduled', 'numberMisscheduled', 'desiredNumberScheduled', 'numberReady', 'observedGeneration', 'updatedNumberScheduled', 'numberAvailable', 'numberUnavailable', 'collisionCount'], // prettier-ignore
  bounds: [],
}

export const STATUS_VALIDATORS: Readonly<Record<string, (object: JsonObject) => readonly FieldFault[]>> = {
  'apps/v1/Deployment': (object) => statusFaults(object, DEPLOYMENT),
  'apps/v1/ReplicaSet': (object) => statusFaults(object, REPLICA_SET),
  'apps/v1/StatefulSet': (object) => statusFaults(object, STATEFUL_SET),
  'apps/v1/DaemonSet': (object) => statusFaults(object, DAEMON_SET),
  '/v1/ReplicationController': (object) => statusFaults(object, REPLICA_SET),
}

function statusFaults(
  object: JsonObject,
  { counts, bounds, ready = 'readyReplicas' }: StatusRules,
): readonly FieldFault[] {
  const status = objectOf(object['status'])
  const faults = [...nonNegative(status, 'status', ...counts)]
  for (const [count, limit] of bounds) {
    if (numberOf(status[count]) <= numberOf(status[limit])) continue
    const name = limit === 'readyReplicas' ? ready : `status.${limit}`
    faults.push(invalidValue(`status.${count}`, numberOf(status[count]), `cannot be greater than ${name}`))
  }
  return faults
}
