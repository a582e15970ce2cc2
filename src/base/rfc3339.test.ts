// A time is told in whole seconds.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rfc3339Seconds } from './rfc3339.ts'

test('a time is cut to whole seconds, never rounded up', () => {
  assert.equal(rfc3339Seconds(Date.UTC(2026, 0, 2, 3, 4, 5, 999)), '2026-01-02T03:04:05Z')
  assert.equal(rfc3339Seconds(0), '1970-01-01T00:00:00Z')
})
