// Tests when the page says that nodes are simulated.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSimulated } from './clusters.ts'

test('nodes are simulated where the only cluster says so', () => {
  const embedded = { server: 'https://kubernetes.default.svc', annotations: { 'capstan.dev/simulated': 'true' } }

  assert.equal(isSimulated([embedded]), true)
  assert.equal(isSimulated([{ server: 'x', labels: { 'capstan.dev/simulated': 'true' } }]), true)
  assert.equal(isSimulated([embedded, { server: 'https://prod' }]), false)
  assert.equal(isSimulated([{ server: 'https://prod' }]), false)
  assert.equal(isSimulated([]), false)
})
