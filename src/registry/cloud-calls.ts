// Calls of clouds' token services: bounded, without redirects, with the server's clock read from each answer.
import { readFile } from 'node:fs/promises'
import { type AwsHost, MAX_ANSWER_LENGTH } from '../base/aws-credentials.ts'
import { messageOf } from '../base/errors.ts'
import { HttpExchange } from './http-exchange.ts'
import { IssueError } from './issue-error.ts'

export interface CloudRequest {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly url: URL
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** Default `CALL_TIMEOUT_MS`. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

export interface CloudAnswer {
  readonly status: number
  readonly text: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** When the server sent it, by its own clock. */
  readonly dateMs?: number
}

/** Tokens of clouds have a few kilobytes. */
export const MAX_CLOUD_ANSWER_BYTES: number = MAX_ANSWER_LENGTH
export const CALL_TIMEOUT_MS = 15_000
/** Of what a service says of its refusal. */
const MAX_REASON_LENGTH = 300

export class CloudCalls {
  readonly #exchange = new HttpExchange({ insecureHosts: [] })
  /** The same calls and this machine's files, for the chain of AWS credentials. */
  readonly awsHost: AwsHost = {
    ask: (url, request) => this.#ask({ ...request, url }),
    readText,
  }

  /** Throws a temporary `IssueError` where there is no answer that can be read. */
  async send(request: CloudRequest): Promise<CloudAnswer> {
    try {
      return await this.#ask(request)
    } catch (error) {
      request.signal?.throwIfAborted()
      const text = `${request.url.host} cannot be asked: ${messageOf(error)}`
      throw new IssueError('temporary', text, { cause: error })
    }
  }

  async close(): Promise<void> {
    await this.#exchange.close()
  }

  async #ask({ timeoutMs = CALL_TIMEOUT_MS, signal, ...request }: CloudRequest): Promise<CloudAnswer> {
    const timeout = AbortSignal.timeout(timeoutMs)
    const { status, body, headers } = await this.#exchange.send({
      ...request,
      maxBytes: MAX_CLOUD_ANSWER_BYTES,
      followsRedirects: false,
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
    })
    const dateMs = Date.parse(String(headers['date'] ?? ''))
    return { status, headers, text: body.toString('utf8'), ...(Number.isNaN(dateMs) ? {} : { dateMs }) }
  }
}

/** Undefined where there is no such file. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    // Whoever needs the file says what its absence means.
    return undefined
  }
}

/** The fields of a JSON object; none where it is something else. */
export function jsonFields(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    // Whoever reads it says what is missing; the text may hold a token.
    return {}
  }
}

/** A non-empty text among the fields of a JSON object. */
export function textField(fields: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = fields[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The first line of what a service says of itself, without control characters, cut. */
export function plainReason(text: string): string {
  const line = text.trim().split(/\r?\n/)[0] ?? ''
  return line.replaceAll(/\p{Cc}+/gu, ' ').slice(0, MAX_REASON_LENGTH)
}

/** A refusal by an OAuth service, in its words: 5xx and 429 pass, the rest is for a person. */
export function oauthRefusal(what: string, url: URL, { status, text }: CloudAnswer): IssueError {
  const fields = jsonFields(text)
  const told = ['error', 'error_description', 'message'].flatMap((name) => textField(fields, name) ?? []).join(': ')
  const reason = plainReason(told)
  const message = `${what}: ${url.host} answered ${status}${reason === '' ? '' : `: ${reason}`}`
  return new IssueError(status >= 500 || status === 429 ? 'temporary' : 'configuration', message)
}
