// What a manager applied, taken from the live object.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../object.ts'
import { builtinSchema } from '../schema/schema.ts'
import { extractApplied } from './extract.ts'
import { applyPatch, updateManagedFields } from './field-manager.ts'

const SERVICE = { schema: builtinSchema({ group: '', version: 'v1', kind: 'Service' }), apiVersion: 'v1', nowMs: 0 }

function service(spec: object, metadata: object = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name: 's', namespace: 'n', ...metadata }, spec } as KubeObject
}

test('gives what the manager applied, list keys included, and nothing of others', () => {
  const wanted = service({ ports: [{ port: 80, protocol: 'TCP', targetPort: 'http' }] }, { labels: { app: 'x' } })
  const { object } = applyPatch(undefined, wanted, { ...SERVICE, manager: 'one', force: false })
  const live = updateManagedFields(
    object,
    service(
      { clusterIP: '10.0.0.1', ports: [{ port: 80, protocol: 'TCP', targetPort: 'http', nodePort: 30000 }] },
      { ...object.metadata, uid: 'u' },
    ),
    { ...SERVICE, manager: 'other' },
  )

  assert.deepEqual(extractApplied(live, { ...SERVICE, manager: 'one' }), wanted)
  assert.equal(extractApplied(live, { ...SERVICE, manager: 'other' }), undefined)
  assert.equal(extractApplied(live, { ...SERVICE, manager: 'one', subresource: 'status' }), undefined)
})
