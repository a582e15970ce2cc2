// One HTTP exchange with a registry: bounded in time and size, with redirects that carry no credential elsewhere.
import { STATUS_CODES } from 'node:http'
import type { Dispatcher } from 'undici'
import { CapstanError, messageOf } from '../base/errors.ts'
import { allowsPlainHttp, isLoopback, type AddressRules } from './registry-address.ts'
import { RegistryError } from './registry-error.ts'

/** Connecting, TLS included. */
export const CONNECT_TIMEOUT_MS = 10_000
/** From the request to the end of its answer, redirects included. */
export const EXCHANGE_TIMEOUT_MS = 30_000
/** Go's client gives up there too. */
export const MAX_REDIRECTS = 10
/** To one registry: a hundred pods that start at once must not look like an attack. */
export const MAX_CONNECTIONS = 16

export interface ExchangeOptions extends AddressRules {
  /** PEM certificates trusted besides the system's. */
  readonly ca?: string
  /** Accept any certificate. */
  readonly insecure?: boolean
  /** PEM; shown to servers that ask for one. */
  readonly clientCertificate?: string
  readonly clientKey?: string
  /** Address of an HTTP proxy. */
  readonly proxy?: string
  readonly userAgent?: string
  /** Default `EXCHANGE_TIMEOUT_MS`. */
  readonly timeoutMs?: number
}

export interface ExchangeRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT'
  readonly url: URL
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** A longer answer is refused. */
  readonly maxBytes: number
  /** False: a redirect is the answer. */
  readonly followsRedirects?: boolean
  readonly signal?: AbortSignal
}

export interface ExchangeAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
  /** Where it came from in the end. */
  readonly url: URL
}

/** Sends requests; holds connections until it is closed. */
export class HttpExchange {
  readonly #options: ExchangeOptions
  #dispatchers: Promise<{ readonly verified: Dispatcher; readonly loopback: Dispatcher }> | undefined

  constructor(options: ExchangeOptions) {
    this.#options = options
  }

  /** The last answer of a chain of redirects. Throws `RegistryError`, or the signal's reason. */
  async send(request: ExchangeRequest): Promise<ExchangeAnswer> {
    const timeout = AbortSignal.timeout(this.#options.timeoutMs ?? EXCHANGE_TIMEOUT_MS)
    const signal = request.signal === undefined ? timeout : AbortSignal.any([timeout, request.signal])
    try {
      return await this.#follow({ ...request, signal })
    } catch (error) {
      if (request.signal?.aborted === true) throw request.signal.reason
      if (timeout.aborted) {
        throw new RegistryError('timeout', `${requestText(request)}: context deadline exceeded`, { cause: error })
      }
      throw error
    }
  }

  async close(): Promise<void> {
    const opened = await this.#dispatchers
    await Promise.all([opened?.verified.destroy(), opened?.loopback.destroy()])
  }

  async #follow(first: ExchangeRequest): Promise<ExchangeAnswer> {
    let request = first
    for (let redirects = 0; ; redirects++) {
      const answer = await this.#once(request)
      const location = locationOf(answer)
      if (location === undefined || first.followsRedirects === false) return answer
      if (redirects === MAX_REDIRECTS) {
        throw new RegistryError('status', `${requestText(first)}: stopped after ${MAX_REDIRECTS} redirects`)
      }
      request = this.#redirected(request, location)
    }
  }

  #redirected(request: ExchangeRequest, location: string): ExchangeRequest {
    const url = parseLocation(location, request)
    const isDowngrade = url.protocol === 'http:' && !this.#maySpeakPlainly(request.url, url)
    if (isDowngrade || !/^https?:$/.test(url.protocol)) {
      throw new RegistryError('unsafe', `${requestText(request)}: refused the redirect to ${url.protocol}//${url.host}`)
    }
    // A body may hold a password: it goes nowhere but where it was meant to go.
    if (request.method === 'POST') {
      throw new RegistryError('unsafe', `${requestText(request)}: refused the redirect of a login to ${url.host}`)
    }
    const { authorization, ...others } = request.headers
    const keeps = authorization !== undefined && url.origin === request.url.origin
    return { ...request, url, headers: keeps ? request.headers : others }
  }

  #maySpeakPlainly(from: URL, to: URL): boolean {
    return from.protocol === 'http:' && allowsPlainHttp(to.host, this.#options)
  }

  async #once(request: ExchangeRequest): Promise<ExchangeAnswer> {
    const { verified, loopback } = await this.#connected()
    const dispatcher = isLoopback(request.url.host) ? loopback : verified
    try {
      const answer = await dispatcher.request({
        origin: request.url.origin,
        path: request.url.pathname + request.url.search,
        method: request.method,
        headers: { 'user-agent': this.#options.userAgent ?? 'capstan', ...request.headers },
        body: request.body ?? null,
        signal: request.signal ?? null,
      })
      const body = await readBody(answer.body, request)
      return { status: answer.statusCode, headers: answer.headers, body, url: request.url }
    } catch (error) {
      if (error instanceof CapstanError || request.signal?.aborted === true) throw error
      throw new RegistryError('unreachable', `${requestText(request)}: ${networkText(error, request.url)}`, {
        cause: error,
      })
    }
  }

  #connected(): Promise<{ readonly verified: Dispatcher; readonly loopback: Dispatcher }> {
    this.#dispatchers ??= createDispatchers(this.#options)
    return this.#dispatchers
  }
}

