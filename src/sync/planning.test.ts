import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../kube/object.ts'
import { buildTasks, type TaskInput } from './build-tasks.ts'
import { deletePoliciesOf, generatedHookName, hookTypesOf, isHook, isSkipped, phasesOf } from './hooks.ts'
import { kindWeight } from './kind-order.ts'
import { orderTasks } from './order-tasks.ts'
import { pairObjects } from './pair-objects.ts'
import { parseSyncOptions } from './sync-options.ts'
import { objectOf, type SyncTask } from './task.ts'
import { waveDelay } from './wave-delay.ts'
import { waveOf } from './waves.ts'

type Annotations = Readonly<Record<string, string>>

function make(kind: string, name: string, annotations: Annotations = {}, namespace?: string): KubeObject {
  const apiVersion = API_VERSIONS[kind] ?? 'v1'
  return { apiVersion, kind, metadata: { name, annotations, ...(namespace === undefined ? {} : { namespace }) } }
}

const API_VERSIONS: Readonly<Record<string, string>> = {
  Deployment: 'apps/v1',
  Job: 'batch/v1',
  CustomResourceDefinition: 'apiextensions.k8s.io/v1',
  Widget: 'example.com/v1',
}

function task(object: KubeObject, more: Partial<SyncTask> = {}): SyncTask {
  return { phase: 'Sync', wave: waveOf(object), target: object, live: undefined, skipDryRun: false, ...more }
}

function crd(kind: string): KubeObject {
  const spec = { group: 'example.com', names: { kind }, scope: 'Namespaced' }
  const object = { ...make('CustomResourceDefinition', `${kind.toLowerCase()}s.example.com`), spec }
  return object
}

const WAVE = 'argocd.argoproj.io/sync-wave'
const HOOK = 'argocd.argoproj.io/hook'

for (const [annotations, wave] of [
  [{}, 0],
  [{ [WAVE]: '1' }, 1],
  [{ [WAVE]: '-5' }, -5],
  [{ [WAVE]: '+2' }, 2],
  [{ [WAVE]: 'one', 'helm.sh/hook-weight': '7' }, 7],
  [{ [WAVE]: '3', 'helm.sh/hook-weight': '7' }, 3],
  [{ [WAVE]: '1.5' }, 0],
] as const) {
  test(`[waves_test] [helm/weight_test] [002-09] the wave of ${JSON.stringify(annotations)} is ${wave}`, () => {
    assert.equal(waveOf(make('ConfigMap', 'a', annotations)), wave)
  })
}

for (const [annotations, phases] of [
  [{}, ['Sync']],
  [{ [HOOK]: 'PreSync' }, ['PreSync']],
  [{ [HOOK]: 'PostSync, PreSync' }, ['PreSync', 'PostSync']],
  [{ [HOOK]: 'Skip' }, []],
  [{ [HOOK]: 'Garbage' }, []],
  [{ [HOOK]: 'PostDelete' }, []],
  [{ 'helm.sh/hook': 'pre-install,post-upgrade' }, ['PreSync', 'PostSync']],
  [{ 'helm.sh/hook': 'crd-install' }, ['Sync']],
  [{ 'helm.sh/hook': 'test' }, []],
  [{ [HOOK]: 'SyncFail', 'helm.sh/hook': 'pre-install' }, ['SyncFail']],
  [{ [HOOK]: 'Garbage', 'helm.sh/hook': 'pre-install' }, ['PreSync']],
] as const) {
  test(`[hook_test] [helm/type_test] [002-10] ${JSON.stringify(annotations)} runs in the phases [${phases.join(' ')}]`, () => {
    assert.deepEqual(phasesOf(make('Job', 'a', annotations)), phases)
  })
}

test('[TestSkipHook] [002-10] Skip alone is no hook, Skip beside another type is one', () => {
  const alone = make('Job', 'a', { [HOOK]: 'Skip' })
  const beside = make('Job', 'a', { [HOOK]: 'Skip,PreSync' })

  assert.deepEqual([isSkipped(alone), isHook(alone)], [true, false])
  assert.deepEqual([isSkipped(beside), isHook(beside)], [false, true])
  assert.deepEqual(hookTypesOf(beside), ['Skip', 'PreSync'])
})

test('[delete_policy_test] delete policies of both dialects are united, none valid means BeforeHookCreation', () => {
  const both = { 'argocd.argoproj.io/hook-delete-policy': 'HookSucceeded', 'helm.sh/hook-delete-policy': 'hook-failed' }

  assert.deepEqual(deletePoliciesOf(make('Job', 'a', both)), ['HookSucceeded', 'HookFailed'])
  assert.deepEqual(deletePoliciesOf(make('Job', 'a', { 'helm.sh/hook-delete-policy': 'never' })), [
    'BeforeHookCreation',
  ])
})

