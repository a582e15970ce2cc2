// Runs one step of an operation's sync: what it asks for is loaded and compared, then the state machine moves on.
import { messageOf } from '../../base/errors.ts'
import type {
  ApplicationSource,
  OperationState,
  ResourceResult,
  SyncOperation,
  SyncOperationResult,
} from '../../crds/application.ts'
import { keepIgnoredFields } from '../../diff/respect.ts'
import type { KubeClient } from '../../kube/client/client.ts'
import { kindOf, keyText } from '../../kube/object.ts'
import { ANNOTATION, annotationOf } from '../../sync/annotations.ts'
import { buildTasks } from '../../sync/build-tasks.ts'
import type { NamespaceWish } from '../../sync/namespace-task.ts'
import type { ObjectPair } from '../../sync/pair-objects.ts'
import { syncStep, terminateSync } from '../../sync/step.ts'
import { parseSyncOptions, type SyncOptions } from '../../sync/sync-options.ts'
import type { StepOutcome, SyncEnvironment, SyncRequest } from '../../sync/sync-request.ts'
import { taskKey, type SyncTask } from '../../sync/task.ts'
import { accountFault, actingClient } from './acting-client.ts'
import { isMultiSource, sourcesOf } from './application-name.ts'
import { waveHealth } from './child-health.ts'
import { compareApplication } from './comparison.ts'
import type { Comparison } from './comparison-result.ts'
import { type Condition, formatConditions, isErrorCondition } from './conditions.ts'
import { customSchema } from './custom-schemas.ts'
import { rulesOf } from './differences.ts'
import { loadDesired, parseLocal, prepare } from './load-desired.ts'
import type { Destination, Pass } from './pass.ts'
import { setOperationState } from './pass.ts'
import { save } from './persist.ts'
import { refusalFor, windowsAllow } from './project-refusal.ts'
import { integrityConditions, refuseLocalManifests } from './source-integrity.ts'
import { checkSpec } from './spec-check.ts'

/** kubectl's manager, whose fields a move to server-side apply takes over. */
const CLIENT_SIDE_MANAGER = 'kubectl-client-side-apply'

/** The state after one more step; nothing but hooks may have been applied twice by a process that ended in between. */
export async function runSyncStep(pass: Pass, state: OperationState): Promise<OperationState> {
  const { sync } = state.operation
  if (sync === undefined)
    return { ...state, phase: 'Failed', message: 'invalid operation request: no operation specified' }
  const check = await checkSpec(pass)
  if (check.destination === undefined) return failed(state, check.conditions)
  try {
    return await syncTo(pass, { state, sync, destination: check.destination })
  } catch (error) {
    pass.signal.throwIfAborted()
    return failed(state, [{ type: 'ComparisonError', message: messageOf(error) }])
  }
}

interface Run {
  readonly state: OperationState
  readonly sync: SyncOperation
  readonly destination: Destination
}

function failed(state: OperationState, conditions: readonly Condition[]): OperationState {
  return { ...state, phase: 'Error', message: formatConditions(conditions) }
}

async function syncTo(pass: Pass, run: Run): Promise<OperationState> {
  const { state, sync, destination } = run
  await destination.cache.whenReady()
  const comparison = await compareFor(pass, run)
  const begun = { ...state, syncResult: resultOf(pass, run, comparison) }
  const options = parseSyncOptions(sync.syncOptions ?? [])
  const refusal = refusalToSync(pass, run, comparison, options)
  if (refusal !== undefined) return { ...begun, ...refusal }
  if (begun.syncResult.revision !== state.syncResult?.revision && comparison.paired.hooks.length > 0) {
    setOperationState(pass, begun)
    await save(pass)
  }
  let client: KubeClient
  try {
    client = actingClient(pass, destination)
  } catch (error) {
    return { ...begun, phase: 'Error', message: accountFault(error) }
  }
  const request = await requestFor(pass, { ...run, state: begun }, comparison, options)
  const { redact } = comparison.secrets
  const environment = environmentFor(pass, { state: begun, destination, redact, client })
  const isEnding = state.phase === 'Terminating'
  const outcome = isEnding ? await terminateSync(request, environment) : await syncStep(request, environment)
  if (outcome.delayMs > 0) pass.memory.waveReadyMs = pass.dependencies.clock.now() + outcome.delayMs
  return withOutcome(begun, outcome, redact)
}

function withOutcome(
  state: OperationState & { readonly syncResult: SyncOperationResult },
  outcome: StepOutcome,
  redact: (text: string) => string,
): OperationState {
  const { phase, message, results } = outcome
  const resources = withoutSecrets(results, redact)
  return { ...state, phase, message: redact(message), syncResult: { ...state.syncResult, resources } }
}

/** A server says what it does not like of an object, and may quote what was filled in. */
function withoutSecrets(
  results: readonly ResourceResult[],
  redact: (text: string) => string,
): readonly ResourceResult[] {
  return results.map((result) => {
    const message = redact(result.message ?? '')
    return message === (result.message ?? '') ? result : { ...result, message }
  })
}

