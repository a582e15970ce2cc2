// New objects give their creator what comparing sets would give.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { kindOf, type JsonObject, type KubeObject } from '../object.ts'
import { builtinSchema, fromOpenApi, type TypeSchema } from '../schema/schema.ts'
import { objectTypeOf } from './apply-type.ts'
import { emptyObject, withEmptyStructs } from './empty-object.ts'
import { topLevelFields } from './field-manager.ts'
import { difference, EMPTY_SET, fieldSetOf, recursiveDifference, union, type FieldSet } from './field-set.ts'
import { encodeFields } from './fields-v1.ts'
import { newObjectFields } from './new-fields.ts'
import { compareTyped } from './typed-compare.ts'
import { TypedError } from './typed-error.ts'

const UNOWNED = fieldSetOf([['f:apiVersion'], ['f:kind'], ['f:metadata'], ['f:metadata', 'f:name']])
const POD_SPEC = {
  containers: [
    {
      name: 'b',
      image: 'b:1',
      ports: [{ containerPort: 80, protocol: 'TCP' }, { containerPort: 9 }, { containerPort: 80, protocol: 'UDP' }],
      env: [
        { name: 'B', value: '' },
        { name: 'A', valueFrom: { fieldRef: { fieldPath: 'x' } } },
      ],
      args: ['x', 'y'],
      resources: { limits: { cpu: '1' } },
    },
    { name: 'a', securityContext: { capabilities: { drop: ['ALL'] } }, resources: {} },
  ],
  volumes: [{ name: 'v', emptyDir: {} }, { name: 'v' }],
  nodeSelector: { z: '1', a: '2' },
  securityContext: {},
  tolerations: [{ key: 'k' }],
  imagePullSecrets: [{ name: 'p q' }, { name: 'p' }, { name: 'p!' }, {}],
}

const CUSTOM = fromOpenApi({
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        any: { 'x-kubernetes-preserve-unknown-fields': true },
        set: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'integer' } },
        atom: { type: 'object', 'x-kubernetes-map-type': 'atomic', properties: { a: { type: 'string' } } },
      },
    },
  },
})

function custom(spec: unknown): KubeObject {
  return { apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 'a' }, spec } as unknown as KubeObject
}

const CASES: readonly (readonly [name: string, object: unknown, schema?: TypeSchema])[] = [
  [
    'a ConfigMap',
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', labels: { z: '1', a: '' } },
      data: { k: 'v', ['__proto__']: 'x' },
    },
  ],
  ['one with nothing of its own', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }],
  ['empty maps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', labels: {} }, data: {} }],
  [
    'a Deployment',
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {
        name: 'a',
        finalizers: ['z', 'a'],
        ownerReferences: [{ uid: 'u', name: 'o', kind: 'K', apiVersion: 'v' }],
      },
      spec: {
        replicas: 1,
        strategy: {},
        selector: { matchLabels: { a: 'b' } },
        template: { metadata: { creationTimestamp: null, labels: { a: 'b' } }, spec: POD_SPEC },
      },
      status: { replicas: 3 },
    },
  ],
  ['a spec that is null', { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' }, spec: null }],
  ['a spec that is a list', { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' }, spec: [] }],
  [
    'a Service',
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'a' },
      spec: { ports: [{ port: 1 }, { port: 1, protocol: 'UDP' }, { port: 1, protocol: 'TCP' }], selector: {} },
    },
  ],
  [
    'items without keys',
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: { containers: [{ image: 'x' }] } },
  ],
  ['no schema', custom({ a: { b: [1] }, c: null, d: {} })],
  ['a schema of its own', custom({ any: { deep: { x: [] } }, set: [3, 1, 20], atom: { a: 'x' }, more: 1 }), CUSTOM],
  ['an item twice in a set', custom({ set: [3, 3] }), CUSTOM],
]

/** The longer way: the sets of what was added and modified. */
function byComparison(object: KubeObject, schema: TypeSchema | undefined, ignored: FieldSet): JsonObject | undefined {
  const empty = emptyObject(kindOf(object))
  // Objects are JSON.
  const wanted = withEmptyStructs(object as unknown as JsonObject, empty)
  const { added, modified } = compareTyped(empty, wanted, objectTypeOf(schema))
  const fields = difference(recursiveDifference(union(modified, added), ignored), UNOWNED)
  return fields.size === 0 ? undefined : encodeFields(fields)
}

/** The text of the fields, in their order; the error where there is one. */
function textOf(make: () => JsonObject | undefined): string {
  try {
    return JSON.stringify(make()) ?? 'nothing'
  } catch (error) {
    if (error instanceof TypedError) return 'TypedError'
    throw error
  }
}

describe('the fields of a new object', () => {
  for (const [name, value, given] of CASES) {
    test(`are those of the comparison for ${name}`, () => {
      const object = value as KubeObject
      const schema = given ?? builtinSchema(kindOf(object))
      for (const ignored of [EMPTY_SET, topLevelFields('status')]) {
        const empty = emptyObject(kindOf(object))
        const wanted = { object: object as unknown as JsonObject, empty, type: objectTypeOf(schema) }

        const fields = textOf(() => newObjectFields(wanted, { unowned: UNOWNED, ignored }))

        assert.equal(
          fields,
          textOf(() => byComparison(object, schema, ignored)),
        )
      }
    })
  }
})
