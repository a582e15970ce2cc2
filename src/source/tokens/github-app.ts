// Installation tokens of GitHub Apps: a JWT of the app's key, the installation found by its owner, a token for it.
import { CapstanError, messageOf } from '../../base/errors.ts'
import { sha256Hex } from '../../base/digest.ts'
import { LruCache } from '../../base/lru.ts'
import { Secret } from '../../base/secret.ts'
import { callHttp, shownUrl, type HttpAnswer } from '../http-call.ts'
import type { AccessToken } from './token-cache.ts'
import {
  garbage,
  MAX_TOKEN_ANSWER_BYTES,
  readJson,
  refusal,
  TOKEN_TIMEOUT_MS,
  type TokenContext,
  type TrustFor,
} from './token-endpoint.ts'

/** A page has 100 installations: one app of more than 10,000 organisations names the installation. */
export const MAX_INSTALLATION_PAGES = 100
/** What was found out about owners is asked again after an hour (argo-cd v3.5.1 githubInstallationIdCache). */
export const INSTALLATIONS_FRESH_MS = 3_600_000
/** The clocks of two machines differ by seconds: the app's own token begins a little earlier, and lives two minutes. */
const CLOCK_SKEW_S = 30
const APP_TOKEN_LIFE_S = 120
/** An installation's token lives an hour, should an answer not say. */
const TOKEN_LIFE_MS = 3_600_000

const PUBLIC_API = 'https://api.github.com'
const ACCEPT = 'application/vnd.github.v3+json'

/** The user name that goes with a token. */
export const GITHUB_TOKEN_USER = 'x-access-token'

export interface GithubApp {
  readonly id: number
  /** Absent or 0: the installation of the repository's owner. */
  readonly installationId?: number
  readonly privateKey: Secret
  /** API address of GitHub Enterprise, as `https://ghe.example.com/api/v3`; absent: GitHub's own. */
  readonly baseUrl?: string
}

interface Installations {
  readonly ids: ReadonlyMap<string, number>
  readonly atMs: number
}

/** Asks for installation tokens; remembers which owner has which installation. */
export class GithubAppTokens {
  readonly #context: TokenContext
  readonly #installations = new LruCache<Promise<Installations>>({ maxSize: 100 })

  constructor(context: TokenContext) {
    this.#context = context
  }

  /** A new token. Throws `CapstanError` in the words of upstream's client, with what to do. */
  async request(app: GithubApp, repoURL: string, trustFor: TrustFor): Promise<AccessToken> {
    const installation = app.installationId || (await this.#findInstallation(app, repoURL, trustFor))
    const url = `${apiOf(app)}/app/installations/${installation}/access_tokens`
    const answer = await this.#call('POST', url, { app, trustFor })
    const what = `could not refresh installation id ${installation}'s token`
    if (answer.status < 200 || answer.status > 299) throw refused(what, url, answer)
    const { token, expires_at: expires } = readJson(answer.body)
    if (typeof token !== 'string' || token === '') throw garbage(what, url)
    const told = typeof expires === 'string' ? Date.parse(expires) : Number.NaN
    const expiresAtMs = Number.isNaN(told) ? this.#context.clock.now() + TOKEN_LIFE_MS : told
    return { token: new Secret(token), expiresAtMs }
  }

  async #findInstallation(app: GithubApp, repoURL: string, trustFor: TrustFor): Promise<number> {
    const owner = ownerOf(repoURL)
    if (owner === undefined) {
      const text = `could not extract organization from repository URL ${shownUrl(repoURL)}: the URL does not contain an organization/owner; set githubAppInstallationID`
      throw new CapstanError('bad-input', text)
    }
    const key = sha256Hex(`${app.id} ${app.baseUrl ?? ''} ${app.privateKey.reveal()}`)
    const known = await this.#known(key)
    const found = known?.ids.get(owner) ?? (await this.#listAnew(key, app, trustFor)).ids.get(owner)
    if (found !== undefined) return found
    const text = `failed to discover GitHub App installation ID for organization ${owner}: ensure the GitHub App (ID: ${app.id}) is installed for this organization: installation not found for org: ${owner}`
    throw new CapstanError('not-found', text)
  }

  async #known(key: string): Promise<Installations | undefined> {
    const known = await this.#installations.get(key)
    return known !== undefined && this.#context.clock.now() - known.atMs < INSTALLATIONS_FRESH_MS ? known : undefined
  }

  #listAnew(key: string, app: GithubApp, trustFor: TrustFor): Promise<Installations> {
    const listing = this.#list(app, trustFor)
    this.#installations.set(key, listing)
    listing.catch(() => this.#installations.delete(key))
    return listing
  }

