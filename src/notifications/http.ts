// HTTP for services: one bounded request, and several with pauses where that helps.
import { CapstanError } from '../base/errors.ts'
import { callHttp, shownUrl, type HttpAnswer } from '../source/http-call.ts'
import type { HttpQuestion, ServiceContext } from './notification.ts'
import { fieldsOf, type Fields } from './options.ts'

/** A service that has not answered by then is taken for unavailable; alertmanager waits less, see there. */
export const CALL_TIMEOUT_MS = 30_000
/** Answers are read for errors and ids: nothing longer is needed. */
export const MAX_ANSWER_BYTES = 1_000_000
/** So much of an answer is told in an error. */
const MAX_SHOWN = 500
/** A service may ask to wait; longer than this the delivery fails and is tried again later. */
const MAX_WAIT_MS = 30_000

export interface HttpOptions {
  readonly signal: AbortSignal
  readonly certificatesOf: (host: string) => string | undefined
  /** HTTPS_PROXY, HTTP_PROXY, NO_PROXY in either case. */
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Sends one request. Throws `bad-input`, `timeout`, `limit` or `unavailable`; no text holds the address' query. */
export async function sendRequest(question: HttpQuestion, options: HttpOptions): Promise<HttpAnswer> {
  try {
    return await sendOnce(question, options)
  } catch (error) {
    if (!(error instanceof CapstanError) || question.hidesPath !== true) throw error
    throw new CapstanError(error.code, error.message.replaceAll(shownUrl(question.url), shownAddress(question)))
  }
}

/** The address as errors may show it. */
export function shownAddress({ url, hidesPath }: Pick<HttpQuestion, 'url' | 'hidesPath'>): string {
  return hidesPath === true ? (URL.parse(url)?.origin ?? 'the address') : shownUrl(url)
}

async function sendOnce(question: HttpQuestion, options: HttpOptions): Promise<HttpAnswer> {
  const { method, url, headers = {}, body, insecure = false, timeoutMs = CALL_TIMEOUT_MS } = question
  const address = URL.parse(url)
  const certificates = insecure || address === null ? undefined : options.certificatesOf(address.host)
  const { environment } = options
  const named = (name: string): string => environment[name] ?? environment[name.toLowerCase()] ?? ''
  const proxy = named(address?.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY')
  return callHttp({
    method,
    url,
    headers,
    ...(body === undefined ? {} : { body }),
    trust: {
      insecure,
      ...(certificates === undefined ? {} : { caCertificates: certificates }),
      ...(proxy === '' ? {} : { proxy, noProxy: named('NO_PROXY') }),
    },
    maxBytes: MAX_ANSWER_BYTES,
    timeoutMs,
    signal: options.signal,
  })
}

export function isSuccess({ status }: HttpAnswer): boolean {
  return status >= 200 && status <= 299
}

/** The answer's text, shortened. */
export function answerText({ body }: HttpAnswer): string {
  const text = body.toString('utf8')
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text
}

/** What upstream's services say of an answer that is none they like. */
export function refused(question: Pick<HttpQuestion, 'url' | 'hidesPath'>, answer: HttpAnswer): CapstanError {
  const reason = `request to ${shownAddress(question)} has failed with error code ${answer.status} : ${answerText(answer)}`
  return new CapstanError('unavailable', reason)
}

/** Posts JSON; throws where the answer is no success. */
export async function postJson(
  context: ServiceContext,
  url: string,
  body: unknown,
  more: Pick<HttpQuestion, 'headers' | 'insecure' | 'timeoutMs' | 'hidesPath'> = {},
): Promise<HttpAnswer> {
  const headers = { 'Content-Type': 'application/json', ...more.headers }
  const answer = await context.http({ ...more, method: 'POST', url, headers, body: JSON.stringify(body) })
  if (!isSuccess(answer)) throw refused({ ...more, url }, answer)
  return answer
}

/** An answer's JSON; an error where it is none. */
export function answerJson(answer: HttpAnswer, what: string): Fields {
  try {
    return fieldsOf(JSON.parse(answer.body.toString('utf8')))
  } catch (error) {
    throw new CapstanError('unavailable', `${what}: the answer is no JSON: ${answerText(answer)}`, { cause: error })
  }
}

export interface Retries {
  /** After the first attempt. */
  readonly most: number
  readonly waitMinMs: number
  readonly waitMaxMs: number
}

/** Asks again after failures that may pass: no answer, 429, and 5xx but 501 (hashicorp/go-retryablehttp). */
export async function httpWithRetries(
  context: ServiceContext,
  question: HttpQuestion,
  retries: Retries,
): Promise<HttpAnswer> {
  for (let attempt = 0; ; attempt++) {
    const isLast = attempt >= retries.most
    const waitMs = Math.min(retries.waitMinMs * 2 ** attempt, retries.waitMaxMs)
    try {
      const answer = await context.http(question)
      if (isLast || !mayPass(answer.status)) return answer
      await context.pause(retryAfterMs(answer) ?? waitMs)
    } catch (error) {
      if (isLast || context.signal.aborted || !isPassing(error)) throw error
      await context.pause(waitMs)
    }
  }
}

function mayPass(status: number): boolean {
  return status === 429 || (status >= 500 && status !== 501)
}

function isPassing(error: unknown): boolean {
  return error instanceof CapstanError && (error.code === 'unavailable' || error.code === 'timeout')
}

/** How long the service wants one to wait, bounded; undefined where it does not say. */
export function retryAfterMs({ headers }: HttpAnswer): number | undefined {
  const seconds = Number(headers['retry-after'] ?? Number.NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds * 1000, MAX_WAIT_MS) : undefined
}
