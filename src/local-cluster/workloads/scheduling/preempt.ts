// Makes room for a pod: marks the pods that have to go, and deletes them (framework/preemption/executor.go, v1.36.3).
import type { Informer } from '../../../kube/client/informer.ts'
import type { EventRecorder } from '../../../reconcile/events.ts'
import { isStatus, refOf, type WorkloadContext } from '../kit/context.ts'
import type { Pod } from '../kit/model.ts'
import { timestamp, withCondition } from '../kit/pod-state.ts'
import type { Victims } from './preemption.ts'

interface Room {
  readonly context: WorkloadContext
  readonly pods: Informer<Pod>
  readonly events: EventRecorder
}

/** Drives the victims out; the pod is looked at again when they are gone. */
export async function preempt(room: Room, pod: Pod, { node, pods }: Victims): Promise<void> {
  for (const victim of pods) {
    if (victim.metadata.deletionTimestamp !== undefined) continue
    await driveOut(room, victim)
    const message = `Preempted by pod ${pod.metadata.uid ?? ''} on node ${node}`
    room.events.record(victim, { type: 'Normal', reason: 'Preempted', message })
  }
}

async function driveOut({ context, pods }: Room, victim: Pod): Promise<void> {
  const { uid = '' } = victim.metadata
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'PreemptionByScheduler',
    message: 'default-scheduler: preempting to accommodate a higher priority pod',
  } as const
  const conditions = withCondition(victim.status?.conditions, condition, timestamp(context.clock.now()))
  const patch = { metadata: { uid }, status: { conditions: conditions.map((one) => ({ ...one })) } }
  try {
    await context.client.patch(refOf(pods.type, victim, 'status'), 'strategic', patch)
    await context.client.delete(refOf(pods.type, victim), { preconditions: { uid } })
  } catch (error) {
    // Gone meanwhile, which is what was wanted.
    if (!isStatus(error, 404) && !isStatus(error, 409)) throw error
  }
}
