// gRPC-web: the same calls over plain HTTP, trailers as the last frame of the body.
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { CapstanError } from '../../base/errors.ts'
import { originOf } from '../call-record.ts'
import { answerCall, type CallDesk, type Incoming, type Outgoing } from './answer-call.ts'
import { frameOf, trailerFrame } from './frames.ts'
import { statusHeaders } from './status.ts'

const CONTENT_TYPE = /^application\/grpc-web(?<text>-text)?(?:\+proto)?(?:\s*;.*)?$/

/** Answers a call whose path is given without the server's root path; never rejects. */
export async function answerWebCall(
  desk: CallDesk,
  { request, response, path }: { readonly request: IncomingMessage; readonly response: ServerResponse; path: string },
): Promise<void> {
  const gone = new AbortController()
  response.on('close', () => gone.abort(new CapstanError('unavailable', 'the client has gone')))
  response.on('error', () => undefined)
  const isText = CONTENT_TYPE.exec(request.headers['content-type'] ?? '')?.groups?.['text'] !== undefined
  const body = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
  const incoming: Incoming = {
    path,
    headers: request.headers,
    body: isText ? decodeText(body) : body,
    gone: gone.signal,
    origin: originOf('grpc-web', request),
  }
  await answerCall(desk, incoming, outgoingOf(response, { isText, gone: gone.signal, request }))
}

/** base64 whose pieces may end within a group of four, and may each be padded. */
async function* decodeText(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest = ''
  for await (const chunk of body) {
    const text = rest + chunk.toString('latin1')
    const whole = text.length - (text.length % 4)
    rest = text.slice(whole)
    for (const piece of text.slice(0, whole).match(/[^=]+=*/g) ?? []) yield Buffer.from(piece, 'base64')
  }
  if (rest !== '') throw new CapstanError('bad-input', 'the request ends within a group of base64')
}

interface WebAnswer {
  readonly isText: boolean
  readonly gone: AbortSignal
  readonly request: IncomingMessage
}

function outgoingOf(response: ServerResponse, { isText, gone, request }: WebAnswer): Outgoing {
  const type = isText ? 'application/grpc-web-text+proto' : 'application/grpc-web+proto'
  const headers: Record<string, string> = {
    'content-type': type,
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  }
  const coded = (part: Uint8Array): Uint8Array | string => (isText ? Buffer.from(part).toString('base64') : part)
  return {
    setHeader(name, value) {
      headers[name] = value
    },
    async send(message) {
      if (response.destroyed) return
      if (!response.headersSent) {
        response.writeHead(200, headers)
        response.flushHeaders()
      }
      const frame = await frameOf(message, false)
      // One piece of base64 ends where a message does.
      const parts = isText ? [Buffer.concat(frame)] : frame
      const hasRoom = parts.map((part) => response.write(coded(part))).every(Boolean)
      if (!hasRoom && !response.destroyed) await once(response, 'drain', { signal: gone })
    },
    finish(status) {
      if (response.destroyed) return
      const trailers = statusHeaders(status)
      // What is left of a body nobody reads is not waited for.
      const isCut = !request.complete && !response.headersSent && request.httpVersionMajor < 2
      if (isCut) headers['connection'] = 'close'
      // A failure without a message stands in the headers: the command reads it there alone, and success in the body.
      if (!response.headersSent && status.code !== 0) response.writeHead(200, { ...headers, ...trailers }).end()
      else {
        if (!response.headersSent) response.writeHead(200, headers)
        response.end(coded(trailerFrame(trailers)))
      }
    },
  }
}
