// The TLS port of the API server: HTTP in, requests out, answers and streams back.
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { systemClock, type Clock } from '../base/clock.ts'
import { listenFault } from '../base/listen-fault.ts'
import type { Log } from '../base/log.ts'
import type { ApiResponse } from '../kube/client/transport.ts'
import { authenticate } from './apiserver/authentication.ts'
import { ListAnswer } from './apiserver/list-body.ts'
import type { ApiServer } from './apiserver/server.ts'
import { ApiError } from './apiserver/status.ts'
import type { TokenIssuer } from './apiserver/hooks.ts'
import {
  hasBody,
  hasLeft,
  HttpRequest,
  NO_RENEGOTIATION,
  PeerCertificates,
  plainHeaders,
  readBody,
} from './start-http-request.ts'
import { GZIP_HEADERS, GZIP_THRESHOLD_BYTES, gzipped, namesGzip } from './start-http-gzip.ts'
import { ListGzip } from './start-http-list-gzip.ts'
import type { KeyAndCertificate } from './start-tls.ts'
import { isUpgradedPath, serveUpgrades } from './start-upgrade.ts'

export interface HttpOptions {
  readonly server: ApiServer
  readonly tokens: TokenIssuer
  readonly authority: string
  readonly certificate: KeyAndCertificate
  /** 0 takes any free port. */
  readonly port: number
  readonly address: string
  readonly log: Log
  /** Of idle connections. Default: the machine's. */
  readonly clock?: Clock
  /** Within which a request has to arrive whole. Default 60 s. */
  readonly requestTimeoutMs?: number
}

export interface HttpFront {
  readonly port: number
  close(): Promise<void>
}

interface FrontOptions extends HttpOptions {
  readonly certificates: PeerCertificates
  readonly lists: ListGzip
}

/** Go's `DefaultMaxHeaderBytes`: selectors in a query may be long. */
const MAX_HEADER_BYTES = 1024 * 1024
/** A client that connects and says nothing is cut off (kube-apiserver's `ReadHeaderTimeout` is 32 s). */
const HEADERS_TIMEOUT_MS = 30_000
/** A request that has not arrived whole by then is answered with 408; kube-apiserver's `--request-timeout`. Watches arrive at once. */
const REQUEST_TIMEOUT_MS = 60_000
/** How often Node looks for connections that are too slow. */
const CHECK_INTERVAL_MS = 5_000
const KEEP_ALIVE_MS = 120_000
/** Half of what Node buffers for a connection before it waits. */
const MAX_PIECE_BYTES = 32 * 1024
/** No shorter text takes more bytes. */
const MAX_PIECE_LENGTH = MAX_PIECE_BYTES / 3
/** A client that takes nothing of an answer for so long is cut off. */
const UNREAD_TIMEOUT_MS = 60_000

/** Listens; resolves once clients can connect. Throws as `listenFault` says where the address cannot be used. */
export async function startHttp(options: HttpOptions): Promise<HttpFront> {
  const front = { ...options, certificates: new PeerCertificates(), lists: new ListGzip() }
  const { requestTimeoutMs = REQUEST_TIMEOUT_MS } = options
  const server = createServer(
    {
      cert: options.certificate.certificate,
      key: options.certificate.key,
      ca: options.authority,
      requestCert: true,
      // A client without a certificate may have a token.
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: Math.min(HEADERS_TIMEOUT_MS, requestTimeoutMs),
      keepAliveTimeout: KEEP_ALIVE_MS,
      secureOptions: NO_RENEGOTIATION,
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.min(CHECK_INTERVAL_MS, requestTimeoutMs),
      shouldUpgradeCallback: isUpgradedPath,
    },
    (request, response) => void serve(front, request, response),
  )
  const upgraded = serveUpgrades(server, { clock: systemClock, ...front })
  const connections = new Connections(server)
  server.listen(options.port, options.address)
  await listening(server, options)
  // Such as no file descriptors left to accept with: the connections there are go on.
  server.on('error', (error) => options.log.error('the API server port failed', { error }))
  // With a TCP port listening, the address is an object.
  const { port } = server.address() as AddressInfo
  return {
    port,
    close: () => {
      upgraded.close()
      return connections.close()
    },
  }
}

/** Throws as `listenFault` says. */
async function listening(server: Server, { port, address }: HttpOptions): Promise<void> {
  try {
    await once(server, 'listening')
  } catch (error) {
    throw listenFault(error, { port, address, flag: '--port' })
  }
}

/**
 * All connections of the port. Node knows of a TLS connection only after its handshake: one that shakes hands while the
 * port closes would live on, and with it the port.
 */
class Connections {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #isClosing = false

