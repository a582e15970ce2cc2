// Namespaces on their way out: everything in them is deleted, then they are finalized (pkg/controller/namespace, v1.36).
import type { KubeClient, ResourceType } from '../../../kube/client/client.ts'
import { messageOf } from '../../../base/errors.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { Controller } from '../../../reconcile/controller.ts'
import type { ReconcileResult } from '../../../reconcile/outcome.ts'
import { isStatus, refOf, updateStatus, workloadController, type WorkloadContext } from '../kit/context.ts'
import { deepEqual } from '../../../kube/json-value.ts'
import type { Condition } from '../kit/model.ts'
import { timestamp, withCondition } from '../kit/pod-state.ts'

/** While something is left, looked at again this soon: what is left are pods and finalizers, which take their time. */
const RETRY_MS = 200

interface Namespace extends KubeObject {
  readonly spec?: { readonly finalizers?: readonly string[] }
  readonly status?: { readonly phase?: string; readonly conditions?: readonly Condition[] }
}

/** The namespace controller. */
export async function createNamespaceController(context: WorkloadContext): Promise<Controller> {
  const namespaces = await context.informers.of<Namespace>({ group: '', kind: 'Namespace' })
  const controller = workloadController(context, {
    name: 'namespace',
    async reconcile({ name }): Promise<ReconcileResult> {
      const namespace = namespaces.get('', name)
      if (namespace?.metadata.deletionTimestamp === undefined) return 'done'
      return terminate(context, namespaces.type, namespace)
    },
  })
  namespaces.onChange(({ type, object }) => {
    if (type !== 'DELETED' && object.metadata.deletionTimestamp !== undefined) {
      controller.enqueue({ namespace: '', name: object.metadata.name ?? '' })
    }
  })
  return controller
}

async function terminate(context: WorkloadContext, type: ResourceType, namespace: Namespace): Promise<ReconcileResult> {
  if (!(namespace.spec?.finalizers ?? []).includes('kubernetes')) return 'done'
  const left = await empty(context.client, namespace.metadata.name ?? '')
  const status = {
    ...namespace.status,
    phase: 'Terminating',
    conditions: conditionsOf(namespace, left, context.clock.now()),
  }
  const current = deepEqual(status, namespace.status) ? namespace : await updateStatus(context, type, namespace, status)
  if (current === undefined) return 'done'
  if (left.remaining.length > 0 || left.failures.length > 0) return { retryAfterMs: RETRY_MS }
  await finalize(context, type, current as Namespace)
  return 'done'
}

async function finalize(context: WorkloadContext, type: ResourceType, namespace: Namespace): Promise<void> {
  const finalizers = (namespace.spec?.finalizers ?? []).filter((one) => one !== 'kubernetes')
  const finalized = { ...namespace, spec: { ...namespace.spec, finalizers } }
  try {
    await context.client.update(refOf(type, namespace, 'finalize'), finalized)
  } catch (error) {
    // Finalized already.
    if (!isStatus(error, 404)) throw error
  }
}

interface Left {
  readonly remaining: readonly { readonly type: ResourceType; readonly objects: readonly KubeObject[] }[]
  readonly failures: readonly string[]
}

/** Deletes everything in a namespace and tells what is still there. */
async function empty(client: KubeClient, namespace: string): Promise<Left> {
  const failures: string[] = []
  const remaining: Left['remaining'][number][] = []
  const types = (await client.resources()).filter(
    (type) => type.namespaced && ['list', 'delete'].every((verb) => type.verbs.includes(verb)),
  )
  for (const type of types) {
    try {
      const objects = await emptyType(client, type, namespace)
      if (objects.length > 0) remaining.push({ type, objects })
    } catch (error) {
      // A resource whose definition went meanwhile holds nothing.
      if (!isStatus(error, 404)) failures.push(messageOf(error))
    }
  }
  return { remaining, failures }
}

async function emptyType(client: KubeClient, type: ResourceType, namespace: string): Promise<readonly KubeObject[]> {
  const before = await client.list(type, { namespace })
  const living = before.items.filter((object) => object.metadata.deletionTimestamp === undefined)
  await Promise.all(living.map((object) => client.delete(refOf(type, object), { propagationPolicy: 'Background' })))
  return before.items.length === 0 ? [] : (await client.list(type, { namespace })).items
}

/** The five conditions, in upstream's words (namespace/deletion/status_condition_utils.go). */
function conditionsOf(namespace: Namespace, left: Left, nowMs: number): readonly Condition[] {
  const content = left.remaining
    .map(({ type, objects }) => `${type.resource}.${type.group} has ${objects.length} resource instances`)
    .toSorted()
  const finalizers = countFinalizers(left)
  const found: readonly Condition[] = [
    condition('NamespaceDeletionDiscoveryFailure', 'False', [
      'ResourcesDiscovered',
      'All resources successfully discovered',
    ]),
    condition('NamespaceDeletionGroupVersionParsingFailure', 'False', [
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ]),
    left.failures.length > 0
      ? condition('NamespaceDeletionContentFailure', 'True', [
          'ContentDeletionFailed',
          `Failed to delete all resource types, ${left.failures.length} remaining: ${left.failures.join(', ')}`,
        ])
      : condition('NamespaceDeletionContentFailure', 'False', [
          'ContentDeleted',
          'All content successfully deleted, may be waiting on finalization',
        ]),
    content.length > 0
      ? condition('NamespaceContentRemaining', 'True', [
          'SomeResourcesRemain',
          `Some resources are remaining: ${content.join(', ')}`,
        ])
      : condition('NamespaceContentRemaining', 'False', ['ContentRemoved', 'All content successfully removed']),
    finalizers.length > 0
      ? condition('NamespaceFinalizersRemaining', 'True', [
          'SomeFinalizersRemain',
          `Some content in the namespace has finalizers remaining: ${finalizers.join(', ')}`,
        ])
      : condition('NamespaceFinalizersRemaining', 'False', [
          'ContentHasNoFinalizers',
          'All content-preserving finalizers finished',
        ]),
  ]
  const now = timestamp(nowMs)
  let conditions = namespace.status?.conditions ?? []
  for (const one of found) conditions = withCondition(conditions, one, now)
  return conditions
}

function countFinalizers(left: Left): readonly string[] {
  const counts = new Map<string, number>()
  for (const { objects } of left.remaining) {
    for (const finalizer of objects.flatMap((object) => object.metadata.finalizers ?? [])) {
      counts.set(finalizer, (counts.get(finalizer) ?? 0) + 1)
    }
  }
  return [...counts].map(([finalizer, count]) => `${finalizer} in ${count} resource instances`).toSorted()
}

function condition(type: string, status: 'True' | 'False', [reason, message]: readonly [string, string]): Condition {
  return { type, status, reason, message }
}
