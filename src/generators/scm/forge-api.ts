// Calls of a forge's API: its address and login, pages, and errors that say what the forge said and what to do.
import { CapstanError, type ErrorCode } from '../../base/errors.ts'
import { rfc3339Seconds } from '../../base/rfc3339.ts'
import { type GeneratorContext, type HttpAnswer, type HttpRequest, MAX_PARAMETERS } from '../contract.ts'

export interface ForgeConnection {
  /** With or without a slash at its end. */
  readonly baseUrl: string
  /** Who asks: `authorization` or the forge's own header; none asks as anybody. */
  readonly headers: Readonly<Record<string, string>>
  readonly isInsecure?: boolean
  /** PEM certificates trusted beside those of the settings. */
  readonly certificates?: string
}

export interface ForgeAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly url: string
  /** What the body holds; undefined where it is empty. */
  readonly json: unknown
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>

/** Entries an API may list; more make more applications than one ApplicationSet may have. */
export const MAX_ENTRIES: number = MAX_PARAMETERS
/** Pages of one list, should an API give fewer entries a page than it is asked for, or the same for ever. */
export const MAX_PAGES = 1_000
export const PAGE_SIZE = 100
/** Of what a forge said, in an error. */
const MAX_SHOWN = 300

/** An error answer, so that a forge's client can tell a repository that is not there. */
export class ForgeError extends CapstanError {
  readonly status: number
  /** Azure DevOps' `typeKey`, AWS' `__type`; empty where there is none. */
  readonly kind: string

  constructor(code: ErrorCode, message: string, more: { readonly status: number; readonly kind?: string }) {
    super(code, message)
    this.name = 'ForgeError'
    this.status = more.status
    this.kind = more.kind ?? ''
  }
}

export class ForgeApi {
  readonly #context: GeneratorContext
  readonly #connection: ForgeConnection
  readonly #base: string

  constructor(context: GeneratorContext, connection: ForgeConnection) {
    this.#context = context
    this.#connection = connection
    this.#base = connection.baseUrl.replace(/\/+$/, '')
    const protocol = URL.parse(this.#base)?.protocol
    if (protocol !== 'http:' && protocol !== 'https:') {
      throw new CapstanError('bad-input', `api ${JSON.stringify(connection.baseUrl)} is no http or https address`)
    }
  }

  /** Throws a `ForgeError` for every answer but 2xx. `path` is escaped already. */
  async get(path: string, query: Query = {}): Promise<ForgeAnswer> {
    return this.#ask({ method: 'GET', url: this.#urlOf(path, query) })
  }

  /** Undefined where the forge says 404. */
  async find(path: string, query: Query = {}): Promise<ForgeAnswer | undefined> {
    try {
      return await this.get(path, query)
    } catch (error) {
      if (error instanceof ForgeError && error.status === 404) return undefined
      throw error
    }
  }

  /** A POST to the base address itself. */
  async post(body: string, headers: Readonly<Record<string, string>>): Promise<ForgeAnswer> {
    return this.#ask({ method: 'POST', url: `${this.#base}/`, body, headers })
  }

  /**
   * All entries of a list, page by page. `next` gives the query of the next page, or its address on the same host;
   * undefined ends. Throws `limit` for more than `MAX_ENTRIES`.
   */
  async list(path: string, query: Query, paging: Paging): Promise<readonly unknown[]> {
    const entries: unknown[] = []
    let url = this.#urlOf(path, query)
    for (let page = 1; ; page++) {
      const answer = await this.#ask({ method: 'GET', url })
      const found = paging.entries(answer.json)
      if (found === undefined) throw garbage(answer, 'is no list')
      for (const entry of found) entries.push(entry)
      if (entries.length > MAX_ENTRIES || page > MAX_PAGES) throw tooMany(url)
      const next = paging.next({ answer, page, count: found.length })
      if (next === undefined) return entries
      url = typeof next === 'string' ? this.#sameHost(next, url) : this.#urlOf(path, { ...query, ...next })
    }
  }

  #urlOf(path: string, query: Query): string {
    const search = new URLSearchParams()
    for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value))
    const text = search.toString()
    return `${this.#base}/${path}${text === '' ? '' : `?${text}`}`
  }

  /** The login goes to no other host, whatever an answer says. */
  #sameHost(next: string, from: string): string {
    const url = URL.parse(next, from)
    if (url !== null && url.origin === URL.parse(from)?.origin) return url.href
    throw new CapstanError('unavailable', `GET ${shown(from)}: the next page is on another host: check api`)
  }

  async #ask(request: Pick<HttpRequest, 'method' | 'url' | 'body' | 'headers'>): Promise<ForgeAnswer> {
    const { services, signal } = this.#context
    const { headers, isInsecure, certificates } = this.#connection
    const { rootCertificates, proxyUrl, noProxy } = services.scm
    const trusted = [rootCertificates, certificates].filter((one) => one !== undefined && one !== '').join('\n')
    signal.throwIfAborted()
    const answer = await services.http({
      ...request,
      headers: { 'user-agent': 'argocd-applicationset', accept: 'application/json', ...headers, ...request.headers },
      ...(isInsecure === true ? { isInsecure } : {}),
      ...(trusted === '' ? {} : { certificates: trusted }),
      ...(proxyUrl === undefined ? {} : { proxyUrl }),
      ...(noProxy === undefined ? {} : { noProxy }),
      signal,
    })
    if (answer.status < 200 || answer.status > 299) throw refusal(request, answer)
    return { status: answer.status, headers: answer.headers, url: request.url, json: read(request.url, answer) }
  }
}

