// A classic chart repository: an index, and archives at the addresses it names.
import type { Clock } from '../../base/clock.ts'
import { CapstanError } from '../../base/errors.ts'
import { shownUrl } from '../http-call.ts'
import type { ChartAccess } from './access.ts'
import { download } from './download.ts'
import type { Validators } from './download.ts'
import { ChartIndex, findVersion, MAX_INDEX_LENGTH } from './index-file.ts'
import type { ChartVersion } from './index-file.ts'

/** An index asked for a moment ago is not asked for again. */
export const INDEX_FRESH_MS = 120_000
/** Bytes of a chart's archive as it is sent. */
export const MAX_ARCHIVE_BYTES: number = 100 * 1024 * 1024

export interface RepositoryOptions {
  readonly url: string
  readonly clock: Clock
  /** Asked for before each request, as credentials may change. */
  readonly access: () => Promise<ChartAccess>
}

interface Kept {
  readonly index: ChartIndex
  readonly validators: Validators
  readonly atMs: number
}

export interface AskOptions {
  /** `cached`: an index of a moment ago will do. */
  readonly freshness: 'cached' | 'latest' | 'hard'
  readonly maxAgeMs?: number
  readonly signal?: AbortSignal
}

/** One repository as one project sees it. Its index is kept, and fetched anew only where the server has another one. */
export class ChartRepository {
  readonly #options: RepositoryOptions
  #kept: Kept | undefined
  /** Callers at the same time share one request. */
  #asking: Promise<ChartIndex> | undefined

  constructor(options: RepositoryOptions) {
    this.#options = options
  }

  /** The index. Throws a `CapstanError` naming the address. */
  async index({ freshness, maxAgeMs = INDEX_FRESH_MS, signal }: AskOptions): Promise<ChartIndex> {
    const kept = this.#kept
    if (freshness === 'cached' && kept !== undefined && this.#options.clock.now() - kept.atMs < maxAgeMs) {
      return kept.index
    }
    this.#asking ??= this.#fetchIndex(freshness).finally(() => {
      this.#asking = undefined
    })
    signal?.throwIfAborted()
    return this.#asking
  }

  /** Versions of a chart, the newest first. Throws `not-found` where the repository has no such chart. */
  async versions(chart: string, ask: AskOptions): Promise<readonly ChartVersion[]> {
    const versions = (await this.index(ask)).versionsOf(chart)
    if (versions === undefined) throw new CapstanError('not-found', `chart '${chart}' not found in index`)
    return versions
  }

  /** The entry of a version or of the newest one in a range. Throws `not-found`. */
  async entry(chart: string, version: string, ask: AskOptions): Promise<ChartVersion> {
    const found = findVersion(await this.versions(chart, ask), version)
    if (found !== undefined) return found
    const { url } = this.#options
    const wanted = version === '' ? '' : `-${version}`
    throw new CapstanError('not-found', `no chart version found for ${chart}${wanted} in ${shownUrl(url)} repository`)
  }

  /** The archive of an entry. Throws a `CapstanError` naming the address. */
  async archive(entry: ChartVersion, options: { passCredentials?: boolean; signal?: AbortSignal }): Promise<Buffer> {
    const address = this.addressOf(entry)
    return this.#fetchFile(address, options)
  }

  /** The provenance of an entry: the text beside its archive. */
  async provenance(entry: ChartVersion, options: { passCredentials?: boolean; signal?: AbortSignal }): Promise<Buffer> {
    return this.#fetchFile(`${this.addressOf(entry)}.prov`, options)
  }

  /** Where an entry's archive is: its first address, against the repository's own where it is relative. */
  addressOf({ urls, version }: ChartVersion): string {
    const [first] = urls
    if (first === undefined) throw new CapstanError('not-found', `chart version ${version} has no downloadable URLs`)
    return resolveAddress(this.#options.url, first)
  }

  async #fetchFile(url: string, options: { passCredentials?: boolean; signal?: AbortSignal }): Promise<Buffer> {
    const fetched = await download({
      url,
      access: await this.#options.access(),
      owner: this.#options.url,
      maxBytes: MAX_ARCHIVE_BYTES,
      accept: 'application/gzip,application/octet-stream',
      ...options,
    })
    if (fetched.isUnchanged) throw new CapstanError('unavailable', `${shownUrl(url)}: the server sent nothing`)
    return fetched.bytes
  }

  async #fetchIndex(freshness: AskOptions['freshness']): Promise<ChartIndex> {
    const { url, clock, access } = this.#options
    const kept = freshness === 'hard' ? undefined : this.#kept
    const fetched = await download({
      url: resolveAddress(url, 'index.yaml'),
      access: await access(),
      owner: url,
      maxBytes: MAX_INDEX_LENGTH,
      ...(kept === undefined ? {} : { known: kept.validators }),
    })
    const atMs = clock.now()
    if (fetched.isUnchanged && kept !== undefined) {
      this.#kept = { ...kept, atMs }
      return kept.index
    }
    if (fetched.isUnchanged) throw new CapstanError('unavailable', `${shownUrl(url)}: the server sent no index`)
    const index = new ChartIndex(fetched.bytes.toString('utf8'))
    this.#kept = { index, validators: fetched.validators, atMs }
    return index
  }
}

/** A reference against a repository's address, whose query stays (helm v4.2.1 repo.ResolveReferenceURL). */
function resolveAddress(repository: string, reference: string): string {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(reference)) return reference
  if (!URL.canParse(repository)) {
    throw new CapstanError('bad-input', `${shownUrl(repository)}: is no address of a chart repository`)
  }
  const base = new URL(repository)
  const { search } = base
  base.search = ''
  if (!base.pathname.endsWith('/')) base.pathname += '/'
  const resolved = new URL(reference, base)
  if (resolved.search === '') resolved.search = search
  return resolved.href
}
