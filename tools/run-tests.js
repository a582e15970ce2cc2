// Runs the groups of test/groups side by side, a process each, and closes on node:test's totals.
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'

const GROUPS = ['units', 'stories-odd', 'stories-even']
/** Of one test. */
const TIMEOUT_MS = 60_000

run({
  files: GROUPS.map((group) => join(import.meta.dirname, `../test/groups/${group}.ts`)),
  concurrency: Math.min(Math.max(availableParallelism(), 2), GROUPS.length),
  forceExit: true,
  execArgv: [`--test-timeout=${TIMEOUT_MS}`],
})
  .on('test:fail', () => {
    process.exitCode = 1
  })
  .compose(spec)
  .pipe(process.stdout)
