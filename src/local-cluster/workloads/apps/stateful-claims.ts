// What becomes of a StatefulSet's claims when it shrinks or goes: their owners say so, and the garbage collector does it (stateful_set_utils.go, v1.36.3).
import type { Informer } from '../../../kube/client/informer.ts'
import { deepEqual } from '../../../kube/json-value.ts'
import type { KubeObject, OwnerReference } from '../../../kube/object.ts'
import { isStatus, refOf, type WorkloadContext } from '../kit/context.ts'
import type { Pod } from '../kit/model.ts'
import { controllerReference } from '../kit/ownership.ts'
import { ordinalOf, type StatefulSet } from './stateful-pod.ts'

export interface ClaimsRoom {
  readonly context: WorkloadContext
  readonly claims: Informer
}

/** Brings the owners of the claims of these pods in line with the retention policy. */
export async function keepClaims(room: ClaimsRoom, set: StatefulSet, pods: readonly Pod[]): Promise<void> {
  const templates = set.spec.volumeClaimTemplates ?? []
  for (const pod of templates.length === 0 ? [] : pods) {
    for (const template of templates) {
      const name = `${template.metadata.name}-${pod.metadata.name}`
      const claim = room.claims.get(set.metadata.namespace, name)
      if (claim !== undefined && claim.metadata.deletionTimestamp === undefined)
        await keepClaim(room, claim, { set, pod })
    }
  }
}

interface Owners {
  readonly set: StatefulSet
  readonly pod: Pod
}

async function keepClaim({ context, claims }: ClaimsRoom, claim: KubeObject, owners: Owners): Promise<void> {
  const known = claim.metadata.ownerReferences ?? []
  const wanted = claimOwners(claim, owners)
  if (deepEqual(known.map(plain), wanted.map(plain))) return
  const metadata = { ...claim.metadata, ownerReferences: wanted }
  try {
    await context.client.update(refOf(claims.type, claim), { ...claim, metadata })
  } catch (error) {
    // Gone meanwhile: nothing is left to keep.
    if (!isStatus(error, 404)) throw error
  }
}

function plain({ apiVersion, kind, name, uid }: OwnerReference): Readonly<Record<string, string>> {
  return { apiVersion, kind, name, uid }
}

/** The owners a claim should have: others' stay, and one of ours as the policy says. */
export function claimOwners(claim: KubeObject, { set, pod }: Owners): readonly OwnerReference[] {
  const isOurs = ({ kind, name }: OwnerReference): boolean =>
    (kind === 'StatefulSet' && name === set.metadata.name) || (kind === 'Pod' && name === pod.metadata.name)
  const others = (claim.metadata.ownerReferences ?? []).filter((one) => !isOurs(one))
  // Somebody else controls it: it is theirs to keep or to lose.
  if (others.some(({ controller }) => controller === true)) return others
  const { whenDeleted = 'Retain', whenScaled = 'Retain' } = set.spec.persistentVolumeClaimRetentionPolicy ?? {}
  if (whenScaled === 'Delete' && !isInRange(set, pod)) return [...others, controllerReference(pod)]
  return whenDeleted === 'Delete' ? [...others, controllerReference(set)] : others
}

function isInRange(set: StatefulSet, pod: Pod): boolean {
  const start = set.spec.ordinals?.start ?? 0
  const ordinal = ordinalOf(set, pod)
  return ordinal >= start && ordinal < start + (set.spec.replicas ?? 1)
}
