// Sets of field paths: algebra, JSON form, order.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '../object.ts'
import {
  difference,
  fieldSetOf,
  formatPath,
  hasPath,
  intersection,
  leavesOf,
  pathsOf,
  recursiveDifference,
  setsEqual,
  union,
  type FieldSet,
} from './field-set.ts'
import { decodeFields, encodeFields, MAX_FIELD_DEPTH } from './fields-v1.ts'

const OPERATIONS: readonly (readonly [
  name: string,
  run: (a: FieldSet, b: FieldSet) => FieldSet,
  a: JsonObject,
  b: JsonObject,
  result: JsonObject,
])[] = [
  ['union', union, { 'f:a': {} }, { 'f:a': { 'f:b': {} } }, { 'f:a': { '.': {}, 'f:b': {} } }],
  [
    'intersection',
    intersection,
    { 'f:a': { '.': {}, 'f:b': {} }, 'f:c': {} },
    { 'f:a': { 'f:b': {}, 'f:d': {} } },
    { 'f:a': { 'f:b': {} } },
  ],
  ['difference', difference, { 'f:a': { '.': {}, 'f:b': {} } }, { 'f:a': {} }, { 'f:a': { 'f:b': {} } }],
  ['difference', difference, { 'f:a': { 'f:b': {} } }, { 'f:a': { 'f:b': {} } }, {}],
  [
    'recursiveDifference',
    recursiveDifference,
    { 'f:a': { '.': {}, 'f:b': {} }, 'f:c': {} },
    { 'f:a': {} },
    { 'f:c': {} },
  ],
  [
    'recursiveDifference',
    recursiveDifference,
    { 'f:a': { 'f:b': { 'f:c': {} }, 'f:d': {} } },
    { 'f:a': { 'f:b': {} } },
    { 'f:a': { 'f:d': {} } },
  ],
]

test('computes with sets as upstream does', () => {
  for (const [name, run, a, b, expected] of OPERATIONS) {
    assert.deepEqual(encodeFields(run(decodeFields(a), decodeFields(b))), expected, name)
  }
})

test('reads keys in any order as the same element, and writes them in upstream order', () => {
  const fields = decodeFields({
    'v:"x"': {},
    'k:{"protocol":"TCP","containerPort":443}': {},
    'k:{ "containerPort": 80, "protocol": "TCP" }': {},
    'f:z': {},
    'i:3': {},
    'f:a': {},
  })

  assert.deepEqual(Object.keys(encodeFields(fields)), [
    'f:a',
    'f:z',
    'k:{"containerPort":80,"protocol":"TCP"}',
    'k:{"containerPort":443,"protocol":"TCP"}',
    'v:"x"',
    'i:3',
  ])
})

test('prints paths as conflicts show them', () => {
  const set = decodeFields({ 'f:l': { 'k:{"name":"c","n":1}': { '.': {}, 'f:x': {} }, 'v:true': {}, 'i:0': {} } })

  assert.deepEqual([...pathsOf(set)].map(formatPath), ['.l[n=1,name="c"]', '.l[=true]', '.l[0]', '.l[n=1,name="c"].x'])
})

test('finds members and leaves', () => {
  const set = fieldSetOf([['f:a'], ['f:a', 'f:b'], ['f:c', 'f:d']])

  assert.deepEqual(
    [['f:a'], ['f:c'], ['f:c', 'f:d'], ['f:x']].map((path) => hasPath(set, path)),
    [true, false, true, false],
  )
  assert.deepEqual(encodeFields(leavesOf(set)), { 'f:a': { 'f:b': {} }, 'f:c': { 'f:d': {} } })
  assert.ok(setsEqual(set, decodeFields(encodeFields(set))))
})

test('refuses what is no field set', () => {
  const nest = (levels: number): JsonObject => (levels === 0 ? {} : { 'f:a': nest(levels - 1) })

  for (const fields of [{ x: {} }, { 'k:{': {} }, { 'i:x': {} }, { 'v:': {} }, { 'f:a': 1 }, []] as JsonObject[]) {
    assert.throws(() => decodeFields(fields), { code: 'bad-input' }, JSON.stringify(fields))
  }
  assert.throws(() => decodeFields(nest(MAX_FIELD_DEPTH + 2)), { code: 'limit' })
})

test('gives back the first set where the second adds nothing', () => {
  const whole = decodeFields({ 'f:a': { '.': {}, 'f:b': {} }, 'f:c': {} })

  assert.equal(union(whole, decodeFields({ 'f:a': { 'f:b': {} } })), whole)
  assert.equal(union(whole, decodeFields({ 'f:a': { 'f:d': {} } })).get('f:c'), whole.get('f:c'))
})
