// An open terminal without a cluster: which shell is taken, who is cut off, and when.
import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { ManualClock } from '../../base/clock.ts'
import { WebSocketEnd, type Wire } from '../../base/web-socket.ts'
import { encodeFrame, FrameReader } from '../../base/web-socket-frames.ts'
import type { CommandEnd, RunningCommand } from '../../kube/client/client.ts'
import { KEEP_ALIVE_MS, MAX_SILENT_PINGS, runTerminal } from './terminal-session.ts'
import type { Standing } from './terminal-access.ts'

interface Page {
  readonly socket: WebSocketEnd
  /** What the page was sent: kinds and texts. */
  readonly got: () => readonly (readonly [string, string])[]
  readonly say: (message: object) => void
  readonly leave: () => void
}

function page(): Page {
  const input = new PassThrough()
  const sent: Buffer[] = []
  const wire: Wire = {
    destroyed: false,
    iterator: (options) => input.iterator(options) as AsyncIterable<Buffer>,
    write(data, done) {
      sent.push(Buffer.from(data))
      done()
      return true
    },
    end(data) {
      sent.push(Buffer.from(data))
      input.end()
    },
    destroySoon: () => undefined,
    destroy: () => undefined,
  }
  return {
    socket: new WebSocketEnd(wire, { isClient: false, maxBytes: 1000 }),
    got: () => {
      const reader = new FrameReader({ isMasked: false, maxBytes: 100_000 })
      return [...reader.push(Buffer.concat(sent))].map(({ kind, data }) => [kind, data.toString('latin1')] as const)
    },
    say: (message) => void input.write(encodeFrame('text', Buffer.from(JSON.stringify(message)), true)),
    leave: () => void input.end(),
  }
}

function command(pieces: readonly Uint8Array[], end: CommandEnd, until?: Promise<void>): RunningCommand {
  async function* output(): AsyncGenerator<Uint8Array> {
    yield* pieces
    await until
  }
  return { output: output(), write: async () => undefined, resize: async () => undefined, end: () => end, close: () => undefined } // prettier-ignore
}

test('takes the next shell where one is missing, and puts characters together that come in pieces', async () => {
  const { socket, got } = page()
  const asked: string[] = []
  const bytes = Buffer.from('grüße')
  await runTerminal(socket, {
    clock: new ManualClock(),
    shells: ['bash', 'ash', 'sh', 'cmd'],
    standing: async () => 'good',
    async start(shell) {
      asked.push(shell)
      if (shell === 'bash') throw new Error('exec: "bash": executable file not found in $PATH')
      if (shell === 'ash') return command([], { exitCode: 127, message: 'no such file' })
      return command([bytes.subarray(0, 3), bytes.subarray(3)], { exitCode: 1, message: '' })
    },
  })
  assert.deepEqual(asked, ['bash', 'ash', 'sh'])
  const texts = got().flatMap(([kind, text]) => (kind === 'text' ? [String(Object(JSON.parse(Buffer.from(text, 'latin1').toString())).data)] : [])) // prettier-ignore
  assert.equal(texts.join(''), 'grüße')
})

test('says why where no shell runs', async () => {
  const { socket, got } = page()
  const start = async (shell: string): Promise<RunningCommand> => command([], { message: `${shell} is missing` })
  await runTerminal(socket, { clock: new ManualClock(), shells: ['bash', 'sh'], standing: async () => 'good', start })
  assert.match(got()[0]?.[1] ?? '', /sh is missing/)
  assert.equal(got()[1]?.[0], 'close')
})

test('is pinged, and ends where no sign of life comes', async () => {
  const { socket, got } = page()
  const clock = new ManualClock()
  const over = Promise.withResolvers<void>()
  const running = runTerminal(socket, {
    clock,
    shells: ['sh'],
    standing: async () => 'good',
    start: async (_shell, signal) => {
      signal.addEventListener('abort', () => over.resolve())
      return command([], { exitCode: 0, message: '' }, over.promise)
    },
  })
  for (let ping = 0; ping < MAX_SILENT_PINGS; ping++) clock.advance(KEEP_ALIVE_MS)
  await running
  assert.equal(got().filter(([kind]) => kind === 'ping').length, MAX_SILENT_PINGS - 1)
})

test('ends where the session is over while nobody types', async () => {
  const { socket, got } = page()
  const clock = new ManualClock()
  const over = Promise.withResolvers<void>()
  let standing: Standing = 'good'
  const running = runTerminal(socket, {
    clock,
    shells: ['sh'],
    standing: async () => standing,
    start: async (_shell, signal) => {
      signal.addEventListener('abort', () => over.resolve())
      return command([], { exitCode: 0, message: '' }, over.promise)
    },
  })
  standing = 'logged-out'
  clock.advance(KEEP_ALIVE_MS)
  await running
  assert.deepEqual(
    got().map(([kind]) => kind),
    ['ping', 'text', 'text', 'close'],
  )
  assert.deepEqual(JSON.parse(got()[2]?.[1] ?? ''), { Code: 1 })
})
