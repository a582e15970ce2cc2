// Bytes between one who writes and one who reads, with a bound on what waits unread.
import type { ByteSource } from '../apiserver/hooks.ts'
import { MAX_UNREAD_BYTES } from './limits.ts'

/** One stream in one direction. */
export class ByteQueue implements ByteSource {
  #chunks: Uint8Array[] = []
  #size = 0
  #ended = false
  #reader: (() => void) | undefined
  #writer: (() => void) | undefined

  /** Adds bytes; resolves when there is room for more. What comes after the end is dropped. */
  async push(data: Uint8Array): Promise<void> {
    if (this.#ended || data.length === 0) return
    this.#chunks.push(data)
    this.#size += data.length
    this.#reader?.()
    if (this.#size <= MAX_UNREAD_BYTES) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#writer = resolve
    await promise
  }

  /** No more will come. */
  end(): void {
    this.#ended = true
    this.#reader?.()
    this.#writer?.()
  }

  /** Nobody reads any more: what waits is dropped. */
  discard(): void {
    this.#chunks = []
    this.#size = 0
    this.end()
  }

  /** All that waits; undefined at the end. One reader at a time. */
  async read(): Promise<Uint8Array | undefined> {
    if (this.#chunks.length === 0 && !this.#ended) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#reader = resolve
      await promise
      this.#reader = undefined
    }
    if (this.#chunks.length === 0) return undefined
    const data = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks)
    this.#chunks = []
    this.#size = 0
    this.#writer?.()
    this.#writer = undefined
    return data
  }
}
