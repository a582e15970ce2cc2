// What Go leaves out of JSON and what it writes though nobody set it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonValue, KubeObject } from '../kube/object.ts'
import { builtinSchema } from '../kube/schema/schema.ts'
import { canonicalize } from './canonical.ts'
import { zeroStruct } from './zero-values.ts'

const POD = builtinSchema({ group: '', version: 'v1', kind: 'Pod' })

function specOf(spec: unknown): JsonValue {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec } as unknown as KubeObject
  return (canonicalize(pod, POD) as unknown as { spec: JsonValue }).spec
}

const container = { name: 'a' }

for (const [what, spec, expected] of [
  ['a value that is false', { containers: [container], hostNetwork: false }, { containers: [container] }],
  ['a pointer to false', { containers: [container], enableServiceLinks: false }, undefined],
  ['a pointer to 0', { containers: [container], terminationGracePeriodSeconds: 0 }, undefined],
  ['a pointer to ""', { containers: [container], runtimeClassName: '' }, undefined],
  ['a text that is empty', { containers: [container], nodeName: '' }, { containers: [container] }],
  ['a kept number', { containers: [{ name: 'a', ports: [{ containerPort: 0 }] }] }, undefined],
  [
    'an inlined struct',
    { containers: [{ name: 'a', livenessProbe: { exec: {}, periodSeconds: 0 } }] },
    { containers: [{ name: 'a', livenessProbe: { exec: {} } }] },
  ],
  ['a list that is null and always written', { containers: null }, undefined],
  ['a null nobody writes', { containers: [container], volumes: null }, { containers: [container] }],
  [
    'a struct that is null',
    { containers: [{ name: 'a', resources: null }] },
    { containers: [{ name: 'a', resources: {} }] },
  ],
] as const) {
  test(`${what} is written as Go writes it`, () => {
    assert.deepEqual(specOf(spec), expected ?? spec)
  })
}

test('facts 8 [TestDiffNilFieldInLive]: a struct nobody set has the structs inside it', () => {
  assert.deepEqual(zeroStruct('io.k8s.api.apps.v1beta1.DeploymentSpec'), {
    template: { metadata: {}, spec: { containers: null } },
    strategy: {},
  })
})
