// Reaches an API server over HTTP: a pool of kept-alive connections, TLS as a kubeconfig describes it, streams for watches.
import type { Dispatcher } from 'undici'
import { CapstanError, messageOf } from '../../base/errors.ts'
import type { Secret } from '../../base/secret.ts'
import type { Login, LoginSource } from './login.ts'
import { endOrphanStreams } from './orphan-streams.ts'
import type { ApiRequest, ApiResponse, Channels, Transport } from './transport.ts'

/** Connecting, TLS included. */
const CONNECT_TIMEOUT_MS = 10_000
/** Idle connections are dropped before common load balancers (60 s) drop them. */
const KEEP_ALIVE_MS = 45_000
/** Requests under way at once; more wait their turn. client-go does with one connection of 250 HTTP/2 streams. */
const MAX_CONNECTIONS = 64
const UNAUTHORIZED = 401

export interface HttpTransportOptions {
  /** `https://host:6443`; a path is put before every request's. */
  readonly server: string
  /** PEM certificates trusted instead of the system's. */
  readonly ca?: string
  /** PEM, with its key. */
  readonly clientCertificate?: string
  readonly clientKey?: Secret
  readonly token?: Secret
  readonly username?: string
  readonly password?: Secret
  /** Headers asked for before each request, for tokens that expire; wins over `token`. */
  readonly authorize?: () => Promise<Readonly<Record<string, string>>>
  /** Asked before each request, and told where the server refuses what it gave; wins over the others. */
  readonly login?: LoginSource
  /** Accepts any certificate. */
  readonly insecure?: boolean
  /** Name expected in the server's certificate instead of the host of `server`. */
  readonly tlsServerName?: string
  /** An HTTP proxy for every request. */
  readonly proxyUrl?: string
}

/** A transport to one server; opens connections on first use. */
export function httpTransport(options: HttpTransportOptions): Transport {
  return new HttpTransport(options)
}

class HttpTransport implements Transport {
  readonly #options: HttpTransportOptions
  readonly #origin: string
  readonly #prefix: string
  readonly #authorize: () => Promise<Readonly<Record<string, string>>> | Readonly<Record<string, string>>
  readonly #ignoreOrphans: () => void
  #requests: Promise<Dispatcher> | undefined
  #streams: Promise<Dispatcher> | undefined
  /** The certificate the connections are opened with. */
  #certificate: string | undefined
  readonly #retired = new Set<Promise<Dispatcher>>()

  constructor(options: HttpTransportOptions) {
    const url = parseServer(options.server)
    this.#origin = url.origin
    this.#prefix = url.pathname.replace(/\/+$/, '')
    this.#options = options
    const fixed = fixedHeaders(options)
    this.#authorize = options.authorize ?? (() => fixed)
    this.#ignoreOrphans = endOrphanStreams()
  }

