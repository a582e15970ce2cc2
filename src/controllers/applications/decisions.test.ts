import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Application, OperationState, ResourceStatus } from '../../crds/application.ts'
import { type AutoSyncInput, decideAutoSync } from './auto-sync.ts'
import { replaceConditions } from './conditions.ts'
import { cascadeOf, withHookFinalizers } from './deletion-finalizers.ts'
import { parseDurationOrSecondsMs } from '../../lang/go/time/duration.ts'
import { appendHistory } from './history.ts'
import { decideRefresh, higherLevel } from './refresh-decision.ts'
import { kitchenTime, mayRetry, retryDelay } from './retry.ts'
import { TargetIndex } from './target-index.ts'

const SOURCE = { repoURL: 'https://git.example.com/a.git', path: 'a', targetRevision: 'HEAD' }
const NOW_MS = Date.UTC(2026, 0, 1, 12)

function application(more: Partial<Application['spec']> = {}, status: Application['status'] = {}): Application {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'web', namespace: 'argocd' },
    spec: { project: 'default', source: SOURCE, destination: { server: 'x', namespace: 'app' }, ...more },
    status,
  }
}

function differing(name: string, more: Partial<ResourceStatus> = {}): ResourceStatus {
  return { kind: 'ConfigMap', name, version: 'v1', status: 'OutOfSync', ...more }
}

function ended(phase: OperationState['phase'], more: Partial<OperationState> = {}, attempts?: number): OperationState {
  const sync = attempts === undefined ? {} : { autoHealAttemptsCount: attempts }
  const finishedAt = new Date(NOW_MS - 1000).toISOString()
  return {
    phase,
    message: 'it broke',
    operation: { sync },
    startedAt: finishedAt,
    finishedAt,
    syncResult: { revision: 'abc', source: SOURCE },
    ...more,
  }
}

function decide(
  spec: Partial<Application['spec']>,
  more: Partial<AutoSyncInput> = {},
  state?: OperationState,
): ReturnType<typeof decideAutoSync> {
  return decideAutoSync({
    application: application(spec, state === undefined ? {} : { operationState: state }),
    syncStatus: 'OutOfSync',
    revisions: ['abc'],
    resources: [differing('one')],
    isLeaving: () => false,
    nowMs: NOW_MS,
    outOfSyncSinceMs: NOW_MS,
    ...more,
  })
}

const AUTO = { syncPolicy: { automated: {} } }
const HEAL = { syncPolicy: { automated: { selfHeal: true } } }
const PRUNE = { syncPolicy: { automated: { prune: true } } }

for (const [what, action, decision] of [
  ['without a policy', 'none', () => decide({})],
  ['with automation switched off', 'none', () => decide({ syncPolicy: { automated: { enabled: false } } })],
  ['when nothing differs', 'none', () => decide(AUTO, { syncStatus: 'Synced' })],
  ['when Git has moved', 'sync', () => decide(AUTO)],
  [
    'when only pruning is needed and prune is off',
    'none',
    () => decide(AUTO, { resources: [differing('a', { requiresPruning: true })] }),
  ],
  ['when what differs is being deleted', 'none', () => decide(PRUNE, { isLeaving: () => true })],
  ['after a failed attempt at the revision', 'refused', () => decide(HEAL, {}, ended('Failed'))],
  ['after a good attempt without self-heal', 'none', () => decide(AUTO, {}, ended('Succeeded'))],
  ['after a good attempt with self-heal', 'sync', () => decide(HEAL, {}, ended('Succeeded'))],
  ['after a good attempt at another revision', 'sync', () => decide(AUTO, { revisions: ['def'] }, ended('Succeeded'))],
  [
    'when all would be pruned',
    'refused',
    () => decide(PRUNE, { resources: [differing('a', { requiresPruning: true })] }),
  ],
  ['soon after a heal', 'wait', () => decide(HEAL, {}, ended('Succeeded', {}, 1))],
  [
    'long after a heal',
    'sync',
    () => decide(HEAL, { nowMs: NOW_MS + 400_000, outOfSyncSinceMs: NOW_MS + 400_000 }, ended('Succeeded', {}, 6)),
  ],
] as const) {
  test(`[TestAutoSync] [001-15] [001-24] ${what} the decision is: ${action}`, () => {
    assert.equal(decision().action, action)
  })
}

