// What OpenAPI v2 says of the operations.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { v2Paths } from './openapi-v2-paths.ts'

const reference = (root: string): { readonly $ref: string } => ({ $ref: `${root}a.B` })
const V3 = reference('#/components/schemas/')
const V2 = reference('#/definitions/')
const PRODUCES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']

test('bodies become parameters, answers have one schema, parameters their type', () => {
  const content = { 'application/merge-patch+json': { schema: V3 }, 'application/apply-patch+yaml': { schema: V3 } }
  const patch = {
    parameters: [{ name: 'dryRun', in: 'query', schema: { type: 'string', uniqueItems: true } }],
    requestBody: { content },
    responses: { '200': { description: 'OK', content: { 'application/json': { schema: V3 } } } },
    'x-kubernetes-action': 'patch',
  }
  const inPath = { name: 'name', in: 'path', required: true, schema: { type: 'string' } }

  assert.deepEqual(v2Paths({ '/x/{name}': { patch, parameters: [inPath] } }), {
    '/x/{name}': {
      patch: {
        consumes: ['application/merge-patch+json', 'application/apply-patch+yaml'],
        produces: PRODUCES,
        schemes: ['https'],
        parameters: [
          { name: 'body', in: 'body', required: true, schema: V2 },
          { type: 'string', uniqueItems: true, name: 'dryRun', in: 'query' },
        ],
        responses: { '200': { description: 'OK', schema: V2 }, '401': { description: 'Unauthorized' } },
        'x-kubernetes-action': 'patch',
      },
      parameters: [{ type: 'string', name: 'name', in: 'path', required: true }],
    },
  })
})

test('lists may be watched', () => {
  const get = { responses: { '200': { description: 'OK' } }, 'x-kubernetes-action': 'list' }

  const told = JSON.stringify(v2Paths({ '/x': { get } }))

  assert.ok(told.includes('application/json;stream=watch'))
  assert.ok(told.includes('"consumes":["*/*"]'))
})
