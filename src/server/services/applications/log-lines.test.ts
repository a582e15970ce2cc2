import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { MAX_WAITING_LINES, mergeLogLines, readLogLines, ZERO_TIME, type LogLine } from './log-lines.ts'

async function* chunks(...parts: readonly string[]): AsyncGenerator<string> {
  yield* parts
}

async function collect(lines: AsyncIterable<LogLine>): Promise<readonly string[]> {
  const all: string[] = []
  for await (const { podName, content } of lines) all.push(`${podName} ${content}`)
  return all
}

/** A log that stays open until the signal aborts. */
async function* silent(signal: AbortSignal): AsyncGenerator<LogLine> {
  const { promise, resolve } = Promise.withResolvers<readonly LogLine[]>()
  signal.addEventListener('abort', () => resolve([]), { once: true })
  yield* await promise
}

const line = (podName: string, second: number, content: string): LogLine => ({
  podName,
  content,
  time: `2026-01-02T03:04:${String(second).padStart(2, '0')}.5Z`,
})

async function* log(...lines: readonly LogLine[]): AsyncGenerator<LogLine> {
  yield* lines
}

describe('lines of logs', () => {
  test('are cut at newlines and carriage returns, with their times', async () => {
    const lines: LogLine[] = []
    const text = chunks('2026-01-02T03:04:05.123456789Z a b\r', 'c\n2026-01-02T03:04:06+02:00 d\nnot', ' timed')
    for await (const one of readLogLines('p', text)) lines.push(one)
    assert.deepEqual(lines, [
      { podName: 'p', content: 'a b', time: '2026-01-02T03:04:05.123456789Z' },
      { podName: 'p', content: 'c', time: '2026-01-02T03:04:05.123456789Z' },
      { podName: 'p', content: 'd', time: '2026-01-02T03:04:06+02:00' },
      { podName: 'p', content: 'not timed', time: ZERO_TIME },
    ])
  })

  test('of several pods come in the order of their times', async () => {
    const { signal } = new AbortController()
    const a = log(line('a', 1, 'x'), line('a', 4, 'x'))
    const b = log(line('b', 2, 'x'), line('b', 3, 'x'), line('b', 5, 'x'))
    assert.deepEqual(await collect(mergeLogLines([a, b], signal)), ['a x', 'b x', 'b x', 'a x', 'b x'])
  })

  test('do not wait for a pod that says nothing', async () => {
    const stop = new AbortController()
    const many = log(...Array.from({ length: MAX_WAITING_LINES * 2 }, (_, index) => line('a', 1, String(index))))
    let count = 0
    for await (const _ of mergeLogLines([many, silent(stop.signal)], stop.signal)) {
      if (++count === MAX_WAITING_LINES * 2) stop.abort()
    }
    assert.equal(count, MAX_WAITING_LINES * 2)
  })

  test('end with what is wrong with one of the logs', async () => {
    const { signal } = new AbortController()
    const broken = (async function* (): AsyncGenerator<LogLine> {
      yield line('a', 1, 'x')
      throw new Error('gone')
    })()
    await assert.rejects(collect(mergeLogLines([broken, log()], signal)), /gone/)
  })
})