export interface PageSeen {
  readonly answer: ForgeAnswer
  /** From 1. */
  readonly page: number
  readonly count: number
}

export interface Paging {
  /** Undefined where the answer is no list. */
  readonly entries: (json: unknown) => readonly unknown[] | undefined
  readonly next: (seen: PageSeen) => Query | string | undefined
}

/** Lists that are plain, with the next page's address in the header `link` (GitHub, GitLab, Gitea). */
export const LINKED_PAGES: Paging = {
  entries: (json) => (Array.isArray(json) ? json : undefined),
  next({ answer }) {
    const links = answer.headers['link'] ?? ''
    return /<(?<url>[^>]*)>\s*;\s*rel="?next"?/.exec(links)?.groups?.['url']
  },
}

/** What an answer says that is not what its API gives. */
export function garbage({ url }: { readonly url: string }, problem: string): CapstanError {
  return new CapstanError(
    'unavailable',
    `GET ${shown(url)}: the answer ${problem}: check that api is the address of the API and that the token is valid`,
  )
}

function tooMany(url: string): CapstanError {
  const text = `GET ${shown(url)}: there are more than ${MAX_ENTRIES} entries or ${MAX_PAGES} pages: narrow the selection`
  return new CapstanError('limit', text)
}

function read(url: string, { text }: HttpAnswer): unknown {
  if (text.trim() === '') return undefined
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw garbage({ url }, 'is not JSON')
  }
}

const CODES: Readonly<Record<number, ErrorCode>> = { 401: 'unauthenticated', 403: 'forbidden', 404: 'not-found' }
const ADVICE: Readonly<Record<number, string>> = {
  401: 'check the token',
  403: 'check what the token may do',
  404: 'check the names, and that the token may see them',
}

function refusal({ method, url }: Pick<HttpRequest, 'method' | 'url'>, answer: HttpAnswer): ForgeError {
  const { status } = answer
  const { message, kind } = said(answer.text)
  const limited = rateLimit(answer)
  const advice = limited ?? ADVICE[status]
  const text = [`${method} ${shown(url)}: ${status}${message === '' ? '' : ` ${message}`}`, advice]
  const code = limited === undefined ? (CODES[status] ?? 'unavailable') : 'unavailable'
  return new ForgeError(code, text.filter((part) => part !== undefined).join('; '), { status, kind })
}

/** 429, and GitHub's 403 with nothing left or a time to wait for. */
function rateLimit({ status, headers }: HttpAnswer): string | undefined {
  const isUsedUp = headers['x-ratelimit-remaining'] === '0' || headers['retry-after'] !== undefined
  if (status !== 429 && !(status === 403 && isUsedUp)) return undefined
  const seconds = Number(headers['x-ratelimit-reset'] ?? headers['ratelimit-reset'])
  const after = headers['retry-after']
  if (after !== undefined) return `the rate limit is used up, asked again it answers after ${after.slice(0, 40)} s`
  if (!(seconds > 0) || seconds > 1e11)
    return 'the rate limit is used up: use a token, or requeueAfterSeconds for longer pauses'
  const time = rfc3339Seconds(seconds * 1000)
  return `the rate limit is used up until ${time}: use a token, or requeueAfterSeconds for longer pauses`
}

/** The forge's own words, in the forms forges have for them. */
function said(text: string): { readonly message: string; readonly kind: string } {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { message: '', kind: '' } // a page of a proxy says nothing to people who read a condition
  }
  const { message, error, errors, typeKey, __type: type, Message: aws }: Record<string, unknown> = Object(json)
  const first: unknown = Array.isArray(errors) ? Object(errors[0]).message : undefined
  const inner: unknown = Object(error).message
  const found = [message, aws, inner, error, first].find((one) => typeof one === 'string' && one !== '')
  const kind = [typeKey, type].find((one) => typeof one === 'string') ?? ''
  return { message: plain(found), kind: typeof kind === 'string' ? kind : '' }
}

function plain(text: unknown): string {
  return typeof text === 'string' ? text.replaceAll(/\p{Cc}+/gu, ' ').slice(0, MAX_SHOWN) : ''
}

/** Without its query and login. */
function shown(text: string): string {
  const url = URL.parse(text)
  return url === null ? text : `${url.origin}${url.pathname}`
}
