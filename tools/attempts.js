// Runs test files, a process each, and closes on node:test's totals. What fails is asked once more, by name and in plain
// sight and by itself, as long as it is only a few tests: who fails twice fails the run, and more than a few are no coincidence.
// A hook that fails is not asked again: the tests it stands around would count as passed without it.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { setImmediate } from 'node:timers/promises'

/** More failures than these are not asked again. */
const MAX_ASKED_AGAIN = 5

/**
 * Tests `files`, `concurrency` processes at a time, each test within `timeoutMs`. Sets the exit code: 0 when every test
 * has passed, at once or when asked again; else 1, also where there is none.
 */
export async function runTests({ files, concurrency, timeoutMs }) {
  const folder = mkdtempSync(join(tmpdir(), 'capstan-tests-'))
  process.on('exit', () => rmSync(folder, { recursive: true }))
  const record = join(folder, 'passed.json')
  const options = { files, concurrency, execArgv: ['--test-force-exit', `--test-timeout=${timeoutMs}`] }

  const { failed, hooks, tests } =
    files.length === 0 ? NOTHING : await attempt({ ...options, rerunFailuresFilePath: record })
  let left = tests === 0 ? ['there is no test'] : failed
  if (tests === 0) process.stdout.write(`there is no test in ${files.length} files\n`)
  else if (hooks === 0 && failed.length > 0 && failed.length <= MAX_ASKED_AGAIN) {
    await recorded(record)
    process.stdout.write(`\nFailed at first and asked once more:\n${failed.map((name) => `  ${name}\n`).join('')}\n`)
    const second = await attempt({ ...options, concurrency: 1, rerunFailuresFilePath: record })
    left = second.tests === tests ? second.failed : [`${tests} tests were known, then ${second.tests}`]
  }
  process.exitCode = left.length === 0 ? 0 : 1
}

const NOTHING = { failed: [], hooks: 0, tests: 0 }

/**
 * One run of what has not passed yet; gives the tests that failed, without the suites that hold them, how many of these failed
 * in a hook, and how many tests there are.
 */
function attempt(options) {
  const { promise, resolve } = Promise.withResolvers()
  const failed = []
  let [hooks, tests] = [0, 0]
  run(options)
    .on('test:fail', ({ name, file, details }) => {
      const { failureType } = details.error ?? {}
      if (failureType !== 'subtestsFailed') failed.push(`${name} (${file})`)
      if (failureType === 'hookFailed') hooks++
    })
    .on('test:summary', ({ file, counts }) => {
      if (file === undefined) tests = counts.tests
    })
    .compose(spec)
    .on('end', () => resolve({ failed, hooks, tests }))
    .pipe(process.stdout)
  return promise
}

/** The record of what passed is whole a moment after the last line of the report. */
async function recorded(record) {
  while (!existsSync(record) || readFileSync(record, 'utf8') === '') await setImmediate()
}
