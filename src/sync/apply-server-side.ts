// Server-side apply: the server merges, conflicts are forced, fields that kubectl once owned are taken over first.
import { applied, type ApplyRequest, type ApplyResult, sendable, writeOptions } from './apply-request.ts'
import { FIELD_MANAGER } from './annotations.ts'
import { migratedFields } from './field-migration.ts'
import { resourceRefOf } from './resource-ref.ts'
import type { ResourceRef } from '../kube/client/client.ts'
import type { JsonObject } from '../kube/object.ts'
import type { SyncEnvironment } from './sync-request.ts'

export async function applyServerSide(environment: SyncEnvironment, request: ApplyRequest): Promise<ApplyResult> {
  const { client, signal } = environment
  const ref = await resourceRefOf(client, request.target, signal)
  if (request.live !== undefined && request.options.clientSideApplyMigration) await takeOver(environment, request, ref)
  // A KubeObject is a JSON object; the interface only names what each has.
  const wanted = sendable(ref, request.target) as unknown as JsonObject
  const object = await client.patch(ref, 'apply', wanted, { ...writeOptions(environment, request), force: true })
  return applied(request, 'serverside-applied', object)
}

/** Joins the fields of the client-side manager to ours, or removed fields would stay for ever: nobody of ours owned them. */
async function takeOver(environment: SyncEnvironment, request: ApplyRequest, ref: ResourceRef): Promise<void> {
  const { client, signal } = environment
  const options = { from: request.migrationManager, to: FIELD_MANAGER }
  if (request.live === undefined || migratedFields(request.live, options) === undefined) return
  const current = await client.get(ref, signal)
  const fields = current === undefined ? undefined : migratedFields(current, options)
  if (current === undefined || fields === undefined) return
  const patch = [
    { op: 'replace', path: '/metadata/managedFields', value: fields },
    { op: 'replace', path: '/metadata/resourceVersion', value: current.metadata.resourceVersion ?? '' },
  ]
  await client.patch(ref, 'json', patch, { fieldManager: FIELD_MANAGER, signal })
}
