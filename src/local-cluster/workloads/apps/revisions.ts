// ControllerRevisions: the history of templates that StatefulSets and DaemonSets keep (pkg/controller/history, v1.36).
import type { Informer } from '../../../kube/client/informer.ts'
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import { isStatus, refOf, type WorkloadContext } from '../kit/context.ts'
import { deepEqual } from '../../../kube/json-value.ts'
import { templateHash } from '../kit/hash.ts'
import type { LabelSelector, PodTemplate } from '../kit/model.ts'
import { claimChildren, controllerReference } from '../kit/ownership.ts'

export const REVISION_LABEL = 'controller-revision-hash'

export interface ControllerRevision extends KubeObject {
  readonly revision: number
  readonly data?: JsonObject
}

/** What keeps a history of templates. */
export interface RevisionOwner extends KubeObject {
  readonly spec: {
    readonly selector: LabelSelector
    readonly template: PodTemplate
    readonly revisionHistoryLimit?: number
  }
}

export interface RevisionRoom {
  readonly context: WorkloadContext
  readonly revisions: Informer<ControllerRevision>
}

export interface History {
  readonly update: ControllerRevision
  /** Oldest first, the update's too. */
  readonly all: readonly ControllerRevision[]
}

/** The revision of the present template, made where it is new, raised to the top where it comes back. */
export async function syncRevisions(room: RevisionRoom, owner: RevisionOwner): Promise<History> {
  const { client } = room.context
  const claimed = await claimChildren({ client, cache: room.revisions, owner, selector: owner.spec.selector })
  const all = claimed.toSorted((a, b) => a.revision - b.revision)
  const data = revisionData(owner)
  const top = (all.at(-1)?.revision ?? 0) + 1
  const equal = all.findLast((one) => deepEqual(one.data, data))
  if (equal === undefined) {
    const made = await create(room, owner, { data, revision: top })
    return { update: made, all: [...all, made] }
  }
  if (equal.revision === top - 1) return { update: equal, all }
  const raised = await room.context.client.update(refOf(room.revisions.type, equal), {
    ...equal,
    revision: top,
  } as KubeObject)
  // The server answers with the object it was given.
  const update = raised as ControllerRevision
  return { update, all: [...all.filter((one) => one !== equal), update] }
}

/** Deletes the oldest revisions that no pod uses, beyond the limit. */
export async function trimRevisions(
  room: RevisionRoom,
  owner: RevisionOwner,
  facts: { readonly history: History; readonly inUse: ReadonlySet<string> },
): Promise<void> {
  const { revisionHistoryLimit = 10 } = owner.spec
  const { history, inUse } = facts
  const unused = history.all.filter((one) => one !== history.update && !inUse.has(one.metadata.name ?? ''))
  const surplus = unused.slice(0, Math.max(0, unused.length - revisionHistoryLimit))
  await Promise.all(surplus.map((one) => room.context.client.delete(refOf(room.revisions.type, one))))
}

/** The template a revision keeps. */
export function templateOf(revision: ControllerRevision, fallback: PodTemplate): PodTemplate {
  const { spec } = (revision.data ?? {}) as {
    readonly spec?: { readonly template?: PodTemplate & { readonly $patch?: string } }
  }
  if (spec?.template === undefined) return fallback
  const { $patch: _patch, ...template } = spec.template
  return template
}

/** A strategic merge patch that puts the template in place of another: `kubectl rollout undo` applies it as it is. */
function revisionData(owner: RevisionOwner): JsonObject {
  const template = { ...owner.spec.template, $patch: 'replace' }
  // Templates are JSON.
  return { spec: { template: template as unknown as JsonObject } }
}

async function create(
  room: RevisionRoom,
  owner: RevisionOwner,
  facts: { readonly data: JsonObject; readonly revision: number },
): Promise<ControllerRevision> {
  for (let collisions = 0; ; collisions++) {
    const hash = templateHash(facts.data, collisions === 0 ? undefined : collisions)
    const wanted = {
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: {
        name: `${owner.metadata.name}-${hash}`,
        namespace: owner.metadata.namespace ?? '',
        labels: { ...owner.spec.template.metadata?.labels, [REVISION_LABEL]: hash },
        ownerReferences: [controllerReference(owner)],
      },
      data: facts.data,
      revision: facts.revision,
    }
    try {
      return (await room.context.client.create(room.revisions.type, wanted)) as ControllerRevision
    } catch (error) {
      if (!isStatus(error, 409)) throw error
    }
    const found = (await room.context.client.get(refOf(room.revisions.type, wanted))) as ControllerRevision | undefined
    if (found !== undefined && deepEqual(found.data, facts.data)) return found
  }
}
