// Forms in which people write manifests and in which Go reads them: what upstream's engine answered to each is the table.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../kube/object.ts'
import { compareObject } from './compare.ts'

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

type Fields = Readonly<Record<string, unknown>>

function made(kind: string, fields: Fields, metadata: Fields = {}): KubeObject {
  return { apiVersion: 'v1', kind, metadata: { name: 'a', ...metadata }, ...fields } as unknown as KubeObject
}

function applied(object: KubeObject, original: KubeObject): KubeObject {
  const annotations = { ...object.metadata.annotations, [LAST_APPLIED]: JSON.stringify(original) }
  return { ...object, metadata: { ...object.metadata, annotations } }
}

const note = (value: string | null): KubeObject => made('ConfigMap', {}, { annotations: { note: value } })
const quota = (pods: string, more: Fields = {}): KubeObject =>
  made('ResourceQuota', { spec: { hard: { pods } }, ...more })
const endpoints = (more: Fields): KubeObject =>
  made('Endpoints', { subsets: [{ addresses: [{ ip: '10.0.0.1', ...more }], ports: [{ port: 80 }] }] })
const roles = (subjects: readonly unknown[]): KubeObject => ({
  ...made('RoleBinding', { subjects, roleRef: { kind: 'Role', name: 'r', apiGroup: 'rbac.authorization.k8s.io' } }),
  apiVersion: 'rbac.authorization.k8s.io/v1',
})
const widget = (spec: Fields): KubeObject => ({ ...made('Widget', { spec }), apiVersion: 'example.com/v1' })
const account = (more: Fields): KubeObject => made('ServiceAccount', more)

for (const [what, wanted, live, isModified] of [
  ['an annotation that is null is empty', note(null), note(''), false],
  ['quantities that mean the same are the same', quota('1000m'), quota('1'), false],
  ['a manifest with a time that is none is taken as it stands', quota('1000m', { status: { hard: null, at: 'x' } }), quota('1'), true], // prettier-ignore
  ['fields that Endpoints do not know are no difference', endpoints({ color: 'red' }), endpoints({}), false],
  ['an item that is null is an empty one', roles([null]), roles([{ kind: '', name: '' }]), false],
  [
    'a null of a custom resource removes a field',
    widget({ a: null }),
    applied(widget({ a: 1 }), widget({ a: 1 })),
    true,
  ],
  ['a null of a custom resource that is not there changes nothing', widget({ a: null }), applied(widget({}), widget({})), false], // prettier-ignore
  ['a list without items is none [TestRemarshal]', account({ imagePullSecrets: [] }), account({}), false],
  ['a field no type has is seen [TestDiffResourceWithInvalidField]', made('ConfigMap', { odd: 'x' }), made('ConfigMap', {}), true], // prettier-ignore
  ['text of a Secret is data [TestSecretStringData]', made('Secret', { stringData: { a: 'x' } }), made('Secret', { data: { a: 'eA==' } }), false], // prettier-ignore
  ['a name that the last applied manifest did not have is not removed', made('ConfigMap', {}), applied(made('ConfigMap', {}, { labels: { a: 'b' } }), made('ConfigMap', {})), false], // prettier-ignore
] as const) {
  test(`facts 8: ${what}`, () => {
    assert.equal(compareObject(wanted, live).isModified, isModified)
  })
}

test('facts 8 [TestNullRoleRule]: no rules, an empty list of rules and null are the same', () => {
  const role = (rules: unknown): KubeObject => ({
    ...made('ClusterRole', { rules }),
    apiVersion: 'rbac.authorization.k8s.io/v1',
  })

  assert.equal(compareObject(role([]), role(null)).isModified, false)
})

test('facts 8 [TestRemoveNamespaceAnnotation]: namespaces and empty annotations of manifests are no difference', () => {
  const wanted = made('ConfigMap', { data: { a: 'b' } }, { namespace: 'web', annotations: {} })
  const original = made('ConfigMap', { data: { a: 'b' } }, { namespace: 'other' })

  assert.equal(compareObject(wanted, applied(made('ConfigMap', { data: { a: 'b' } }), original)).isModified, false)
})
