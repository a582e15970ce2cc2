// kubectl's client-side apply: a three-way patch of the last applied configuration, what is wanted and what is live.
import { KubeError, type ResourceRef } from '../kube/client/client.ts'
import { type JsonObject, kindOf, type KubeObject } from '../kube/object.ts'
import { PULL_SECRETS_FIELD, withPropagatedEntries } from '../diff/pull-secret-entries.ts'
import { createThreeWayMergePatch } from '../kube/patch/merge-patch.ts'
import { createThreeWayStrategicPatch } from '../kube/patch/strategic-diff.ts'
import { builtinSchema } from '../kube/schema/schema.ts'
import {
  applied,
  type ApplyRequest,
  type ApplyResult,
  deleteAndWait,
  sendable,
  withoutNamespace,
  writeOptions,
} from './apply-request.ts'
import { lastApplied, withLastApplied } from './last-applied.ts'
import { resourceRefOf } from './resource-ref.ts'
import { wantsForce } from './sync-options.ts'
import type { SyncEnvironment } from './sync-request.ts'

/** How often a patch that collided with another write is made anew (kubectl `pkg/cmd/apply/patcher.go`). */
const MAX_CONFLICTS = 5

/** Creates the object or patches what drifted. With force an object that cannot be patched is deleted and created. */
export async function applyClientSide(environment: SyncEnvironment, request: ApplyRequest): Promise<ApplyResult> {
  if (request.dryRun) return dryRun(request)
  const ref = await resourceRefOf(environment.client, request.target, environment.signal)
  const modified = withLastApplied(sendable(ref, request.target))
  try {
    return await createOrPatch(environment, request, { ref, modified })
  } catch (error) {
    if (!mayForce(error, request)) throw error
    await deleteAndWait(environment, ref)
    const object = await environment.client.create(ref.type, modified, writeOptions(environment, request))
    return applied(request, 'configured', object)
  }
}

interface Wanted {
  readonly ref: ResourceRef
  readonly modified: KubeObject
}

async function createOrPatch(
  environment: SyncEnvironment,
  request: ApplyRequest,
  { ref, modified }: Wanted,
): Promise<ApplyResult> {
  const { client, signal } = environment
  const options = writeOptions(environment, request)
  const made = request.live === undefined ? await createUnknown(environment, request, { ref, modified }) : undefined
  if (made !== undefined) return made
  for (let attempt = 1; ; attempt++) {
    const current = await client.get(ref, signal)
    if (current === undefined) return applied(request, 'created', await client.create(ref.type, modified, options))
    const { patch, type } = patchFor(withPropagatedEntries(modified, current), current)
    if (Object.keys(patch).length === 0) return applied(request, 'unchanged', current)
    try {
      return applied(request, 'configured', await client.patch(ref, type, onlyFor(current, patch), options))
    } catch (error) {
      if (!isConflict(error) || attempt >= MAX_CONFLICTS) throw error
    }
  }
}

/**
 * What the watches know nothing of is created without asking first: a third of the requests of a first sync. Undefined
 * where it exists after all: created meanwhile, or of a kind that is not watched.
 */
async function createUnknown(
  environment: SyncEnvironment,
  request: ApplyRequest,
  { ref, modified }: Wanted,
): Promise<ApplyResult | undefined> {
  const { client, signal } = environment
  try {
    return applied(request, 'created', await client.create(ref.type, modified, writeOptions(environment, request)))
  } catch (error) {
    // Whatever the refusal says of creating, one that exists may still be patched.
    const isThere = error instanceof KubeError && error.status < 500 && (await client.get(ref, signal)) !== undefined
    if (!isThere) throw error
    return undefined
  }
}

/** Without a request to the cluster: the namespace may not exist yet. Finds what cannot be patched at all. */
function dryRun(request: ApplyRequest): ApplyResult {
  if (request.live === undefined) return applied(request, 'created')
  const isGlobal = (request.live.metadata.namespace ?? '') === ''
  const target = isGlobal ? withoutNamespace(request.target) : request.target
  const { patch } = patchFor(withPropagatedEntries(withLastApplied(target), request.live), request.live)
  return applied(request, Object.keys(patch).length === 0 ? 'unchanged' : 'configured')
}

/** A patch of a list that others add to holds for the state it was made from alone. */
function onlyFor(current: KubeObject, patch: JsonObject): JsonObject {
  if (current.kind !== 'ServiceAccount' || !(PULL_SECRETS_FIELD in patch)) return patch
  const metadata = asJson(Object(patch['metadata'] ?? {}))
  return { ...patch, metadata: { ...metadata, resourceVersion: current.metadata.resourceVersion ?? '' } }
}

/** Built-in kinds are merged by their schema, others as plain JSON. */
function patchFor(
  modified: KubeObject,
  current: KubeObject,
): { readonly patch: JsonObject; readonly type: 'strategic' | 'merge' } {
  // KubeObjects are JSON objects; the interface only names what each has.
  const documents = {
    original: asJson(lastApplied(current) ?? {}),
    modified: asJson(modified),
    current: asJson(current),
  }
  const schema = builtinSchema(kindOf(modified))
  if (schema === undefined) {
    return { patch: createThreeWayMergePatch(documents.original, documents.modified, documents.current), type: 'merge' }
  }
  return { patch: createThreeWayStrategicPatch(documents, schema, { overwrite: true }), type: 'strategic' }
}

function asJson(value: object): JsonObject {
  return value as JsonObject
}

function isConflict(error: unknown): boolean {
  return error instanceof KubeError && error.status === 409
}

function mayForce(error: unknown, { force, target, live }: ApplyRequest): boolean {
  if (!(error instanceof KubeError) || !wantsForce(force, target, live)) return false
  return error.status === 409 || error.status === 422
}