async function compareFor(pass: Pass, { state, sync, destination }: Run): Promise<Comparison> {
  const sources = sourcesFor(pass, state, sync)
  const pinned = state.syncResult === undefined ? undefined : revisionsOf(state.syncResult)
  const revisions = pinned ?? revisionsOf(sync)
  const loaded = await loadDesired(pass, destination, {
    level: 'forced',
    sources,
    ...(revisions === undefined ? {} : { revisions }),
  })
  const local = sync.manifests ?? []
  const targets = local.length > 0 ? prepare(pass, destination, { manifests: parseLocal(local) }) : loaded.targets
  const compared = await compareApplication({ ...pass, ...destination, sources: loaded.state.sources, targets })
  const refused =
    local.length > 0
      ? refuseLocalManifests(pass, destination.project, sources)
      : await integrityConditions(pass, destination.project, loaded.state.sources)
  return { ...compared, conditions: [...compared.conditions, ...refused] }
}

/** Those that the operation began with, whatever has become of the spec since; else its own, else the spec's. */
function sourcesFor(
  { application }: Pass,
  { syncResult }: OperationState,
  sync: SyncOperation,
): readonly ApplicationSource[] {
  if (syncResult?.sources !== undefined && syncResult.sources.length > 0) return syncResult.sources
  if (syncResult?.source !== undefined) return [syncResult.source]
  if (sync.sources !== undefined && sync.sources.length > 0) return sync.sources
  return sync.source === undefined ? sourcesOf(application.spec) : [sync.source]
}

/** Undefined where none is named: then the sources' own target revisions count. */
function revisionsOf({
  revision,
  revisions,
}: {
  revision?: string
  revisions?: readonly string[]
}): readonly string[] | undefined {
  if (revisions !== undefined && revisions.length > 0) return revisions
  return revision === undefined || revision === '' ? undefined : [revision]
}

function resultOf({ application }: Pass, { state }: Run, { sources }: Comparison): SyncOperationResult {
  const [first] = sources
  const metadata = application.spec.syncPolicy?.managedNamespaceMetadata
  const isMulti = isMultiSource(application.spec) || sources.length > 1
  return {
    resources: state.syncResult?.resources ?? [],
    revision: isMulti ? '' : (first?.revision ?? ''),
    ...(isMulti
      ? { revisions: sources.map(({ revision }) => revision), sources: sources.map(({ source }) => source) }
      : {}),
    ...(isMulti || first === undefined ? {} : { source: first.source }),
    ...(metadata === undefined ? {} : { managedNamespaceMetadata: metadata }),
  }
}

type Refusal = Pick<OperationState, 'phase' | 'message'>

function refusalToSync(pass: Pass, run: Run, comparison: Comparison, options: SyncOptions): Refusal | undefined {
  if (run.state.phase === 'Terminating') return undefined
  const errors = comparison.conditions.filter(
    (condition) => isErrorCondition(condition) && condition.isHarmless !== true,
  )
  if (errors.length > 0) return { phase: 'Error', message: formatConditions(errors) }
  const shared = comparison.conditions.find(({ type }) => type === 'SharedResourceWarning')
  if (options.failOnSharedResource && shared !== undefined) {
    return { phase: 'Failed', message: `Shared resource found: ${shared.message}` }
  }
  const { state } = run
  const hasBegun = (state.syncResult?.resources ?? []).length > 0
  const allowed = windowsAllow(run.destination.project, pass.application, {
    nowMs: pass.dependencies.clock.now(),
    isManual: state.operation.initiatedBy?.automated !== true,
    ...(hasBegun ? { runningSinceMs: Date.parse(state.startedAt) } : {}),
  })
  return allowed ? undefined : { phase: 'Running', message: 'Sync operation blocked by sync window' }
}

async function requestFor(pass: Pass, run: Run, comparison: Comparison, options: SyncOptions): Promise<SyncRequest> {
  const { state, sync, destination } = run
  const { application } = pass
  const operationId = `${state.startedAt}.${state.retryCount ?? 0}`
  const startedAtMs = Date.parse(state.startedAt)
  const pairs = options.respectIgnoreDifferences
    ? await withIgnoredFields(pass, comparison, destination.cache)
    : comparison.paired.pairs
  const tasks = buildTasks({
    pairs,
    hooks: comparison.paired.hooks,
    namespace: destination.mark.namespace,
    revision: comparison.sources[0]?.revision ?? '',
    startedAtMs,
    operationId,
    options,
    skipHooks: skipsHooks(sync),
    selects: selectorOf(sync, comparison),
    namespaceWish: options.createNamespace ? await wishFor(pass, destination) : undefined,
    isServed: await servedKinds(pass, destination, comparison),
    served: await destination.cache.client.resources(pass.signal),
    refusal: (object) => refusalFor(destination, object),
  })
  // What was not compared, the namespace that is made on request, counts as modified.
  const same = new Set(comparison.objects.filter((object) => !object.isModified).map(({ key }) => keyText(key)))
  const approved = Date.parse(annotationOf(application, ANNOTATION.deletionApproved) ?? '')
  return {
    tasks,
    results: state.syncResult?.resources ?? [],
    namespace: destination.mark.namespace,
    operationId,
    options,
    dryRun: sync.dryRun === true,
    force: isForced(sync),
    prune: sync.prune === true,
    pruneConfirmed: approved >= startedAtMs,
    migrationManager: annotationOf(application, ANNOTATION.migrationManager) ?? CLIENT_SIDE_MANAGER,
    isModified: (task) => !same.has(keyText(taskKey(task))) && !same.has(globalKey(task)),
  }
}

