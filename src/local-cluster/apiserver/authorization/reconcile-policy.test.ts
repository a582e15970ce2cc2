// What a start adds to standard roles and bindings, one line a case.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import { reconciledPolicy } from './reconcile-policy.ts'

const OFF = { annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'false' } }

function object(kind: string, parts: JsonObject, metadata: KubeObject['metadata'] = {}): KubeObject {
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind, metadata: { name: 'x', ...metadata }, ...parts }
}

const rule = (...verbs: readonly string[]): JsonObject => ({ apiGroups: [''], resources: ['pods'], verbs: [...verbs] })
const subject = (name: string): JsonObject => ({ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name })
const ref = (name: string): JsonObject => ({ kind: 'ClusterRole', apiGroup: 'rbac.authorization.k8s.io', name })

test('adds what is missing and takes nothing away', () => {
  const cases: readonly [KubeObject, KubeObject, JsonObject | undefined][] = [
    [object('ClusterRole', { rules: [rule('get', 'list')] }), object('ClusterRole', { rules: [rule('get')] }), undefined],
    [object('ClusterRole', { rules: [rule('*')] }), object('ClusterRole', { rules: [rule('get')] }), undefined],
    [object('ClusterRole', { rules: [rule('get')] }), object('ClusterRole', { rules: [rule('get', 'list', 'watch')] }), { rules: [rule('get'), rule('list', 'watch')] }],
    [object('ClusterRole', { rules: null }), object('ClusterRole', { rules: [rule('get')] }), { rules: [rule('get')] }],
    [object('ClusterRole', { rules: [] }, OFF), object('ClusterRole', { rules: [rule('get')] }), undefined],
    [object('RoleBinding', { roleRef: ref('a'), subjects: [subject('own')] }), object('RoleBinding', { roleRef: ref('a'), subjects: [subject('jane')] }), { subjects: [subject('own'), subject('jane')] }],
    [object('RoleBinding', { roleRef: ref('a'), subjects: [] }), object('RoleBinding', { roleRef: ref('b'), subjects: [subject('jane')] }), { roleRef: ref('b'), subjects: [subject('jane')] }],
    [object('ClusterRole', { aggregationRule: { clusterRoleSelectors: [] }, rules: [rule('get')] }), object('ClusterRole', { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] }, rules: null }), { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] }, rules: [rule('get')] }],
  ] // prettier-ignore

  for (const [existing, expected, parts] of cases) {
    const found = reconciledPolicy(existing, expected)
    const { metadata: _m, apiVersion: _a, kind: _k, ...rest } = found ?? existing
    if (parts === undefined) assert.equal(found, undefined)
    else assert.partialDeepStrictEqual(rest, parts)
  }
})
