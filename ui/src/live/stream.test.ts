// Tests when event streams are opened and closed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keepStream, MAX_RETRY_MS, type EventStream } from './stream.ts'

class FakeStream implements EventStream {
  onopen: (() => void) | null = null
  onmessage: ((event: { readonly data: string }) => void) | null = null
  onerror: (() => void) | null = null
  readyState = 0
  close(): void {
    this.readyState = 2
  }
}

function start() {
  const streams: FakeStream[] = []
  const delays: number[] = []
  const happened: unknown[] = []
  let isVisible = true
  let changed = (): void => {}
  let retry: (() => void) | undefined
  const stop = keepStream<number>({
    url: '/x',
    open: () => {
      const stream = new FakeStream()
      streams.push(stream)
      return stream
    },
    visibility: {
      isVisible: () => isVisible,
      onChange: (listener) => {
        changed = listener
        return () => {
          changed = () => {}
        }
      },
    },
    later: (callback, delayMs) => {
      delays.push(delayMs)
      retry = callback
      return () => {
        retry = undefined
      }
    },
    onResult: (result) => happened.push(result),
    onOpen: () => happened.push('open'),
    onState: (state) => happened.push(state),
  })
  return {
    streams,
    delays,
    happened,
    stop,
    last: () => streams.at(-1) as FakeStream,
    retry: () => retry?.(),
    show: (visible: boolean) => {
      isVisible = visible
      changed()
    },
  }
}

test('passes results on and leaves other messages alone', () => {
  const { last, happened } = start()

  last().onopen?.()
  last().onmessage?.({ data: '{"result":7}' })
  last().onmessage?.({ data: '{"error":{"message":"x"}}' })

  assert.deepEqual(happened, ['live', 'open', 7])
})

test('is closed while the tab is hidden and opened again when it is seen', () => {
  const { streams, show } = start()

  show(false)
  assert.deepEqual(
    streams.map(({ readyState }) => readyState),
    [2],
  )
  show(true)

  assert.deepEqual(
    streams.map(({ readyState }) => readyState),
    [2, 0],
  )
})

test('opens anew after refusals, less and less often, and at once counts from the start after a success', () => {
  const { last, retry, delays, streams } = start()

  for (let count = 0; count < 7; count += 1) {
    last().readyState = 2
    last().onerror?.()
    retry()
  }
  last().onopen?.()
  last().readyState = 2
  last().onerror?.()

  assert.deepEqual(delays, [1000, 2000, 4000, 8000, 16_000, MAX_RETRY_MS, MAX_RETRY_MS, 1000])
  assert.equal(streams.length, 8)
})

test('leaves a broken connection to the browser, which retries by itself', () => {
  const { last, delays, happened } = start()

  last().onerror?.()

  assert.deepEqual([delays, happened], [[], ['lost']])
})

test('ends for good, a waiting retry too', () => {
  const { last, stop, retry, show, streams } = start()
  last().readyState = 2
  last().onerror?.()

  stop()
  retry()
  show(true)

  assert.equal(streams.length, 1)
})
