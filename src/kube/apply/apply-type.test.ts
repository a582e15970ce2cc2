// How schemas become the types that are merged.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject, JsonValue } from '../object.ts'
import { builtinSchema, definitionSchema, fromOpenApi } from '../schema/schema.ts'
import { applyTypeOf, DEDUCED, objectTypeOf, variantOf, type ApplyType } from './apply-type.ts'
import { encodeFields } from './fields-v1.ts'
import { fieldSetOfValue } from './typed-field-set.ts'
import { mergeTyped } from './typed-merge.ts'
import { validateTyped } from './typed-validate.ts'

function typeOf(schema: JsonObject): ApplyType {
  return applyTypeOf(fromOpenApi({ type: 'object', properties: { x: schema } })).map?.field('x') ?? {}
}

const MERGED: readonly (readonly [
  what: string,
  schema: JsonObject,
  left: JsonValue,
  right: JsonValue,
  merged: JsonValue,
])[] = [
  ['list without a type', { type: 'array', items: { type: 'string' } }, ['a'], ['b'], ['b']],
  [
    'set',
    { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
    ['a', 'b'],
    ['b', 'c'],
    ['a', 'b', 'c'],
  ],
  [
    'map list',
    {
      type: 'array',
      items: { type: 'object', properties: { k: { type: 'string' }, v: { type: 'integer' }, w: { type: 'integer' } } },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k'],
    },
    [{ k: 'a', v: 1 }],
    [{ k: 'a', w: 2 }],
    [{ k: 'a', v: 1, w: 2 }],
  ],
  [
    'atomic map',
    { type: 'object', additionalProperties: { type: 'string' }, 'x-kubernetes-map-type': 'atomic' },
    { a: '1' },
    { b: '2' },
    { b: '2' },
  ],
  [
    'granular map',
    { type: 'object', additionalProperties: { type: 'string' } },
    { a: '1' },
    { b: '2' },
    { a: '1', b: '2' },
  ],
  [
    'unknown fields kept',
    { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    { a: { b: 1 } },
    { a: { c: [1] } },
    { a: { b: 1, c: [1] } },
  ],
  ['int or string', { 'x-kubernetes-int-or-string': true }, 1, '50%', '50%'],
  ['null keeps a map', { type: 'object', additionalProperties: { type: 'string' } }, { a: '1' }, null, { a: '1' }],
  ['null replaces a scalar', { type: 'string' }, 'a', null, null],
]

test('merges as the schema says', () => {
  for (const [what, schema, left, right, merged] of MERGED)
    assert.deepEqual(mergeTyped(left, right, typeOf(schema)), merged, what)
})

test('shares what does not change', () => {
  const type = objectTypeOf(builtinSchema({ group: '', version: 'v1', kind: 'Pod' }))
  const live = {
    metadata: { labels: { a: 'b' } },
    spec: { containers: [{ name: 'c', image: 'i' }], volumes: [{ name: 'v' }] },
  }

  assert.equal(mergeTyped(live, structuredClone(live), type), live)
  const merged = mergeTyped(live, { spec: { containers: [{ name: 'c', image: 'j' }] } }, type) as typeof live
  assert.equal(merged.metadata, live.metadata)
  assert.equal(merged.spec.volumes, live.spec.volumes)
})

test('knows apiVersion, kind and metadata of objects whose schema is silent', () => {
  const object = {
    apiVersion: 'e.com/v1',
    kind: 'Thing',
    metadata: { ownerReferences: [{ uid: 'u', name: 'n' }] },
    spec: { any: [1] },
  }

  const fields = encodeFields(fieldSetOfValue(object, objectTypeOf(undefined)))

  // An owner reference is atomic, and known by its uid.
  assert.deepEqual(fields['f:metadata'], { 'f:ownerReferences': { 'k:{"uid":"u"}': {} } })
  assert.deepEqual(fields['f:spec'], { '.': {}, 'f:any': {} })
})

test('checks objects embedded in others, and quantities written as numbers', () => {
  const embedded = typeOf({
    type: 'object',
    'x-kubernetes-embedded-resource': true,
    properties: { spec: { type: 'object' } },
  })
  const quantity = applyTypeOf(definitionSchema('io.k8s.apimachinery.pkg.api.resource.Quantity'))

  validateTyped({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } }, embedded, { allowDuplicates: false })
  validateTyped(1, quantity, { allowDuplicates: false })
  assert.throws(
    () => validateTyped({ metadata: { name: 1 } }, embedded, { allowDuplicates: false }),
    /^TypedError: \.metadata\.name: expected string/,
  )
})

test('lists every fault with its path', () => {
  const type = objectTypeOf(builtinSchema({ group: '', version: 'v1', kind: 'Pod' }))
  const pod = { spec: { hostNetwork: 'yes', priority: true, containers: { a: 1 }, volumes: [{}], foo: 1 } }

  assert.throws(() => validateTyped(pod, type, { allowDuplicates: false }), {
    message: [
      'errors:',
      '  .spec.hostNetwork: expected boolean, got &{yes}',
      '  .spec.priority: expected numeric (int or float), got bool',
      '  .spec.containers: expected list, got &{map[a:1]}',
      '  .spec.foo: field not declared in schema',
    ].join('\n'),
  })
  assert.throws(
    () => validateTyped({ spec: { ephemeralContainers: [1] } }, type, { allowDuplicates: false }),
    /associative list with keys may not have non-map elements/,
  )
})

test('takes the form that fits the value, else the first', () => {
  assert.deepEqual(
    [{}, [], 1, null, undefined].map((value) => variantOf(DEDUCED, value)),
    ['map', 'list', 'scalar', 'map', 'map'],
  )
})
