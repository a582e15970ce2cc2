// One gRPC call over a unix socket: messages sent, one message or a status received.
import { connect as connectHttp2, constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2'
import { connect as connectSocket } from 'node:net'
import { CapstanError, messageOf } from '../../base/errors.ts'
import { GRPC_CODE_NAMES } from '../../base/grpc-codes.ts'
import type { ErrorCode } from '../../base/errors.ts'
import { roomToWrite } from '../../base/room-to-write.ts'

/** ARGOCD_GRPC_MAX_SIZE_MB of upstream. */
export const MAX_MESSAGE_BYTES: number = 100 * 1024 * 1024
const FRAME_HEAD = 5

export interface GrpcCall {
  readonly socket: string
  /** `/plugin.ConfigManagementPluginService/GenerateManifest` */
  readonly method: string
  readonly messages: Iterable<Uint8Array>
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
  readonly maxMessageBytes?: number
}

/** The answer. Throws `rpc error: code = … desc = …`, as Go's clients word it. */
export async function callGrpc(call: GrpcCall): Promise<Uint8Array> {
  const timeout = AbortSignal.timeout(call.timeoutMs)
  const signal = call.signal === undefined ? timeout : AbortSignal.any([call.signal, timeout])
  const session = connectHttp2('http://localhost', { createConnection: () => connectSocket(call.socket) })
  const end = (): void => session.destroy()
  signal.addEventListener('abort', end, { once: true })
  try {
    return await exchange(session, call)
  } catch (error) {
    call.signal?.throwIfAborted()
    if (timeout.aborted) {
      throw rpcError('timeout', 'DeadlineExceeded', `context deadline exceeded after ${call.timeoutMs / 1000}s`)
    }
    if (error instanceof CapstanError) throw error
    throw rpcError('unavailable', 'Unavailable', messageOf(error))
  } finally {
    signal.removeEventListener('abort', end)
    session.destroy()
  }
}

async function exchange(session: ClientHttp2Session, call: GrpcCall): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
  session.on('error', reject)
  session.on('close', () => reject(new Error('the connection was closed')))
  const stream = session.request({
    [constants.HTTP2_HEADER_METHOD]: 'POST',
    [constants.HTTP2_HEADER_PATH]: call.method,
    [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc+proto',
    [constants.HTTP2_HEADER_TE]: 'trailers',
    'grpc-timeout': `${call.timeoutMs}m`,
    'user-agent': 'capstan',
  })
  const answer = new Answer(call.maxMessageBytes ?? MAX_MESSAGE_BYTES)
  stream.on('response', (headers) => answer.takeHeaders(headers))
  stream.on('trailers', (headers) => answer.takeHeaders(headers))
  stream.on('data', (chunk: Buffer) => {
    if (!answer.take(chunk)) stream.destroy(rpcError('limit', 'ResourceExhausted', 'the answer is too large'))
  })
  stream.on('error', reject)
  stream.on('close', () => {
    try {
      resolve(answer.message())
    } catch (error) {
      reject(error instanceof Error ? error : new Error(String(error)))
    }
  })
  await Promise.race([send(stream, call.messages), promise])
  return promise
}

/** Sends as fast as the other side reads. Ends early where the call has been answered already. */
async function send(stream: ClientHttp2Stream, messages: Iterable<Uint8Array>): Promise<void> {
  for (const message of messages) {
    if (stream.destroyed || stream.closed) return
    const head = Buffer.alloc(FRAME_HEAD)
    head.writeUInt32BE(message.length, 1)
    const isRoomLeft = stream.write(Buffer.concat([head, message]))
    if (isRoomLeft) continue
    await roomToWrite(stream)
  }
  stream.end()
}

type Headers = Readonly<Record<string, unknown>>

class Answer {
  readonly #maxBytes: number
  readonly #chunks: Buffer[] = []
  #bytes = 0
  #status: string | undefined
  #text = ''
  #http = ''

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  takeHeaders(headers: Headers): void {
    const status = headers['grpc-status']
    const http = headers[':status']
    if (typeof http === 'number') this.#http = String(http)
    if (typeof status !== 'string') return
    this.#status = status
    this.#text = percentDecoded(typeof headers['grpc-message'] === 'string' ? headers['grpc-message'] : '')
  }

  take(chunk: Buffer): boolean {
    this.#bytes += chunk.length
    this.#chunks.push(chunk)
    return this.#bytes <= this.#maxBytes + FRAME_HEAD
  }

  message(): Uint8Array {
    if (this.#status === undefined) {
      throw rpcError('unavailable', 'Unavailable', `the server gave no status (HTTP ${this.#http || 'none'})`)
    }
    if (this.#status !== '0') throw statusError(this.#status, this.#text)
    const all = Buffer.concat(this.#chunks)
    if (all.length < FRAME_HEAD) throw rpcError('internal', 'Internal', 'the server gave no message')
    if (all[0] !== 0) throw rpcError('unsupported', 'Unimplemented', 'the answer is compressed')
    const length = all.readUInt32BE(1)
    if (all.length !== FRAME_HEAD + length) throw rpcError('internal', 'Internal', 'the answer is cut')
    return all.subarray(FRAME_HEAD)
  }
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // as it came: it is only shown
  }
}

function statusError(status: string, text: string): CapstanError {
  const name = GRPC_CODE_NAMES[Number(status)] ?? `Code(${status})`
  const code = name === 'DeadlineExceeded' ? 'timeout' : name === 'Unavailable' ? 'unavailable' : 'bad-input'
  return rpcError(code, name, text)
}

/** Longest text of a server that is shown. */
const MAX_SHOWN = 4096

function rpcError(code: ErrorCode, name: string, text: string): CapstanError {
  return new CapstanError(code, `rpc error: code = ${name} desc = ${text.slice(0, MAX_SHOWN)}`)
}