test('[TestUnnamedHooksGetUniqueNames] a hook without a name gets the revision, the phase and the start', () => {
  const startMs = Date.UTC(2026, 0, 1, 0, 0, 1, 500)

  assert.equal(generatedHookName('db-', 'abcdef0123456789', 'PreSync', startMs), 'db-abcdef0-presync-1767225601')
  assert.equal(generatedHookName('db-', 'v1.2', 'PostSync', startMs), 'db-v1.2-postsync-1767225601')
})

test('[Test_syncTasks_kindOrder] kinds weigh as upstream weighs them, unknown ones last', () => {
  assert.deepEqual(['Namespace', 'APIService', 'Widget'].map(kindWeight), [-35, -1, 0])
})

test('[TestSortSyncTask] tasks run by phase, wave, kind and name', () => {
  const tasks = [
    task(make('Widget', 'w')),
    task(make('Deployment', 'b')),
    task(make('ConfigMap', 'z')),
    task(make('ConfigMap', 'a')),
    task(make('Deployment', 'early', { [WAVE]: '-1' })),
    task(make('Job', 'after'), { phase: 'PostSync' }),
    task(make('Job', 'before'), { phase: 'PreSync' }),
  ]

  const names = orderTasks(tasks).map((ordered) => objectOf(ordered).metadata.name)

  assert.deepEqual(names, ['before', 'early', 'a', 'z', 'b', 'w', 'after'])
})

test('[TestSyncNamespaceAgainstCRD] [TestSyncTasksSort_CRDAndCR] [TestSyncTasksSort_NamespaceAndObjectInNamespace] a Namespace and a CRD go ahead of what needs them, into its phase and wave', () => {
  const tasks = [
    task(make('Job', 'migrate', {}, 'app'), { phase: 'PreSync', wave: -3 }),
    task(make('Widget', 'w', {}, 'app'), { phase: 'PreSync', wave: 2 }),
    task(make('Namespace', 'app')),
    task(crd('Widget')),
  ]

  const ordered = orderTasks(tasks).map((each) => [objectOf(each).kind, each.phase, each.wave])

  assert.deepEqual(ordered, [
    ['Namespace', 'PreSync', -3],
    ['Job', 'PreSync', -3],
    ['CustomResourceDefinition', 'PreSync', 2],
    ['Widget', 'PreSync', 2],
  ])
})

function input(more: Partial<TaskInput>): TaskInput {
  return {
    pairs: [],
    hooks: [],
    namespace: 'app',
    revision: 'abcdef0123456789',
    startedAtMs: 0,
    operationId: 'op',
    options: parseSyncOptions([]),
    skipHooks: false,
    selects: () => true,
    namespaceWish: undefined,
    isServed: () => true,
    served: [],
    refusal: () => undefined,
    ...more,
  }
}

function livePair(name: string, wave: number): TaskInput['pairs'][number] {
  const live = make('ConfigMap', name, { [WAVE]: String(wave) }, 'app')
  return { key: { group: '', kind: 'ConfigMap', namespace: 'app', name }, target: undefined, live }
}

test('[001-23] pruning goes through the waves backwards', () => {
  const tasks = buildTasks(input({ pairs: [livePair('a', 0), livePair('b', 5), livePair('c', 7)] }))

  assert.deepEqual(
    tasks.map((each) => [objectOf(each).metadata.name, each.wave]),
    [
      ['c', 0],
      ['b', 5],
      ['a', 7],
    ],
  )
})

test('[TestPruneLast] [001-23] PruneLast prunes after the last wave', () => {
  const target = make('ConfigMap', 'new', { [WAVE]: '4' }, 'app')
  const pairs = [
    { key: { group: '', kind: 'ConfigMap', namespace: 'app', name: 'new' }, target, live: undefined },
    livePair('old', -1),
  ]

  const tasks = buildTasks(input({ pairs, options: parseSyncOptions(['PruneLast=true']) }))

  assert.deepEqual(
    tasks.map((each) => [objectOf(each).metadata.name, each.wave]),
    [
      ['new', 4],
      ['old', 5],
    ],
  )
})

