import assert from 'node:assert/strict'
import { test } from 'node:test'
import { joinApiVersion, keyOf, keyText, kindOf, splitApiVersion } from './object.ts'

const cases: readonly [string, string, string][] = [
  ['v1', '', 'v1'],
  ['apps/v1', 'apps', 'v1'],
  ['argoproj.io/v1alpha1', 'argoproj.io', 'v1alpha1'],
]
for (const [apiVersion, group, version] of cases) {
  test(`splits and joins ${apiVersion}`, () => {
    assert.deepEqual(splitApiVersion(apiVersion), { group, version })
    assert.equal(joinApiVersion(group, version), apiVersion)
  })
}

test('keys an object by group, kind, namespace and name, whatever its version', () => {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'b' } }
  const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'r' } }

  assert.equal(keyText(keyOf(pod)), '/Pod/b/a')
  assert.equal(keyText(keyOf(role)), 'rbac.authorization.k8s.io/ClusterRole//r')
  assert.deepEqual(kindOf(pod), { group: '', version: 'v1', kind: 'Pod' })
})
