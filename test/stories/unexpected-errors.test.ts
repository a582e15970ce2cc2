// What nobody expected: the program says so and ends, rather than dying silently or going on half alive.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../support/git.ts'
import { run } from '../support/processes.ts'

const LAUNCHER = join(import.meta.dirname, '../../bin/capstan')
const FAULTS = {
  'an error outside every promise': `throw new Error('nobody expected this')`,
  'a rejection nobody handles': `Promise.reject(new Error('nobody expected this'))`,
}

for (const [what, fault] of Object.entries(FAULTS)) {
  test(`${what} ends a running cluster with 20`, async (t) => {
    const module = `process.stdout.write = (text) => { if (text.startsWith('ready')) setImmediate(() => { ${fault} }); return true }`
    const preload = `data:text/javascript,${encodeURIComponent(module)}`
    const args = ['--import', preload, LAUNCHER, 'local-cluster', '--port', '0', '--data-dir', temporaryFolder(t)]

    const { code, stderr } = await run(process.execPath, args)

    assert.equal(code, 20)
    assert.match(stderr, /unexpected error, please report it: Error: nobody expected this\n\s+at /)
  })
}