test('[TestSyncCustomResources] a kind nobody serves is a fault, unless a CRD of the sync brings it', () => {
  const target = make('Widget', 'w', {}, 'app')
  const pair = { key: { group: 'example.com', kind: 'Widget', namespace: 'app', name: 'w' }, target, live: undefined }
  const definition = crd('Widget')
  const brought = {
    key: {
      group: 'apiextensions.k8s.io',
      kind: 'CustomResourceDefinition',
      namespace: '',
      name: 'widgets.example.com',
    },
    target: definition,
    live: undefined,
  }
  const isServed = ({ kind }: { kind: string }): boolean => kind !== 'Widget'

  const [alone] = buildTasks(input({ pairs: [pair], isServed }))
  const together = buildTasks(input({ pairs: [pair, brought], isServed }))

  assert.match(
    alone?.fault ?? '',
    /^The Kubernetes API could not find example\.com\/Widget for requested resource app\/w\./,
  )
  assert.deepEqual(
    together.map((each) => [objectOf(each).kind, each.skipDryRun, each.fault]),
    [
      ['CustomResourceDefinition', false, undefined],
      ['Widget', true, undefined],
    ],
  )
})

test('[TestHookFinalizer] a hook is an own task in each of its phases, with finalizer and mark of the operation', () => {
  const hook: KubeObject = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { generateName: 'db-', annotations: { [HOOK]: 'PreSync,PostSync' } },
  }

  const tasks = buildTasks(input({ hooks: [hook] }))

  assert.deepEqual(
    tasks.map((each) => [each.phase, each.target?.metadata.name, each.target?.metadata.finalizers]),
    [
      ['PreSync', 'db-abcdef0-presync-0', ['argocd.argoproj.io/hook-finalizer']],
      ['PostSync', 'db-abcdef0-postsync-0', ['argocd.argoproj.io/hook-finalizer']],
    ],
  )
  assert.deepEqual(buildTasks(input({ hooks: [hook], skipHooks: true })), [])
})

test('[TestNamespaceAutoCreation] [Test_shouldNamespaceSync] [002-08] the namespace is made before everything else, and left alone where it exists', () => {
  const wish = { name: 'app', live: undefined, metadata: undefined }
  const live = make('Namespace', 'app')

  const [first] = buildTasks(input({ namespaceWish: wish }))

  assert.deepEqual([first?.phase, first?.target?.kind], ['PreSync', 'Namespace'])
  assert.deepEqual(buildTasks(input({ namespaceWish: { ...wish, live } })), [])
})

test('[002-08] metadata wanted for the namespace are applied server-side', () => {
  const live = make('Namespace', 'app')

  const [first] = buildTasks(input({ namespaceWish: { name: 'app', live, metadata: { labels: { team: 'a' } } } }))

  assert.deepEqual(first?.target?.metadata, {
    name: 'app',
    labels: { team: 'a' },
    annotations: { 'argocd.argoproj.io/sync-options': 'ServerSideApply=true' },
  })
})

test('live objects pair with targets by scope; an unknown scope looks under both keys', () => {
  const role = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' } }
  const live = new Map([['example.com/Widget//w', role]])

  const known = pairObjects([role], live, 'app', () => true)
  const unknown = pairObjects([role], live, 'app', () => undefined)

  assert.deepEqual(
    known.pairs.map(({ live: found }) => found),
    [undefined, role],
  )
  assert.deepEqual(
    unknown.pairs.map(({ live: found }) => found),
    [role],
  )
})

test('[TestGetDuplicatedChildren] one object served in two groups is not pruned in the group Git does not name', () => {
  const metadata = { name: 'i', namespace: 'app', uid: 'u1' }
  const wanted = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata }
  const copy = { apiVersion: 'extensions/v1beta1', kind: 'Ingress', metadata }
  const live = new Map([
    ['extensions/Ingress/app/i', copy],
    ['networking.k8s.io/Ingress/app/i', wanted],
  ])

  const { pairs } = pairObjects([wanted], live, 'app', () => true)

  assert.equal(pairs.length, 1)
})

for (const [what, tasks, delayMs] of [
  ['a Deployment', [task(make('Deployment', 'a'), { live: make('Deployment', 'a') })], 0],
  ['a ConfigMap', [task(make('ConfigMap', 'a'))], 0],
  ['a new Job', [task(make('Job', 'a'))], 0],
  ['a changed Service', [task(make('Service', 'a'), { live: make('Service', 'a') })], 2000],
  ['a custom resource', [task(make('Widget', 'a'))], 2000],
] as const) {
  test(`[TestSync_SyncWaveHook] [002-09] after ${what} the next wave waits ${delayMs} ms`, () => {
    assert.equal(waveDelay(tasks, undefined), delayMs)
    assert.equal(waveDelay(tasks, 5000), 5000)
  })
}
