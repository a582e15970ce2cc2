// Parts of custom resources that hold types of Kubernetes' own are compared as Go writes those types.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonValue, KubeObject } from '../kube/object.ts'
import { compareObject } from './compare.ts'
import { knownDefinition, type KnownTypeRule, writeKnownTypes } from './known-types.ts'

function widget(spec: unknown, kind = 'Widget', group = 'some.io'): KubeObject {
  return { apiVersion: `${group}/v1`, kind, metadata: { name: 'w' }, spec } as KubeObject
}

function rule(field: string, type: string): readonly KnownTypeRule[] {
  return [{ group: 'some.io', kind: 'Widget', field, type }]
}

function specOf(object: KubeObject): JsonValue {
  return (object as unknown as { spec: JsonValue }).spec
}

const written = {
  image: 'web',
  name: 'web',
  volumeMounts: [{ name: 'config', mountPath: '/etc/config', readOnly: false }],
  resources: { requests: { cpu: '2000m', memory: '32Mi' } },
}
const asGo = {
  image: 'web',
  name: 'web',
  volumeMounts: [{ name: 'config', mountPath: '/etc/config' }],
  resources: { requests: { cpu: '2', memory: '32Mi' } },
}

// Upstream's tests of util/argo/normalizers/knowntypes_normalizer.go (argo-cd v3.5.1): facts 9.
for (const [name, field, type, spec, expected] of [
  [
    'TestNormalize_MapField',
    'spec.template.spec',
    'core/v1/PodSpec',
    { template: { spec: { containers: [written], unknown: 1 } } },
    { template: { spec: { containers: [asGo] } } },
  ],
  [
    'TestNormalize_FieldInNestedSlice',
    'spec.template.spec.containers',
    'core/v1/Container',
    { template: { spec: { containers: [written], unknown: 1 } } },
    { template: { spec: { containers: [asGo], unknown: 1 } } },
  ],
  [
    'TestNormalize_FieldInDoubleNestedSlice',
    'spec.templates.spec.containers',
    'core/v1/Container',
    { templates: [{ spec: { containers: [written] } }, 'odd'] },
    { templates: [{ spec: { containers: [asGo] } }, 'odd'] },
  ],
  ['TestNormalize_Quantity', 'spec.ram', 'core/Quantity', { ram: '1.25G' }, { ram: '1250M' }],
  ['TestNormalize_Duration', 'spec.after', 'meta/v1/Duration', { after: '8760h' }, { after: '8760h0m0s' }],
  ['TestFieldDoesNotExist', 'spec.none', 'core/v1/PodSpec', { ram: '1.25G' }, { ram: '1.25G' }],
  ['a map of quantities', 'spec.all', 'core/v1/ResourceList', { all: { cpu: '1000m' } }, { all: { cpu: '1' } }],
  ['a value that is none', 'spec.ram', 'core/Quantity', { ram: 'much' }, { ram: 'much' }],
  ['a type nobody knows', 'spec.ram', 'apps/v1/DeploymentSpec', { ram: '1.25G' }, { ram: '1.25G' }],
] as const) {
  test(`facts 9 [${name}]: known type ${type} at ${field}`, () => {
    assert.deepEqual(specOf(writeKnownTypes(widget(spec), rule(field, type))), expected)
  })
}

test('facts 9 [TestRolloutPreConfigured]: the pod template of a Rollout is known without being told', () => {
  const rollout = (cpu: string, extra = {}): KubeObject =>
    widget(
      { template: { spec: { containers: [{ name: 'a', resources: { limits: { cpu } }, ...extra }] } } },
      'Rollout',
      'argoproj.io',
    )

  assert.equal(compareObject(rollout('1000m', { tty: false }), rollout('1')).isModified, false)
  assert.equal(compareObject(rollout('1000m'), rollout('2')).isModified, true)
})

test('a difference in a custom resource goes once its field is known to be a quantity', () => {
  const pair = [widget({ ram: '1024Mi' }), widget({ ram: '1Gi' })] as const

  assert.equal(compareObject(...pair).isModified, true)
  assert.equal(compareObject(...pair, { knownTypes: rule('spec.ram', 'core/Quantity') }).isModified, false)
})

test('facts 9 [TestKnownTypes]: types are known by the names upstream gives them', () => {
  for (const type of [
    'core/v1/PodSpec',
    'core/v1/ResourceList',
    'core/v1/Affinity',
    'core/Quantity',
    'meta/v1/Duration',
  ])
    assert.notEqual(knownDefinition(type), undefined, type)
  for (const type of ['core/v1/Nothing', 'PodSpec', 'core/v2/PodSpec', ''])
    assert.equal(knownDefinition(type), undefined, type)
})
