// Writes protobuf messages: as much of the format as documents of schemas need.
import { Buffer } from 'node:buffer'

/** Length-delimited, the wire type of text and of messages. */
const DELIMITED = 2

/** A message as the list of its encoded fields; joined once, at the end. */
export class ProtobufWriter {
  readonly #parts: Uint8Array[] = []
  #length = 0

  text(field: number, value: string): void {
    this.bytes(field, Buffer.from(value))
  }

  boolean(field: number, value: boolean): void {
    this.#push(varint(field << 3))
    this.#push(varint(value ? 1 : 0))
  }

  /** A message inside this one, written by `write`. */
  message(field: number, write: (inner: ProtobufWriter) => void): void {
    const inner = new ProtobufWriter()
    write(inner)
    this.#push(varint((field << 3) | DELIMITED))
    this.#push(varint(inner.#length))
    for (const part of inner.#parts) this.#push(part)
  }

  bytes(field: number, value: Uint8Array): void {
    this.#push(varint((field << 3) | DELIMITED))
    this.#push(varint(value.length))
    this.#push(value)
  }

  finish(): Uint8Array {
    return Buffer.concat(this.#parts, this.#length)
  }

  #push(part: Uint8Array): void {
    this.#parts.push(part)
    this.#length += part.length
  }
}

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  while (rest > 127) {
    bytes.push((rest & 127) | 128)
    rest >>>= 7
  }
  bytes.push(rest)
  return Uint8Array.from(bytes)
}
