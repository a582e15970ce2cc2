import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject, JsonValue, KubeObject } from '../kube/object.ts'
import { applicationCrd, applicationSetCrd, appProjectCrd } from './crd.ts'

interface CrdView extends KubeObject {
  readonly spec: {
    readonly names: JsonObject
    readonly versions: readonly {
      readonly schema: { readonly openAPIV3Schema: JsonObject }
      readonly subresources?: JsonObject
    }[]
  }
}

function viewOf(crd: KubeObject): CrdView {
  return crd as CrdView // the form is what these tests are about
}

function at(value: JsonValue | undefined, ...path: readonly string[]): JsonValue | undefined {
  return path.reduce<JsonValue | undefined>((held, key) => (held as JsonObject | undefined)?.[key], value)
}

function schemaOf(crd: KubeObject): JsonObject {
  return viewOf(crd).spec.versions[0]?.schema.openAPIV3Schema ?? {}
}

/** Places where a schema node has no type: structural schemas allow that only with these two extensions. */
function untyped(schema: JsonObject, path: string): readonly string[] {
  const typed = 'type' in schema || 'x-kubernetes-int-or-string' in schema
  const found = typed || 'x-kubernetes-preserve-unknown-fields' in schema ? [] : [path]
  const properties = Object.entries((schema['properties'] ?? {}) as JsonObject)
  const children = ['items', 'additionalProperties'].filter((key) => key in schema)
  return [
    ...found,
    ...properties.flatMap(([name, child]) => untyped(child as JsonObject, `${path}.${name}`)),
    ...children.flatMap((key) => untyped(schema[key] as JsonObject, `${path}[]`)),
  ]
}

for (const crd of [applicationCrd(), appProjectCrd(), applicationSetCrd()]) {
  test(`the schema of ${crd.metadata.name} is structural`, () => {
    assert.deepEqual(untyped(schemaOf(crd), ''), [])
  })
}

test('names, short names and columns are upstream’s', () => {
  const { names, versions } = viewOf(applicationCrd()).spec

  assert.deepEqual(names['shortNames'], ['app', 'apps'])
  assert.equal(names['singular'], 'application')
  assert.equal(versions[0]?.subresources, undefined)
  assert.deepEqual(viewOf(applicationSetCrd()).spec.versions[0]?.subresources, { status: {} })
})

test('[002-06] an optional boolean takes null, a required field does not', () => {
  const schema = schemaOf(applicationCrd())
  const automated = ['spec', 'syncPolicy', 'automated'].flatMap((name) => ['properties', name])

  assert.deepEqual(at(schema, ...automated, 'properties', 'prune'), { type: 'boolean', nullable: true })
  assert.deepEqual(at(schema, 'properties', 'spec', 'properties', 'project'), { type: 'string' })
  assert.deepEqual(at(schema, 'properties', 'spec', 'required'), ['destination', 'project'])
})

test('fields that are inline in JSON stand in their parent', () => {
  const source = at(schemaOf(applicationCrd()), 'properties', 'spec', 'properties', 'source', 'properties')
  const parameter = at(source, 'plugin', 'properties', 'parameters', 'items', 'properties')
  const target = at(source, 'kustomize', 'properties', 'patches', 'items', 'properties', 'target', 'properties')

  assert.deepEqual(Object.keys(parameter as JsonObject).toSorted(), ['array', 'map', 'name', 'string'])
  assert.deepEqual(at(parameter, 'array'), { type: 'array', items: { type: 'string' } })
  assert.ok(Object.hasOwn(target as JsonObject, 'version'))
})

test('values of any form are kept', () => {
  const source = at(schemaOf(applicationCrd()), 'properties', 'spec', 'properties', 'source', 'properties')

  assert.equal(at(source, 'helm', 'properties', 'valuesObject', 'x-kubernetes-preserve-unknown-fields'), true)
})