  async #list(app: GithubApp, trustFor: TrustFor): Promise<Installations> {
    const ids = new Map<string, number>()
    let url: string | undefined = `${withVersion(apiOf(app))}/app/installations?per_page=100`
    for (let page = 0; url !== undefined; page++) {
      if (page === MAX_INSTALLATION_PAGES) {
        const text = `GitHub App ${app.id} has more than ${MAX_INSTALLATION_PAGES} pages of installations; set githubAppInstallationID`
        throw new CapstanError('limit', text)
      }
      const answer = await this.#call('GET', url, { app, trustFor })
      if (answer.status !== 200) throw refused('failed to list installations', url, answer)
      for (const [owner, id] of installationsOf(answer)) ids.set(owner, id)
      url = nextPage(answer, url)
    }
    return { ids, atMs: this.#context.clock.now() }
  }

  async #call(
    method: 'GET' | 'POST',
    url: string,
    { app, trustFor }: { readonly app: GithubApp; readonly trustFor: TrustFor },
  ): Promise<HttpAnswer> {
    const jwt = await this.#appToken(app)
    const { timeoutMs = TOKEN_TIMEOUT_MS } = this.#context
    const headers = { Accept: ACCEPT, Authorization: `Bearer ${jwt}` }
    return callHttp({ method, url, headers, trust: trustFor(url), maxBytes: MAX_TOKEN_ANSWER_BYTES, timeoutMs })
  }

  async #appToken({ id, privateKey }: GithubApp): Promise<string> {
    const { clock, sign } = this.#context
    const iat = Math.floor(clock.now() / 1000) - CLOCK_SKEW_S
    try {
      return await sign({ iat, exp: iat + APP_TOKEN_LIFE_S, iss: String(id) }, privateKey)
    } catch (error) {
      const text = `could not parse private key: githubAppPrivateKey must be the PEM file that GitHub made, pasted whole (${messageOf(error)})`
      throw new CapstanError('bad-input', text, { cause: error })
    }
  }
}

function apiOf({ baseUrl = '' }: GithubApp): string {
  return baseUrl === '' ? PUBLIC_API : baseUrl.replace(/\/+$/, '')
}

/** Lists of Enterprise stand below /api/v3, whether or not the address says so (go-github `WithEnterpriseURLs`). */
function withVersion(api: string): string {
  const host = URL.parse(api)?.hostname ?? ''
  const isComplete = api.endsWith('/api/v3') || host.startsWith('api.') || host.includes('.api.')
  return isComplete ? api : `${api}/api/v3`
}

/** The first part of a repository's path, in lower case; undefined where it has fewer than two. */
export function ownerOf(repoURL: string): string | undefined {
  const path =
    /^(?:ssh:\/\/)?[^/@]+@[^/:]+:(?:\d+\/)?(?<path>.*)$/.exec(repoURL)?.groups?.['path'] ?? URL.parse(repoURL)?.pathname
  const parts = (path ?? '')
    .replace(/^\/+|\/+$/g, '')
    .replace(/\.git$/, '')
    .split('/')
  return parts.length < 2 || parts[0] === '' ? undefined : parts[0]?.toLowerCase()
}

function* installationsOf({ body }: HttpAnswer): Generator<readonly [string, number]> {
  for (const value of Object.values(readJson(body))) {
    const { id, account } = Object(value)
    const login: unknown = Object(account).login
    if (typeof id === 'number' && typeof login === 'string') yield [login.toLowerCase(), id]
  }
}

/** Followed on the same host alone: the app's token goes nowhere else. */
function nextPage({ headers }: HttpAnswer, from: string): string | undefined {
  const links = headers['link']
  const text = Array.isArray(links) ? links.join(',') : (links ?? '')
  const target = /<(?<target>[^>]*)>\s*;\s*rel="?next"?/.exec(text)?.groups?.['target']
  const next = target === undefined ? null : URL.parse(target, from)
  return next === null || next.origin !== URL.parse(from)?.origin ? undefined : next.href
}

const ADVICE = 'check githubAppID, githubAppInstallationID and githubAppPrivateKey, and that the app may read contents'

function refused(what: string, url: string, answer: HttpAnswer): CapstanError {
  const text = `${what}: received non 2xx response status "${answer.statusText}" when fetching ${shownUrl(url)}`
  const { code, message } = refusal(text, answer)
  return new CapstanError(code, `${message}; ${ADVICE}`)
}
