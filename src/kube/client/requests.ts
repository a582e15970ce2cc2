// One request to an API server and its answer as JSON: deadline, retries, error answers as `KubeError`.
import { sleep, type Clock } from '../../base/clock.ts'
import { messageOf } from '../../base/errors.ts'
import { KubeError } from './client.ts'
import { reasonOf, withDeadline } from './deadline.ts'
import { errorOfAnswer } from './status-error.ts'
import type { ApiRequest, ApiResponse, Transport } from './transport.ts'
import { parseJson } from '../json-digits.ts'

/** Answers are read whole; one page of 500 objects of etcd's largest size (1.5 MiB) is the worst honest case. */
export const MAX_BODY_BYTES: number = 768 * 1024 * 1024
/** As client-go: a request is sent at most eleven times. */
export const MAX_RETRIES = 10
/** A server may ask for a longer pause than this; we do not wait longer at once. */
export const MAX_RETRY_AFTER_MS = 30_000

export interface RequestOptions {
  readonly accept?: string
  readonly contentType?: string
  readonly body?: string
  readonly signal?: AbortSignal | undefined
}

export interface RequestsOptions {
  readonly transport: Transport
  readonly clock: Clock
  readonly userAgent: string
  /** For a whole request with its retries. */
  readonly requestTimeoutMs: number
  /** Upper bound for a body read whole. */
  readonly maxBodyBytes: number
}

/** Sends requests over a transport; every failure is a `KubeError` or the abort's reason. */
export class Requests {
  readonly #options: RequestsOptions

  constructor(options: RequestsOptions) {
    this.#options = options
  }

  /** The parsed body of a good answer. `text` answers (such as `ok`) come back as strings. */
  async send(method: ApiRequest['method'], path: string, options: RequestOptions = {}): Promise<unknown> {
    const { clock, requestTimeoutMs } = this.#options
    const deadline = {
      clock,
      timeoutMs: requestTimeoutMs,
      signal: options.signal,
      onTimeout: () => timeoutError(method, path, requestTimeoutMs),
    }
    return withDeadline(deadline, async (signal) => {
      const request = this.#request(method, path, { ...options, signal })
      const { response, text } = await this.#sendWithRetries(request, signal)
      if (response.status >= 400) throw errorOfAnswer(response.status, text)
      return parseBody(text, response.headers['content-type'])
    })
  }

  /** The stream of a watch or a log, once the server has said yes. The signal ends it; the deadline holds until the headers came. */
  async open(
    path: string,
    signal: AbortSignal,
    accept = 'application/json',
  ): Promise<AsyncIterable<string | Uint8Array>> {
    const { clock, requestTimeoutMs } = this.#options
    const onTimeout = (): Error => timeoutError('GET', path, requestTimeoutMs)
    const response = await withDeadline({ clock, timeoutMs: requestTimeoutMs, signal, onTimeout }, () =>
      this.#sendOnce(this.#request('GET', path, { signal, accept })),
    )
    if (response.status >= 400) throw errorOfAnswer(response.status, await this.#readText(response))
    return typeof response.body === 'string' || response.body instanceof Uint8Array
      ? wholeBody(response.body)
      : response.body
  }

  #request(method: ApiRequest['method'], path: string, options: RequestOptions): ApiRequest {
    const headers: Record<string, string> = {
      accept: options.accept ?? 'application/json',
      'user-agent': this.#options.userAgent,
    }
    if (options.body !== undefined) headers['content-type'] = options.contentType ?? 'application/json'
    return {
      method,
      path,
      headers,
      ...(options.body === undefined ? {} : { body: options.body }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    }
  }

  async #sendWithRetries(request: ApiRequest, signal: AbortSignal): Promise<{ response: ApiResponse; text: string }> {
    for (let attempt = 0; ; attempt++) {
      const response = await this.#sendOnce(attempt === 0 ? request : { ...request, isRetry: true })
      const text = await this.#readText(response)
      const waitMs = retryAfterMs(response)
      if (waitMs === undefined || attempt >= MAX_RETRIES) return { response, text }
      await sleep(this.#options.clock, waitMs, signal)
    }
  }

  /** A read that found its kept-alive connection closed is sent once more, as client-go does. */
  async #sendOnce(request: ApiRequest): Promise<ApiResponse> {
    const { transport } = this.#options
    try {
      return await transport.send(request)
    } catch (error) {
      if (request.signal?.aborted) throw reasonOf(request.signal)
      if (request.method !== 'GET' || !isClosedConnection(error)) throw unreachable(error)
    }
    try {
      return await transport.send(request)
    } catch (error) {
      throw request.signal?.aborted ? reasonOf(request.signal) : unreachable(error)
    }
  }

  async #readText(response: ApiResponse): Promise<string> {
    const { body } = response
    if (typeof body === 'string') return body
    if (body instanceof Uint8Array) return decode(body)
    const chunks: Uint8Array[] = []
    let bytes = 0
    for await (const chunk of readable(body)) {
      const data = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
      bytes += data.byteLength
      if (bytes > this.#options.maxBodyBytes) {
        throw new KubeError(500, 'InternalError', `the answer is larger than ${this.#options.maxBodyBytes} bytes`)
      }
      chunks.push(data)
    }
    return Buffer.concat(chunks, bytes).toString('utf8')
  }
}

/** A body that breaks off is an unreachable server, like one that never answered. */
async function* readable(body: AsyncIterable<string | Uint8Array>): AsyncGenerator<string | Uint8Array> {
  try {
    yield* body
  } catch (error) {
    throw unreachable(error)
  }
}

async function* wholeBody(body: string | Uint8Array): AsyncGenerator<string | Uint8Array> {
  yield await Promise.resolve(body)
}

function decode(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}

/** How long to wait before sending again; undefined where the answer is final (client-go rest/with_retry.go, v0.36). */
function retryAfterMs(response: ApiResponse): number | undefined {
  if (response.status !== 429 && response.status < 500) return undefined
  const header = response.headers['retry-after']
  if (header === undefined || !/^\d{1,9}$/.test(header)) return undefined
  return Math.min(Number(header) * 1000, MAX_RETRY_AFTER_MS)
}

function parseBody(text: string, contentType: string | undefined): unknown {
  if (contentType?.startsWith('text/plain')) return text
  if (text === '') return undefined
  try {
    return parseJson(text)
  } catch (error) {
    throw new KubeError(500, 'InternalError', `the server's answer is not JSON: ${messageOf(error)}`)
  }
}

function timeoutError(method: string, path: string, timeoutMs: number): KubeError {
  const [bare] = path.split('?', 1)
  return new KubeError(504, 'Timeout', `${method} ${bare}: no answer within ${timeoutMs / 1000} s`)
}

function isClosedConnection(error: unknown): boolean {
  const cause: unknown = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return code === 'ECONNRESET' || code === 'UND_ERR_SOCKET' || code === 'EPIPE'
}

/** No answer came: a 503 of our own, with the transport's words. */
export function unreachable(error: unknown): Error {
  if (error instanceof KubeError) return error
  const wrapped = new KubeError(503, 'ServiceUnavailable', messageOf(error))
  wrapped.cause = error
  return wrapped
}
