// Tests of progressive syncs: steps, statuses and their moves, as upstream's tables have them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applicationSetOf } from '../../../test/support/application-sets.ts'
import type { ApplicationSet } from '../../crds/application-set.ts'
import { type Application, parseApplication } from '../../crds/application.ts'
import { UP_TO_DATE, errorCondition, withCondition } from './conditions.ts'
import { inDeletionOrder } from './delete-set.ts'
import { advanceRollout, maxUpdateOf, type Rollout, withRollout } from './rollout.ts'
import { mapSteps } from './rollout-steps.ts'

const EARLIER = '2025-12-31T23:59:59Z'
const BEFORE = '2026-01-01T00:00:00Z'
const NOW = '2026-01-01T00:10:00Z'
const STEPS = [
  { matchExpressions: [{ key: 'env', operator: 'In', values: ['dev'] }] },
  { matchExpressions: [{ key: 'env', operator: 'In', values: ['prod'] }], maxUpdate: 1 },
]

function rolling(
  statuses: readonly object[] = [],
  steps: readonly object[] = STEPS,
  deletionOrder?: string,
): ApplicationSet {
  const strategy = {
    type: 'RollingSync',
    rollingSync: { steps },
    ...(deletionOrder === undefined ? {} : { deletionOrder }),
  }
  return { ...applicationSetOf([], { strategy }), status: { applicationStatus: statuses as never } }
}

function application(name: string, env: string, status: object = {}, spec: object = {}): Application {
  return parseApplication({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name, namespace: 'argocd', labels: { env } },
    spec: { project: 'default', destination: {}, ...spec },
    status,
  })
}

function state(sync: string, health: string, more: object = {}): object {
  return { sync: { status: sync, revision: 'r1' }, health: { status: health }, ...more }
}

function told(name: string, status: string, step = '1', targetRevisions: readonly string[] = ['r1']): object {
  return { application: name, status, step, message: 'before', lastTransitionTime: BEFORE, targetRevisions }
}

function advance(set: ApplicationSet, owned: readonly Application[], hasSameSpec = true): Rollout {
  return advanceRollout({ applicationSet: set, owned, generated: owned, hasSameSpec: () => hasSameSpec, at: NOW })
}

function summary({ statuses }: Rollout): string {
  return statuses.map(({ application: name, status, step }) => `${name}:${status}:${step}`).join(' ')
}

test('sorts applications into steps by their labels', () => {
  const steps = [
    { matchExpressions: [{ key: 'env', operator: 'In', values: ['dev', 'qa'] }] },
    { matchExpressions: [{ key: 'env', operator: 'NotIn', values: ['dev', 'prod'] }] },
    { matchExpressions: [{ key: 'env', operator: 'Exists', values: [] }] },
  ]
  const applications = [
    application('d', 'dev'),
    application('q', 'qa'),
    application('p', 'prod'),
    application('x', 'other'),
  ]

  const { steps: names, stepOf } = mapSteps(rolling([], steps), applications)

  assert.deepEqual(names, [['d', 'q'], ['q', 'x'], []])
  assert.deepEqual(Object.fromEntries(stepOf), { d: 0, q: 0, x: 1 })
})

