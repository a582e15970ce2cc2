// What the TLS port takes from Node's HTTP server for a request: headers, the sender's certificate, the body, and when the client goes away.
import { constants } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TLSSocket } from 'node:tls'
import type { ApiRequest } from '../kube/client/transport.ts'
import type { Credentials } from './apiserver/authentication.ts'
import { MAX_BODY_BYTES } from './apiserver/limits.ts'
import { tooLarge } from './apiserver/raw-body.ts'

/** What is still read of a body that is refused: a client that cannot send to the end does not read the answer. */
const MAX_DISCARDED_BYTES = 64 * 1024 * 1024

type Certificate = Credentials['certificate']

/** A connection has one client certificate for as long as it lasts: none may be presented later. */
export const NO_RENEGOTIATION: number = constants.SSL_OP_NO_RENEGOTIATION

/** Reading a certificate takes longer than answering a get, so it is read once a connection. */
export class PeerCertificates {
  readonly #known = new WeakMap<TLSSocket, { readonly certificate: Certificate }>()

  /** The subject of the certificate behind a request; undefined where the cluster's authority signed none. */
  of(request: IncomingMessage): Certificate {
    const socket = request.socket as TLSSocket // the server speaks TLS only
    const known = this.#known.get(socket)
    if (known !== undefined) return known.certificate
    const certificate = certificateOf(socket)
    this.#known.set(socket, { certificate })
    return certificate
  }
}

function certificateOf(socket: TLSSocket): Certificate {
  if (!socket.authorized) return undefined
  const { subject } = socket.getPeerCertificate()
  const organizations = subject.O === undefined ? [] : [subject.O].flat()
  return { commonName: [subject.CN].flat()[0] ?? '', organizations }
}

/** A request as the server takes it. Its signal is made when something asks for it, which only streams and slow answers do. */
export class HttpRequest implements ApiRequest {
  readonly method: ApiRequest['method']
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  readonly #response: ServerResponse
  #closing: AbortController | undefined

  constructor(request: IncomingMessage, response: ServerResponse, body: Uint8Array | undefined) {
    // HEAD, OPTIONS and the like are answered with 405 by the server, whatever the type says.
    this.method = (request.method ?? 'GET') as ApiRequest['method']
    this.path = request.url ?? '/'
    this.headers = plainHeaders(request)
    this.#response = response
    if (body !== undefined) this.body = body
  }

  get signal(): AbortSignal {
    if (this.#closing !== undefined) return this.#closing.signal
    const closing = new AbortController()
    this.#closing = closing
    const abort = (): void => closing.abort(new Error('the client went away'))
    if (hasLeft(this.#response)) abort()
    else this.#response.once('close', abort)
    return closing.signal
  }
}

/** Whether the connection ended before the answer did. */
export function hasLeft(response: ServerResponse): boolean {
  return response.destroyed && !response.writableFinished
}

/** Headers by lower-case name. */
export function plainHeaders({ headers }: IncomingMessage): Readonly<Record<string, string>> {
  // Node joins repeated headers to one text, all but this one, which no client sends.
  delete headers['set-cookie']
  return headers as Readonly<Record<string, string>>
}

/** Whether a body follows the head: without one there is nothing to wait for. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return (headers['content-length'] ?? '0') !== '0' || headers['transfer-encoding'] !== undefined
}

/** The whole body; undefined for none. Throws 413 where it is too large. */
export async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array | undefined>()
  const chunks: Buffer[] = []
  let size = 0
  request.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= MAX_BODY_BYTES) chunks.push(chunk)
    else chunks.length = 0
    // One that goes on and on reads no answer.
    if (size > MAX_DISCARDED_BYTES) request.socket.destroy()
  })
  request.on('end', () => (size > MAX_BODY_BYTES ? reject(tooLarge()) : resolve(joined(chunks, size))))
  request.on('error', reject)
  request.on('close', () => reject(new Error('the client went away')))
  return promise
}

function joined(chunks: readonly Buffer[], size: number): Uint8Array | undefined {
  if (size === 0) return undefined
  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, size)
}
