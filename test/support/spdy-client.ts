// A client's end of SPDY/3.1, for tests: packs headers with the dictionary, as clients of Go do, and collects frames.
import { once } from 'node:events'
import { duplexPair, type Duplex } from 'node:stream'
import { constants, createDeflate } from 'node:zlib'
import { headerDictionary } from '../../src/local-cluster/streaming/spdy-dictionary.ts'
import {
  controlFrame,
  dataFrame,
  FrameReader,
  FrameType,
  idOf,
  words,
  type Frame,
} from '../../src/local-cluster/streaming/spdy-frames.ts'

/** What the server has sent on one stream. */
export interface ReceivedStream {
  text: string
  replied: boolean
  ended: boolean
  resetWith: number | undefined
}

/** Both ends in one process. */
export class SpdyClient {
  readonly server: Duplex
  readonly #wire: Duplex
  readonly #deflate = createDeflate({ dictionary: headerDictionary(), flush: constants.Z_SYNC_FLUSH })
  readonly #streams = new Map<number, ReceivedStream>()
  readonly pings: number[] = []
  isOver = false
  #wake: () => void = () => undefined
  #nextId = 1

  constructor() {
    const [server, wire] = duplexPair()
    this.server = server
    this.#wire = wire
    const frames = new FrameReader()
    wire.on('data', (chunk: Buffer) => {
      for (const frame of frames.read(chunk)) this.#received(frame)
      this.#wake()
    })
    wire.on('close', () => this.#end())
    wire.on('end', () => {
      wire.end()
      this.#end()
    })
  }

  /** Opens a stream; its id. */
  async open(headers: Readonly<Record<string, string>>, id: number = this.#nextId): Promise<number> {
    this.#nextId = id + 2
    const block = await this.#pack(headers)
    this.#wire.write(controlFrame(FrameType.synStream, Buffer.concat([words(id, 0), Buffer.of(0, 0), block])))
    return id
  }

  send(id: number, text: string, isLast = false): void {
    this.#wire.write(dataFrame(id, Buffer.from(text), isLast))
  }

  /** Any bytes at all. */
  raw(bytes: Uint8Array): void {
    this.#wire.write(bytes)
  }

  close(): void {
    this.#wire.destroy()
  }

  stream(id: number): ReceivedStream {
    const known = this.#streams.get(id) ?? { text: '', replied: false, ended: false, resetWith: undefined }
    this.#streams.set(id, known)
    return known
  }

  /** Resolves once the condition holds; it is looked at whenever something arrives. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#wake = resolve
      await promise
    }
  }

  async #pack(headers: Readonly<Record<string, string>>): Promise<Buffer> {
    const texts = Object.entries(headers).flat()
    const parts = texts.flatMap((text) => [words(Buffer.byteLength(text)), Buffer.from(text)])
    this.#deflate.write(Buffer.concat([words(texts.length / 2), ...parts]))
    const [packed] = (await once(this.#deflate, 'data')) as [Buffer]
    return packed
  }

  #received(frame: Frame): void {
    if (frame.kind === 'data') {
      const stream = this.stream(frame.stream)
      stream.text += frame.data.toString()
      stream.ended ||= frame.isLast
    } else if (frame.type === FrameType.synReply) this.stream(idOf(frame.body)).replied = true
    else if (frame.type === FrameType.reset) this.stream(idOf(frame.body)).resetWith = frame.body.readUInt32BE(4)
    else if (frame.type === FrameType.ping) this.pings.push(idOf(frame.body))
  }

  #end(): void {
    this.isOver = true
    this.#wake()
  }
}
