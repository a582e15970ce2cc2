// gRPC over HTTP/2: one stream of a connection is one call.
import { once } from 'node:events'
import { constants, type Http2ServerRequest, type Http2ServerResponse, type ServerHttp2Stream } from 'node:http2'
import { CapstanError } from '../../base/errors.ts'
import { originOf } from '../call-record.ts'
import { answerCall, type CallDesk, type Incoming, type Outgoing } from './answer-call.ts'
import { frameOf } from './frames.ts'
import { statusHeaders } from './status.ts'

/** How long a client may go on sending a request that has been answered. */
const LINGER_MS = 5_000

/** Says whether a request is a gRPC call. */
export function isGrpc({ headers }: Http2ServerRequest): boolean {
  return /^application\/grpc(?:$|[+;])/.test(headers['content-type'] ?? '')
}

/** Answers a call; never rejects. */
export async function answerHttp2Call(
  desk: CallDesk,
  request: Http2ServerRequest,
  response: Http2ServerResponse,
): Promise<void> {
  const gone = new AbortController()
  response.on('close', () => gone.abort(new CapstanError('unavailable', 'the client has gone')))
  // A client that resets its call is no fault of ours; what waits for the stream hears of it by `gone`.
  response.on('error', () => undefined)
  request.on('error', () => undefined)
  const incoming: Incoming = {
    path: request.url,
    headers: request.headers,
    // Ending the loop must not end the call: the answer is still to be written on it.
    body: request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>,
    gone: gone.signal,
    origin: originOf('grpc', request),
  }
  await answerCall(desk, incoming, outgoingOf(request, response, gone.signal))
}

/** What is left of a request is read and dropped; a client that goes on sending after its answer is cut off. */
function letGo(request: Http2ServerRequest, stream: ServerHttp2Stream): void {
  request.resume()
  const timer = setTimeout(() => stream.close(constants.NGHTTP2_NO_ERROR), LINGER_MS).unref()
  stream.once('close', () => clearTimeout(timer))
}

function outgoingOf(request: Http2ServerRequest, response: Http2ServerResponse, gone: AbortSignal): Outgoing {
  response.setHeader('content-type', 'application/grpc')
  // As Go's server: an answer is compressed where its request was.
  const isCompressed = request.headers['grpc-encoding'] === 'gzip'
  if (isCompressed) response.setHeader('grpc-encoding', 'gzip')
  const { stream } = response
  return {
    setHeader(name, value) {
      response.setHeader(name, value)
    },
    async send(message) {
      const frame = await frameOf(message, isCompressed)
      if (stream.destroyed || stream.closed) return
      stream.cork()
      const hasRoom = frame.map((part) => response.write(part)).every(Boolean)
      stream.uncork()
      if (!hasRoom) await once(response, 'drain', { signal: gone })
    },
    finish(status) {
      if (stream.destroyed || stream.closed) return
      for (const [name, value] of Object.entries(statusHeaders(status))) {
        // Without a message the status stands in the headers, which are then the whole answer.
        if (response.headersSent) response.addTrailers({ [name]: value })
        else response.setHeader(name, value)
      }
      response.end()
      letGo(request, stream)
    },
  }
}
