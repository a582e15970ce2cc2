// Channels over a web socket: each message begins with the number of its channel (streaming v0.36.3 `wsstream/conn.go`).
import type { RawData, WebSocket } from 'ws'
import { ByteQueue } from './byte-queue.ts'

/** A half-close of v5: this byte, then the channel. */
const CLOSE_SIGNAL = 255
const CODE_OF_ZERO = 0x30

export interface ChannelOptions {
  readonly protocol: string
  /** Numbers of the channels the client may write to; messages for others are dropped. */
  readonly readable: readonly number[]
  /** How many channels there are. */
  readonly count: number
}

/** A web socket of a channel protocol; closes by itself when the peer goes. */
export class WebSocketChannels {
  readonly #socket: WebSocket
  readonly #options: ChannelOptions
  readonly #queues = new Map<number, ByteQueue>()
  readonly #isBase64: boolean
  readonly #hasClose: boolean
  readonly #gone = new AbortController()

  constructor(socket: WebSocket, options: ChannelOptions) {
    this.#socket = socket
    this.#options = options
    this.#isBase64 = options.protocol.includes('base64')
    this.#hasClose = options.protocol.startsWith('v5.')
    for (const number of options.readable) this.#queues.set(number, new ByteQueue())
    socket.on('message', (data) => this.#received(bytesOf(data)))
    socket.on('close', () => this.#ended())
    // An error is followed by `close`, which is all that matters here.
    socket.on('error', () => undefined)
  }

  /** Aborts when the peer has gone. */
  get signal(): AbortSignal {
    return this.#gone.signal
  }

  /** What the peer writes to a channel. */
  channel(number: number): ByteQueue {
    const queue = this.#queues.get(number)
    if (queue === undefined) throw new TypeError(`channel ${number} is not readable`)
    return queue
  }

  /** Resolves when the message is on its way, or the peer has gone. */
  async write(number: number, data: string | Uint8Array): Promise<void> {
    const body =
      typeof data === 'string' ? Buffer.from(data) : Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    if (this.#socket.readyState !== this.#socket.OPEN) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const sent = (): void => resolve()
    if (this.#isBase64) this.#socket.send(`${number}${body.toString('base64')}`, { binary: false }, sent)
    else this.#socket.send(Buffer.concat([Buffer.of(number), body]), { binary: true }, sent)
    await promise
  }

  close(): void {
    this.#socket.close(1000)
  }

  #received(message: Buffer): void {
    const [first, second] = message
    if (first === undefined) return
    if (this.#hasClose && first === CLOSE_SIGNAL) this.#closeSignal(message.length, second)
    else if (this.#isBase64) this.#deliver(first - CODE_OF_ZERO, Buffer.from(message.toString('latin1', 1), 'base64'))
    else this.#deliver(first, message.subarray(1))
  }

  /** A signal that names no channel ends the connection. */
  #closeSignal(length: number, channel: number | undefined): void {
    if (length !== 2 || channel === undefined || channel >= this.#options.count) this.#socket.close(1000)
    else this.#queues.get(channel)?.end()
  }

  #deliver(number: number, data: Uint8Array): void {
    const queue = this.#queues.get(number)
    if (queue === undefined) return
    this.#socket.pause()
    void queue.push(data).then(() => this.#socket.resume())
  }

  #ended(): void {
    this.#gone.abort(new Error('the client went away'))
    for (const queue of this.#queues.values()) queue.end()
  }
}

function bytesOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data)
}
