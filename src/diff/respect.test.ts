import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../kube/object.ts'
import type { IgnoreRule } from './contract.ts'
import { keepIgnoredFields } from './respect.ts'

function deployment(replicas: number | undefined, image: string, more: object = {}): KubeObject {
  const spec = {
    ...(replicas === undefined ? {} : { replicas }),
    template: { spec: { containers: [{ name: 'c', image }] } },
  }
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec, ...more } as KubeObject
}

const replicas: IgnoreRule = { group: 'apps', kind: 'Deployment', jsonPointers: ['/spec/replicas'] }

test('[002-13] replicas that an autoscaler set stay as they are live', () => {
  const wanted = keepIgnoredFields(deployment(1, 'new'), deployment(5, 'old', { status: { replicas: 5 } }), {
    ignore: [replicas],
  })

  assert.deepEqual(wanted, deployment(5, 'new'))
})

test('a hidden field that is not live is not applied', () => {
  assert.deepEqual(
    keepIgnoredFields(deployment(1, 'i'), deployment(undefined, 'i'), { ignore: [replicas] }),
    deployment(undefined, 'i'),
  )
})

test('fields of a trusted manager stay as they are live', () => {
  const rule: IgnoreRule = { group: 'apps', kind: 'Deployment', managedFieldsManagers: ['hpa'] }
  const metadata = { name: 'd', managedFields: [{ manager: 'hpa', fieldsV1: { 'f:spec': { 'f:replicas': {} } } }] }
  const live = deployment(5, 'old', { metadata })

  assert.deepEqual(keepIgnoredFields(deployment(1, 'new'), live, { ignore: [rule] }), deployment(5, 'new'))
})

test('custom resources are merged field by field, others are not touched', () => {
  const thing = (a: number, b: number): KubeObject =>
    ({ apiVersion: 'x.io/v1', kind: 'Thing', metadata: { name: 't' }, spec: { a, b } }) as KubeObject
  const rule: IgnoreRule = { group: 'x.io', kind: 'Thing', jsonPointers: ['/spec/a'] }
  const wanted = thing(1, 2)

  assert.deepEqual(keepIgnoredFields(wanted, thing(7, 8), { ignore: [rule] }), thing(7, 2))
  assert.equal(keepIgnoredFields(wanted, thing(7, 8), { ignore: [replicas] }), wanted)
})

const selector = (matchLabels: object, more: object = {}): KubeObject =>
  ({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'd' },
    spec: { selector: { matchLabels, ...more } },
  }) as unknown as KubeObject
const version: IgnoreRule = {
  group: 'policy',
  kind: 'PodDisruptionBudget',
  jsonPointers: ['/spec/selector/matchLabels/version'],
}
const live = selector({ app: 'a', version: 'v1', track: 'stable' })

for (const [what, wanted, expected] of [
  ['another label changes', selector({ app: 'b', version: 'v2' }), selector({ app: 'b', version: 'v1' })],
  [
    'an expression is added',
    selector({ app: 'a', version: 'v2' }, { matchExpressions: [{ key: 'tier', operator: 'Exists' }] }),
    selector({ app: 'a', version: 'v1' }, { matchExpressions: [{ key: 'tier', operator: 'Exists' }] }),
  ],
] as const) {
  test(`facts 9 [TestNormalizeTargetResourcesPDBSelector]: one label of a selector is live's own while ${what}`, () => {
    assert.deepEqual(keepIgnoredFields(wanted, live, { ignore: [version] }), expected)
  })
}
