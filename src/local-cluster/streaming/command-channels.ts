// A command's session inside the process: the same channels as over a web socket, without the socket.
import { messageOf } from '../../base/errors.ts'
import type { Channels } from '../../kube/client/transport.ts'
import type { CommandOutcome } from '../apiserver/hooks.ts'
import { ByteQueue } from './byte-queue.ts'
import { outcomeStatus } from './outcome-status.ts'
import type { CommandSession } from './session.ts'
import { TerminalSizes } from './terminal-sizes.ts'

const STDIN = 0
const STDOUT = 1
const STDERR = 2
const ERROR = 3
const RESIZE = 4

type Message = { readonly channel: number; readonly data: Uint8Array }

/** Runs the command once its messages are read; ends it when the signal aborts or nobody reads any more. */
export function channelsOf(session: CommandSession, signal: AbortSignal | undefined): Channels {
  const gone = new AbortController()
  const over = signal === undefined ? gone.signal : AbortSignal.any([signal, gone.signal])
  const queues = new Map([
    [STDIN, new ByteQueue()],
    [RESIZE, new ByteQueue()],
  ])
  const close = (): void => {
    gone.abort(new Error('the client went away'))
    for (const queue of queues.values()) queue.discard()
  }
  over.addEventListener('abort', close, { once: true })
  const input = { stdin: queues.get(STDIN), resizes: queues.get(RESIZE) }
  return {
    protocol: 'v5.channel.k8s.io',
    messages: messagesOf(session, { ...input, signal: over, close }),
    send: async (channel, data) => queues.get(channel)?.push(data),
    close,
  }
}

interface Ends {
  readonly stdin: ByteQueue | undefined
  readonly resizes: ByteQueue | undefined
  readonly signal: AbortSignal
  readonly close: () => void
}

async function* messagesOf(session: CommandSession, ends: Ends): AsyncGenerator<Message> {
  const mailbox = new Mailbox(ends.signal)
  void run(session, ends, mailbox)
  try {
    for (let message = await mailbox.take(); message !== undefined; message = await mailbox.take()) yield message
  } finally {
    ends.close()
  }
}

async function run({ query, run: start }: CommandSession, ends: Ends, mailbox: Mailbox): Promise<void> {
  const to = (channel: number) => (data: string | Uint8Array) =>
    mailbox.put({ channel, data: typeof data === 'string' ? Buffer.from(data) : data })
  const sizes = ends.resizes !== undefined && query.tty ? new TerminalSizes(ends.resizes) : undefined
  let outcome: CommandOutcome
  try {
    outcome = await start({
      stdin: query.stdin ? ends.stdin : undefined,
      stdout: to(STDOUT),
      stderr: to(STDERR),
      ...(sizes === undefined ? {} : { terminalSize: (patience) => sizes.size(patience) }),
      signal: ends.signal,
    })
  } catch (error) {
    outcome = { kind: 'failed', message: messageOf(error) }
  }
  await to(ERROR)(outcomeStatus(outcome, 'translator'))
  mailbox.end()
}

/** Messages on their way: whoever writes waits until the message is taken, or nobody is there any more. */
class Mailbox {
  readonly #waiting: { readonly message: Message; readonly taken: () => void }[] = []
  #isOver = false
  #wake: (() => void) | undefined

  constructor(signal: AbortSignal) {
    signal.addEventListener('abort', () => this.discard(), { once: true })
  }

  async put(message: Message): Promise<void> {
    if (this.#isOver) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.push({ message, taken: resolve })
    this.#wake?.()
    await promise
  }

  async take(): Promise<Message | undefined> {
    while (this.#waiting.length === 0 && !this.#isOver) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#wake = resolve
      await promise
    }
    const first = this.#waiting.shift()
    first?.taken()
    return first?.message
  }

  end(): void {
    this.#isOver = true
    this.#wake?.()
  }

  discard(): void {
    for (const { taken } of this.#waiting.splice(0)) taken()
    this.end()
  }
}
