// Replace=true: create, replace or, with force, delete and create, as kubectl does.
import type { KubeObject } from '../kube/object.ts'
import { withPropagatedEntries } from '../diff/pull-secret-entries.ts'
import { applied, type ApplyRequest, type ApplyResult, deleteAndWait, sendable, writeOptions } from './apply-request.ts'
import { resourceRefOf } from './resource-ref.ts'
import { wantsForce } from './sync-options.ts'
import type { SyncEnvironment } from './sync-request.ts'

/** Kinds that would take everything inside them along if they were deleted. */
const NEVER_DELETED: ReadonlySet<string> = new Set(['CustomResourceDefinition', 'Namespace'])

export async function replaceObject(environment: SyncEnvironment, request: ApplyRequest): Promise<ApplyResult> {
  const { target, live, dryRun } = request
  if (dryRun) return applied(request, live === undefined ? 'created' : 'replaced')
  const { client, signal } = environment
  const ref = await resourceRefOf(client, target, signal)
  const object = sendable(ref, target)
  const current = live === undefined ? undefined : await client.get(ref, signal)
  const options = writeOptions(environment, request)
  if (current === undefined) return applied(request, 'created', await client.create(ref.type, object, options))
  if (NEVER_DELETED.has(target.kind)) {
    const updated = await client.update(ref, withVersionOf(object, current), options)
    return { status: 'Synced', message: `${target.kind}/${ref.name} updated`, object: updated }
  }
  if (wantsForce(request.force, target, live)) {
    await deleteAndWait(environment, ref)
    return applied(request, 'replaced', await client.create(ref.type, object, options))
  }
  return applied(request, 'replaced', await client.update(ref, withVersionOf(object, current), options))
}

function withVersionOf(object: KubeObject, current: KubeObject): KubeObject {
  const { resourceVersion } = current.metadata
  const kept = withPropagatedEntries(object, current)
  return { ...kept, metadata: { ...kept.metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }) } }
}
