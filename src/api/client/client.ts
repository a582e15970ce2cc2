// Calls a Capstan or Argo CD server over REST, by the names of its calls.
import { CapstanError } from '../../base/errors.ts'
import type { Secret } from '../../base/secret.ts'
import { isRequestField } from '../messages.ts'
import { routes, type Route } from '../routes.ts'
import { codeOf } from './error-codes.ts'
import { readStream } from './stream.ts'

export type RequestMessage = Readonly<Record<string, unknown>>

export interface ApiClientOptions {
  /** `https://host:port`, with the root path where there is one. */
  readonly baseUrl: string
  readonly token?: Secret
  /** Sends one request; `fetch`, or one that trusts a certificate. */
  readonly send: typeof fetch
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>
}

/** One server. A failure is a `CapstanError` with the server's own words. */
export interface ApiClient {
  readonly baseUrl: string
  /** `applications.List`-like names are `package.Service/Method`. */
  call<T>(name: string, request?: RequestMessage, signal?: AbortSignal): Promise<T>
  /** Messages of a call that streams, until the signal aborts or the server ends it. */
  stream<T>(name: string, request?: RequestMessage, signal?: AbortSignal): AsyncIterable<T>
  /** A call whose request is a stream of messages. */
  upload<T>(name: string, messages: readonly RequestMessage[], signal?: AbortSignal): Promise<T>
  /** Ends the session of the token, so that nobody else may use it. */
  revoke(signal?: AbortSignal): Promise<void>
}

/** Some calls have two ways in. */
const byName = Map.groupBy(routes, ({ service, method }) => `${service}/${method}`)

/** Their request has secrets beside the field that REST takes as the body: the others would stand in the address. */
const BY_WIRE = /\/Validate(?:Write)?Access$/

export function createApiClient(options: ApiClientOptions): ApiClient {
  async function open(name: string, request: RequestMessage, signal?: AbortSignal): Promise<Response> {
    const route = routeOf(name, request)
    const { target, body } = encode(route, request)
    const response = await send(options, target, {
      method: route.verb,
      headers: headersOf(options, { 'content-type': 'application/json' }),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    })
    if (!response.ok) throw await errorOf(response)
    return response
  }

  async function upload<T>(name: string, messages: readonly RequestMessage[], signal?: AbortSignal): Promise<T> {
    const { callByWire } = await import('./wire-call.ts')
    return callByWire<T>(routeOf(name), messages, (path, headers, body) =>
      send(options, path, {
        method: 'POST',
        headers: headersOf(options, headers),
        body,
        ...(signal === undefined ? {} : { signal }),
      }),
    )
  }

  return {
    baseUrl: options.baseUrl,
    upload,
    async revoke(signal?: AbortSignal) {
      // The way of the page and of argocd: the session as a cookie, and a redirect where all is well.
      const cookie = `argocd.token=${options.token?.reveal() ?? ''}`
      const request = { method: 'POST', redirect: 'manual', headers: headersOf(options, { cookie }) } as const
      const { status, ok } = await send(options, '/auth/logout', {
        ...request,
        ...(signal === undefined ? {} : { signal }),
      })
      if (!ok && status !== 303 && status !== 307 && status !== 302)
        throw new CapstanError('unavailable', `the server answered ${status} to the end of the session`)
    },
    async call<T>(name: string, request: RequestMessage = {}, signal?: AbortSignal) {
      if (BY_WIRE.test(name)) return upload<T>(name, [request], signal)
      const response = await open(name, request, signal)
      // What a call answers is what its table row says; nothing here can check it.
      return (await response.json()) as T
    },
    async *stream<T>(name: string, request: RequestMessage = {}, signal?: AbortSignal) {
      const response = await open(name, request, signal)
      yield* readStream<T>(response)
    },
  }
}

/** The first way whose path the request fills: logs are those of a pod where one is named, else of the application. */
function routeOf(name: string, request: RequestMessage = {}): Route {
  const [first, ...others] = byName.get(name) ?? []
  if (first === undefined) throw new CapstanError('internal', `there is no call ${name}`)
  if (others.length === 0 || isFilled(first, request)) return first
  return others.find((route) => isFilled(route, request)) ?? first
}

function isFilled({ path }: Route, request: RequestMessage): boolean {
  const fields = Array.from(path.matchAll(PATH_FIELD), ({ groups }) => groups?.['field'] ?? '')
  return fields.every((field) => scalarText(fieldAt(request, field)) !== '')
}

const PATH_FIELD = /\{(?<field>[\w.]+)(?:=\*\*)?\}/g

function headersOf(
  { token, headers }: ApiClientOptions,
  own: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return { ...headers, ...own, ...(token === undefined ? {} : { authorization: `Bearer ${token.reveal()}` }) }
}

async function send(options: ApiClientOptions, target: string, init: RequestInit): Promise<Response> {
  try {
    return await options.send(`${options.baseUrl}${target}`, init)
  } catch (error) {
    if (init.signal?.aborted === true) throw error
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
    const hint = 'is it running ("capstan up"), and is --server right?'
    throw new CapstanError('unavailable', `cannot reach ${options.baseUrl}: ${cause}; ${hint}`, { cause: error })
  }
}

/** Fields of the path are taken from the request, then the body's, and the rest becomes the query. */
function encode(route: Route, request: RequestMessage): { target: string; body: unknown } {
  const used = new Set<string>()
  const path = route.path.replaceAll(PATH_FIELD, (_, field: string) => {
    const [first = ''] = field.split('.')
    if (first === field) used.add(field)
    return encodeURIComponent(scalarText(fieldAt(request, field)))
  })
  if (route.body === '*') return { target: path, body: request }
  if (route.body !== undefined) used.add(route.body)
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(request)) {
    if (!used.has(name) && isRequestField(route, name)) addToQuery(query, name, value)
  }
  const target = query.size > 0 ? `${path}?${query.toString()}` : path
  return { target, body: route.body === undefined ? undefined : request[route.body] }
}

function fieldAt(request: RequestMessage, path: string): unknown {
  let value: unknown = request
  for (const name of path.split('.')) {
    value = typeof value === 'object' && value !== null ? Object(value)[name] : undefined
  }
  return value
}

function addToQuery(query: URLSearchParams, name: string, value: unknown): void {
  if (value === undefined || value === null || value === '') return
  if (Array.isArray(value)) {
    for (const item of value) addToQuery(query, name, item)
  } else if (typeof value === 'object') {
    for (const [inner, item] of Object.entries(value)) addToQuery(query, `${name}.${inner}`, item)
  } else {
    query.append(name, scalarText(value))
  }
}

function scalarText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? `${value}` : ''
}

async function errorOf(response: Response): Promise<CapstanError> {
  const text = await response.text()
  const body = parse(text)
  if (typeof body?.message === 'string') {
    return new CapstanError(codeOf(Number(body.code)), body.message)
  }
  const shown = text.slice(0, 200).trim()
  return new CapstanError(
    'unavailable',
    `the server answered ${response.status} ${response.statusText}${shown === '' ? '' : `: ${shown}`}`,
  )
}

function parse(text: string): { readonly message?: unknown; readonly code?: unknown } | undefined {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null ? body : undefined
  } catch {
    return undefined
  }
}
