import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject, KubeObject } from '../kube/object.ts'
import { differingFields, jqOf, ownersOf, pointerOf } from './differing-fields.ts'

function thing(spec: JsonObject): KubeObject {
  // What is not named in KubeObject is JSON.
  return { apiVersion: 'v1', kind: 'Thing', metadata: { name: 'one' }, spec } as KubeObject
}

const CASES: readonly (readonly [what: string, live: JsonObject, wanted: JsonObject, found: readonly string[]])[] = [
  ['nothing', { a: 1 }, { a: 1 }, []],
  ['a value', { a: 1, b: 2 }, { a: 1, b: 3 }, ['/spec/b']],
  ['a field of one side', { a: 1 }, { b: 1 }, ['/spec/a', '/spec/b']],
  ['null and absent', { a: null }, {}, ['/spec/a']],
  ['names with slashes', { 'a/b~c': 1 }, { 'a/b~c': 2 }, ['/spec/a~1b~0c']],
  ['an element by index', { a: [1, 2] }, { a: [1, 3] }, ['/spec/a/1']],
  ['lists of different length', { a: [1, 2] }, { a: [1] }, ['/spec/a']],
  ['a list and a map', { a: [1] }, { a: {} }, ['/spec/a']],
  [
    'an element only the live side has',
    { a: [{ name: 'x' }, { name: 'y' }] },
    { a: [{ name: 'x' }] },
    ['.spec.a[] | select(.name == "y")'],
  ],
  [
    'that, and a change in one both have',
    { a: [{ name: 'y' }, { name: 'x', v: 1 }] },
    { a: [{ name: 'x', v: 2 }] },
    ['/spec/a/1/v', '.spec.a[] | select(.name == "y")'],
  ],
  ['an element only the wanted side has', { a: [] }, { a: [{ name: 'x' }] }, ['/spec/a']],
  ['names that are not unique', { a: [{ name: 'x' }, { name: 'x' }] }, { a: [{ name: 'x' }] }, ['/spec/a']],
  [
    'a list below an odd name',
    { 'x-y': [{ name: 'q"' }] },
    { 'x-y': [] },
    ['.spec["x-y"][] | select(.name == "q\\"")'],
  ],
]

for (const [what, live, wanted, found] of CASES) {
  test(`fields that differ: ${what}`, () => {
    const { paths, added } = differingFields(thing(live), thing(wanted))

    assert.deepEqual([...paths.map(pointerOf), ...added.map(jqOf)], found)
  })
}

function entry(manager: string, fieldsV1: JsonObject, more: JsonObject = {}): JsonObject {
  return { manager, operation: 'Update', time: '2026-01-01T00:00:00Z', fieldsV1, ...more }
}

test('owners of a field: of it, of what holds it whole, of something in it; the latest first', () => {
  const object: KubeObject = {
    ...thing({ replicas: 2, items: [{ name: 'x', v: 1 }, { name: 'y' }], whole: { a: 1 } }),
    metadata: {
      name: 'one',
      managedFields: [
        entry('git', { 'f:spec': { '.': {}, 'f:replicas': {}, 'f:items': { 'k:{"name":"x"}': { 'f:v': {} } } } }),
        entry('scaler', { 'f:spec': { 'f:replicas': {} } }, { time: '2026-01-02T00:00:00Z', subresource: 'scale' }),
        entry('painter', { 'f:spec': { 'f:whole': {} } }),
        entry('passer-by', { 'f:metadata': { 'f:labels': {} }, 'f:spec': { '.': {} } }),
      ],
    },
  }
  const namesOf = (...path: readonly string[]): readonly string[] =>
    ownersOf(object, path).map(({ manager, subresource }) => `${manager}${subresource}`)

  assert.deepEqual(namesOf('spec', 'replicas'), ['scalerscale', 'git'])
  assert.deepEqual(namesOf('spec', 'items', '0', 'v'), ['git'])
  assert.deepEqual(namesOf('spec', 'items', '1', 'v'), [])
  assert.deepEqual(namesOf('spec', 'items'), ['git'])
  assert.deepEqual(namesOf('spec', 'whole', 'a'), ['painter'])
  assert.deepEqual(ownersOf({ ...object, metadata: { name: 'one' } }, ['spec']), [])
})
