// Server-side apply: the server merges, conflicts are forced, fields that kubectl once owned are taken over first.
import { PULL_SECRETS_FIELD, withPropagatedEntries } from '../diff/pull-secret-entries.ts'
import { applied, type ApplyRequest, type ApplyResult, sendable, writeOptions } from './apply-request.ts'
import { FIELD_MANAGER } from './annotations.ts'
import { migratedFields } from './field-migration.ts'
import { resourceRefOf } from './resource-ref.ts'
import { KubeError, type ResourceRef } from '../kube/client/client.ts'
import type { JsonObject, KubeObject } from '../kube/object.ts'
import type { SyncEnvironment } from './sync-request.ts'

export async function applyServerSide(environment: SyncEnvironment, request: ApplyRequest): Promise<ApplyResult> {
  const { client, signal } = environment
  const ref = await resourceRefOf(client, request.target, signal)
  if (request.live !== undefined && request.options.clientSideApplyMigration) await takeOver(environment, request, ref)
  const wanted = sendable(ref, request.target)
  const options = { ...writeOptions(environment, request), force: true }
  const send = async (object: KubeObject): Promise<ApplyResult> =>
    // A KubeObject is a JSON object; the interface only names what each has.
    applied(request, 'serverside-applied', await client.patch(ref, 'apply', object as unknown as JsonObject, options))
  if (wanted.kind !== 'ServiceAccount' || !(PULL_SECRETS_FIELD in wanted)) return send(wanted)
  return sendWithEntries({ wanted, send, read: () => client.get(ref, signal) })
}

/** How often an apply that collided with an addition to the list is made anew. */
const MAX_CONFLICTS = 5

interface AccountApply {
  readonly wanted: KubeObject
  readonly send: (object: KubeObject) => Promise<ApplyResult>
  readonly read: () => Promise<KubeObject | undefined>
}

/** The list is applied as a whole: with the entries that stand in it now, and only as long as it is that one. */
async function sendWithEntries({ wanted, send, read }: AccountApply): Promise<ApplyResult> {
  for (let attempt = 1; ; attempt++) {
    const current = await read()
    const kept = withPropagatedEntries(wanted, current)
    if (kept === wanted) return send(wanted)
    const resourceVersion = current?.metadata.resourceVersion ?? ''
    try {
      return await send({ ...kept, metadata: { ...kept.metadata, resourceVersion } })
    } catch (error) {
      if (!(error instanceof KubeError && error.status === 409) || attempt >= MAX_CONFLICTS) throw error
    }
  }
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
