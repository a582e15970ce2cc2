// What is asked of registries: which manifest a name stands for, what is in it, which tags there are, whether a credential is good.
import { createHash } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import { type ExchangeAnswer, HttpExchange, unexpectedStatus, type ExchangeOptions } from './http-exchange.ts'
import { canonicalName, checkDigest, registryHost, type ImageReference } from './image-reference.ts'
import { MANIFEST_TYPES, manifestFor, parseManifest, type Platform } from './manifest.ts'
import { RegistryError, withContext } from './registry-error.ts'
import { AuthorizationFailed, RegistrySession, type AuthScheme, type SessionOptions } from './registry-session.ts'
import type { RegistryCredential } from './token-login.ts'

export interface RegistryClientOptions extends Partial<ExchangeOptions> {
  readonly clock: Clock
  readonly allowsRealm?: SessionOptions['allowsRealm']
}

export interface Access {
  /** Absent: anonymous. */
  readonly credential?: RegistryCredential
  readonly signal?: AbortSignal
}

export interface ResolvedImage {
  /** Of the manifest or list that the name stands for. */
  readonly digest: string
}

export interface ImageDetails {
  /** Digest of the image's configuration, where its manifest has one. */
  readonly id: string | undefined
  readonly sizeBytes: number
}

export interface ProbeResult {
  /** How the registry lets people in; `none` means that it asked nobody, so the credential was not tested. */
  readonly scheme: AuthScheme
}

/** containerd refuses larger manifests (MaxManifestSize). */
export const MAX_MANIFEST_BYTES: number = 4 * 1024 * 1024
const MAX_TAG_PAGE_BYTES = 4 * 1024 * 1024
const TAGS_PER_PAGE = 1000
/** A hundred thousand tags in pages of a thousand; a registry that goes on is not listing tags. */
export const MAX_TAG_PAGES = 100

/** Any number of registries; every call logs in anew, so that a changed credential acts at once. */
export class RegistryClient {
  readonly #options: RegistryClientOptions
  readonly #exchange: HttpExchange
  readonly #plainHosts = new Set<string>()

  constructor(options: RegistryClientOptions) {
    this.#options = options
    this.#exchange = new HttpExchange({ insecureHosts: [], ...options })
  }

  /** What a reference stands for now. Throws `RegistryError` with containerd's words. */
  async resolve(reference: ImageReference, access: Access = {}): Promise<ResolvedImage> {
    const target = reference.digest ?? reference.tag ?? 'latest'
    const session = this.#session(registryHost(reference), access)
    const answer = await this.#manifest(session, { reference, target, method: 'HEAD', access })
    const stated = headerText(answer, 'docker-content-digest')
    const size = Number(headerText(answer, 'content-length') ?? Number.NaN)
    if (size > MAX_MANIFEST_BYTES) throw tooLarge(reference, size)
    if (reference.digest !== undefined) return { digest: reference.digest }
    if (stated !== undefined && !Number.isNaN(size)) return { digest: validDigest(stated) }
    const { body } = await this.#manifest(session, { reference, target, method: 'GET', access })
    return { digest: `sha256:${createHash('sha256').update(body).digest('hex')}` }
  }

  /** Reads the manifest of a digest and, where it lists several, that of the platform. */
  async details(
    reference: ImageReference,
    digest: string,
    { platform, ...access }: Access & { readonly platform: Platform },
  ): Promise<ImageDetails> {
    const session = this.#session(registryHost(reference), access)
    const first = await this.#content(session, { reference, target: digest, method: 'GET', access })
    const manifest = parseManifest(first)
    if (manifest.kind === 'image') return { id: manifest.config, sizeBytes: manifest.contentBytes + first.length }
    const target = manifestFor(manifest.manifests, platform)
    const second = await this.#content(session, { reference, target, method: 'GET', access })
    const image = parseManifest(second)
    if (image.kind === 'list') throw new RegistryError('invalid-answer', 'a list of manifests lists another list')
    return { id: image.config, sizeBytes: image.contentBytes + first.length + second.length }
  }

  /** All tags of a repository. */
  async tags(reference: ImageReference, access: Access = {}): Promise<readonly string[]> {
    const session = this.#session(registryHost(reference), access)
    const tags: string[] = []
    let path: string | undefined = `/v2/${pathOf(reference)}/tags/list?n=${TAGS_PER_PAGE}`
    for (let page = 0; path !== undefined; page++) {
      if (page === MAX_TAG_PAGES)
        throw new RegistryError('limit', `${reference.name}: more than ${MAX_TAG_PAGES} pages of tags`)
      const answer: ExchangeAnswer = await session.request({
        method: 'GET',
        path,
        scope: scopeOf(reference),
        maxBytes: MAX_TAG_PAGE_BYTES,
        ...withSignal(access),
      })
      if (answer.status !== 200) throw unexpectedStatus('GET', answer)
      tags.push(...tagsOf(answer))
      path = nextPage(answer)
    }
    return tags
  }

