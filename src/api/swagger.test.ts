// The document has every path, and nothing in it leads nowhere.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { routes } from './routes.ts'
import { swaggerDocument } from './swagger.ts'

const DOCUMENT = swaggerDocument({ version: 'v1', basePath: '/argo' })
const TEXT = JSON.stringify(DOCUMENT)

test('has every path and verb, each operation by a name of its own', () => {
  const paths = DOCUMENT['paths'] as Readonly<
    Record<string, Readonly<Record<string, { readonly operationId: string }>>>
  >
  for (const { path, verb } of routes) {
    assert.ok(paths[path.replace('=**}', '}')]?.[verb.toLowerCase()] !== undefined, `${verb} ${path}`)
  }
  const names = Object.values(paths).flatMap((path) => Object.values(path).map(({ operationId }) => operationId))
  assert.equal(new Set(names).size, names.length)
  assert.ok(names.length > 90)
})

test('every reference leads to a definition, and every parameter of a path is told', () => {
  const definitions = Object.keys(DOCUMENT['definitions'] as object)
  const references = new Set([...TEXT.matchAll(/"#\/definitions\/(?<name>[^"]+)"/g)].map(({ groups }) => groups?.['name'] ?? '')) // prettier-ignore
  assert.deepEqual(
    [...references].filter((name) => !definitions.includes(name)),
    [],
  )
  assert.ok(definitions.includes('v1alpha1Application'))
  assert.equal(DOCUMENT['basePath'], '/argo')
  assert.match(TEXT, /"name":"id.value","in":"path"/)
})
