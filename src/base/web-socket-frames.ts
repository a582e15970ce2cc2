// Frames of web sockets (RFC 6455, 5): read with every rule checked, and written.
import { isUtf8 } from 'node:buffer'
import { randomBytes } from 'node:crypto'

/** A message, or a frame that steers the connection. */
export interface WebSocketMessage {
  readonly kind: 'text' | 'binary' | 'close' | 'ping' | 'pong'
  readonly data: Buffer
}

/** What a peer has done wrong; `closeCode` is what it is told (RFC 6455, 7.4.1). */
export class WebSocketFault extends Error {
  readonly closeCode: number

  constructor(closeCode: number, message: string) {
    super(message)
    this.name = 'WebSocketFault'
    this.closeCode = closeCode
  }
}

export interface FrameRules {
  /** Frames of clients are masked, those of servers are not. */
  readonly isMasked: boolean
  /** Of a whole message. */
  readonly maxBytes: number
}

const OPCODES = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const
const CONTROL: ReadonlyMap<number, WebSocketMessage['kind']> = new Map([
  [OPCODES.close, 'close'],
  [OPCODES.ping, 'ping'],
  [OPCODES.pong, 'pong'],
])
const MAX_CONTROL_BYTES = 125
const MASK_BYTES = 4
/** More pieces than these are no message: each takes memory beside its bytes. */
export const MAX_FRAGMENTS = 4096
const FINAL = 0x80
const MASKED = 0x80

const PROTOCOL_ERROR = 1002
const NOT_UTF8 = 1007
const POLICY = 1008
const TOO_LARGE = 1009

interface Head {
  readonly isFinal: boolean
  readonly opcode: number
  /** Where the payload begins, its mask before it. */
  readonly start: number
  readonly length: number
}

/** Puts the bytes of a connection together to messages. */
export class FrameReader {
  readonly #rules: FrameRules
  /** What has come and is not used yet, and room for more after it. */
  #held: Buffer = Buffer.alloc(0)
  #length = 0
  #message: { readonly kind: 'text' | 'binary'; readonly parts: Buffer[]; bytes: number; count: number } | undefined

  constructor(rules: FrameRules) {
    this.#rules = rules
  }