  constructor(server: Server) {
    this.#server = server
    server.on('connection', (socket) => {
      if (this.#isClosing) {
        socket.destroy()
        return
      }
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
  }

  async close(): Promise<void> {
    this.#isClosing = true
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }
}

async function serve(options: FrontOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const answer = await answerOf(options, request, response)
    await send(response, answer, {
      isHead: request.method === 'HEAD',
      acceptEncoding: request.headers['accept-encoding'],
      clock: options.clock ?? systemClock,
      lists: options.lists,
    })
  } catch (error) {
    if (hasLeft(response)) return // nobody is left to tell
    options.log.error('connection failed', { path: request.url, error })
    response.destroy()
  }
}

async function answerOf(
  options: FrontOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<ApiResponse> {
  try {
    const headers = plainHeaders(request)
    const user = await authenticate({ headers, certificate: options.certificates.of(request) }, options.tokens)
    const body = hasBody(request) ? await readBody(request) : undefined
    return await options.server.handle(new HttpRequest(request, response, body), user)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const headers = { 'content-type': 'application/json', ...error.headers }
    return { status: error.code, headers, body: JSON.stringify(error.toStatus()) }
  }
}

interface Sending {
  readonly isHead: boolean
  /** As the client sent it. */
  readonly acceptEncoding: string | string[] | undefined
  readonly clock: Clock
  readonly lists: ListGzip
}

async function send(response: ServerResponse, answer: ApiResponse, sending: Sending): Promise<void> {
  const list = answer instanceof ListAnswer && isCompressedList(answer, sending) ? answer.list : undefined
  const { status, headers } = answer
  const whole = { ...headers, 'cache-control': headers['cache-control'] ?? 'no-cache, private' }
  if (list !== undefined) {
    const body = await sending.lists.compressed(list)
    await sendContent(response, { status, headers: { ...whole, ...GZIP_HEADERS }, body }, sending)
    return
  }
  const { body } = answer
  if (typeof body === 'string' || body instanceof Uint8Array) {
    await sendWhole(response, { status, headers: whole, body }, sending)
    return
  }
  response.writeHead(status, whole)
  response.flushHeaders()
  for await (const chunk of body) {
    if (!response.write(chunk)) await drained(response, sending.clock)
    if (response.destroyed) return
  }
  response.end()
}

/** As `gzipped` decides, without making the text for it. */
function isCompressedList({ list }: ListAnswer, { isHead, acceptEncoding }: Sending): boolean {
  return !isHead && list.length > GZIP_THRESHOLD_BYTES && namesGzip(acceptEncoding?.toString())
}

type WholeAnswer = ApiResponse & { readonly body: string | Uint8Array }

async function sendWhole(
  response: ServerResponse,
  { status, headers, body }: WholeAnswer,
  sending: Sending,
): Promise<void> {
  // A long text is encoded once, for its length and for what is sent.
  const plain = typeof body === 'string' && body.length > MAX_PIECE_LENGTH ? Buffer.from(body) : body
  const small = typeof plain === 'string' ? undefined : await gzipped(plain, sending.acceptEncoding?.toString())
  const encoding = small === undefined ? {} : GZIP_HEADERS
  await sendContent(response, { status, headers: { ...headers, ...encoding }, body: small ?? plain }, sending)
}

async function sendContent(
  response: ServerResponse,
  { status, headers, body }: WholeAnswer,
  { isHead, clock }: Sending,
): Promise<void> {
  const length = Buffer.byteLength(body)
  // With its length known, Node sends head and body in one piece.
  response.writeHead(status, { ...headers, 'content-length': length })
  if (isHead) response.end()
  else if (typeof body === 'string' || length <= MAX_PIECE_BYTES) response.end(body)
  else await sendLarge(response, body, clock)
}

/**
 * Sends the end of a large body only when the rest has left. Node's parser is paused by a request that comes before the answer to the last
 * one has drained, and fails (`HPE_PAUSED`) on the next TLS record of its body: the client would see its connection reset.
 */
async function sendLarge(response: ServerResponse, body: Uint8Array, clock: Clock): Promise<void> {
  // Together with the head, Node would copy all of it.
  response.flushHeaders()
  const rest = body.length - MAX_PIECE_BYTES
  if (!response.write(body.subarray(0, rest))) await drained(response, clock)
  response.end(body.subarray(rest))
}

/** Waits for a slow reader, and gives up on one that reads nothing for long: its stream may have ended meanwhile. */
async function drained(response: ServerResponse, clock: Clock): Promise<void> {
  if (response.destroyed) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const cancel = clock.schedule(UNREAD_TIMEOUT_MS, () => response.destroy())
  response.once('drain', resolve)
  response.once('close', resolve)
  await promise
  cancel()
  response.off('drain', resolve)
  response.off('close', resolve)
}
