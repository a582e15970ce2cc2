// Merging by type, where it differs from laying one object on another.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonValue } from '../kube/object.ts'
import { builtinSchema } from '../kube/schema/schema.ts'
import { mergeTyped } from './typed-merge.ts'

const SERVICE = builtinSchema({ group: '', version: 'v1', kind: 'Service' })

function service(...ports: readonly JsonValue[]): JsonValue {
  return { apiVersion: 'v1', kind: 'Service', spec: { ports } }
}

test('merges keyed lists item by item', () => {
  const live = service({ port: 80, protocol: 'TCP', nodePort: 30_000 }, { port: 53, protocol: 'UDP' })

  const merged = mergeTyped(live, service({ port: 80, protocol: 'TCP', name: 'web' }), SERVICE)

  assert.deepEqual(
    merged,
    service({ port: 80, protocol: 'TCP', nodePort: 30_000, name: 'web' }, { port: 53, protocol: 'UDP' }),
  )
})

test('refuses a wanted list that names an item twice, as upstream does', () => {
  const twice = service({ port: 80, protocol: 'TCP' }, { port: 80, protocol: 'TCP', name: 'b' })

  assert.throws(() => mergeTyped(service(), twice, SERVICE), {
    code: 'bad-input',
    message: /duplicate entries for key/,
  })
})
