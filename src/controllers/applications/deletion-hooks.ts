// PreDelete and PostDelete hooks: run once around the deletion of an application's objects.
import { CapstanError } from '../../base/errors.ts'
import { assessHealth } from '../../health/assess.ts'
import { isWorse } from '../../health/health.ts'
import type { KubeClient } from '../../kube/client/client.ts'
import type { KubeObject } from '../../kube/object.ts'
import { HOOK_FINALIZER, withFinalizer } from '../../sync/annotations.ts'
import { applyObject } from '../../sync/apply.ts'
import { deleteHook, releaseHook } from '../../sync/finish-hooks.ts'
import { deletePoliciesOf, generatedHookName, isDeletionHook } from '../../sync/hooks.ts'
import { resourceRefOf } from '../../sync/resource-ref.ts'
import { parseSyncOptions } from '../../sync/sync-options.ts'
import { deletingClient } from './acting-client.ts'
import type { Comparison } from './comparison-result.ts'
import { type DeletionHook, withHookFinalizers } from './deletion-finalizers.ts'
import { loadDesired } from './load-desired.ts'
import type { Destination, Pass } from './pass.ts'
import { refusalFor } from './project-refusal.ts'

const KINDS: readonly DeletionHook[] = ['PreDelete', 'PostDelete']

/** Keeps the finalizers in step with the hooks among the manifests. */
export function addDeletionFinalizers(pass: Pass, comparison: Comparison): void {
  for (const kind of KINDS) {
    const wanted = comparison.paired.hooks.some((hook) => isDeletionHook(hook, kind))
    pass.application = withHookFinalizers(pass.application, kind, wanted)
  }
}

/** True when every hook of the kind has succeeded and was cleaned up. Throws `precondition` for one that has failed: it is deleted, and made anew next time. */
export async function runDeletionHooks(pass: Pass, destination: Destination, kind: DeletionHook): Promise<boolean> {
  // What has failed may be mended by a commit.
  const { state, targets } = await loadDesired(pass, destination, {
    level: hasFailedBefore(pass) ? 'forced' : 'recent',
  })
  const revision = state.sources[0]?.revision ?? ''
  const hooks = targets.objects.filter((object) => isDeletionHook(object, kind))
  // None is made unless all may be: a hook is no way around the project.
  for (const hook of hooks) requirePermitted(destination, hook, kind)
  const client = deletingClient(pass, destination)
  const live: KubeObject[] = []
  let isDone = true
  for (const hook of hooks) {
    const object = await runHook(pass, { destination, client }, named(pass, hook, revision))
    live.push(object)
    isDone = (await isCompleted(pass, { client, object, kind })) && isDone
  }
  if (!isDone) return false
  for (const object of live) await cleanUp(pass, client, object)
  return true
}

function requirePermitted(destination: Destination, hook: KubeObject, kind: DeletionHook): void {
  const refusal = refusalFor(destination, hook)
  if (refusal === undefined) return
  const name = hook.metadata.name ?? hook.metadata.generateName ?? ''
  throw new CapstanError('forbidden', `${kind} hook ${hook.kind}/${name}: ${refusal}`)
}

/** The hook's live object, made now where there is none. */
async function runHook(
  pass: Pass,
  { destination: { cache }, client }: { readonly destination: Destination; readonly client: KubeClient },
  hook: KubeObject,
): Promise<KubeObject> {
  const { signal } = pass
  const existing = await cache.client.get(await resourceRefOf(cache.client, hook, signal), signal)
  if (existing !== undefined) return existing
  const result = await applyObject(
    {
      client,
      clock: pass.dependencies.clock,
      health: (object) => assessHealth(object, pass.settings.healthOverride),
      observe: (object) => cache.observe(object),
      checkpoint: async () => {},
      waveDelayMs: undefined,
      signal,
    },
    {
      target: withFinalizer(hook, HOOK_FINALIZER),
      live: undefined,
      options: parseSyncOptions([]),
      force: false,
      migrationManager: '',
      dryRun: false,
    },
  )
  if (result.object === undefined) throw new CapstanError('unavailable', result.message)
  return result.object
}

function hasFailedBefore({ application }: Pass): boolean {
  return (application.status?.conditions ?? []).some(({ type }) => type === 'DeletionError')
}

interface StandingHook {
  readonly client: KubeClient
  readonly object: KubeObject
  readonly kind: DeletionHook
}

async function isCompleted({ settings, signal }: Pass, { client, object, kind }: StandingHook): Promise<boolean> {
  const health = assessHealth(object, settings.healthOverride)
  if (health === undefined) return true
  if (isWorse('Missing', health.status)) {
    const message = `${kind} hook ${object.kind}/${object.metadata.name ?? ''} failed: ${health.message ?? health.status}`
    await deleteHook(client, object, signal)
    throw new CapstanError('precondition', message)
  }
  return health.status === 'Healthy'
}

async function cleanUp({ signal }: Pass, client: KubeClient, object: KubeObject): Promise<void> {
  if (deletePoliciesOf(object).includes('HookSucceeded')) await deleteHook(client, object, signal)
  else await releaseHook(client, object, signal)
}

function named({ application, dependencies }: Pass, hook: KubeObject, revision: string): KubeObject {
  if ((hook.metadata.name ?? '') !== '') return hook
  const deletedMs = Date.parse(application.metadata.deletionTimestamp ?? '') || dependencies.clock.now()
  const name = generatedHookName(hook.metadata.generateName ?? '', revision, 'PostSync', deletedMs)
  return { ...hook, metadata: { ...hook.metadata, name } }
}
