// Stories of sync windows over a day: when they open and close, whom they hold back, and what runs on.
import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import type { SyncWindow } from '../../src/crds/app-project.ts'
import type { Application } from '../../src/crds/application.ts'
import { CONTROL_NAMESPACE, type DeliveryCluster, startDeliveryCluster } from '../support/delivery-cluster.ts'
import { configMap, job } from '../support/manifests.ts'
import { SetClock } from '../support/set-clock.ts'

const CREATE_NAMESPACE = ['CreateNamespace=true']
const AUTOMATED = { automated: {}, syncOptions: CREATE_NAMESPACE }
const BLOCKED = 'Sync operation blocked by sync window'

interface Scene {
  readonly cluster: DeliveryCluster
  readonly clock: SetClock
}

/** A project with these windows, at noon; the application comes with the story. */
async function scene(t: TestContext, windows: readonly SyncWindow[]): Promise<Scene> {
  const clock = new SetClock()
  const files = { 'web/one.json': configMap('one', 'first') }
  const cluster = await startDeliveryCluster(t, { files, clock })
  const syncWindows = windows.map((window) => ({ applications: ['*'], ...window }))
  const place = { namespace: CONTROL_NAMESPACE }
  await cluster.patch('argoproj.io/v1alpha1/AppProject', 'default', { spec: { syncWindows } }, place)
  return { cluster, clock }
}

/** The application after a refresh that was asked for, and after what that set off. */
async function refreshed({ cluster }: Scene): Promise<Application> {
  await cluster.refresh('web')
  await cluster.until('web', ({ metadata }) => metadata.annotations?.['argocd.argoproj.io/refresh'] === undefined)
  await cluster.engine.idle()
  return cluster.application('web')
}

/** A commit at this time of day is not synced by itself, or is. */
async function expectAt(told: Scene, time: string, expected: 'held' | 'synced'): Promise<void> {
  const { cluster, clock } = told
  clock.set(time)
  const revision = cluster.repository.commit({ 'web/one.json': configMap('one', time) })
  const before = (await cluster.application('web')).status?.operationState?.startedAt
  const { operation, status } = await refreshed(told)
  if (expected === 'synced') {
    const { status: after } = await cluster.untilSynced('web', revision)
    assert.equal(after?.operationState?.phase, 'Succeeded', time)
    return
  }
  assert.deepEqual([status?.sync?.status, status?.sync?.revision], ['OutOfSync', revision], time)
  assert.deepEqual([operation, status?.operationState?.startedAt], [undefined, before], time)
}

describe('syncs by themselves', () => {
  const always = { schedule: '* * * * *', duration: '1h' }
  const cases: readonly {
    readonly says: string
    readonly windows: readonly SyncWindow[]
    readonly day: readonly (readonly [time: string, expected: 'held' | 'synced'])[]
  }[] = [
    {
      says: 'an allow window lets pass while it is open, and no longer than its duration',
      windows: [{ kind: 'allow', schedule: '0 14 * * *', duration: '2h' }],
      day: [
        ['12:30', 'held'],
        ['14:00', 'synced'],
        ['15:30', 'synced'],
        ['16:00', 'held'],
      ],
    },
    {
      says: 'a deny window holds back while it is open, and no longer than its duration',
      windows: [{ kind: 'deny', schedule: '0 13 * * *', duration: '90m' }],
      day: [
        ['12:15', 'synced'],
        ['13:00', 'held'],
        ['14:00', 'held'],
        ['14:30', 'synced'],
      ],
    },
    {
      says: 'a window goes by the clocks of its time zone',
      windows: [{ kind: 'deny', schedule: '0 22 * * *', duration: '1h', timeZone: 'Asia/Seoul' }],
      day: [
        ['12:15', 'synced'],
        ['13:00', 'held'],
        ['14:00', 'synced'],
        ['22:15', 'synced'],
      ],
    },
    {
      says: 'a deny window goes before an allow window',
      windows: [
        { kind: 'allow', schedule: '0 12 * * *', duration: '8h' },
        { kind: 'deny', schedule: '0 13 * * *', duration: '1h' },
      ],
      day: [
        ['12:15', 'synced'],
        ['13:15', 'held'],
        ['14:15', 'synced'],
        ['20:00', 'held'],
      ],
    },
    {
      says: 'one list that fits is enough',
      windows: [{ kind: 'deny', ...always, applications: ['web'], namespaces: ['other'] }],
      day: [['12:15', 'held']],
    },
    {
      says: 'with andOperator all lists must fit',
      windows: [{ kind: 'deny', ...always, applications: ['web'], namespaces: ['other'], andOperator: true }],
      day: [['12:15', 'synced']],
    },
    {
      says: 'with andOperator lists that all fit hold back',
      windows: [{ kind: 'deny', ...always, applications: ['web'], namespaces: ['web'], andOperator: true }],
      day: [['12:15', 'held']],
    },
  ]
  for (const { says, windows, day } of cases) {
    test(says, async (t) => {
      const told = await scene(t, windows)
      await told.cluster.createApplication('web', { syncPolicy: AUTOMATED })
      await told.cluster.until('web', ({ status }) => status?.sync?.status !== undefined)

      for (const [time, expected] of day) await expectAt(told, time, expected)
    })
  }
})

for (const manualSync of [true, false]) {
  test(`${manualSync ? 'with' : 'without'} manualSync a person ${manualSync ? 'syncs' : 'waits until the window ends'}`, async (t) => {
    const told = await scene(t, [{ kind: 'deny', schedule: '0 13 * * *', duration: '1h', manualSync }])
    const { cluster, clock } = told
    clock.set('13:15')
    await cluster.createApplication('web', { syncPolicy: AUTOMATED })
    await cluster.until('web', ({ status }) => status?.sync?.status === 'OutOfSync')
    await expectAt(told, '13:20', 'held')

    await cluster.sync('web', { syncOptions: CREATE_NAMESPACE })
    if (!manualSync) {
      await cluster.until('web', ({ status }) => status?.operationState?.message === BLOCKED)
      clock.set('14:00')
    }

    assert.equal((await cluster.operationEnd('web')).phase, 'Succeeded')
  })
}

for (const syncOverrun of [true, false]) {
  test(`${syncOverrun ? 'with' : 'without'} syncOverrun what runs when a window opens ${syncOverrun ? 'runs on' : 'waits for its end'}`, async (t) => {
    const { cluster, clock } = await scene(t, [{ kind: 'deny', schedule: '0 13 * * *', duration: '1h', syncOverrun }])
    cluster.repository.commit({ 'web/before.json': job('before', { hook: 'PreSync' }) })
    await cluster.createApplication('web', { syncPolicy: AUTOMATED })
    await cluster.eventually(() => cluster.get('batch/v1/Job', 'before', 'web'))
    await cluster.until('web', ({ status }) => (status?.operationState?.syncResult?.resources ?? []).length > 0)

    clock.set('13:15')
    await cluster.finishJob('before', 'web', 'Complete')
    if (!syncOverrun) {
      await cluster.until('web', ({ status }) => status?.operationState?.message === BLOCKED)
      assert.equal(await cluster.get('v1/ConfigMap', 'one', 'web'), undefined)
      clock.set('14:00')
    }

    assert.equal((await cluster.operationEnd('web')).phase, 'Succeeded')
    assert.notEqual(await cluster.get('v1/ConfigMap', 'one', 'web'), undefined)
  })
}
