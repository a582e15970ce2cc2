// One request to a service that a source needs besides its files, such as a token endpoint: bounded, redirects not followed.
import { request as httpRequest } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { CapstanError, messageOf } from '../base/errors.ts'
import { createAgents, type ServerTrust } from './http-agents.ts'

export interface HttpCall {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly trust: ServerTrust
  /** A longer answer is refused. */
  readonly maxBytes: number
  /** Until the end of the answer. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

export interface HttpAnswer {
  readonly status: number
  /** `401 Unauthorized` */
  readonly statusText: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/**
 * Gives whatever the server answers. Throws `bad-input` for an address that is none, `timeout`, `limit`, and `unavailable`
 * where there is no answer; no text holds a header, a body or the login of an address.
 */
export async function callHttp(call: HttpCall): Promise<HttpAnswer> {
  const url = parseAddress(call.url)
  const deadline = AbortSignal.timeout(call.timeoutMs)
  const signal = call.signal === undefined ? deadline : AbortSignal.any([deadline, call.signal])
  const agents = createAgents(call.trust)
  try {
    const answer = await send(url, call, { agent: url.protocol === 'https:' ? agents.https : agents.http, signal })
    const { statusCode: status = 0, statusMessage = '', headers } = answer
    return { status, statusText: `${status} ${statusMessage}`.trim(), headers, body: await read(answer, call) }
  } catch (error) {
    throw explain(error, call, deadline)
  } finally {
    agents.http.destroy()
    agents.https.destroy()
  }
}

function parseAddress(address: string): URL {
  const url = URL.parse(address)
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url
  throw new CapstanError('bad-input', `${shownUrl(address)}: is no http or https address`)
}

function explain(error: unknown, call: HttpCall, deadline: AbortSignal): unknown {
  if (error instanceof CapstanError || call.signal?.aborted === true) return error
  const shown = shownUrl(call.url)
  if (deadline.aborted) {
    const text = `${shown}: no whole answer within ${call.timeoutMs / 1000} s`
    return new CapstanError('timeout', text, { cause: error })
  }
  return new CapstanError('unavailable', `${shown}: ${messageOf(error)}`, { cause: error })
}

interface Sending {
  readonly agent: ReturnType<typeof createAgents>['http' | 'https']
  readonly signal: AbortSignal
}

function send(url: URL, { method, headers, body }: HttpCall, { agent, signal }: Sending): Promise<IncomingMessage> {
  const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }
  const options = { method, agent, signal, headers: { 'User-Agent': 'capstan', ...length, ...headers } }
  return new Promise((resolve, reject) => {
    const sent = url.protocol === 'https:' ? httpsRequest(url, options, resolve) : httpRequest(url, options, resolve)
    sent.on('error', reject)
    sent.end(body)
  })
}

async function read(answer: IncomingMessage, { url, maxBytes }: HttpCall): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of answer) {
    const bytes = Buffer.from(chunk)
    length += bytes.length
    if (length > maxBytes)
      throw new CapstanError('limit', `${shownUrl(url)}: the answer is larger than ${maxBytes} bytes`)
    chunks.push(bytes)
  }
  return Buffer.concat(chunks)
}

/** An address without login and query, fit to be shown: signed addresses carry their secret in the query. */
export function shownUrl(url: string): string {
  return url.replace(/^(?<scheme>[a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$<scheme>').replace(/[?#].*$/s, '')
}
