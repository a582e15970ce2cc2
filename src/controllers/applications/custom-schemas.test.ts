// The schema of a custom resource is that of its version in the definition the cache holds.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../kube/object.ts'
import type { ClusterCache } from '../../live/cluster-cache.ts'
import { customSchema } from './custom-schemas.ts'

const WIDGET = { group: 'example.com', version: 'v1', kind: 'Widget' }
const { signal } = new AbortController()

function definition(versions: unknown): KubeObject {
  const spec = { group: 'example.com', versions }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.com' },
    spec,
  } as unknown as KubeObject
}

function cacheWith(object: KubeObject | undefined): Pick<ClusterCache, 'client' | 'get'> {
  const cache = {
    client: {
      resourceOf: async ({ kind }: { kind: string }) => (kind === 'Widget' ? { resource: 'widgets' } : undefined),
    },
    get: ({ name }: { name: string }) =>
      name === 'widgets.example.com' && object !== undefined ? { object } : undefined,
  }
  // Only what the function under test asks for.
  return cache as unknown as Pick<ClusterCache, 'client' | 'get'>
}

test('a version has its own schema, made once', async () => {
  const schemaOf = (name: string): unknown => ({
    name,
    schema: { openAPIV3Schema: { type: 'object', properties: { [name]: { type: 'string' } } } },
  })
  const cache = cacheWith(definition([schemaOf('v1'), schemaOf('v2')]))

  const first = await customSchema(cache, WIDGET, signal)
  const again = await customSchema(cache, WIDGET, signal)
  const second = await customSchema(cache, { ...WIDGET, version: 'v2' }, signal)

  assert.deepEqual([...(first?.properties?.keys() ?? [])], ['v1'])
  assert.deepEqual([...(second?.properties?.keys() ?? [])], ['v2'])
  assert.equal(first, again)
})

for (const [what, cache, gvk] of [
  ['a built-in kind', cacheWith(undefined), { group: 'apps', version: 'v1', kind: 'Deployment' }],
  ['a kind the cluster does not serve', cacheWith(undefined), { ...WIDGET, kind: 'Gadget' }],
  ['a kind without a definition', cacheWith(undefined), WIDGET],
  ['a version the definition lacks', cacheWith(definition([{ name: 'v9' }])), WIDGET],
  ['a definition without versions', cacheWith(definition(undefined)), WIDGET],
] as const) {
  test(`${what} has no schema of its own`, async () => {
    assert.equal(await customSchema(cache, gvk, signal), undefined)
  })
}
