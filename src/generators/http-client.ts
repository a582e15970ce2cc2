// The HTTP client of generators: one request with a deadline, a bounded answer, and the certificates and proxy that are asked for.
import { rootCertificates } from 'node:tls'
import type { Agent, Dispatcher, ProxyAgent } from 'undici'
import { CapstanError, messageOf } from '../base/errors.ts'
import { isWithoutProxy } from '../source/no-proxy.ts'
import {
  HTTP_TIMEOUT_MS,
  type HttpAnswer,
  type HttpClient,
  type HttpRequest,
  MAX_HTTP_ANSWER_BYTES,
} from './contract.ts'

const MAX_REDIRECTS = 5
/** Connections with certificates or proxies of their own are kept for so many of them. */
const MAX_AGENTS = 50

export interface OpenHttpClient {
  readonly http: HttpClient
  /** Ends connections that are kept. */
  close(): Promise<void>
}

/** A client that keeps connections until it is closed. */
export function createHttpClient(): OpenHttpClient {
  // Promises: requests that come together share the one that is being made.
  const agents = new Map<string, Promise<Agent | ProxyAgent>>()
  const agentFor = async (wanted: HttpRequest): Promise<Dispatcher> => {
    const { isInsecure = false, certificates = '' } = wanted
    const proxyUrl = proxyFor(wanted)
    const key = JSON.stringify([isInsecure, certificates, proxyUrl])
    const known = agents.get(key)
    if (known !== undefined) return known
    const [oldest] = agents
    if (oldest !== undefined && agents.size >= MAX_AGENTS) {
      agents.delete(oldest[0])
      // Requests under way end by themselves; a connection that does not close is no one's concern any more.
      oldest[1].then((agent) => agent.close()).catch(() => {})
    }
    const made = makeAgent({ isInsecure, certificates, proxyUrl })
    agents.set(key, made)
    try {
      return await made
    } catch (error) {
      if (agents.get(key) === made) agents.delete(key)
      throw error
    }
  }
  return {
    http: async (wanted) => send(wanted, await agentFor(wanted)),
    async close() {
      // One that could not be made was told to its request.
      const made = await Promise.all([...agents.values()].map((agent) => agent.catch(() => undefined)))
      agents.clear()
      await Promise.all(made.map(async (agent) => agent?.destroy()))
    },
  }
}

/** The proxy that is to be asked; empty: none. */
function proxyFor({ url, proxyUrl = '', noProxy }: HttpRequest): string {
  if (proxyUrl === '') return ''
  const { hostname, port, protocol } = parsedUrl(url)
  const host = `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`
  return isWithoutProxy(host, noProxy) ? '' : proxyUrl
}

async function makeAgent(
  options: Required<Pick<HttpRequest, 'isInsecure' | 'certificates' | 'proxyUrl'>>,
): Promise<Agent | ProxyAgent> {
  // Loaded with the first request: a control plane without such generators needs none of it.
  const { Agent: Plain, ProxyAgent: Proxied } = await import('undici')
  const { isInsecure, certificates, proxyUrl } = options
  const connect = {
    rejectUnauthorized: !isInsecure,
    ...(certificates === '' ? {} : { ca: [...rootCertificates, certificates] }),
  }
  if (proxyUrl === '') return new Plain({ connect })
  return new Proxied({ uri: proxyUrl, requestTls: connect })
}

async function send(wanted: HttpRequest, dispatcher: Dispatcher): Promise<HttpAnswer> {
  const timeoutMs = wanted.timeoutMs ?? HTTP_TIMEOUT_MS
  const signal = AbortSignal.any([wanted.signal, AbortSignal.timeout(timeoutMs)])
  let url = parsedUrl(wanted.url)
  for (let redirects = 0; ; redirects++) {
    const answer = await once({ ...wanted, url: url.href, signal }, dispatcher, timeoutMs)
    const next = redirectOf(answer, url)
    if (next === undefined || wanted.method !== 'GET') return answer
    if (redirects >= MAX_REDIRECTS)
      throw new CapstanError('unavailable', `${url.host} redirects more than ${MAX_REDIRECTS} times`)
    url = next
  }
}

/** Only within a host: the request carries credentials. */
function redirectOf({ status, headers }: HttpAnswer, from: URL): URL | undefined {
  const location = headers['location']
  if (location === undefined || ![301, 302, 303, 307, 308].includes(status)) return undefined
  const next = URL.parse(location, from)
  return next !== null && next.host === from.host && next.protocol === from.protocol ? next : undefined
}

function parsedUrl(text: string): URL {
  const url = URL.parse(text)
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return url
  throw new CapstanError(
    'bad-input',
    `${JSON.stringify(text)} is no address of an HTTP service: write http://… or https://…`,
  )
}

async function once(
  { method, url, headers, body, signal, maxBytes = MAX_HTTP_ANSWER_BYTES }: HttpRequest,
  dispatcher: Dispatcher,
  timeoutMs: number,
): Promise<HttpAnswer> {
  const { request } = await import('undici')
  try {
    const answer = await request(url, {
      method,
      dispatcher,
      signal,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      ...(headers === undefined ? {} : { headers }),
      ...(body === undefined ? {} : { body }),
    })
    const text = await limitedText(answer.body, maxBytes)
    return { status: answer.statusCode, headers: joined(answer.headers), text }
  } catch (error) {
    throw asFault(error, { url, signal, timeoutMs })
  }
}

async function limitedText(body: AsyncIterable<Buffer>, maxBytes: number): Promise<string> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of body) {
    length += part.length
    if (length > maxBytes) throw new CapstanError('limit', `the answer is longer than the ${maxBytes} bytes allowed`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

function joined(headers: Readonly<Record<string, string | string[] | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value]],
    ),
  )
}

interface Attempt {
  readonly url: string
  readonly signal: AbortSignal
  readonly timeoutMs: number
}

/** The host alone is named: paths and queries of APIs may hold secrets. */
function asFault(error: unknown, { url, signal, timeoutMs }: Attempt): unknown {
  if (error instanceof CapstanError) return error
  const { host } = new URL(url)
  const reason: unknown = signal.aborted ? signal.reason : undefined
  if (reason instanceof DOMException && reason.name === 'TimeoutError') {
    return new CapstanError('timeout', `${host} did not answer within ${timeoutMs / 1000} s`, { cause: error })
  }
  if (signal.aborted) return reason
  return new CapstanError('unavailable', `${host} cannot be asked: ${messageOf(error)}`, { cause: error })
}