  /** The messages that end with these bytes. Throws `WebSocketFault`. */
  *push(chunk: Buffer): Generator<WebSocketMessage> {
    this.#hold(chunk)
    for (;;) {
      const head = this.#head()
      if (head === undefined || this.#length < head.start + head.length) return
      const payload = this.#take(head)
      const message = this.#add(head, payload)
      if (message !== undefined) yield message
    }
  }

  /** The room doubles where it ends, so that a frame in many pieces is not copied with each of them. */
  #hold(chunk: Buffer): void {
    const length = this.#length + chunk.length
    if (this.#length === 0) this.#held = chunk
    else {
      if (length > this.#held.length) {
        const larger = Buffer.allocUnsafe(Math.max(length, 2 * this.#held.length))
        this.#held.copy(larger, 0, 0, this.#length)
        this.#held = larger
      }
      chunk.copy(this.#held, this.#length)
    }
    this.#length = length
  }

  #head(): Head | undefined {
    const held = this.#held.subarray(0, this.#length)
    if (held.length < 2) return undefined
    const [first = 0, second = 0] = held
    if ((first & 0x70) !== 0) throw new WebSocketFault(PROTOCOL_ERROR, 'reserved bits are set')
    if (((second & MASKED) !== 0) !== this.#rules.isMasked) {
      throw new WebSocketFault(PROTOCOL_ERROR, this.#rules.isMasked ? 'the frame is not masked' : 'the frame is masked')
    }
    const short = second & 0x7f
    const start = 2 + lengthBytesOf(short) + (this.#rules.isMasked ? MASK_BYTES : 0)
    if (held.length < start) return undefined
    const head = { isFinal: (first & FINAL) !== 0, opcode: first & 0x0f, start, length: lengthOf(held, short) }
    this.#check(head)
    return head
  }

  #check({ isFinal, opcode, length }: Head): void {
    if (CONTROL.has(opcode)) {
      if (!isFinal || length > MAX_CONTROL_BYTES)
        throw new WebSocketFault(PROTOCOL_ERROR, 'a control frame is too long')
      return
    }
    const isBegun = this.#message !== undefined
    const isKnown = opcode === OPCODES.text || opcode === OPCODES.binary
    if (isBegun ? opcode !== OPCODES.continuation : !isKnown) {
      throw new WebSocketFault(PROTOCOL_ERROR, `a frame of kind ${opcode} is not expected here`)
    }
    if ((this.#message?.bytes ?? 0) + length > this.#rules.maxBytes) {
      throw new WebSocketFault(TOO_LARGE, `a message has more than ${this.#rules.maxBytes} bytes`)
    }
  }

  #take({ start, length }: Head): Buffer {
    const end = start + length
    const payload = Buffer.from(this.#held.subarray(start, end))
    if (this.#rules.isMasked) applyMask(payload, this.#held.subarray(start - MASK_BYTES, start))
    this.#held = this.#held.subarray(end)
    this.#length -= end
    return payload
  }

  #add({ isFinal, opcode }: Head, payload: Buffer): WebSocketMessage | undefined {
    const control = CONTROL.get(opcode)
    if (control !== undefined) return { kind: control, data: payload }
    this.#message ??= { kind: opcode === OPCODES.text ? 'text' : 'binary', parts: [], bytes: 0, count: 0 }
    const message = this.#message
    if (++message.count > MAX_FRAGMENTS) {
      throw new WebSocketFault(POLICY, `a message has more than ${MAX_FRAGMENTS} pieces`)
    }
    if (payload.length > 0) message.parts.push(payload)
    message.bytes += payload.length
    if (!isFinal) return undefined
    this.#message = undefined
    const [first, ...others] = message.parts
    const data = first !== undefined && others.length === 0 ? first : Buffer.concat(message.parts)
    if (message.kind === 'text' && !isUtf8(data)) throw new WebSocketFault(NOT_UTF8, 'a text is not UTF-8')
    return { kind: message.kind, data }
  }
}

/** What stands in the second byte: the length itself, or which longer field holds it. */
function shortLength(length: number): number {
  if (length < 126) return length
  return length < 2 ** 16 ? 126 : 127
}

function lengthBytesOf(short: number): number {
  if (short < 126) return 0
  return short === 126 ? 2 : 8
}

function lengthOf(held: Buffer, short: number): number {
  if (short === 126) return held.readUInt16BE(2)
  if (short < 126) return short
  const length = held.readBigUInt64BE(2)
  return length > BigInt(Number.MAX_SAFE_INTEGER) ? Number.POSITIVE_INFINITY : Number(length)
}

/** One whole frame; a client's is masked with four random bytes. */
export function encodeFrame(kind: WebSocketMessage['kind'], data: Uint8Array, isMasked: boolean): Buffer {
  const { length } = data
  const short = shortLength(length)
  const start = 2 + lengthBytesOf(short) + (isMasked ? MASK_BYTES : 0)
  const frame = Buffer.allocUnsafe(start + length)
  frame[0] = FINAL | OPCODES[kind]
  frame[1] = short | (isMasked ? MASKED : 0)
  if (short === 126) frame.writeUInt16BE(length, 2)
  if (short === 127) frame.writeBigUInt64BE(BigInt(length), 2)
  frame.set(data, start)
  if (isMasked) {
    const mask = randomBytes(MASK_BYTES)
    mask.copy(frame, start - MASK_BYTES)
    applyMask(frame.subarray(start), mask)
  }
  return frame
}

function applyMask(payload: Buffer, mask: Buffer): void {
  for (let index = 0; index < payload.length; index++) {
    payload[index] = (payload[index] ?? 0) ^ (mask[index % MASK_BYTES] ?? 0)
  }
}