  /** Asks a registry whether it takes a credential: `GET /v2/`. Throws `RegistryError` where it does not. */
  async probe(host: string, access: Access = {}): Promise<ProbeResult> {
    const session = this.#session(host === 'docker.io' ? 'registry-1.docker.io' : host, access)
    const answer = await session.request({
      method: 'GET',
      path: '/v2/',
      maxBytes: MAX_MANIFEST_BYTES,
      ...withSignal(access),
    })
    if (answer.status !== 200) throw unexpectedStatus('GET', answer)
    // Whoever asks nobody for a password may be any web server.
    if (session.scheme === 'none' && headerText(answer, 'content-type')?.startsWith('text/html') === true) {
      throw new RegistryError('invalid-answer', `GET "${answer.url.origin}/v2/": it sent a page, as no registry does`)
    }
    return { scheme: session.scheme }
  }

  async close(): Promise<void> {
    await this.#exchange.close()
  }

  #session(host: string, { credential }: Access): RegistrySession {
    const { clock, allowsRealm, insecureHosts = [] } = this.#options
    return new RegistrySession({
      exchange: this.#exchange,
      clock,
      rules: { insecureHosts },
      host,
      credential,
      plainHosts: this.#plainHosts,
      ...(allowsRealm === undefined ? {} : { allowsRealm }),
    })
  }

  async #manifest(session: RegistrySession, wanted: WantedManifest): Promise<ExchangeAnswer> {
    const { reference, target, access } = wanted
    const request = {
      path: `/v2/${pathOf(reference)}/manifests/${target}`,
      accept: [...MANIFEST_TYPES, '*/*'].join(', '),
      scope: scopeOf(reference),
      maxBytes: MAX_MANIFEST_BYTES,
      ...withSignal(access),
    }
    try {
      const first = await session.request({ ...request, method: wanted.method })
      // Some registries know HEAD for blobs alone.
      const isGetOnly = first.status === 405 && wanted.method === 'HEAD'
      const answer = isGetOnly ? await session.request({ ...request, method: 'GET' }) : first
      if (answer.status >= 200 && answer.status < 300) return answer
      if (answer.status !== 404) throw unexpectedStatus(isGetOnly ? 'GET' : wanted.method, answer)
    } catch (error) {
      throw error instanceof AuthorizationFailed
        ? withContext('pull access denied, repository does not exist or may require authorization', error)
        : error
    }
    throw new RegistryError('not-found', `${canonicalName(reference)}: not found`, { status: 404 })
  }

  /** A manifest whose content is what its digest says. */
  async #content(session: RegistrySession, wanted: WantedManifest): Promise<string> {
    const { body } = await this.#manifest(session, wanted)
    const digest = validDigest(wanted.target)
    const algorithm = digest.slice(0, digest.indexOf(':'))
    const actual = `${algorithm}:${createHash(algorithm).update(body).digest('hex')}`
    if (actual !== digest) {
      throw new RegistryError('invalid-answer', `the registry sent content of digest ${actual} for ${digest}`)
    }
    return body.toString('utf8')
  }
}

interface WantedManifest {
  readonly reference: ImageReference
  /** A tag or a digest. */
  readonly target: string
  readonly method: 'HEAD' | 'GET'
  readonly access: Access
}

/** A repository on the registry's side: what stands behind its host. */
function pathOf({ domain, path, name }: ImageReference): string {
  return domain === '' ? name.slice(name.indexOf('/') + 1) : path
}

function scopeOf(reference: ImageReference): string {
  return `repository:${pathOf(reference)}:pull`
}

function withSignal({ signal }: Access): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal }
}

function headerText({ headers }: ExchangeAnswer, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : undefined
}

function validDigest(digest: string): string {
  try {
    checkDigest(digest)
    return digest
  } catch (error) {
    const reason = error instanceof Error ? error.message : ''
    throw new RegistryError('invalid-answer', `${JSON.stringify(digest)} in header not a valid digest: ${reason}`, {
      cause: error,
    })
  }
}

function tooLarge(reference: ImageReference, size: number): RegistryError {
  return new RegistryError('limit', `rejecting ${size} byte manifest for ${canonicalName(reference)}: not found`)
}

function tagsOf({ body }: ExchangeAnswer): readonly string[] {
  try {
    const json: unknown = JSON.parse(body.toString('utf8'))
    const tags: unknown = typeof json === 'object' && json !== null && 'tags' in json ? json.tags : []
    // A repository without tags has null here.
    return Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : []
  } catch (error) {
    throw new RegistryError('invalid-answer', 'the registry sent a list of tags that is no JSON', { cause: error })
  }
}

/** `Link: </v2/app/tags/list?last=b&n=1000>; rel="next"`: followed on the same host alone. */
function nextPage(answer: ExchangeAnswer): string | undefined {
  const link = headerText(answer, 'link')
  const target = /<(?<target>[^>]*)>\s*;[^,]*rel="?next"?/.exec(link ?? '')?.groups?.['target']
  if (target === undefined) return undefined
  const url = URL.parse(target, answer.url)
  if (url === null || url.host !== answer.url.host) {
    throw new RegistryError('unsafe', 'the next page of tags is on another host: refused')
  }
  return url.pathname + url.search
}
