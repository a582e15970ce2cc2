// What Go's empty value of a kind looks like.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptyObject, withEmptyStructs } from './empty-object.ts'

const DEPLOYMENT = { group: 'apps', version: 'v1', kind: 'Deployment' }

test('holds the structs and values Go always writes', () => {
  assert.deepEqual(emptyObject(DEPLOYMENT), {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { creationTimestamp: null },
    spec: {
      selector: null,
      strategy: {},
      template: { metadata: { creationTimestamp: null }, spec: { containers: null } },
    },
    status: {},
  })
  const event = emptyObject({ group: '', version: 'v1', kind: 'Event' })
  assert.deepEqual([event['eventTime'], event['reportingComponent'], event['count']], [null, '', undefined])
})

test('knows nothing of custom resources but their type', () => {
  assert.deepEqual(emptyObject({ group: 'e.com', version: 'v1', kind: 'Thing' }), {
    apiVersion: 'e.com/v1',
    kind: 'Thing',
  })
})

test('fills in missing structs only, and gives back an object that has them all', () => {
  const empty = emptyObject(DEPLOYMENT)
  const filled = withEmptyStructs({ spec: { replicas: 1, strategy: null } }, empty)

  assert.deepEqual(filled, {
    metadata: { creationTimestamp: null },
    spec: {
      replicas: 1,
      strategy: {},
      template: { metadata: { creationTimestamp: null }, spec: { containers: null } },
    },
    status: {},
  })
  assert.equal(withEmptyStructs(filled, empty), filled)
})
