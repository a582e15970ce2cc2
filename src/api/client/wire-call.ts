// Calls over gRPC-web: for requests that REST would spread over the address, and for those of several messages.
import { CapstanError } from '../../base/errors.ts'
import type { Route } from '../routes.ts'
import { decodeNamed } from '../wire/decode.ts'
import { encodeNamed } from '../wire/encode.ts'
import { codeOf } from './error-codes.ts'

/** Sends a body to a path below the server's root and gives the answer; its failures are the caller's. */
export type Post = (path: string, headers: Readonly<Record<string, string>>, body: Uint8Array<ArrayBuffer>) => Promise<Response> // prettier-ignore

/** A frame begins with a byte of flags and the length of what follows. */
const FRAME_HEAD = 5
const TRAILERS = 0x80

/** Calls with one message, or several where the call takes a stream; throws the server's failure. */
export async function callByWire<T>(route: Route, messages: readonly object[], post: Post): Promise<T> {
  const packageName = route.service.split('.')[0] ?? ''
  const frames = messages.map((message) => frameOf(encodeNamed(packageName, route.input, message)))
  const headers = { 'content-type': 'application/grpc-web+proto', 'x-grpc-web': '1' }
  const response = await post(`/${route.service}/${route.method}`, headers, new Uint8Array(Buffer.concat(frames)))
  if (!response.ok) throw new CapstanError('unavailable', `the server answered ${response.status} to gRPC-web`)
  requireSuccess((name) => response.headers.get(name) ?? undefined)
  const body = Buffer.from(await response.arrayBuffer())
  let answer: unknown
  for (const { isTrailer, content } of framesOf(body)) {
    if (isTrailer) requireSuccess(trailersOf(content))
    else answer ??= decodeNamed(packageName, route.output, content)
  }
  // What a call answers is what its table row says.
  return (answer ?? {}) as T
}

function frameOf(content: Uint8Array): Buffer {
  const head = Buffer.alloc(FRAME_HEAD)
  head.writeUInt32BE(content.length, 1)
  return Buffer.concat([head, content])
}

function* framesOf(body: Buffer): Generator<{ readonly isTrailer: boolean; readonly content: Buffer }> {
  for (let at = 0; at + FRAME_HEAD <= body.length;) {
    const end = at + FRAME_HEAD + body.readUInt32BE(at + 1)
    if (end > body.length) throw new CapstanError('unavailable', "the server's answer was cut off")
    yield { isTrailer: ((body[at] ?? 0) & TRAILERS) !== 0, content: body.subarray(at + FRAME_HEAD, end) }
    at = end
  }
}

type Trailer = (name: string) => string | undefined

function trailersOf(content: Buffer): Trailer {
  const lines = content.toString('latin1').split('\r\n')
  const pairs = lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()] as const) // prettier-ignore
  return (name) => pairs.find(([found]) => found === name)?.[1]
}

function requireSuccess(trailer: Trailer): void {
  const status = Number(trailer('grpc-status') ?? 0)
  if (status === 0) return
  throw new CapstanError(codeOf(status), decodeURIComponent(trailer('grpc-message') ?? `gRPC status ${status}`))
}
