// Runs the longer suites, or the files named, one after the other: they time real programs, which want the machine.
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { runTests } from './attempts.js'

const ROOT = join(import.meta.dirname, '..')
const SUITES = ['test/long-stories/**/*.test.ts', 'test/e2e/**/*.test.ts']
/** Of one test. */
const TIMEOUT_MS = 300_000

const named = process.argv.slice(2)
const files = globSync(named.length > 0 ? named : SUITES, { cwd: ROOT })
  .toSorted()
  .map((file) => join(ROOT, file))

await runTests({ files, concurrency: 1, timeoutMs: TIMEOUT_MS })
