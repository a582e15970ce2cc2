// Header blocks of SPDY/3.1: names and values with their lengths, packed by one zlib stream a direction.
import { createInflate, constants, type Inflate } from 'node:zlib'
import { MAX_STREAM_HEADER_BYTES } from './limits.ts'
import { headerDictionary } from './spdy-dictionary.ts'

export type StreamHeaders = ReadonlyMap<string, string>

/** Unpacks the blocks of one connection, which must be given in order. */
export class HeaderReader {
  readonly #inflate: Inflate = createInflate({
    dictionary: headerDictionary(),
    flush: constants.Z_SYNC_FLUSH,
    finishFlush: constants.Z_SYNC_FLUSH,
  })
  #chunks: Buffer[] = []
  #size = 0
  #failure: Error | undefined
  #settle: () => void = () => undefined

  constructor() {
    this.#inflate.on('data', (chunk: Buffer) => this.#unpacked(chunk))
    this.#inflate.on('error', (error) => this.#fail(error))
  }

  /** Names in lower case. Throws where the block is damaged or too large. */
  async read(block: Uint8Array): Promise<StreamHeaders> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#settle = resolve
    this.#inflate.write(block, () => resolve())
    await promise
    if (this.#failure !== undefined) throw this.#failure
    const data = Buffer.concat(this.#chunks)
    this.#chunks = []
    this.#size = 0
    return parseHeaders(data)
  }

  close(): void {
    this.#failure ??= new Error('the connection is over')
    this.#inflate.destroy()
    this.#settle()
  }

  #unpacked(chunk: Buffer): void {
    this.#size += chunk.length
    if (this.#size <= MAX_STREAM_HEADER_BYTES) this.#chunks.push(chunk)
    else this.#inflate.destroy(new Error('SPDY headers are too large'))
  }

  #fail(error: Error): void {
    this.#failure ??= error
    this.#settle()
  }
}

function parseHeaders(data: Buffer): StreamHeaders {
  const headers = new Map<string, string>()
  let at = 4
  const text = (): string => {
    const end = at + 4 + data.readUInt32BE(at)
    if (end > data.length) throw new RangeError('a SPDY header is cut off')
    const value = data.toString('utf8', at + 4, end)
    at = end
    return value
  }
  // A count that is too high runs into the end of the data, which throws.
  for (let left = data.readUInt32BE(0); left > 0; left--) headers.set(text().toLowerCase(), text())
  return headers
}

/** Makes the blocks of one connection: answers have no headers, and what is not worth packing is stored as it is. */
export class EmptyHeaderWriter {
  #isFirst = true

  /**
   * A block without a header: a stored block of deflate holding the count 0, and an empty one, at which Go's reader hands
   * out what it has; the first opens the zlib stream.
   */
  next(): Buffer {
    const stored = Buffer.of(0x00, 0x04, 0x00, 0xfb, 0xff, 0, 0, 0, 0, 0x00, 0x00, 0x00, 0xff, 0xff)
    const block = this.#isFirst ? Buffer.concat([Buffer.of(0x78, 0x01), stored]) : stored
    this.#isFirst = false
    return block
  }
}
