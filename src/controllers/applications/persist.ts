// Writes what a pass has changed of an application: one merge patch with the differences alone.
import type { Application } from '../../crds/application.ts'
import { KubeError } from '../../kube/client/client.ts'
import { createMergePatch } from '../../kube/patch/merge-patch.ts'
import { objectAt } from '../../kube/field.ts'
import type { JsonObject } from '../../kube/object.ts'
import { applicationRef } from './application-ref.ts'
import type { Pass } from './pass.ts'

/** True where something was written. An application that is gone meanwhile is no error. */
export async function persist(pass: Pass): Promise<boolean> {
  const patch = patchOf(pass)
  if (Object.keys(patch).length === 0) return false
  const { client } = pass.dependencies
  const { namespace = '', name = '' } = pass.before.metadata
  const ref = await applicationRef(client, { namespace, name }, pass.signal)
  try {
    const options = { fieldManager: 'argocd-application-controller', signal: pass.signal }
    pass.memory.written = await client.patch(ref, 'merge', patch, options)
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return false
    throw error
  }
  return true
}

/**
 * Lists are replaced as a whole: finalizers are written only over the version they were read from. So is an operation that
 * starts, or it would be mixed with one that somebody else has asked for meanwhile.
 */
function patchOf({ before, application }: Pass): JsonObject {
  if (before === application) return {}
  const [old, next] = withoutSame(before, application)
  const patch = createMergePatch(asJson(old), asJson(next))
  const metadata = objectAt(patch, 'metadata')
  const startsOperation = before.operation === undefined && application.operation !== undefined
  if (metadata?.['finalizers'] === undefined && !startsOperation) return patch
  return { ...patch, metadata: { ...metadata, resourceVersion: before.metadata.resourceVersion ?? '' } }
}

/** Writes what has changed so far; the pass goes on from there. */
export async function save(pass: Pass): Promise<void> {
  const saved = await persist(pass)
  const resourceVersion = saved ? pass.memory.written?.metadata.resourceVersion : undefined
  if (resourceVersion !== undefined) {
    pass.application = { ...pass.application, metadata: { ...pass.application.metadata, resourceVersion } }
  }
  pass.before = pass.application
}

/** Both without the fields that are the very same value: nearly everything of a large status, most of the time. */
function withoutSame(before: Application, after: Application): readonly [object, object] {
  const [old, next] = differing(before, after)
  if (before.status === undefined || after.status === undefined || before.status === after.status) return [old, next]
  const [oldStatus, nextStatus] = differing(before.status, after.status)
  return [
    { ...old, status: oldStatus },
    { ...next, status: nextStatus },
  ]
}

function differing(a: object, b: object): readonly [object, object] {
  const [left, right] = [new Map(Object.entries(a)), new Map(Object.entries(b))]
  for (const [key, value] of left) {
    if (right.get(key) !== value) continue
    left.delete(key)
    right.delete(key)
  }
  return [Object.fromEntries(left), Object.fromEntries(right)]
}

/** Parts of an Application are JSON objects; undefined fields are left out by the round trip. */
function asJson(part: object): JsonObject {
  return JSON.parse(JSON.stringify(part))
}