test('[001-24] a heal touches only what differs and counts its attempts', () => {
  const decision = decide(
    HEAL,
    { resources: [differing('one'), { ...differing('two'), status: 'Synced' }] },
    ended('Succeeded'),
  )

  assert.equal(decision.action, 'sync')
  const sync = decision.action === 'sync' ? decision.operation.sync : undefined
  assert.deepEqual(sync?.resources, [{ group: '', kind: 'ConfigMap', name: 'one' }])
  assert.equal(sync?.autoHealAttemptsCount, 1)
})

for (const [attempts, delayMs] of [
  [1, 1000],
  [2, 5000],
  [3, 17_000],
  [9, 299_000],
] as const) {
  test(`[TestSelfHealRemainingBackoff] [002-13] heal number ${attempts + 1} waits ${delayMs} ms more after one second`, () => {
    assert.deepEqual(decide(HEAL, {}, ended('Succeeded', {}, attempts)), { action: 'wait', delayMs, attempts })
  })
}

test("a failed attempt is told with upstream's text", () => {
  const condition = { type: 'SyncError', message: 'Failed last sync attempt to [abc]: it broke' }

  assert.deepEqual(decide({ syncPolicy: { automated: {} } }, {}, ended('Failed')), { action: 'refused', condition })
  assert.deepEqual(decide(HEAL, {}, ended('Failed')), { action: 'refused', condition, delayMs: 299_000 })
})

test('[002-07] self-heal tries the whole sync again five minutes after a failed attempt', () => {
  const decision = decide(HEAL, { nowMs: NOW_MS + 300_000 }, ended('Failed'))

  const sync = decision.action === 'sync' ? decision.operation.sync : undefined
  assert.deepEqual([sync?.autoHealAttemptsCount, sync?.resources], [1, undefined])
})

const COMPARED = { destination: { server: 'x', namespace: 'app' }, source: SOURCE }
const RECONCILED = new Date(NOW_MS - 60_000).toISOString()

for (const [what, level, changed] of [
  [
    'nothing has happened',
    undefined,
    application({}, { reconciledAt: RECONCILED, sync: { status: 'Synced', comparedTo: COMPARED } }),
  ],
  ['it was never compared', 'forced', application()],
  [
    'the source has changed',
    'forced',
    application(
      { source: { ...SOURCE, path: 'b' } },
      { reconciledAt: RECONCILED, sync: { status: 'Synced', comparedTo: COMPARED } },
    ),
  ],
] as const) {
  test(`[001-11] when ${what} the level is ${level}`, () => {
    const input = { asked: undefined, hasComparison: true, hasNewWish: false }
    assert.equal(decideRefresh({ ...input, application: changed }), level)
  })
}

test('[001-11] a request in the annotation counts before everything else', () => {
  const calm = { hasComparison: true, hasNewWish: false }
  const asked = { ...application(), metadata: { annotations: { 'argocd.argoproj.io/refresh': 'hard' } } }

  assert.equal(decideRefresh({ application: asked, ...calm, asked: 'tree' }), 'hard')
  assert.equal(higherLevel('recent', 'forced'), 'forced')
  assert.equal(higherLevel(undefined, 'tree'), 'tree')
})