  async send(request: ApiRequest): Promise<ApiResponse> {
    request.signal?.throwIfAborted()
    try {
      const login = await this.#login()
      const dispatcher = await (isStream(request) ? this.#forStreams() : this.#forRequests())
      const answer = await dispatcher.request({
        origin: this.#origin,
        method: request.method,
        path: this.#prefix + request.path,
        headers: { ...request.headers, ...(login === undefined ? await this.#authorize() : headersOf(login)) },
        body: request.body ?? null,
        signal: request.signal ?? null,
        headersTimeout: 0,
        bodyTimeout: 0,
      })
      this.#learn(answer.statusCode, login)
      return { status: answer.statusCode, headers: plainHeaders(answer.headers), body: answer.body }
    } catch (error) {
      if (request.signal?.aborted || error instanceof CapstanError) throw error
      throw new CapstanError('unavailable', `${this.#origin}: ${messageOf(error)}`, { cause: error })
    }
  }

  async connect(request: ApiRequest): Promise<Channels | ApiResponse> {
    request.signal?.throwIfAborted()
    try {
      const { connectChannels } = await import('./channels.ts')
      const login = await this.#login()
      const answer = await connectChannels(await this.#forStreams(), {
        ...request,
        origin: this.#origin,
        path: this.#prefix + request.path,
        headers: { ...request.headers, ...(login === undefined ? await this.#authorize() : headersOf(login)) },
      })
      if ('status' in answer) this.#learn(answer.status, login)
      return answer
    } catch (error) {
      if (request.signal?.aborted || error instanceof CapstanError) throw error
      throw new CapstanError('unavailable', `${this.#origin}: ${messageOf(error)}`, { cause: error })
    }
  }

  /** A new certificate needs new connections; what runs on the old ones may end there. */
  async #login(): Promise<Login | undefined> {
    const login = await this.#options.login?.current()
    const certificate = login?.clientCertificate
    if (certificate === undefined || certificate === this.#certificate) return login
    this.#certificate = certificate
    const old = [this.#requests, this.#streams]
    const options = {
      ...this.#options,
      clientCertificate: certificate,
      ...(login?.clientKey === undefined ? {} : { clientKey: login.clientKey }),
    }
    this.#requests = createDispatcher(this.#origin, options, MAX_CONNECTIONS)
    this.#streams = createDispatcher(this.#origin, options, null)
    for (const each of old) if (each !== undefined) this.#retire(each)
    return login
  }

  #learn(status: number, login: Login | undefined): void {
    if (status === UNAUTHORIZED && login !== undefined) this.#options.login?.forget(login)
  }

  #retire(opened: Promise<Dispatcher>): void {
    this.#retired.add(opened)
    // Its watches end in their time, or with this transport: a failure to end is told by neither.
    const done = opened.then((dispatcher) => dispatcher.close()).catch(() => undefined)
    void done.then(() => this.#retired.delete(opened))
  }

  #forRequests(): Promise<Dispatcher> {
    this.#requests ??= createDispatcher(this.#origin, this.#options, MAX_CONNECTIONS)
    return this.#requests
  }

  /** Each watch holds a connection for as long as it lasts: a bound would let watches starve writes. */
  #forStreams(): Promise<Dispatcher> {
    this.#streams ??= createDispatcher(this.#origin, this.#options, null)
    return this.#streams
  }

  async close(): Promise<void> {
    // What was never used is made and ended too, so that a send after the end is refused.
    const all = await Promise.all([this.#forRequests(), this.#forStreams(), ...this.#retired])
    await Promise.all(all.map((dispatcher) => dispatcher.destroy()))
    this.#ignoreOrphans()
  }
}

/** Whether the answer goes on for as long as the client reads: a watch, or a log that is followed. */
function isStream({ method, path }: ApiRequest): boolean {
  return method === 'GET' && /[?&](?:watch|follow)=|\/log\b/.test(path)
}

function parseServer(server: string): URL {
  try {
    const url = new URL(server)
    if (url.protocol === 'http:' || url.protocol === 'https:') return url
  } catch {
    // Falls through to the one error for every unusable address.
  }
  throw new CapstanError('bad-input', `server ${JSON.stringify(server)}: expected http://host or https://host`)
}

/** undici is a hundred files and 5 MB, which an embedded cluster reached inside the process never needs. */
async function createDispatcher(
  origin: string,
  options: HttpTransportOptions,
  connections: number | null,
): Promise<Dispatcher> {
  const { Pool, ProxyAgent } = await import('undici')
  const tls = tlsOptions(options)
  const limits = { headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: KEEP_ALIVE_MS }
  if (options.proxyUrl !== undefined) return new ProxyAgent({ uri: options.proxyUrl, requestTls: tls, ...limits })
  return new Pool(origin, { connect: { ...tls, timeout: CONNECT_TIMEOUT_MS }, connections, ...limits })
}

function tlsOptions(options: HttpTransportOptions): Record<string, string | boolean> {
  const tls: Record<string, string | boolean> = {}
  if (options.ca !== undefined) tls['ca'] = options.ca
  if (options.clientCertificate !== undefined) tls['cert'] = options.clientCertificate
  if (options.clientKey !== undefined) tls['key'] = options.clientKey.reveal()
  if (options.insecure === true) tls['rejectUnauthorized'] = false
  if (options.tlsServerName !== undefined) tls['servername'] = options.tlsServerName
  return tls
}

function fixedHeaders(options: HttpTransportOptions): Readonly<Record<string, string>> {
  if (options.token !== undefined) return { authorization: `Bearer ${options.token.reveal()}` }
  if (options.username === undefined) return {}
  const pair = `${options.username}:${options.password?.reveal() ?? ''}`
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}

function headersOf({ token }: Login): Readonly<Record<string, string>> {
  return token === undefined ? {} : { authorization: `Bearer ${token.reveal()}` }
}

function plainHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const plain: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) plain[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return plain
}
