// Tests of what is told of objects that were not applied.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withoutValues } from './apply.ts'

test('a failure does not quote the object', () => {
  const told =
    '"" is invalid: patch: Invalid value: "map[data:map[password:12345]\n stringData:map[a:b]]": cannot restore'

  assert.equal(withoutValues(told), '"" is invalid: patch: Invalid value: "": cannot restore')
})
