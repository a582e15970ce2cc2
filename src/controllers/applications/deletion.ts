// Deletes what an application has brought before the application itself may go.
import { CapstanError, messageOf } from '../../base/errors.ts'
import { keyOf, keyText, kindOf, type KubeObject } from '../../kube/object.ts'
import { isSelfReferenced } from '../../live/tracking.ts'
import { ANNOTATION, annotationOf, HOOK_FINALIZER } from '../../sync/annotations.ts'
import { isCustomResourceDefinition } from '../../sync/custom-kinds.ts'
import { releaseHook } from '../../sync/finish-hooks.ts'
import { resourceRefOf } from '../../sync/resource-ref.ts'
import { deleteDecision, parseSyncOptions, type SyncOptions } from '../../sync/sync-options.ts'
import { waveOf } from '../../sync/waves.ts'
import { deletingClient } from './acting-client.ts'
import { markedName } from './application-name.ts'
import { replaceConditions } from './conditions.ts'
import { cascadeOf, hasHookFinalizer, isCascade, isOfHook, isOurs, withoutFinalizers } from './deletion-finalizers.ts'
import { runDeletionHooks } from './deletion-hooks.ts'
import { ownObjects } from './live-objects.ts'
import { comeBack, type Destination, nowOf, type Pass, setStatus } from './pass.ts'
import { save } from './persist.ts'
import { refusalFor } from './project-refusal.ts'
import { findProject } from './spec-check.ts'

/** Objects that go away by themselves are looked at again after this time. */
const POLL_MS = 2_000
const DELETION_ERROR = new Set(['DeletionError'] as const)

/** Goes on with the deletion of an application; a failure becomes a DeletionError condition and is tried again. */
export async function finalize(pass: Pass): Promise<void> {
  if (!(pass.application.metadata.finalizers ?? []).some(isOurs)) return
  try {
    await finalizeStages(pass)
    report(pass, [])
  } catch (error) {
    pass.signal.throwIfAborted()
    report(pass, [messageOf(error)])
    comeBack(pass, POLL_MS)
  }
}

/** PreDelete hooks, the objects, PostDelete hooks; each stage ends by taking its finalizer off. */
async function finalizeStages(pass: Pass): Promise<void> {
  const destination = await destinationOf(pass)
  if (destination === undefined) {
    pass.application = withoutFinalizers(pass.application, isOurs)
    return
  }
  await destination.cache.whenReady()
  if (!(await runHookStage(pass, destination, 'PreDelete'))) return
  if (cascadeOf(pass.application) !== undefined) {
    if (!(await deleteObjects(pass, destination))) {
      comeBack(pass, POLL_MS)
      return
    }
    pass.application = withoutFinalizers(pass.application, isCascade)
    // The last finalizer lets the object go: what comes after needs it still.
    if (hasHookFinalizer(pass.application, 'PostDelete')) await save(pass)
  }
  await runHookStage(pass, destination, 'PostDelete')
}

async function runHookStage(pass: Pass, destination: Destination, kind: 'PreDelete' | 'PostDelete'): Promise<boolean> {
  if (!hasHookFinalizer(pass.application, kind)) return true
  if (!(await runDeletionHooks(pass, destination, kind))) {
    comeBack(pass, POLL_MS)
    return false
  }
  pass.application = withoutFinalizers(pass.application, (finalizer) => isOfHook(finalizer, kind))
  if ((pass.application.metadata.finalizers ?? []).some(isOurs)) await save(pass)
  return true
}

