import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../base/clock.ts'
import type { ResourceResult } from '../crds/application.ts'
import type { KubeClient } from '../kube/client/client.ts'
import { KubeError } from '../kube/client/client.ts'
import type { JsonObject, KubeObject } from '../kube/object.ts'
import { applyClientSide } from './apply-client-side.ts'
import { migratedFields } from './field-migration.ts'
import { lastApplied, withLastApplied } from './last-applied.ts'
import { poll } from './poll.ts'
import { pruneObject } from './prune.ts'
import { isPending, isRunning, ResultBook } from './result-book.ts'
import { parseSyncOptions, pruneDecision, wantsServerSideApply } from './sync-options.ts'
import type { SyncTask } from './task.ts'

function configMap(metadata: KubeObject['metadata'] = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'app', ...metadata } }
}

function withOption(option: string): KubeObject {
  return configMap({ annotations: { 'argocd.argoproj.io/sync-options': option } })
}

test('the last applied configuration has sorted keys, a newline and never itself', () => {
  const once = withLastApplied(configMap({ labels: { b: '1', a: '2' } }))
  const twice = withLastApplied(once)

  const text = once.metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration']
  assert.equal(
    text,
    '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"annotations":{},"labels":{"a":"2","b":"1"},"name":"a","namespace":"app"}}\n',
  )
  assert.deepEqual(twice, once)
  assert.equal(lastApplied(once)?.['kind'], 'ConfigMap')
  const broken = { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{' } }
  assert.equal(lastApplied(configMap(broken)), undefined)
})

test('fields of kubectl join those of the server-side manager, other entries stay', () => {
  const entry = (manager: string, operation: string, fieldsV1: JsonObject, more: JsonObject = {}): JsonObject => ({
    manager,
    operation,
    fieldsV1,
    ...more,
  })
  const managedFields = [
    entry('kubectl-client-side-apply', 'Update', { 'f:data': { 'f:a': {} } }),
    entry('kubectl-client-side-apply', 'Update', { 'f:status': {} }, { subresource: 'status' }),
    entry('argocd-controller', 'Apply', { 'f:data': { 'f:b': {} } }),
  ]
  const migration = { from: 'kubectl-client-side-apply', to: 'argocd-controller' }

  const fields = migratedFields(configMap({ managedFields }), migration)

  assert.deepEqual(fields, [
    managedFields[1],
    entry('argocd-controller', 'Apply', { 'f:data': { 'f:b': {}, 'f:a': {} } }),
  ])
  assert.equal(migratedFields(configMap(), migration), undefined)
})

test('an annotation beats the application in what is pruned and how it is applied', () => {
  const never = parseSyncOptions(['Prune=false', 'ServerSideApply=true'])

  assert.equal(pruneDecision(never, configMap()), 'no')
  assert.equal(pruneDecision(never, withOption('Prune=confirm')), 'confirm')
  assert.equal(pruneDecision(parseSyncOptions([]), withOption(' Prune=false , Replace=true')), 'no')
  assert.equal(wantsServerSideApply(never, configMap()), true)
  assert.equal(wantsServerSideApply(never, withOption('ServerSideApply=false')), false)
  assert.equal(parseSyncOptions(['PrunePropagationPolicy=orphan']).prunePropagationPolicy, 'Orphan')
})

for (const [options, propagationPolicy] of [
  [[], 'Foreground'],
  [['PrunePropagationPolicy=foreground'], 'Foreground'],
  [['PrunePropagationPolicy=background'], 'Background'],
  [['PrunePropagationPolicy=orphan'], 'Orphan'],
] as const) {
  test(`[TestSyncContext_GetDeleteOptions_Default] with [${options.join()}] an object is deleted by ${propagationPolicy}`, async () => {
    const deletions: unknown[] = []
    const type = { group: '', version: 'v1', resource: 'configmaps', kind: 'ConfigMap', namespaced: true, verbs: [], subresources: [] } // prettier-ignore
    const client: Partial<KubeClient> = {
      resourceOf: async () => type,
      delete: async (_ref, given) => {
        deletions.push(given?.propagationPolicy)
        return true
      },
    }
    const { signal } = new AbortController()
    const request = { live: configMap(), options: parseSyncOptions(options), prune: true, dryRun: false }

    // Only the verbs that pruning uses.
    const result = await pruneObject({ client: client as KubeClient, signal }, request)

    assert.deepEqual([result, deletions], [{ status: 'Pruned', message: 'pruned' }, [propagationPolicy]])
  })
}

test('waiting ends at its limit', async () => {
  const clock = new ManualClock()
  const waiting = poll(
    async () => {
      queueMicrotask(() => clock.advance(100))
      return false
    },
    { clock, signal: new AbortController().signal, timeoutMs: 3000, subject: 'CRD widgets' },
  )
  const steps = setInterval(() => clock.advance(100), 1)

  await assert.rejects(waiting, { code: 'timeout', message: 'CRD widgets: not within 3000 ms' })
  clearInterval(steps)
})

const CONFIG_MAPS = {
  group: '',
  version: 'v1',
  resource: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
  verbs: [],
  subresources: [],
}
const ENVIRONMENT = {
  clock: new ManualClock(),
  health: () => undefined,
  observe: () => {},
  checkpoint: async () => {},
  waveDelayMs: undefined,
  signal: new AbortController().signal,
}
const REQUEST = {
  target: configMap(),
  options: parseSyncOptions([]),
  force: false,
  migrationManager: '',
  dryRun: false,
}

test('a patch that keeps colliding is given up after five attempts', async () => {
  let attempts = 0
  const client: Partial<KubeClient> = {
    resourceOf: async () => CONFIG_MAPS,
    get: async () => configMap({ resourceVersion: String(attempts) }),
    patch: async () => {
      attempts++
      throw new KubeError(409, 'Conflict', 'the object has been modified')
    },
  }
  const environment = { ...ENVIRONMENT, client: client as KubeClient } // only the verbs that applying uses

  await assert.rejects(applyClientSide(environment, { ...REQUEST, live: configMap() }), { status: 409 })
  assert.equal(attempts, 5)
})

for (const [what, refusal, isThere, end] of [
  ['that nobody has', undefined, false, 'configmap/a created'],
  ['that exists though no watch has seen it', 409, true, 'configmap/a unchanged'],
  ['that exists and may not be created', 403, true, 'configmap/a unchanged'],
  ['that may not be created and is not there', 403, false, undefined],
] as const) {
  test(`an object ${what} is created without asking first: ${end ?? 'the refusal is told'}`, async () => {
    const asked: string[] = []
    const target = configMap()
    const client: Pick<KubeClient, 'get' | 'create' | 'resourceOf'> = {
      resourceOf: async () => CONFIG_MAPS,
      get: async () => {
        asked.push('get')
        return isThere ? withLastApplied(target) : undefined
      },
      create: async (_, object) => {
        asked.push('create')
        if (refusal !== undefined) throw new KubeError(refusal, 'Refused', 'refused')
        return object
      },
    }
    const environment = { ...ENVIRONMENT, client: client as KubeClient } // only the verbs that applying uses
    const applying = applyClientSide(environment, { ...REQUEST, target, live: undefined })

    if (end === undefined) await assert.rejects(applying, { status: refusal })
    else assert.equal((await applying).message, end)
    assert.equal(asked[0], 'create')
    assert.equal(asked.includes('get'), refusal !== undefined)
  })
}

test('results are kept in the order of their first appearance, and carry the hook phase of every task', () => {
  const task = (name: string): SyncTask => ({
    phase: 'Sync',
    wave: 0,
    target: configMap({ name }),
    live: undefined,
    skipDryRun: false,
  })
  const before: ResourceResult = {
    group: '',
    version: 'v1',
    kind: 'ConfigMap',
    namespace: 'app',
    name: 'b',
    status: 'Synced',
    hookPhase: 'Running',
    syncPhase: 'Sync',
  }
  const book = new ResultBook([before])

  book.set(task('a'), { status: 'Synced', phase: 'Succeeded', message: 'configmap/a created' })
  const changes = book.changes
  book.set(task('a'), { status: 'Synced' })

  assert.equal(book.changes, changes)
  assert.deepEqual(
    book.all().map(({ name }) => name),
    ['b', 'a'],
  )
  assert.equal(isRunning(book, task('b')), true)
  assert.equal(isPending(book, task('c')), true)
})
