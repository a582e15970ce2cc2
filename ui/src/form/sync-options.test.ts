// Tests options of a sync as switches and the policy of an application.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPolicy, writePolicy } from './policy.ts'
import { readOptions, writeOptions } from './sync-options.ts'

test('[001-16] options become switches and come back, unknown ones kept', () => {
  const options = ['FutureOption=x', 'Validate=false', 'CreateNamespace=true', 'PrunePropagationPolicy=background']
  const choice = readOptions(options)

  assert.deepEqual([...choice.on], ['skipValidation', 'createNamespace'])
  assert.equal(choice.propagation, 'background')
  assert.deepEqual(writeOptions(choice).toSorted(), options.toSorted())
})

test('an option that is said to be off is off, and is not said twice', () => {
  assert.deepEqual(writeOptions(readOptions(['Validate=true', 'Replace=false'])), [])
})

test('[001-15] a policy is read and written, what it does not know is kept', () => {
  const spec = {
    project: 'default',
    destination: {},
    syncPolicy: { automated: { selfHeal: true, prune: false }, retry: { limit: 3 }, syncOptions: ['Replace=true'] },
  }
  const form = readPolicy(spec)

  assert.deepEqual(writePolicy(spec, form), spec)
  assert.deepEqual(writePolicy(spec, { ...form, isAutomatic: false }).syncPolicy, {
    retry: { limit: 3 },
    syncOptions: ['Replace=true'],
  })
  const bare = { project: 'default', destination: {} }
  assert.deepEqual(writePolicy(bare, readPolicy(bare)), bare)
})