/** Undefined where the cluster is not known any more: then nothing can be deleted there. */
async function destinationOf(pass: Pass): Promise<Destination | undefined> {
  const { application, clusters, dependencies } = pass
  const { namespace = '', name = '' } = application.metadata
  const project = await findProject(pass)
  const mark = {
    app: markedName({ namespace, name }, dependencies.namespace),
    namespace: application.spec.destination.namespace ?? '',
  }
  try {
    const cluster = clusters.find(application.spec.destination)
    // A project that is gone forbids nothing: what the application brought must be removable.
    const spec = {
      destinations: [{ server: '*', namespace: '*' }],
      clusterResourceWhitelist: [{ group: '*', kind: '*' }],
    }
    const fallback = { apiVersion: 'argoproj.io/v1alpha1', kind: 'AppProject', metadata: {}, spec }
    return { cluster, cache: clusters.cacheOf(cluster), project: project ?? fallback, mark }
  } catch (error) {
    if (error instanceof CapstanError && error.code === 'bad-input') return undefined
    throw error
  }
}

/** True when nothing is left. Deletes the last wave only, and only when nothing is on its way out any more. */
async function deleteObjects(pass: Pass, destination: Destination): Promise<boolean> {
  const { cache, mark } = destination
  const own = keyText(keyOf(pass.application))
  const options = parseSyncOptions(pass.application.spec.syncPolicy?.syncOptions ?? [])
  const objects = ownObjects(cache, mark.app)
    .filter((object) => keyText(keyOf(object)) !== own && isDeleted(object, options))
    .filter((object) => isSelfReferenced(object, undefined, mark, pass.settings.tracking))
    .filter((object) => refusalFor(destination, object) === undefined)
  if (objects.length === 0) return true
  const client = deletingClient(pass, destination)
  for (const object of objects) await letGo(pass, client, object)
  if (objects.some((object) => object.metadata.deletionTimestamp !== undefined)) return false
  if (objects.some((object) => deleteDecision(options, object) === 'confirm') && !isApproved(pass)) return false
  const policy = cascadeOf(pass.application) ?? 'Foreground'
  for (const object of nextToDelete(objects)) {
    const ref = await resourceRefOf(client, object, pass.signal)
    await client.delete(ref, { propagationPolicy: policy, signal: pass.signal })
    const left = await cache.client.get(ref, pass.signal)
    if (left !== undefined && left.metadata.uid === object.metadata.uid) cache.observe(left)
  }
  return false
}

/** The last wave; of that, projects only when the applications that need them are gone. */
function nextToDelete(objects: readonly KubeObject[]): readonly KubeObject[] {
  const last = Math.max(...objects.map(waveOf))
  const wave = objects.filter((object) => waveOf(object) === last)
  const isOf = (object: KubeObject, name: string): boolean => {
    const { group, kind } = kindOf(object)
    return group === 'argoproj.io' && kind === name
  }
  const hasUsers = wave.some((object) => isOf(object, 'Application') || isOf(object, 'ApplicationSet'))
  return hasUsers ? wave.filter((object) => !isOf(object, 'AppProject')) : wave
}

/** Never: CRDs, what says so itself, and what Helm was told to keep. */
function isDeleted(object: KubeObject, options: SyncOptions): boolean {
  if (isCustomResourceDefinition(object) || deleteDecision(options, object) === 'no') return false
  return annotationOf(object, ANNOTATION.helmResourcePolicy) !== 'keep'
}

/** A hook that nobody will look at any more must not hold its own deletion up. */
async function letGo(pass: Pass, client: Destination['cache']['client'], object: KubeObject): Promise<void> {
  if (object.metadata.finalizers?.includes(HOOK_FINALIZER) === true) await releaseHook(client, object, pass.signal)
}

function isApproved({ application }: Pass): boolean {
  const approved = Date.parse(annotationOf(application, ANNOTATION.deletionApproved) ?? '')
  return approved >= Date.parse(application.metadata.deletionTimestamp ?? '')
}

function report(pass: Pass, messages: readonly string[]): void {
  const current = pass.application.status?.conditions ?? []
  if (messages.length === 0 && !current.some(({ type }) => type === 'DeletionError')) return
  const next = messages.map((message) => ({ type: 'DeletionError', message }) as const)
  setStatus(pass, { conditions: replaceConditions(current, next, DELETION_ERROR, nowOf(pass)) })
}
