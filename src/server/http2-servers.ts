// The servers of HTTP/2 and TLS behind the one port; loaded when the first connection asks for one of them.
import { createSecureServer, createServer, type Http2SecureServer, type Http2Server } from 'node:http2'
import type { Http2ServerRequest, Http2ServerResponse, ServerHttp2Session } from 'node:http2'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { CallDesk } from './grpc/answer-call.ts'
import { answerHttp2Call, isGrpc } from './grpc/http2-call.ts'

export interface TlsIdentity {
  /** PEM, the server's own certificate first. */
  readonly certificate: string
  /** PEM. */
  readonly key: string
}

export interface HttpTimeouts {
  readonly requestTimeout: number
  readonly headersTimeout: number
}

export type AnswerHttp = (request: IncomingMessage, response: ServerResponse, isSecure: boolean) => void

/** Requests of HTTP/1.1 that leave it. */
export interface Upgrade {
  /** Others are served as if they had not asked. */
  readonly isWanted: (request: IncomingMessage) => boolean
  readonly take: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
}

export interface Http2Options extends HttpTimeouts {
  readonly upgrade: Upgrade
  readonly desk: CallDesk
  /** What is no gRPC call. */
  readonly answer: AnswerHttp
}

/** How much a client may send of a call, and of all calls of a connection, before it has to wait. */
const STREAM_WINDOW_BYTES = 1 << 20
const CONNECTION_WINDOW_BYTES = 8 << 20
/** Calls of one connection at once; Go's servers have no limit, and the page needs some dozens. */
const MAX_STREAMS = 1000
/** Megabytes that Node lets a connection hold before it refuses new calls; a large list passes through it. */
const MAX_SESSION_MEMORY_MB = 256
/** Tokens of SSO are some kilobytes; Node's own limit for HTTP/1.1 is 16 KiB, too. */
const MAX_HEADER_BYTES = 64 << 10

const SETTINGS = {
  maxSessionMemory: MAX_SESSION_MEMORY_MB,
  settings: {
    initialWindowSize: STREAM_WINDOW_BYTES,
    maxConcurrentStreams: MAX_STREAMS,
    maxHeaderListSize: MAX_HEADER_BYTES,
  },
} as const

/** Serves connections that begin with HTTP/2's preface; listens nowhere itself. */
export function createPlainHttp2({ desk, answer }: Http2Options): Http2Server {
  const server = createServer(SETTINGS, (request, response) => dispatch({ desk, answer }, request, response, false))
  server.on('session', prepareSession)
  return server
}

/**
 * Serves connections of TLS, HTTP/1.1 and HTTP/2 within; listens nowhere itself. Clients that know both get HTTP/2, whose
 * streams do not use up a browser's six connections. Throws where key and certificate do not fit.
 */
export function createTlsServer(options: Http2Options, { certificate, key }: TlsIdentity): Http2SecureServer {
  const { desk, answer, upgrade, requestTimeout, headersTimeout } = options
  const server = createSecureServer({ ...SETTINGS, cert: certificate, key, allowHTTP1: true }, (request, response) =>
    dispatch({ desk, answer }, request, response, true),
  )
  Object.assign(server, { requestTimeout, headersTimeout, shouldUpgradeCallback: upgrade.isWanted })
  server.on('upgrade', upgrade.take)
  server.on('session', prepareSession)
  // Node looks for connections that take too long from this event on.
  server.emit('listening')
  return server
}

function prepareSession(session: ServerHttp2Session): void {
  // A broken connection ends its calls, which hear of it themselves.
  session.on('error', () => undefined)
  session.setLocalWindowSize(CONNECTION_WINDOW_BYTES)
}

function dispatch(
  { desk, answer }: Pick<Http2Options, 'desk' | 'answer'>,
  request: Http2ServerRequest,
  response: Http2ServerResponse,
  isSecure: boolean,
): void {
  if (request.httpVersionMajor >= 2 && isGrpc(request)) void answerHttp2Call(desk, request, response)
  // Node's compatibility API: the same methods on both.
  else answer(request as unknown as IncomingMessage, response as unknown as ServerResponse, isSecure)
}
