import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { API_REFERENCE, apiReference } from '../support/api-reference.ts'

test('docs/reference/api.md says what the tables say', () => {
  assert.equal(readFileSync(API_REFERENCE, 'utf8'), apiReference())
})