/** undici is a hundred files, which a cluster that verifies nothing never needs. */
async function createDispatchers(
  options: ExchangeOptions,
): Promise<{ readonly verified: Dispatcher; readonly loopback: Dispatcher }> {
  const { ca, proxy, clientCertificate, clientKey, timeoutMs = EXCHANGE_TIMEOUT_MS } = options
  const { Agent, ProxyAgent } = await import('undici')
  const { rootCertificates } = await import('node:tls')
  const limits = { headersTimeout: timeoutMs, bodyTimeout: timeoutMs, connections: MAX_CONNECTIONS }
  const connect = {
    timeout: CONNECT_TIMEOUT_MS,
    ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
    ...(clientCertificate === undefined || clientKey === undefined ? {} : { cert: clientCertificate, key: clientKey }),
    ...(options.insecure === true ? { rejectUnauthorized: false } : {}),
  }
  return {
    verified:
      proxy === undefined
        ? new Agent({ connect, ...limits })
        : new ProxyAgent({ uri: proxy, requestTls: connect, ...limits }),
    // A registry on this machine has no certificate that anyone signed; containerd trusts it too.
    loopback: new Agent({ connect: { ...connect, rejectUnauthorized: false }, ...limits }),
  }
}

async function readBody(body: AsyncIterable<Uint8Array>, request: ExchangeRequest): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > request.maxBytes) {
      throw new RegistryError('limit', `${requestText(request)}: answer larger than ${request.maxBytes} bytes`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function locationOf({ status, headers }: ExchangeAnswer): string | undefined {
  const { location } = headers
  return [301, 302, 303, 307, 308].includes(status) && typeof location === 'string' ? location : undefined
}

function parseLocation(location: string, request: ExchangeRequest): URL {
  const url = URL.parse(location, request.url)
  if (url === null)
    throw new RegistryError('invalid-answer', `${requestText(request)}: failed to parse Location header`)
  return url
}

/** `Head "https://host/v2/"`, as Go's client begins its errors. */
function requestText({ method, url }: ExchangeRequest): string {
  return `${method[0] ?? ''}${method.slice(1).toLowerCase()} "${shownAddress(url)}"`
}

/** Query fields that let their reader in, as addresses signed for a download have them. */
const SIGNED = /signature|credential|token|^sig$|password|secret/i

/** An address without what lets its reader in: passwords, and signatures of the storage that a registry redirects to. */
function shownAddress(url: URL): string {
  const shown = new URL(url)
  shown.username = ''
  shown.password = ''
  if ([...shown.searchParams.keys()].some((name) => SIGNED.test(name))) shown.search = ''
  return shown.href
}

/** The error for an answer that was not asked for, as containerd words it. */
export function unexpectedStatus(method: string, { status, url }: ExchangeAnswer): RegistryError {
  const text =
    `unexpected status from ${method} request to ${shownAddress(url)}: ${status} ${STATUS_CODES[status] ?? ''}`.trimEnd()
  const failure = status === 401 || status === 403 ? 'denied' : 'status'
  return new RegistryError(failure, text, { status })
}

/** An error of a certificate that nobody vouches for; Node has several. */
const UNKNOWN_AUTHORITY: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
])

/** What Go says of a connection that failed. */
function networkText(error: unknown, url: URL): string {
  const code = errorCode(error)
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port
  if (UNKNOWN_AUTHORITY.has(code)) {
    return 'tls: failed to verify certificate: x509: certificate signed by unknown authority'
  }
  if (code.startsWith('ERR_SSL')) return 'http: server gave HTTP response to HTTPS client'
  const known: Readonly<Record<string, string>> = {
    ECONNREFUSED: `dial tcp ${url.hostname}:${port}: connect: connection refused`,
    EHOSTUNREACH: `dial tcp ${url.hostname}:${port}: connect: no route to host`,
    ENETUNREACH: `dial tcp ${url.hostname}:${port}: connect: network is unreachable`,
    ETIMEDOUT: `dial tcp ${url.hostname}:${port}: i/o timeout`,
    UND_ERR_CONNECT_TIMEOUT: `dial tcp ${url.hostname}:${port}: i/o timeout`,
    ENOTFOUND: `dial tcp: lookup ${url.hostname}: no such host`,
    EAI_AGAIN: `dial tcp: lookup ${url.hostname}: server misbehaving`,
    CERT_HAS_EXPIRED: 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid',
    ERR_TLS_CERT_ALTNAME_INVALID: `tls: failed to verify certificate: x509: certificate is not valid for ${url.hostname}`,
    ECONNRESET: 'read: connection reset by peer',
    UND_ERR_SOCKET: 'EOF',
  }
  return known[code] ?? messageOf(error)
}

/** Whether TLS was answered by something that does not speak it. */
export function isPlainHttpAnswer(error: unknown): boolean {
  const code = errorCode(error instanceof RegistryError ? error.cause : error)
  return code.startsWith('ERR_SSL') || code === 'ECONNRESET' || code === 'EPROTO' || code === 'UND_ERR_SOCKET'
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
