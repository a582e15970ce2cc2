// One end of a web socket (RFC 6455) over a connection whose handshake is done.
import { createHash } from 'node:crypto'
import { systemClock, type Clock } from './clock.ts'
import { encodeFrame, FrameReader, WebSocketFault, type WebSocketMessage } from './web-socket-frames.ts'

/** The connection below: a socket of Node. */
export interface Wire {
  readonly destroyed: boolean
  iterator(options: { readonly destroyOnReturn: boolean }): AsyncIterable<Buffer>
  write(data: Uint8Array, sent: (error?: Error | null) => void): boolean
  end(data: Uint8Array): unknown
  /** Ends it once everything is written. */
  destroySoon(): unknown
  /** Ends it at once. */
  destroy(): unknown
}

export interface WebSocketOptions {
  /** A client masks what it sends, and takes no masked frames. */
  readonly isClient: boolean
  /** A larger message ends the connection. */
  readonly maxBytes: number
  /** The machine's where absent. */
  readonly clock?: Clock
}

/** A text or the bytes of a message. */
export type Received = Pick<WebSocketMessage, 'kind' | 'data'> & { readonly kind: 'text' | 'binary' }

/** So long a peer may take to close its side; one that is silent would keep its connection for ever. */
export const GOODBYE_MS = 10_000
const CLOSE_CODE_BYTES = 2
const NORMAL = 1000
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** `Sec-WebSocket-Accept` of a key (RFC 6455, 4.2.2). */
export function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}${GUID}`).digest('base64')
}

/** Messages out and in. Whoever reads `messages` keeps the connection alive; pings are answered on the way. */
export class WebSocketEnd {
  readonly #wire: Wire
  readonly #options: WebSocketOptions
  #isClosed = false
  #heard = 0

  constructor(wire: Wire, options: WebSocketOptions) {
    this.#wire = wire
    this.#options = options
  }

  /** How many frames have come: a peer that sends none any more may be gone. */
  get heard(): number {
    return this.#heard
  }

  /** What the peer sends, until it or this end closes. Throws nothing: a peer that breaks the rules is told so and left. */
  async *messages(): AsyncGenerator<Received> {
    const { isClient, maxBytes } = this.#options
    try {
      for await (const message of framesOf(this.#wire, new FrameReader({ isMasked: !isClient, maxBytes }))) {
        this.#heard++
        if (message.kind === 'text' || message.kind === 'binary') yield { kind: message.kind, data: message.data }
        else if (this.#steer(message)) return
      }
    } catch (error) {
      // A connection that broke has nobody left to be told.
      if (error instanceof WebSocketFault) this.close(error.closeCode, error.message)
    } finally {
      this.close(NORMAL)
      if (!this.#wire.destroyed) this.#wire.destroySoon()
    }
  }

  /** Answers a frame that is no message; true where it was the last one. */
  #steer({ kind, data }: WebSocketMessage): boolean {
    if (kind === 'ping') void this.#write('pong', data)
    if (kind !== 'close') return false
    this.close(data.length >= CLOSE_CODE_BYTES ? data.readUInt16BE(0) : NORMAL)
    return true
  }

  /** Resolves when the connection has taken it, or has gone. */
  send(message: string | Uint8Array): Promise<void> {
    return typeof message === 'string'
      ? this.#write('text', Buffer.from(message, 'utf8'))
      : this.#write('binary', message)
  }

  /** Asks the peer for a sign of life. */
  ping(): Promise<void> {
    return this.#write('ping', Buffer.from('ping'))
  }

  /** Says goodbye; what is sent later is dropped. The connection ends a while later, whatever the peer does. */
  close(code: number = NORMAL, reason = ''): void {
    if (this.#isClosed) return
    this.#isClosed = true
    const data = Buffer.alloc(CLOSE_CODE_BYTES + Buffer.byteLength(reason))
    data.writeUInt16BE(code)
    data.write(reason, CLOSE_CODE_BYTES)
    if (this.#wire.destroyed) return
    this.#wire.end(encodeFrame('close', data, this.#options.isClient))
    const { clock = systemClock } = this.#options
    clock.schedule(GOODBYE_MS, () => this.#wire.destroy())
  }

  async #write(kind: WebSocketMessage['kind'], data: Uint8Array): Promise<void> {
    if (this.#isClosed || this.#wire.destroyed) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wire.write(encodeFrame(kind, data, this.#options.isClient), () => resolve())
    await promise
  }
}

async function* framesOf(wire: Wire, reader: FrameReader): AsyncGenerator<WebSocketMessage> {
  // The goodbye is still to be written when reading stops.
  for await (const chunk of wire.iterator({ destroyOnReturn: false })) yield* reader.push(chunk)
}
