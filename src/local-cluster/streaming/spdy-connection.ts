// The server's end of a SPDY/3.1 connection: streams opened by the client, bytes in both directions. No flow control: clients of Kubernetes (moby/spdystream) have none.
import type { Duplex } from 'node:stream'
import type { Clock } from '../../base/clock.ts'
import { roomToWrite } from '../../base/room-to-write.ts'
import { ByteQueue } from './byte-queue.ts'
import { LINGER_MS, MAX_DATA_FRAME_BYTES, MAX_STREAMS } from './limits.ts'
import {
  controlFrame,
  dataFrame,
  FLAG_FIN,
  FrameReader,
  FrameType,
  idOf,
  ResetStatus,
  words,
  type Frame,
} from './spdy-frames.ts'
import { EmptyHeaderWriter, HeaderReader, type StreamHeaders } from './spdy-headers.ts'

/** Before the compressed headers of SYN_STREAM: two ids, priority, slot. */
const SYN_STREAM_BYTES = 10

/** One stream; `input` ends with the client's half. */
export class SpdyStream {
  readonly id: number
  readonly headers: StreamHeaders
  readonly input: ByteQueue = new ByteQueue()
  readonly #send: (frame: Buffer) => Promise<void>
  #isOpen = true

  constructor(id: number, headers: StreamHeaders, send: (frame: Buffer) => Promise<void>) {
    this.id = id
    this.headers = headers
    this.#send = send
  }

  /** Resolves when the connection has room for more. */
  async write(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data
    for (let at = 0; at < bytes.length && this.#isOpen; at += MAX_DATA_FRAME_BYTES) {
      await this.#send(dataFrame(this.id, bytes.subarray(at, at + MAX_DATA_FRAME_BYTES)))
    }
  }

  /** No more bytes from here. */
  async end(): Promise<void> {
    if (!this.#isOpen) return
    this.#isOpen = false
    await this.#send(dataFrame(this.id, Buffer.alloc(0), true))
  }

  async reset(status: number = ResetStatus.cancel): Promise<void> {
    this.close()
    await this.#send(controlFrame(FrameType.reset, words(this.id, status)))
  }

  /** The client has given it up, or has gone. */
  close(): void {
    this.#isOpen = false
    this.input.end()
  }
}

/** What to do with a stream once the client knows that it is open; undefined resets it. */
export type Accept = (stream: SpdyStream) => (() => void) | undefined

/** Lives until either end closes. */
export class SpdyConnection {
  readonly #duplex: Duplex
  readonly #clock: Clock
  readonly #accept: Accept
  readonly #frames = new FrameReader()
  readonly #reader = new HeaderReader()
  readonly #writer = new EmptyHeaderWriter()
  readonly #streams = new Map<number, SpdyStream>()
  readonly #gone = new AbortController()
  #lastId = 0

  /** `accept` gets each stream the client opens. */
  constructor(duplex: Duplex, clock: Clock, accept: Accept) {
    this.#duplex = duplex
    this.#clock = clock
    this.#accept = accept
    // An error is followed by `close`, which is all that matters here.
    duplex.on('error', () => undefined)
    duplex.once('close', () => this.#ended())
  }

  /** Aborts when the connection is over. */
  get signal(): AbortSignal {
    return this.#gone.signal
  }

  /** Reads until the connection is over. What breaks the protocol ends it. */
  async serve(): Promise<void> {
    try {
      for await (const chunk of this.#duplex as AsyncIterable<Buffer>) {
        for (const frame of this.#frames.read(chunk)) await this.#handle(frame)
      }
    } catch {
      // Broken frames, or a peer that went away in the middle: over either way.
    }
    this.#duplex.destroy()
    this.#ended()
  }

  /** Says goodbye and closes once everything written is out. */
  close(): void {
    if (this.#duplex.writableEnded || this.#duplex.destroyed) return
    this.#duplex.end(controlFrame(FrameType.goAway, words(this.#lastId, 0)))
    // Clients close their end as soon as they have read all; one that does not is not waited for.
    const cancel = this.#clock.schedule(LINGER_MS, () => this.#duplex.destroy())
    this.#duplex.once('close', cancel)
    this.#ended()
  }

  #ended(): void {
    for (const stream of this.#streams.values()) stream.close()
    this.#streams.clear()
    this.#reader.close()
    if (!this.#gone.signal.aborted) this.#gone.abort(new Error('the connection is over'))
  }

  async #handle(frame: Frame): Promise<void> {
    if (frame.kind === 'data') return this.#data(frame)
    switch (frame.type) {
      case FrameType.synStream:
        return this.#open(frame.body, (frame.flags & FLAG_FIN) !== 0)
      case FrameType.headers:
        // Read for the sake of the compression, which goes on.
        await this.#reader.read(frame.body.subarray(4))
        return
      case FrameType.reset:
        this.#forget(idOf(frame.body))
        return
      case FrameType.ping:
        return this.#send(controlFrame(FrameType.ping, frame.body.subarray(0, 4)))
      case FrameType.goAway:
        this.#duplex.end()
        return
      default:
        // Settings, window updates and what nobody knows are ignored, as moby/spdystream does.
        return
    }
  }

  async #data(frame: Frame & { kind: 'data' }): Promise<void> {
    const stream = this.#streams.get(frame.stream)
    // Late bytes of a stream that was reset are dropped.
    if (stream === undefined) return
    await stream.input.push(frame.data)
    if (frame.isLast) stream.input.end()
  }

  async #open(body: Buffer, isLast: boolean): Promise<void> {
    const id = idOf(body)
    const headers = await this.#reader.read(body.subarray(SYN_STREAM_BYTES))
    const stream = new SpdyStream(id, headers, (bytes) => this.#send(bytes))
    // Clients count up in odd numbers.
    if (id % 2 === 0 || id <= this.#lastId) return stream.reset(ResetStatus.protocolError)
    this.#lastId = id
    if (this.#streams.size >= MAX_STREAMS) return stream.reset(ResetStatus.refused)
    if (isLast) stream.input.end()
    const opened = this.#accept(stream)
    if (opened === undefined) return stream.reset()
    this.#streams.set(id, stream)
    await this.#send(controlFrame(FrameType.synReply, Buffer.concat([words(id), this.#writer.next()])))
    opened()
  }

  /** Takes a stream away that both ends are done with, or that the client reset. */
  forget(stream: SpdyStream): void {
    this.#forget(stream.id)
  }

  #forget(id: number): void {
    this.#streams.get(id)?.close()
    this.#streams.delete(id)
  }

  async #send(bytes: Buffer): Promise<void> {
    if (this.#duplex.destroyed || this.#duplex.writableEnded) return
    if (this.#duplex.write(bytes)) return
    await roomToWrite(this.#duplex)
  }
}
