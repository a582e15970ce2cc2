// Fetches a file over HTTP within limits; credentials go to the host they are for and nowhere else.
import { get as httpGet } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { get as httpsGet } from 'node:https'
import { CapstanError, messageOf } from '../../base/errors.ts'
import { createAgents, type Agents } from '../http-agents.ts'
import { shownUrl } from '../http-call.ts'
import { basicAuthorization } from './access.ts'
import type { ChartAccess } from './access.ts'

/** Hops to other addresses; Go's client gives up after as many. */
export const MAX_REDIRECTS = 10
/** Time for a whole answer (helm v4.2.1 getter.DefaultHTTPTimeout). */
export const DOWNLOAD_TIMEOUT_MS = 120_000

export interface DownloadRequest {
  readonly url: string
  readonly access: ChartAccess
  /** The address the credentials belong to: they are sent to its scheme, host and port only. */
  readonly owner: string
  /** Send the credentials wherever the first address leads (`passCredentials` of a helm source). */
  readonly passCredentials?: boolean
  readonly maxBytes: number
  readonly accept?: string
  /** Sent to the first address's scheme, host and port only. */
  readonly headers?: Readonly<Record<string, string>>
  /** What an earlier answer said of itself: `If-None-Match` and `If-Modified-Since`. */
  readonly known?: Validators
  readonly timeoutMs?: number
  /** Asked before every connection, redirects too; throws for an address that must not be asked. */
  readonly checkAddress?: (address: URL) => Promise<void>
  readonly signal?: AbortSignal
}

/** What names a version of a file on a server. */
export interface Validators {
  readonly etag?: string
  readonly lastModified?: string
}

export type Download =
  | { readonly isUnchanged: true }
  | { readonly isUnchanged: false; readonly bytes: Buffer; readonly validators: Validators }

/** Fetches a file. Throws a `CapstanError` that names the address and the server's answer; secrets are in no text. */
export async function download(request: DownloadRequest): Promise<Download> {
  const signals = [AbortSignal.timeout(request.timeoutMs ?? DOWNLOAD_TIMEOUT_MS), request.signal]
  const signal = AbortSignal.any(signals.filter((one) => one !== undefined))
  const agents = createAgents(request.access)
  try {
    return await follow(request, { agents, signal })
  } catch (error) {
    throw explain(error, request, signal)
  } finally {
    agents.http.destroy()
    agents.https.destroy()
  }
}

interface Transfer {
  readonly agents: Agents
  readonly signal: AbortSignal
}

async function follow(request: DownloadRequest, transfer: Transfer): Promise<Download> {
  let url = parseAddress(request.url)
  const first = url
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    await request.checkAddress?.(url)
    const answer = await open(url, request, {
      transfer,
      isAuthorized: mayAuthorize(url, first, request),
      headers: headersFor(url, first, request),
    })
    const { statusCode = 0, headers } = answer
    if (statusCode === 200)
      return { isUnchanged: false, bytes: await read(answer, request), validators: validatorsOf(answer) }
    answer.destroy()
    if (statusCode === 304 && request.known !== undefined) return { isUnchanged: true }
    if (![301, 302, 303, 307, 308].includes(statusCode) || headers.location === undefined) throw refused(answer, url)
    const next = new URL(headers.location, url)
    if (url.protocol === 'https:' && next.protocol !== 'https:') {
      throw new CapstanError('forbidden', `${shownUrl(url.href)}: redirects to ${next.protocol}//, which is not safe`)
    }
    url = next
  }
  throw new CapstanError('limit', `${shownUrl(request.url)}: stopped after ${MAX_REDIRECTS} redirects`)
}

function parseAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  throw new CapstanError('bad-input', `${shownUrl(text)}: is no http or https address`)
}

/** Same scheme, host and port as the owner's; or asked for, as long as no redirect led elsewhere (helm httpgetter, v4.2.1). */
function mayAuthorize(url: URL, first: URL, { owner, passCredentials }: DownloadRequest): boolean {
  if (passCredentials === true && url.origin === first.origin) return true
  return URL.canParse(owner) && new URL(owner).origin === url.origin
}

function headersFor(url: URL, first: URL, { headers = {} }: DownloadRequest): Readonly<Record<string, string>> {
  return url.origin === first.origin ? headers : {}
}

interface Opening {
  readonly transfer: Transfer
  readonly isAuthorized: boolean
  readonly headers: Readonly<Record<string, string>>
}

function open(
  url: URL,
  request: DownloadRequest,
  { transfer, isAuthorized, headers: own }: Opening,
): Promise<IncomingMessage> {
  const authorization = isAuthorized ? basicAuthorization(request.access) : undefined
  const { known, accept } = request
  const headers: Record<string, string> = {
    'User-Agent': 'capstan',
    ...(accept === undefined ? {} : { Accept: accept }),
    ...(authorization === undefined ? {} : { Authorization: authorization }),
    ...own,
    ...(known?.etag === undefined ? {} : { 'If-None-Match': known.etag }),
    ...(known?.lastModified === undefined ? {} : { 'If-Modified-Since': known.lastModified }),
  }
  const { agents, signal } = transfer
  return new Promise((resolve, reject) => {
    const sent =
      url.protocol === 'https:'
        ? httpsGet(url, { agent: agents.https, headers, signal }, resolve)
        : httpGet(url, { agent: agents.http, headers, signal }, resolve)
    sent.on('error', reject)
  })
}

async function read(answer: IncomingMessage, { url, maxBytes }: DownloadRequest): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of answer) {
    const bytes = Buffer.from(chunk)
    length += bytes.length
    if (length > maxBytes) throw new CapstanError('limit', `${shownUrl(url)}: is larger than ${maxBytes} bytes`)
    chunks.push(bytes)
  }
  return Buffer.concat(chunks)
}

function validatorsOf({ headers }: IncomingMessage): Validators {
  const { etag, 'last-modified': lastModified } = headers
  return { ...(etag === undefined ? {} : { etag }), ...(lastModified === undefined ? {} : { lastModified }) }
}

function refused({ statusCode = 0, statusMessage = '' }: IncomingMessage, url: URL): CapstanError {
  const text = `failed to fetch ${shownUrl(url.href)} : ${statusCode} ${statusMessage}`
  switch (statusCode) {
    case 401:
      return new CapstanError('unauthenticated', `${text}: register the repository with a user name and a password`)
    case 403:
      return new CapstanError('forbidden', `${text}: the credentials may not read it`)
    case 404:
    case 410:
      return new CapstanError('not-found', text)
    default:
      return new CapstanError('unavailable', text)
  }
}

function explain(error: unknown, request: DownloadRequest, signal: AbortSignal): unknown {
  if (error instanceof CapstanError) return error
  const address = shownUrl(request.url)
  if (request.signal?.aborted === true) return error
  if (signal.aborted) {
    const seconds = (request.timeoutMs ?? DOWNLOAD_TIMEOUT_MS) / 1000
    return new CapstanError('timeout', `${address}: no whole answer within ${seconds} s`, { cause: error })
  }
  const advice = /certificate|self-signed/i.test(messageOf(error))
    ? '; add its authority to argocd-tls-certs-cm (`argocd cert add-tls HOST --from FILE`)'
    : ''
  return new CapstanError('unavailable', `${address}: ${messageOf(error)}${advice}`, { cause: error })
}
