// The TLS port of the API server: HTTP in, requests out, answers and streams back.
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Log } from '../base/log.ts'
import type { ApiRequest, ApiResponse } from '../kube/client/transport.ts'
import { MAX_BODY_BYTES } from './apiserver/limits.ts'
import { authenticate, type Credentials } from './apiserver/authentication.ts'
import type { ApiServer } from './apiserver/server.ts'
import { ApiError } from './apiserver/status.ts'
import type { TokenIssuer } from './apiserver/hooks.ts'
import type { KeyAndCertificate } from './start-tls.ts'

export interface HttpOptions {
  readonly server: ApiServer
  readonly tokens: TokenIssuer
  readonly authority: string
  readonly certificate: KeyAndCertificate
  /** 0 takes any free port. */
  readonly port: number
  readonly address: string
  readonly log: Log
}

export interface HttpFront {
  readonly port: number
  close(): Promise<void>
}

/** Go's default is 1 MB; no client of Kubernetes comes near this. */
const MAX_HEADER_BYTES = 64 * 1024
/** A client that connects and says nothing is cut off. */
const HEADERS_TIMEOUT_MS = 30_000
const KEEP_ALIVE_MS = 120_000

/** Listens; resolves once clients can connect. Rejects where the address cannot be used. */
export async function startHttp(options: HttpOptions): Promise<HttpFront> {
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
      headersTimeout: HEADERS_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      requestTimeout: 0,
    },
    (request, response) => void serve(options, request, response),
  )
  server.listen(options.port, options.address)
  await once(server, 'listening')
  // With a TCP port listening, the address is an object.
  const { port } = server.address() as AddressInfo
  return { port, close: () => closeServer(server) }
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

async function serve(options: HttpOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const closing = new AbortController()
  response.on('close', () => closing.abort(new Error('the client went away')))
  try {
    const answer = await answerOf(options, request, closing.signal)
    await send(response, answer, request.method === 'HEAD')
  } catch (error) {
    if (closing.signal.aborted) return // nobody is left to tell
    options.log.error('connection failed', { path: request.url, error })
    response.destroy()
  }
}

async function answerOf(options: HttpOptions, request: IncomingMessage, signal: AbortSignal): Promise<ApiResponse> {
  try {
    const headers = plainHeaders(request)
    const user = await authenticate(credentialsOf(request, headers), options.tokens)
    const body = await readBody(request)
    // HEAD, OPTIONS and the like are answered with 405 by the server, whatever the type says.
    const method = (request.method ?? 'GET') as ApiRequest['method']
    const path = request.url ?? '/'
    return await options.server.handle({ method, path, headers, signal, ...(body === undefined ? {} : { body }) }, user)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const headers = { 'content-type': 'application/json', ...error.headers }
    return { status: error.code, headers, body: JSON.stringify(error.toStatus()) }
  }
}

function plainHeaders(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return headers
}

function credentialsOf(request: IncomingMessage, headers: Readonly<Record<string, string>>): Credentials {
  const socket = request.socket as TLSSocket // the server speaks TLS only
  if (!socket.authorized) return { headers, certificate: undefined }
  const { subject } = socket.getPeerCertificate()
  const organizations = subject.O === undefined ? [] : [subject.O].flat()
  return { headers, certificate: { commonName: [subject.CN].flat()[0] ?? '', organizations } }
}

async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) {
      throw new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${MAX_BODY_BYTES}`)
    }
    chunks.push(chunk)
  }
  return size === 0 ? undefined : Buffer.concat(chunks, size)
}

async function send(response: ServerResponse, answer: ApiResponse, isHead: boolean): Promise<void> {
  const { status, headers, body } = answer
  response.writeHead(status, { ...headers, 'cache-control': headers['cache-control'] ?? 'no-cache, private' })
  if (typeof body === 'string' || body instanceof Uint8Array) {
    response.end(isHead ? '' : body)
    return
  }
  response.flushHeaders()
  for await (const chunk of body) {
    if (!response.write(chunk)) await drained(response)
    if (response.destroyed) return
  }
  response.end()
}

/** Waits for a slow reader; what it misses meanwhile is the stream's business. */
async function drained(response: ServerResponse): Promise<void> {
  await Promise.race([once(response, 'drain'), once(response, 'close')])
}