const OPERATION = { operation: { sync: {} }, phase: 'Succeeded', startedAt: '2026-01-01T00:05:00Z' }
const MOVES: readonly (readonly [string, object, object | undefined, string])[] = [
  [
    'new and out of sync',
    state('OutOfSync', 'Missing'),
    undefined,
    'Pending: Application moved to Pending status, watching for the Application resource to start Progressing',
  ],
  [
    'new, synced and healthy',
    state('Synced', 'Healthy'),
    undefined,
    'Healthy: Application resource has synced, updating status to Healthy',
  ],
  [
    'waiting, synced alone',
    state('Synced', 'Progressing'),
    told('a', 'Waiting'),
    'Progressing: Application resource has synced, updating status to Progressing',
  ],
  [
    'pending, broken when it was looked at before',
    state('Unknown', 'Healthy', { reconciledAt: EARLIER, conditions: [{ type: 'InvalidSpecError', message: 'x' }] }),
    told('a', 'Pending'),
    'Pending: before',
  ],
  [
    'pending, operation before',
    state('OutOfSync', 'Healthy', { reconciledAt: NOW, operationState: { ...OPERATION, startedAt: EARLIER } }),
    told('a', 'Pending'),
    'Pending: before',
  ],
  [
    'pending, operation running',
    state('OutOfSync', 'Healthy', { reconciledAt: NOW, operationState: { ...OPERATION, phase: 'Running' } }),
    told('a', 'Pending'),
    'Progressing: Application resource became Progressing, updating status from Pending to Progressing',
  ],
  [
    'pending, operation done',
    state('Synced', 'Healthy', { reconciledAt: NOW, operationState: OPERATION }),
    told('a', 'Pending'),
    'Progressing: Application resource completed a sync successfully, updating status from Pending to Progressing',
  ],
  [
    'pending, operation failed',
    state('OutOfSync', 'Healthy', { reconciledAt: NOW, operationState: { ...OPERATION, phase: 'Failed' } }),
    told('a', 'Pending'),
    'Progressing: Application resource completed a sync, updating status from Pending to Progressing',
  ],
  [
    'pending, broken',
    state('Unknown', 'Healthy', { reconciledAt: NOW, conditions: [{ type: 'InvalidSpecError', message: 'x' }] }),
    told('a', 'Pending'),
    'Progressing: Application resource has error and cannot sync, updating status to Progressing',
  ],
  [
    'progressing, healthy and synced',
    state('Synced', 'Healthy'),
    told('a', 'Progressing'),
    'Healthy: Application resource became Healthy, updating status from Progressing to Healthy',
  ],
  ['progressing, healthy alone', state('OutOfSync', 'Healthy'), told('a', 'Progressing'), 'Progressing: before'],
  ['healthy, degraded later', state('Synced', 'Degraded'), told('a', 'Healthy'), 'Healthy: before'],
  [
    'healthy, new revision',
    state('OutOfSync', 'Healthy'),
    told('a', 'Healthy', '1', ['r0']),
    'Pending: Application moved to Pending status, watching for the Application resource to start Progressing',
  ],
]

test('moves each application on as its state says', () => {
  for (const [it, live, before, expected] of MOVES) {
    const { statuses } = advance(rolling(before === undefined ? [] : [before]), [application('a', 'dev', live)])

    assert.equal(`${statuses[0]?.status}: ${statuses[0]?.message}`, expected, it)
  }
})

test('a changed spec waits for a comparison with it, whatever the state before says', () => {
  const comparedTo = { source: { repoURL: 'old' }, destination: {} }
  const stale = application(
    'p',
    'prod',
    { ...state('Synced', 'Healthy'), sync: { status: 'Synced', revision: 'r1', comparedTo } },
    { source: { repoURL: 'new' } },
  )
  const dev = application('d', 'dev', state('OutOfSync', 'Healthy'))
  const before = [told('d', 'Progressing'), told('p', 'Healthy', '2')]

  const changed = advance(rolling(before), [dev, stale], false)
  const later = advance(rolling([told('d', 'Progressing'), told('p', 'Waiting', '2')]), [dev, stale])

  assert.equal(summary(changed), 'd:Pending:1 p:Waiting:2')
  assert.equal(
    changed.statuses[1]?.message,
    'Application has pending changes (spec differs), setting status to Waiting',
  )
  assert.equal(summary(later), 'd:Progressing:1 p:Waiting:2')
})

test('a later step waits until all of the earlier are healthy; a failing wave stops the rest', () => {
  const dev = [
    application('d1', 'dev', state('OutOfSync', 'Degraded')),
    application('d2', 'dev', state('Synced', 'Healthy')),
  ]
  const prod = [
    application('p1', 'prod', state('OutOfSync', 'Healthy')),
    application('p2', 'prod', state('OutOfSync', 'Healthy')),
  ]
  const before = [
    told('d1', 'Progressing'),
    told('d2', 'Healthy'),
    told('p1', 'Waiting', '2'),
    told('p2', 'Waiting', '2'),
  ]

  const stopped = advance(rolling(before), [...dev, ...prod])
  const healed = advance(rolling(before), [
    application('d1', 'dev', state('Synced', 'Healthy')),
    ...dev.slice(1),
    ...prod,
  ])

  assert.equal(summary(stopped), 'd1:Progressing:1 d2:Healthy:1 p1:Waiting:2 p2:Waiting:2')
  assert.deepEqual(
    [stopped.condition.status, stopped.condition.message],
    ['True', 'ApplicationSet is performing rollout of step 1'],
  )
  assert.equal(summary(healed), 'd1:Healthy:1 d2:Healthy:1 p1:Pending:2 p2:Waiting:2')
  assert.equal(healed.condition.message, 'ApplicationSet is performing rollout of step 2')
})

