// Holds docs/reference/cli.md against the command tree it is made of.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { CLI_REFERENCE, cliReference } from '../support/cli-reference.ts'

test('docs/reference/cli.md says what the commands say; node test/support/cli-reference.ts writes it', async () => {
  assert.equal(readFileSync(CLI_REFERENCE, 'utf8'), await cliReference())
})