test('retries wait as their strategy says, within limits', () => {
  const strategy = { limit: 3, backoff: { duration: '10s', factor: 3, maxDuration: '1m' } }

  assert.deepEqual(
    [0, 1, 2].map((count) => retryDelay(strategy, count)),
    [10_000, 30_000, 60_000],
  )
  assert.deepEqual(
    [0, 1, 5, 9].map((count) => retryDelay({}, count)),
    [5000, 10_000, 160_000, 180_000],
  )
  assert.deepEqual(
    [mayRetry(strategy, 2), mayRetry(strategy, 3), mayRetry({ limit: -1 }, 99), mayRetry(undefined, 0)],
    [true, false, true, false],
  )
  assert.throws(() => retryDelay({ backoff: { duration: 'soon' } }, 0), /invalid duration "soon"/)
  assert.equal(kitchenTime(Date.UTC(2026, 0, 1, 15, 4)), '3:04PM')
  assert.equal(kitchenTime(Date.UTC(2026, 0, 1, 0, 4)), '12:04AM')
})

for (const [text, ms] of [
  ['5s', 5000],
  ['1m30s', 90_000],
  ['1.5h', 5_400_000],
  ['250ms', 250],
  ['30', 30_000],
  ['', undefined],
  ['5 s', undefined],
  ['s', undefined],
] as const) {
  test(`the duration ${JSON.stringify(text)} is ${ms} ms`, () => {
    assert.equal(parseDurationOrSecondsMs(text), ms)
  })
}

test('the history keeps its limit and counts on', () => {
  const history = [
    { id: 4, deployedAt: 'x' },
    { id: 5, deployedAt: 'y' },
  ]
  const before = application({ revisionHistoryLimit: 2 }, { history })

  const appended = appendHistory(before, ended('Succeeded'), 'now')

  assert.deepEqual(
    appended.map(({ id }) => id),
    [5, 6],
  )
  assert.equal(appended[1]?.revision, 'abc')
  assert.equal(appendHistory(before, ended('Failed'), 'now'), history)
  assert.equal(appendHistory(before, ended('Succeeded', { operation: { sync: { dryRun: true } } }), 'now'), history)
  assert.deepEqual(appendHistory(application({ revisionHistoryLimit: 0 }), ended('Succeeded'), 'now'), [])
})

test('a condition that stays keeps its time', () => {
  const current = [
    { type: 'ComparisonError', message: 'a', lastTransitionTime: 'then' },
    { type: 'SyncError', message: 'b', lastTransitionTime: 'then' },
  ]

  const next = replaceConditions(
    current,
    [{ type: 'ComparisonError', message: 'a' }],
    new Set(['ComparisonError', 'InvalidSpecError']),
    'now',
  )

  assert.deepEqual(
    next.map(({ type, lastTransitionTime }) => [type, lastTransitionTime]),
    [
      ['SyncError', 'then'],
      ['ComparisonError', 'then'],
    ],
  )
})

test('finalizers say how objects are deleted and which hooks run', () => {
  const plain = application()
  const hooked = withHookFinalizers(plain, 'PreDelete', true)
  const cascade = (finalizer: string): unknown => cascadeOf({ ...plain, metadata: { finalizers: [finalizer] } })

  assert.deepEqual(hooked.metadata.finalizers, [
    'pre-delete-finalizer.argocd.argoproj.io',
    'pre-delete-finalizer.argocd.argoproj.io/cleanup',
  ])
  assert.deepEqual(withHookFinalizers(hooked, 'PreDelete', false).metadata.finalizers, [])
  assert.deepEqual(
    ['resources-finalizer.argocd.argoproj.io', 'resources-finalizer.argocd.argoproj.io/background', 'other/one'].map(
      cascade,
    ),
    ['Foreground', 'Background', undefined],
  )
})

test('the target index forgets what an application no longer wants', () => {
  const index = new TargetIndex()
  index.set('argocd/a', ['x', 'y'])
  index.set('argocd/b', ['y'])

  index.set('argocd/a', ['x'])

  assert.deepEqual([[...index.get('x')], [...index.get('y')]], [['argocd/a'], ['argocd/b']])
})