test('a step that is not created yet holds back the next', () => {
  const dev = application('d', 'dev')
  const prod = application('p', 'prod', state('OutOfSync', 'Healthy'))
  const given = { applicationSet: rolling([told('p', 'Waiting', '2')]), hasSameSpec: () => true, at: NOW }

  const rollout = advanceRollout({ ...given, owned: [prod], generated: [dev, prod] })

  assert.equal(summary(rollout), 'p:Waiting:2')
})

test('reads maxUpdate as numbers and as parts of the step', () => {
  const cases: readonly (readonly [number | string | undefined, number, number])[] = [
    [undefined, 4, Number.POSITIVE_INFINITY],
    [0, 4, 0],
    [3, 4, 3],
    ['0%', 4, 0],
    ['1%', 4, 1],
    ['50%', 5, 2],
    ['100%', 5, 5],
    ['many', 5, 1],
  ]
  for (const [maxUpdate, total, expected] of cases)
    assert.equal(maxUpdateOf(maxUpdate, total), expected, String(maxUpdate))
})

test('applications stop syncing by themselves, and those whose turn it is get an operation', () => {
  const spec = { syncPolicy: { automated: { prune: true }, syncOptions: ['A=b'], retry: { limit: 2 } } }
  const dev = application('d', 'dev', state('OutOfSync', 'Healthy'), spec)
  const prod = application('p', 'prod', state('OutOfSync', 'Healthy'), spec)

  const [first, second] = withRollout([dev, prod], advance(rolling(), [dev, prod]))

  assert.deepEqual(first?.operation, {
    initiatedBy: { username: 'applicationset-controller', automated: true },
    info: [{ name: 'Reason', value: 'ApplicationSet RollingSync triggered a sync of this Application resource' }],
    sync: { prune: true, syncOptions: ['A=b'] },
    retry: { limit: 2 },
  })
  assert.equal(first?.spec.syncPolicy?.automated?.enabled, false)
  assert.equal(second?.operation, undefined)
})

test('an application whose last sync began this very second gets its next one a second later', () => {
  const operationState = { ...OPERATION, startedAt: NOW }
  const live = application('d', 'dev', state('OutOfSync', 'Healthy', { operationState }))

  const now = advance(rolling([told('d', 'Healthy', '1', ['r0'])]), [live])
  const later = advanceRollout({
    applicationSet: rolling(now.statuses),
    owned: [live],
    generated: [live],
    hasSameSpec: () => true,
    at: '2026-01-01T00:10:01Z',
  })

  assert.deepEqual([summary(now), now.isDelayed], ['d:Waiting:1', true])
  assert.deepEqual([summary(later), later.isDelayed], ['d:Pending:1', false])
})

test('the same state twice changes nothing', () => {
  const owned = [
    application('d', 'dev', state('OutOfSync', 'Degraded')),
    application('p', 'prod', state('OutOfSync', 'Healthy')),
  ]
  const { statuses } = advance(rolling(), owned)

  assert.deepEqual(advance(rolling(statuses), owned).statuses, statuses)
})

test('deletes the last step first', () => {
  const applications = [application('d', 'dev'), application('p', 'prod'), application('x', 'other')]

  assert.deepEqual(
    inDeletionOrder(rolling([], STEPS, 'Reverse'), applications).map(({ metadata }) => metadata.name),
    ['p', 'd'],
  )
})

test('conditions replace each other as upstream has them, and keep their time where nothing changed', () => {
  const set = applicationSetOf([])
  const good = withCondition(set, UP_TO_DATE, { areGenerated: true, at: BEFORE })
  const again = withCondition({ ...set, status: good }, UP_TO_DATE, { areGenerated: true, at: NOW })
  const bad = withCondition({ ...set, status: good }, errorCondition('RenderTemplateParamsError', 'oops'), {
    areGenerated: false,
    at: NOW,
  })
  const texts = (bad.conditions ?? []).map(
    ({ type, status, reason, message }) => `${type} ${status} ${reason} ${message}`,
  )

  assert.equal(again, good)
  assert.deepEqual(good.health, { status: 'Healthy', message: 'All applications have been generated successfully' })
  assert.deepEqual(texts, [
    'ErrorOccurred True RenderTemplateParamsError oops',
    'ParametersGenerated False ErrorOccurred oops',
    'ResourcesUpToDate False ErrorOccurred oops',
  ])
  assert.deepEqual(bad.health, { status: 'Degraded', message: 'oops' })
})
