// Tests of strict decoding.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import { kindOf } from '../../../kube/object.ts'
import { sentValue } from '../emptied.ts'
import { decodeStrict, emptyStatus } from './decode.ts'

function decode(object: object): ReturnType<typeof decodeStrict> {
  const typed = object as KubeObject
  return decodeStrict(kindOf(typed), typed)
}

test('names unknown fields in the order of the document, with list positions', () => {
  const container = { name: 'c', ports: [{ containerPort: 80, hostport: 1 }], imagee: 'z' }
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { Name: 'd' }, spec: { template: { spec: { containers: [container] } }, foo: {} } } // prettier-ignore

  assert.deepEqual(decode(deployment).unknownFields, [
    'unknown field "metadata.Name"',
    'unknown field "spec.template.spec.containers[0].ports[0].hostport"',
    'unknown field "spec.template.spec.containers[0].imagee"',
    'unknown field "spec.foo"',
  ])
})

const TYPE_ERRORS: readonly (readonly [string, object, string])[] = [
  ['a number as text', { kind: 'ConfigMap', data: { a: 1 } }, 'number into Go struct field ConfigMap.data of type string'],
  ['text as a number', { kind: 'Pod', spec: { priority: 'x' } }, 'string into Go struct field PodSpec.spec.priority of type int32'],
  ['a fraction as an integer', { kind: 'Pod', spec: { priority: 1.5 } }, 'number 1.5 into Go struct field PodSpec.spec.priority of type int32'],
  ['an object as a list', { kind: 'Pod', spec: { containers: {} } }, 'object into Go struct field PodSpec.spec.containers of type []v1.Container'],
  ['text as an object', { kind: 'Pod', spec: { containers: ['x'] } }, 'string into Go struct field PodSpec.spec.containers of type v1.Container'],
  ['text as a flag', { kind: 'Pod', spec: { hostNetwork: 'yes' } }, 'string into Go struct field PodSpec.spec.hostNetwork of type bool'],
] // prettier-ignore

for (const [what, object, text] of TYPE_ERRORS) {
  test(`refuses ${what} in Go's words`, () => {
    assert.deepEqual(decode({ apiVersion: 'v1', ...object }).typeErrors, [`json: cannot unmarshal ${text}`])
  })
}

test('names the field where a type decodes itself too', () => {
  const port = { kind: 'Service', spec: { ports: [{ port: 1, targetPort: true }] } }

  assert.deepEqual(decode({ apiVersion: 'v1', ...port }).typeErrors, ['json: cannot unmarshal bool into Go struct field ServicePort.spec.ports.targetPort of type int32']) // prettier-ignore
  assert.deepEqual(decode({ apiVersion: 'v1', kind: 'Pod', metadata: { deletionTimestamp: 'soon' } }).typeErrors, [
    'parsing time "soon" as "2006-01-02T15:04:05Z07:00": cannot parse "soon" as "2006"',
  ])
})

test('tells the first error alone, and where base64 breaks', () => {
  assert.deepEqual(decode({ apiVersion: 'v1', kind: 'Secret', data: { a: '%%%', b: '@' } }).typeErrors, [
    'illegal base64 data at input byte 0',
  ])
  assert.deepEqual(decode({ apiVersion: 'v1', kind: 'Secret', data: { a: 'YWJ' } }).typeErrors, [
    'illegal base64 data at input byte 0',
  ])
})

test('writes the canonical form: no empty optional values, structs that are no pointers, canonical quantities', () => {
  const container = { name: 'c', image: '', args: [], stdin: false, livenessProbe: {}, resources: { limits: { cpu: 1.5, memory: '1024Mi' } } } // prettier-ignore
  const { object } = decode({ apiVersion: 'v1', kind: 'Pod', metadata: null, spec: { containers: [container] } })

  const [first] = (object as unknown as { spec: { containers: JsonObject[] } }).spec.containers
  assert.equal(
    JSON.stringify(object),
    '{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"name":"c","livenessProbe":{},"resources":{"limits":{"cpu":"1500m","memory":"1Gi"}}}]},"metadata":{},"status":{}}',
  )
  assert.deepEqual(sentValue({ ...first }, 'args'), [], 'an empty list is remembered, by copies too')
  assert.equal(sentValue({ ...first }, 'command'), null)
  assert.deepEqual(emptyStatus({ group: 'apps', version: 'v1', kind: 'StatefulSet' }), { replicas: 0, availableReplicas: 0 }) // prettier-ignore
})

test('writes times in UTC and in seconds', () => {
  const { object } = decode({ apiVersion: 'v1', kind: 'Pod', metadata: { deletionTimestamp: '2026-01-02T03:04:05.678+02:00' } }) // prettier-ignore

  assert.equal(object.metadata.deletionTimestamp, '2026-01-02T01:04:05Z')
})

test('keeps a key named __proto__ as data', () => {
  const { object } = decode(JSON.parse('{"apiVersion":"v1","kind":"ConfigMap","data":{"__proto__":"x"}}') as object)

  assert.equal(JSON.stringify(object).includes('"__proto__":"x"'), true)
})

test('stops at a depth no object needs, and reports at most a hundred unknown fields', () => {
  let schema: object = { type: 'object' }
  for (let depth = 0; depth < 1200; depth += 1) schema = { not: schema }
  const crd = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', spec: { versions: [{ schema: { openAPIV3Schema: schema } }] } } // prettier-ignore
  const wide = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`field${index}`, 1]))

  assert.deepEqual(decode(crd).typeErrors, ['exceeded max depth'])
  assert.equal(decode({ apiVersion: 'v1', kind: 'ConfigMap', ...wide }).unknownFields.length, 100)
})

test('leaves kinds alone that are not built in', () => {
  const widget = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'a' }, spec: { any: [] } }

  assert.equal(decode(widget).object, widget)
})

test('takes over what a decoded object of the kind has at the same place, and decodes the rest', () => {
  const base = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } } // prettier-ignore
  const known = decode(base).object as KubeObject & { readonly spec: object }
  const patched = { ...known, metadata: { name: 'p', labels: { a: 'b' }, extra: 1 } } as KubeObject

  const { object, unknownFields } = decodeStrict(kindOf(patched), patched, known)

  assert.equal((object as typeof known).spec, known.spec)
  assert.deepEqual(object.metadata, { name: 'p', labels: { a: 'b' } })
  assert.deepEqual(unknownFields, ['unknown field "metadata.extra"'])
})
