// What the built-in and custom schemas say about the types of objects.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { builtinDefinition, builtinDefinitionNames, builtinDefinitions, gvkTable } from './definitions.ts'
import { builtinSchema, definitionSchema, fromDefinitions, fromOpenApi, schemaAt } from './schema.ts'

const DEPLOYMENT = { group: 'apps', version: 'v1', kind: 'Deployment' }

test('resolves references on the way down', () => {
  const schema = schemaAt(builtinSchema(DEPLOYMENT), ['spec', 'template', 'spec', 'containers', 0, 'image'])

  assert.equal(schema?.type, 'string')
})

test('keeps both keys of a list whose strategic and structured keys differ', () => {
  const ports = schemaAt(builtinSchema({ group: '', version: 'v1', kind: 'Service' }), ['spec', 'ports'])

  assert.deepEqual(ports?.patchStrategy, ['merge'])
  assert.equal(ports?.patchMergeKey, 'port')
  assert.equal(ports?.listType, 'map')
  assert.deepEqual(ports?.listMapKeys, ['port', 'protocol'])
})

test('gives hints beside a reference to that place alone', () => {
  const strategy = schemaAt(builtinSchema(DEPLOYMENT), ['spec', 'strategy'])

  assert.deepEqual(strategy?.patchStrategy, ['retainKeys'])
  assert.equal(strategy?.properties?.get('type')?.type, 'string')
  assert.deepEqual(definitionSchema('io.k8s.api.apps.v1.DeploymentStrategy')?.patchStrategy, [])
})

test('shares one schema among the places that refer to it, also where a type contains itself', () => {
  const props = definitionSchema('io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps')

  assert.equal(schemaAt(props, ['not']), props)
  assert.equal(schemaAt(props, ['properties', 'anything', 'allOf', 0]), props)
})

test('knows the defaults of fields that are list keys', () => {
  const port = definitionSchema('io.k8s.api.core.v1.ContainerPort')

  assert.equal(port?.properties?.get('protocol')?.default, 'TCP')
  assert.equal(port?.properties?.get('containerPort')?.default, 0)
  assert.equal(port?.properties?.get('name')?.default, undefined)
  assert.equal(schemaAt(definitionSchema('io.k8s.api.core.v1.ObjectReference'), ['name'])?.default, undefined)
})

test('knows no schema of kinds that are not built in', () => {
  assert.equal(builtinSchema({ group: 'argoproj.io', version: 'v1alpha1', kind: 'Application' }), undefined)
  assert.equal(definitionSchema('constructor'), undefined)
})

test('every kind has a definition, and every definition resolves', () => {
  for (const [kind, name] of Object.entries(gvkTable())) assert.ok(builtinDefinition(name) !== undefined, kind)
  for (const name of builtinDefinitionNames()) {
    for (const [property, schema] of definitionSchema(name)?.properties ?? []) {
      assert.ok(schema.type !== undefined || schema.name !== undefined, `${name}.${property}`)
    }
  }
  assert.equal(Object.keys(builtinDefinitions()).length, 771)
})

test('reads the extensions of a custom resource', () => {
  const schema = fromOpenApi({
    type: 'object',
    required: ['spec'],
    properties: {
      port: { 'x-kubernetes-int-or-string': true },
      free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      labels: { type: 'object', 'x-kubernetes-map-type': 'atomic', additionalProperties: { type: 'string' } },
      list: { type: 'array', nullable: true, 'x-kubernetes-list-type': 'set', items: { type: 'integer', default: 3 } },
    },
  })

  const { port, free, labels, list } = Object.fromEntries(schema.properties ?? [])
  assert.deepEqual(schema.required, ['spec'])
  assert.deepEqual([port?.intOrString, free?.preserveUnknownFields, labels?.mapType], [true, true, 'atomic'])
  assert.deepEqual([list?.listType, list?.nullable], ['set', true])
  assert.equal(schemaAt(schema, ['labels', 'x'])?.type, 'string')
  assert.equal(schemaAt(schema, ['list', 0])?.default, 3)
})

test('reads references as OpenAPI v3 wraps them', () => {
  const schema = fromDefinitions(
    {
      outer: {
        type: 'object',
        properties: { inner: { default: {}, allOf: [{ $ref: '#/components/schemas/inner' }] } },
      },
      inner: { type: 'object', properties: { a: { type: 'boolean' } } },
    },
    'outer',
  )

  assert.equal(schemaAt(schema, ['inner', 'a'])?.type, 'boolean')
  assert.deepEqual(schemaAt(schema, ['inner'])?.default, {})
  assert.equal(fromDefinitions({}, 'absent'), undefined)
})
