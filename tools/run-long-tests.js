// Runs the longer suites, or the files named, two at a time: they wait more than they work.
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { runTests } from './attempts.js'

const ROOT = join(import.meta.dirname, '..')
const SUITES = ['test/long-stories/**/*.test.ts', 'test/e2e/**/*.test.ts']
/** Takes a third as long as all others together, so it begins first. */
const LONGEST = 'test/e2e/stories-on-real-cluster.test.ts'
const PARALLEL = 2
/** Of one test. */
const TIMEOUT_MS = 300_000

const named = process.argv.slice(2)
const missing = named.filter((one) => globSync(one, { cwd: ROOT }).length === 0)
const files = globSync(named.length > 0 ? named : SUITES, { cwd: ROOT })
  .toSorted((a, b) => Number(b === LONGEST) - Number(a === LONGEST) || (a < b ? -1 : 1))
  .map((file) => join(ROOT, file))

if (missing.length > 0) {
  process.stderr.write(`there is no file ${missing.join(', ')}\n`)
  process.exitCode = 1
} else await runTests({ files, concurrency: PARALLEL, timeoutMs: TIMEOUT_MS })
