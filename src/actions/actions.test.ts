import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { KubeObject } from '../kube/object.ts'
import { loadLua, type LuaMachine } from '../lang/lua/machine.ts'
import { discoverActions, runAction } from './actions.ts'
import { ResourceActions } from './scripted.ts'

const now = Date.parse('2026-01-31T08:05:09Z')

function object(apiVersion: string, kind: string, rest: object = {}): KubeObject {
  return { apiVersion, kind, metadata: { name: 'x', namespace: 'n', uid: 'u' }, ...rest }
}

const runs: readonly (readonly [
  says: string,
  input: KubeObject,
  action: string,
  parameters: object,
  result: object,
])[] = [
  [
    'a restart stamps the pod template',
    object('apps/v1', 'DaemonSet', { spec: { template: {} } }),
    'restart',
    {},
    {
      spec: {
        template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': '2026-01-31T08:05:09Z' } } },
      },
    },
  ],
  [
    'scale sets the number',
    object('apps/v1', 'StatefulSet', { spec: { replicas: 1 } }),
    'scale',
    { replicas: '6' },
    { spec: { replicas: 6 } },
  ],
  [
    'resume takes the pause away',
    object('apps/v1', 'Deployment', { spec: { paused: true } }),
    'resume',
    {},
    { spec: {} },
  ],
  [
    'retry takes the abort away',
    object('argoproj.io/v1alpha1', 'Rollout', { status: { abort: true, stableRS: 'a' } }),
    'retry',
    {},
    { status: { stableRS: 'a' } },
  ],
  [
    'an instance is named by its number',
    object('postgresql.cnpg.io/v1', 'Cluster', { status: { instancesStatus: { healthy: ['x-1', 'x-2'] } } }),
    'promote',
    { instance: '2' },
    {
      status: {
        instancesStatus: { healthy: ['x-1', 'x-2'] },
        targetPrimary: 'x-2',
        targetPrimaryTimestamp: '2026-01-31T08:05:09Z',
        phase: 'Switchover in progress',
        phaseReason: 'Switching over to x-2',
      },
    },
  ],
  [
    'auto-sync is switched on where it was never set',
    object('argoproj.io/v1alpha1', 'Application', { spec: {} }),
    'toggle-auto-sync',
    {},
    { spec: { syncPolicy: { automated: { enabled: true } } } },
  ],
]

describe('built-in actions', () => {
  for (const [says, input, action, parameters, result] of runs) {
    test(says, () => {
      const before_ = structuredClone(input)
      const changes = runAction(input, action, { parameters: parameters as Record<string, string>, now })
      assert.deepEqual(changes, [{ operation: 'patch', object: { ...input, ...result } }])
      assert.deepEqual(input, before_)
    })
  }

  test('a job is made from a cron job', () => {
    const spec = {
      jobTemplate: { metadata: { labels: { a: 'b' }, annotations: {} }, spec: { template: { spec: {} } } },
    }
    const [change] = runAction(object('batch/v1', 'CronJob', { spec }), 'create-job', { parameters: {}, now })
    const owner = {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      name: 'x',
      uid: 'u',
      blockOwnerDeletion: true,
      controller: true,
    }
    assert.deepEqual(change, {
      operation: 'create',
      object: {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: {
          labels: { a: 'b' },
          name: 'x-2601310805',
          namespace: 'n',
          annotations: { 'cronjob.kubernetes.io/instantiate': 'manual' },
          ownerReferences: [owner],
        },
        spec: {},
      },
    })
  })

  test('a number that is none is refused in upstream’s words', () => {
    const stateful = object('apps/v1', 'StatefulSet', { spec: {} })
    const run = (replicas: string): unknown => runAction(stateful, 'scale', { parameters: { replicas }, now })
    assert.throws(() => run('many'), { code: 'bad-input', message: 'invalid number: many' })
    assert.throws(() => run(''), { message: 'invalid number: ' })
  })

  test('an action that the kind lacks is not found', () => {
    assert.throws(() => runAction(object('v1', 'Pod'), 'restart', { parameters: {}, now }), { code: 'not-found' })
    assert.deepEqual(discoverActions(object('v1', 'constructor')), [])
  })
})

const ACTIONS = `
mergeBuiltinActions: true
discovery.lua: |
  return { restart = {}, ["set-tier"] = { disabled = obj.spec.paused, displayName = "Tier", params = { { name = "tier" } } } }
definitions:
- name: set-tier
  action.lua: |
    obj.metadata.labels = { tier = actionParams.tier }
    return obj
- name: copy
  action.lua: |
    local made = { apiVersion = "v1", kind = "ConfigMap", metadata = { name = "made" } }
    return { { operation = "create", resource = made }, { operation = "patch", resource = obj } }
- name: bad
  action.lua: return { { operation = "delete", resource = obj } }
- name: fails
  action.lua: error("not now", 0)
`

describe('actions of the user', () => {
  const deployment = object('apps/v1', 'Deployment', {
    spec: { paused: true, template: { emptyDir: {}, list: [], big: 2n ** 60n, deep: [{ none: {} }] } },
  })
  let lua: LuaMachine
  before(async () => {
    lua = await loadLua()
  })
  after(() => lua.close())
  const actionsOf = (actions: string): ResourceActions =>
    new ResourceActions([{ group: 'apps', kind: 'Deployment', actions }], lua)
  const run = (name: string, parameters = {}): unknown => actionsOf(ACTIONS).run(deployment, name, { parameters, now })

  test('are listed before the built-in ones, which follow where they are merged', () => {
    const names = (actions: string): string[] =>
      actionsOf(actions)
        .discover(deployment)
        .map(({ name }) => name)
        .toSorted()
    assert.deepEqual(names(ACTIONS), ['pause', 'restart', 'resume', 'scale', 'set-tier'])
    assert.deepEqual(names(ACTIONS.replace('true', 'false')), ['restart', 'set-tier'])
    assert.deepEqual(
      actionsOf(ACTIONS)
        .discover(deployment)
        .find(({ name }) => name === 'set-tier'),
      {
        name: 'set-tier',
        disabled: true,
        displayName: 'Tier',
        params: [{ name: 'tier' }],
      },
    )
  })

  test('change an object and leave empty maps and large numbers as they were', () => {
    const metadata = { ...deployment.metadata, labels: { tier: 'web' } }
    assert.deepEqual(run('set-tier', { tier: 'web' }), [{ operation: 'patch', object: { ...deployment, metadata } }])
  })

  test('create others', () => {
    assert.deepEqual(run('copy'), [
      { operation: 'create', object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'made' } } },
      { operation: 'patch', object: deployment },
    ])
  })

  test('fail with the text of the script', () => {
    assert.throws(() => run('bad'), { code: 'bad-input', message: 'unsupported operation: delete' })
    assert.throws(() => run('fails'), { code: 'bad-input', message: 'not now' })
    assert.throws(() => actionsOf('discovery.lua: return 1').discover(deployment), {
      message: 'expect table output from Lua script, not number',
    })
    assert.throws(() => actionsOf('a: [').discover(deployment), { code: 'bad-input', message: /no YAML/ })
  })

  test('leave built-in actions to be run by name', () => {
    assert.deepEqual(run('resume'), runAction(deployment, 'resume', { parameters: {}, now }))
  })
})
