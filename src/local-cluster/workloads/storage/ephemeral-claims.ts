// The claims of volumes that live as long as their pod (pkg/controller/volume/ephemeral, v1.36.3).
import { CapstanError, messageOf } from '../../../base/errors.ts'
import type { Informer } from '../../../kube/client/informer.ts'
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import type { Controller } from '../../../reconcile/controller.ts'
import type { EventRecorder } from '../../../reconcile/events.ts'
import { enqueueOnChange } from '../../../reconcile/enqueue.ts'
import { requestFor, type Request } from '../../../reconcile/request.ts'
import { isStatus, workloadController, type WorkloadContext } from '../kit/context.ts'
import type { Pod } from '../kit/model.ts'
import { controllerReference } from '../kit/ownership.ts'
import { claimsOfPod, isMadeFor } from './pod-claims.ts'
import type { Claim } from './volume-model.ts'

interface Room {
  readonly context: WorkloadContext
  readonly pods: Informer<Pod>
  readonly claims: Informer<Claim>
  readonly events: EventRecorder
}

/** Makes the claims of `ephemeral` volumes; the pod owns them. */
export async function createEphemeralClaims(context: WorkloadContext): Promise<Controller> {
  const [pods, claims] = await Promise.all([
    context.informers.of<Pod>({ group: '', kind: 'Pod' }),
    context.informers.of<Claim>({ group: '', kind: 'PersistentVolumeClaim' }),
  ])
  const room: Room = { context, pods, claims, events: context.events('ephemeral_volume') }
  const controller = workloadController(context, {
    name: 'ephemeral-volume',
    reconcile: (request) => syncPod(room, request),
  })
  enqueueOnChange(pods, controller, ({ type, object }) => {
    const hasSome = type !== 'DELETED' && (object.spec.volumes ?? []).some(({ ephemeral }) => ephemeral !== undefined)
    return hasSome ? [requestFor(object)] : []
  })
  claims.onChange(({ type, object }) => {
    const owner = type === 'DELETED' ? object.metadata.ownerReferences?.find((one) => one.kind === 'Pod') : undefined
    if (owner !== undefined) controller.enqueue({ namespace: object.metadata.namespace ?? '', name: owner.name })
  })
  return controller
}

async function syncPod(room: Room, { namespace, name }: Request): Promise<void> {
  const pod = room.pods.get(namespace, name)
  if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return
  for (const { name: claimName, ephemeral } of claimsOfPod(pod)) {
    if (ephemeral !== undefined) await ensureClaim(room, pod, { name: claimName, volume: ephemeral })
  }
}

interface WantedClaim {
  readonly name: string
  readonly volume: string
}

async function ensureClaim(room: Room, pod: Pod, wanted: WantedClaim): Promise<void> {
  const { context, claims } = room
  const { namespace, name } = pod.metadata
  const found = claims.get(namespace, wanted.name)
  if (found !== undefined && isMadeFor(found, pod)) return
  if (found !== undefined) {
    const why = `PVC ${namespace}/${wanted.name} was not created for pod ${namespace}/${name} (pod is not owner)`
    tell(room, pod, wanted, why)
    throw new CapstanError('conflict', why)
  }
  try {
    await context.client.create(claims.type, claimObject(pod, wanted))
  } catch (error) {
    // The cache has not caught up with what was made a moment ago.
    if (!isStatus(error, 409)) tell(room, pod, wanted, `create PVC ${wanted.name}: ${messageOf(error)}`)
    throw error
  }
}

function tell({ events }: Room, pod: Pod, { volume }: WantedClaim, why: string): void {
  events.record(pod, { type: 'Warning', reason: 'FailedBinding', message: `ephemeral volume ${volume}: ${why}` })
}

function claimObject(pod: Pod, { name, volume }: WantedClaim): KubeObject {
  const source = pod.spec.volumes?.find((one) => one.name === volume)?.ephemeral
  // EphemeralVolumeSource of core/v1.
  const template = (source?.['volumeClaimTemplate'] ?? {}) as {
    readonly metadata?: { readonly labels?: JsonObject; readonly annotations?: JsonObject }
    readonly spec?: JsonObject
  }
  const { labels, annotations } = template.metadata ?? {}
  const claim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name,
      namespace: pod.metadata.namespace ?? '',
      ownerReferences: [controllerReference({ ...pod, apiVersion: 'v1', kind: 'Pod' })],
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
    spec: template.spec ?? {},
  }
  return claim as KubeObject // labels and annotations are texts
}