function skipsHooks({ syncStrategy, resources = [] }: SyncOperation): boolean {
  return syncStrategy?.apply !== undefined || resources.length > 0
}

function isForced({ syncStrategy }: SyncOperation): boolean {
  return syncStrategy?.apply?.force === true || syncStrategy?.hook?.force === true
}

/** Tasks carry the application's namespace also for cluster scope. */
function globalKey(task: SyncTask): string {
  return keyText({ ...taskKey(task), namespace: '' })
}

/** What the operation names, or everything; objects that only carry a copy of the mark never. */
function selectorOf(sync: SyncOperation, comparison: Comparison): (pair: ObjectPair) => boolean {
  const strangers = new Set(
    comparison.objects.filter((object) => !object.isSelfReferenced).map(({ key }) => keyText(key)),
  )
  const wanted = sync.resources ?? []
  return ({ key }) => {
    if (strangers.has(keyText(key))) return false
    if (wanted.length === 0) return true
    return wanted.some(
      ({ group = '', kind, name, namespace = '' }) =>
        group === key.group &&
        kind === key.kind &&
        name === key.name &&
        (namespace === '' || namespace === key.namespace),
    )
  }
}

async function withIgnoredFields(
  pass: Pass,
  comparison: Comparison,
  cache: Destination['cache'],
): Promise<readonly ObjectPair[]> {
  const rules = rulesOf(pass.application, pass.settings)
  const pairs: ObjectPair[] = []
  for (const pair of comparison.paired.pairs) {
    const { target, live } = pair
    if (target === undefined || live === undefined) {
      pairs.push(pair)
      continue
    }
    const schema = await customSchema(cache, kindOf(target), pass.signal)
    const options = {
      ...pass.settings.diff,
      ignore: rules,
      ...(schema === undefined ? {} : { schemaOf: () => schema }),
    }
    pairs.push({ ...pair, target: keepIgnoredFields(target, live, options) })
  }
  return pairs
}

async function wishFor(pass: Pass, { cache, mark }: Destination): Promise<NamespaceWish> {
  const metadata = pass.application.spec.syncPolicy?.managedNamespaceMetadata
  const wish = { name: mark.namespace, metadata, live: undefined }
  try {
    const type = await cache.client.resourceOf({ group: '', kind: 'Namespace', version: 'v1' }, pass.signal)
    if (type === undefined || mark.namespace === '') return wish
    return { ...wish, live: await cache.client.get({ type, name: mark.namespace }, pass.signal) }
  } catch (error) {
    pass.signal.throwIfAborted()
    return { ...wish, fault: messageOf(error) }
  }
}

async function servedKinds(
  pass: Pass,
  { cache }: Destination,
  { paired }: Comparison,
): Promise<(kind: { group: string; version: string; kind: string }) => boolean> {
  const served = new Map<string, boolean>([['/v1/Namespace', true]])
  const objects = [...paired.pairs.map(({ target, live }) => target ?? live), ...paired.hooks]
  for (const object of objects) {
    if (object === undefined) continue
    const kind = kindOf(object)
    const name = `${kind.group}/${kind.version}/${kind.kind}`
    if (!served.has(name)) served.set(name, await cache.serves(kind, pass.signal))
  }
  return (kind) => served.get(`${kind.group}/${kind.version}/${kind.kind}`) === true
}

interface EnvironmentInput {
  readonly state: OperationState & { readonly syncResult: SyncOperationResult }
  readonly destination: Destination
  readonly redact: (text: string) => string
  readonly client: KubeClient
}

function environmentFor(
  pass: Pass,
  { state, destination: { cache, cluster }, redact, client }: EnvironmentInput,
): SyncEnvironment {
  const { settings, dependencies, application, signal } = pass
  const { pullSecrets } = dependencies
  const { server } = cluster
  return {
    ...(pullSecrets === undefined
      ? {}
      : { beforeApply: (objects) => pullSecrets.prepare({ application, server, objects, signal }) }),
    client: pass.metrics?.counting(client, application, server) ?? client,
    clock: dependencies.clock,
    health: (object) => waveHealth(object, settings.healthOverride),
    observe: (object) => cache.observe(object),
    checkpoint: async (written) => {
      const resources = withoutSecrets(written, redact)
      setOperationState(pass, { ...state, syncResult: { ...state.syncResult, resources } })
      await save(pass)
    },
    waveDelayMs: settings.waveDelayMs,
    signal: pass.signal,
  }
}
