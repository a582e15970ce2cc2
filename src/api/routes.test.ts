import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fieldsOf } from '../crds/message-table.ts'
import { messageFields } from './messages.ts'
import { routes } from './routes.ts'

const KUBERNETES_LISTS = /^v1alpha1\.\w+(?:List|WatchEvent)$|^events\.EventList$/

test('upstream’s 13 services and ours have 115 calls over 116 routes, each with a known verb', () => {
  const calls = new Set(routes.map(({ service, method }) => `/${service}/${method}`))

  assert.equal(new Set(routes.map(({ service }) => service)).size, 14)
  assert.deepEqual([calls.size, routes.length], [115, 116])
  assert.deepEqual([...new Set(routes.map(({ verb }) => verb))].toSorted(), ['DELETE', 'GET', 'PATCH', 'POST', 'PUT'])
})

test('every message that goes in is described, with every field that a path or body names', () => {
  const missing: string[] = []
  for (const route of routes) {
    const [packageName = ''] = route.service.split('.')
    const fields = messageFields(packageName, route.input)
    const named = Array.from(route.path.matchAll(/\{(?<field>\w+)/g), ({ groups }) => groups?.['field'] ?? '')
    if (route.body !== undefined && route.body !== '*') named.push(route.body)
    if (fields === undefined) missing.push(`${route.service}/${route.method}: ${route.input}`)
    const unknown = named.filter((field) => fields !== undefined && !Object.hasOwn(fields, field))
    missing.push(...unknown.map((field) => `${route.method}: ${field}`))
  }

  assert.deepEqual(missing, [])
})

test('every message that comes out is described', () => {
  const missing = routes
    .filter(({ output }) => !KUBERNETES_LISTS.test(output))
    .filter(({ service, output }) => messageFields(service.split('.')[0] ?? '', output) === undefined)
    .filter(({ output }) => fieldsOf(output.replace('v1alpha1.', '')) === undefined)

  assert.deepEqual(missing, [])
})
