// Tests of the OpenAPI documents.
import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { test } from 'node:test'
import { builtinResources } from '../resources.ts'
import { createOpenApiDocuments } from './documents.ts'

interface Document {
  readonly paths: Record<string, Record<string, { parameters?: { name: string }[] } & Record<string, unknown>>>
  readonly components: { readonly schemas: Record<string, { properties: Record<string, unknown> }> }
}

test('shows a patch of deployments with the parameter that switches field validation on', async () => {
  const documents = createOpenApiDocuments(builtinResources())
  const document = JSON.parse((await documents.openApiV3Document('apis/apps/v1')) ?? '{}') as Document
  const patch = document.paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}']?.['patch']

  assert.deepEqual(patch?.['x-kubernetes-group-version-kind'], { group: 'apps', kind: 'Deployment', version: 'v1' })
  assert.equal(
    patch?.parameters?.some(({ name }) => name === 'fieldValidation'),
    true,
  )
  assert.equal(await documents.openApiV3Document('apis/apps/v1'), await documents.openApiV3Document('apis/apps/v1'))
  assert.equal(await documents.openApiV3Document('apis/absent/v1'), undefined)
})

test('carries every schema it refers to', async () => {
  const documents = createOpenApiDocuments(builtinResources())
  const text = (await documents.openApiV3Document('api/v1')) ?? '{}'
  const { components } = JSON.parse(text) as Document
  const referred = new Set([...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name ?? ''))

  assert.deepEqual(
    [...referred].filter((name) => components.schemas[name] === undefined),
    [],
  )
  const protocol = components.schemas['io.k8s.api.core.v1.ServicePort']?.properties['protocol'] ?? {}
  assert.partialDeepStrictEqual(protocol, { type: 'string', default: 'TCP', enum: ['SCTP', 'TCP', 'UDP'] })
  assert.match(JSON.stringify(protocol), /"description":"The IP protocol for this port\./)
})

test('appends definitions of custom resources to the document of v2', () => {
  const documents = createOpenApiDocuments(builtinResources())
  const builtin = documents.openApiV2Protobuf()
  const gvk = [{ group: 'example.com', version: 'v1', kind: 'Widget' }]
  const definition = { type: 'object', 'x-kubernetes-group-version-kind': gvk }
  const more = documents.openApiV2Protobuf({ 'com.example.v1.Widget': definition })

  assert.equal(Buffer.from(builtin).includes('io.k8s.api.apps.v1.Deployment'), true)
  assert.equal(Buffer.from(builtin.subarray(0, 5)).toString('hex'), '0a03322e30')
  assert.equal(Buffer.from(more).includes('com.example.v1.Widget'), true)
  assert.equal(documents.openApiV2Protobuf().length, builtin.length)
})

test('the document of v2 comes as JSON too, with custom definitions in it', () => {
  const definition = { type: 'object' }
  const document = JSON.parse(
    createOpenApiDocuments(builtinResources()).openApiV2Json({ 'com.example.v1.Widget': definition }),
  ) as {
    readonly swagger: string
    readonly definitions: Readonly<Record<string, unknown>>
  }

  assert.equal(document.swagger, '2.0')
  assert.deepEqual(document.definitions['com.example.v1.Widget'], definition)
  assert.ok(document.definitions['io.k8s.api.core.v1.Pod'])
})
