// ControllerRevisions: the history of templates that StatefulSets and DaemonSets keep (pkg/controller/history, v1.36).
import type { Informer } from '../../../kube/client/informer.ts'
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import { isStatus, refOf, type WorkloadContext } from '../kit/context.ts'
import { deepEqual } from '../../../kube/json-value.ts'
import { revisionHash, templateHash, withSortedKeys } from '../kit/hash.ts'
import type { LabelSelector, PodTemplate } from '../kit/model.ts'
import { claimChildren, controllerReference } from '../kit/ownership.ts'

export const REVISION_LABEL = 'controller-revision-hash'

/** On the revisions of StatefulSets, whose pods have the revision's name at the other label. */
const HISTORY_LABEL = 'controller.kubernetes.io/hash'

/** Leaves room for the hash in a name of 253 (history.ControllerRevisionName). */
const MAX_PREFIX = 223

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
  readonly status?: { readonly collisionCount?: number }
}

/** How the two controllers that keep a history name and label a revision. */
export interface RevisionNaming {
  readonly label: string
  readonly firstCollisionCount: number | undefined
  hash(facts: {
    readonly owner: RevisionOwner
    readonly data: JsonObject
    readonly collisionCount: number | undefined
  }): string
}

/** pkg/controller/history NewControllerRevision: a hash of the data. */
export const STATEFUL_NAMING: RevisionNaming = {
  label: HISTORY_LABEL,
  firstCollisionCount: 0,
  hash: ({ data, collisionCount = 0 }) => revisionHash(data, collisionCount),
}

/** pkg/controller/daemon snapshot: the hash a Deployment would have. */
export const DAEMON_NAMING: RevisionNaming = {
  label: REVISION_LABEL,
  firstCollisionCount: undefined,
  hash: ({ owner, collisionCount }) => templateHash(owner.spec.template, collisionCount),
}

export interface RevisionRoom {
  readonly context: WorkloadContext
  readonly revisions: Informer<ControllerRevision>
  readonly naming: RevisionNaming
}

export interface History {
  readonly update: ControllerRevision
  /** Oldest first, the update's too. */
  readonly all: readonly ControllerRevision[]
  /** For the owner's status: how often a name was taken by another's revision. */
  readonly collisionCount: number | undefined
}

/** The revision of the present template, made where it is new, raised to the top where it comes back. */
export async function syncRevisions(room: RevisionRoom, owner: RevisionOwner): Promise<History> {
  const { client } = room.context
  const claimed = await claimChildren({ client, cache: room.revisions, owner, selector: owner.spec.selector })
  const all = claimed.toSorted((a, b) => a.revision - b.revision)
  const data = revisionData(owner)
  const top = (all.at(-1)?.revision ?? 0) + 1
  const equal = all.findLast((one) => deepEqual(one.data, data))
  const collisionCount = owner.status?.collisionCount ?? room.naming.firstCollisionCount
  if (equal === undefined) {
    const made = await create(room, owner, { data, revision: top, collisionCount })
    return { update: made.revision, all: [...all, made.revision], collisionCount: made.collisionCount }
  }
  if (equal.revision === top - 1) return { update: equal, all, collisionCount }
  const raised = await room.context.client.update(refOf(room.revisions.type, equal), {
    ...equal,
    revision: top,
  } as KubeObject)
  // The server answers with the object it was given.
  const update = raised as ControllerRevision
  return { update, all: [...all.filter((one) => one !== equal), update], collisionCount }
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
  // Templates are JSON. The keys stand in Go's order, because upstream's controller compares the bytes.
  return withSortedKeys({ spec: { template: template as unknown as JsonObject } }) as JsonObject
}

interface Made {
  readonly revision: ControllerRevision
  readonly collisionCount: number | undefined
}

async function create(
  room: RevisionRoom,
  owner: RevisionOwner,
  facts: { readonly data: JsonObject; readonly revision: number; readonly collisionCount: number | undefined },
): Promise<Made> {
  for (let { collisionCount } = facts; ; collisionCount = (collisionCount ?? 0) + 1) {
    const wanted = revisionObject(room.naming, owner, { ...facts, collisionCount })
    try {
      const made = (await room.context.client.create(room.revisions.type, wanted)) as ControllerRevision
      return { revision: made, collisionCount }
    } catch (error) {
      if (!isStatus(error, 409)) throw error
    }
    const found = (await room.context.client.get(refOf(room.revisions.type, wanted))) as ControllerRevision | undefined
    if (found !== undefined && deepEqual(found.data, facts.data)) return { revision: found, collisionCount }
  }
}

function revisionObject(
  naming: RevisionNaming,
  owner: RevisionOwner,
  facts: { readonly data: JsonObject; readonly revision: number; readonly collisionCount: number | undefined },
): ControllerRevision {
  const { data, revision, collisionCount } = facts
  const hash = naming.hash({ owner, data, collisionCount })
  const { annotations } = owner.metadata
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${(owner.metadata.name ?? '').slice(0, MAX_PREFIX)}-${hash}`,
      namespace: owner.metadata.namespace ?? '',
      labels: { ...owner.spec.template.metadata?.labels, [naming.label]: hash },
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: [controllerReference(owner)],
    },
    data,
    revision,
  }
}
