// Reading and following the lines of a simulated container.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LogQuery } from '../apiserver/hooks.ts'
import { ContainerLog, MAX_LINES } from './container-log.ts'

const T0 = Date.UTC(2026, 0, 1)

function query(over: Partial<LogQuery> = {}): LogQuery {
  return {
    container: 'c',
    follow: false,
    previous: false,
    timestamps: false,
    tailLines: undefined,
    sinceSeconds: undefined,
    sinceTime: undefined,
    limitBytes: undefined,
    signal: undefined,
    ...over,
  }
}

test('reads what is asked for', () => {
  const log = new ContainerLog()
  log.print('one\ntwo', T0)
  log.print('three', T0 + 5000)

  const cases: readonly [Partial<LogQuery>, string][] = [
    [{}, 'one\ntwo\nthree\n'],
    [{ tailLines: 1 }, 'three\n'],
    [{ tailLines: 0 }, ''],
    [{ sinceSeconds: 2 }, 'three\n'],
    [{ sinceTime: '2026-01-01T00:00:05Z' }, 'three\n'],
    [{ limitBytes: 5 }, 'one\nt'],
    [{ tailLines: 1, timestamps: true }, '2026-01-01T00:00:05.000000000Z three\n'],
  ]
  for (const [over, expected] of cases) assert.equal(log.read(query(over), T0 + 6000), expected)
})

test('keeps a bounded number of lines', () => {
  const log = new ContainerLog()

  for (let line = 0; line < MAX_LINES * 2; line++) log.print(String(line), T0)

  const lines = log.read(query(), T0).split('\n')
  assert.ok(lines.length <= MAX_LINES * 1.1 + 1)
  assert.equal(lines.at(-2), String(MAX_LINES * 2 - 1))
})

test('followers get each line as it comes, and end with the container or when they leave', async () => {
  const log = new ContainerLog()
  log.print('one', T0)
  const seen: string[] = []
  const following = (async () => {
    for await (const text of log.follow(query({ follow: true }), T0)) seen.push(text)
  })()
  await new Promise((resolve) => setImmediate(resolve))

  log.print('two', T0)
  await new Promise((resolve) => setImmediate(resolve))
  log.end()
  await following

  const leaving = new AbortController()
  const other = new ContainerLog().follow(query({ follow: true, signal: leaving.signal }), T0).next()
  leaving.abort()
  assert.deepEqual(seen, ['one\n', 'two\n'])
  assert.deepEqual(await other, { done: true, value: undefined })
})

test('followers with a limit of bytes get no more than that', async () => {
  const log = new ContainerLog()
  log.print('one', T0)
  const following = Array.fromAsync(log.follow(query({ follow: true, limitBytes: 7 }), T0))
  await new Promise((resolve) => setImmediate(resolve))

  for (const text of ['two', 'three']) log.print(text, T0)

  assert.deepEqual(await following, ['one\n', 'two'])
})
