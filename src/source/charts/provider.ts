// Charts and OCI artifacts as sources of applications: versions resolved, archives fetched once, files as trees.
import type { Clock } from '../../base/clock.ts'
import { CapstanError, messageOf } from '../../base/errors.ts'
import { LruCache } from '../../base/lru.ts'
import { tryParseVersion } from '../../lang/semver/version.ts'
import type { FileTree } from '../file-tree.ts'
import { isConstraint, newestMatch } from '../git/tag-ranges.ts'
import type { ChartQuery, FetchedChart, OpenedSource, OpenOptions, RevisionFacts, SourceLocation } from '../provider.ts'
import { shownUrl } from '../http-call.ts'
import type { ChartAccess } from './access.ts'
import { archiveTree } from './archive-tree.ts'
import { BlobCache } from './blob-cache.ts'
import type { Blob } from './blob-cache.ts'
import { contentLayer, isOciRepository, ociRepository, tagOfVersion, versionOfTag } from './oci.ts'
import type { OciManifest, OciRegistry } from './oci.ts'
import { ChartRepository, MAX_ARCHIVE_BYTES } from './repository.ts'
import type { AskOptions } from './repository.ts'

/** Bytes of archives whose trees are kept. */
const MAX_KEPT_TREE_BYTES: number = 64 * 1024 * 1024

export interface ChartProviderOptions {
  readonly cacheFolder: string
  readonly clock: Clock
  /** Credentials and trust registered for a repository; an empty object where there are none. */
  readonly accessFor: (repoURL: string, project: string) => Promise<ChartAccess>
  /** Absent: OCI sources are refused with a text. */
  readonly registry?: OciRegistry
}

export interface ChartProvider {
  open(location: SourceLocation, options: OpenOptions): Promise<OpenedSource>
  revisionMetadata(location: SourceLocation, options: OpenOptions): Promise<RevisionFacts>
  /** The archive of a chart. */
  fetchChart(query: ChartQuery, options: OpenOptions): Promise<FetchedChart>
}

/** True for a source whose files come from a chart repository or a registry rather than from Git. */
export function isChartLocation({ repoURL, chart }: SourceLocation): boolean {
  return repoURL.startsWith('oci://') || (chart ?? '') !== ''
}

export function createChartProvider(options: ChartProviderOptions): ChartProvider {
  return new Charts(options)
}

class Charts implements ChartProvider {
  readonly #options: ChartProviderOptions
  readonly #blobs: BlobCache
  readonly #repositories = new Map<string, ChartRepository>()
  readonly #trees = new LruCache<{ readonly tree: FileTree; readonly bytes: number }>({
    maxSize: MAX_KEPT_TREE_BYTES,
    sizeOf: ({ bytes }) => bytes,
  })
  /** Fetches under way, which callers at the same time share. */
  readonly #fetching = new Map<string, Promise<FetchedChart>>()

  constructor(options: ChartProviderOptions) {
    this.#options = options
    this.#blobs = new BlobCache(options.cacheFolder)
  }

  async open(location: SourceLocation, open: OpenOptions): Promise<OpenedSource> {
    if (location.repoURL.startsWith('oci://')) return this.#openArtifact(location, open)
    const { repoURL, chart = '', helm } = location
    const version = await this.#resolve(location, open)
    const query = { repoURL, chart, version, passCredentials: helm?.passCredentials === true }
    // A range was resolved by the index just asked for.
    const isAsked = open.freshness === 'latest' && version !== (open.revision ?? location.targetRevision)
    const fetched = await this.fetchChart(query, isAsked ? { ...open, freshness: 'cached' } : open)
    const tree = this.#treeOf(fetched, { revision: version, withoutTop: true })
    return { tree, revision: version }
  }

  async revisionMetadata(location: SourceLocation, open: OpenOptions): Promise<RevisionFacts> {
    const { repoURL, chart = '', targetRevision = '' } = location
    const version = open.revision ?? targetRevision
    const access = await this.#options.accessFor(repoURL, open.project)
    if (isOciRepository(repoURL, access)) return this.#artifactFacts(location, open)
    const entry = await this.#repository(repoURL, open.project).entry(chart, version, askOf(open))
    const message = [`${chart} ${entry.version}`, entry.description].filter((line) => line !== '').join('\n\n')
    return { author: entry.maintainers.join(', '), date: entry.created, message, tags: [] }
  }

  async fetchChart(query: ChartQuery, open: OpenOptions): Promise<FetchedChart> {
    const { repoURL, chart, version } = query
    const name = [open.project, repoURL, chart, version]
    const isExact = tryParseVersion(version) !== undefined
    if (isExact && open.freshness !== 'hard') {
      const known = await this.#blobs.getNamed(name)
      if (known !== undefined) return { ...known, version }
    }
    const key = JSON.stringify(name)
    const underWay = this.#fetching.get(key)
    if (underWay !== undefined) return underWay
    const fetching = this.#fetch(query, open).finally(() => this.#fetching.delete(key))
    this.#fetching.set(key, fetching)
    const fetched = await fetching
    if (isExact) await this.#blobs.setName(name, fetched.digest)
    return fetched
  }

  /** The version that a target revision stands for: itself, or the highest in its range (argo-cd newHelmClientResolveRevision). */
  async #resolve(location: SourceLocation, open: OpenOptions): Promise<string> {
    const { repoURL, chart = '', targetRevision = '' } = location
    const wanted = open.revision ?? targetRevision
    if (tryParseVersion(wanted) !== undefined) return wanted
    const versions = await this.#versions({ repoURL, chart }, open)
    const match = isConstraint(wanted) ? newestMatch(versions, wanted) : versions.find((version) => version === wanted)
    if (match !== undefined) return match
    const reason = isConstraint(wanted)
      ? `version matching constraint not found in ${versions.length} tags`
      : `${JSON.stringify(wanted)} is neither a version of the chart nor a range of versions`
    throw new CapstanError('not-found', `invalid revision: ${reason} (chart ${chart} of ${shownUrl(repoURL)})`)
  }

  async #versions(
    { repoURL, chart }: { repoURL: string; chart: string },
    open: OpenOptions,
  ): Promise<readonly string[]> {
    const access = await this.#options.accessFor(repoURL, open.project)
    if (!isOciRepository(repoURL, access)) {
      const versions = await this.#repository(repoURL, open.project).versions(chart, askOf(open))
      return versions.map(({ version }) => version)
    }
    const tags = await this.#registry(repoURL).tags(ociRepository(repoURL, chart), { access, ...signalOf(open) })
    return tags.map(versionOfTag)
  }

  async #fetch(query: ChartQuery, open: OpenOptions): Promise<FetchedChart> {
    const { repoURL, chart, version } = query
    const access = await this.#options.accessFor(repoURL, open.project)
    if (isOciRepository(repoURL, access)) {
      const resolved = isConstraint(version)
        ? await this.#resolve({ ...query, targetRevision: version }, open)
        : version
      return this.#fetchLayer({ repository: ociRepository(repoURL, chart), version: resolved, access }, open)
    }
    const repository = this.#repository(repoURL, open.project)
    const entry = await repository.entry(chart, version, askOf(open))
    const known = entry.digest === '' || open.freshness === 'hard' ? undefined : await this.#blobs.get(entry.digest)
    if (known !== undefined) return { ...known, version: entry.version }
    const bytes = await repository.archive(entry, {
      ...signalOf(open),
      ...(query.passCredentials === undefined ? {} : { passCredentials: query.passCredentials }),
    })
    return { ...(await this.#blobs.put(bytes, entry.digest)), version: entry.version }
  }

  async #fetchLayer(
    { repository, version, access }: { repository: string; version: string; access: ChartAccess },
    open: OpenOptions,
  ): Promise<FetchedChart> {
    const registry = this.#registry(repository)
    const options = { access, ...signalOf(open) }
    const manifest = await registry.manifest(repository, tagOfVersion(version), options)
    const { layer, isChart } = contentLayer(manifest)
    if (!isChart) throw new CapstanError('bad-input', `${repository}:${version}: is an artifact, but no chart`)
    return { ...(await this.#layer(repository, layer.digest, options)), version }
  }

  async #layer(
    repository: string,
    digest: string,
    options: { readonly access: ChartAccess; readonly signal?: AbortSignal },
  ): Promise<Blob> {
    const hex = digest.replace(/^sha256:/, '')
    const known = await this.#blobs.get(hex)
    if (known !== undefined) return known
    const bytes = await this.#registry(repository).blob(repository, digest, { ...options, maxBytes: MAX_ARCHIVE_BYTES })
    return this.#blobs.put(bytes, hex)
  }

  /** `oci://…`: a tag, a range of tags or a digest; the revision is the digest of the manifest. */
  async #openArtifact(location: SourceLocation, open: OpenOptions): Promise<OpenedSource> {
    const access = await this.#options.accessFor(location.repoURL, open.project)
    const repository = ociRepository(location.repoURL)
    const options = { access, ...signalOf(open) }
    const manifest = await this.#artifact(location, open, options)
    const { layer, isChart, isGzip } = contentLayer(manifest)
    const blob = await this.#layer(repository, layer.digest, options)
    const tree = this.#treeOf(blob, { revision: manifest.digest, withoutTop: isChart, isGzip })
    return { tree, revision: manifest.digest }
  }

  async #artifact(
    location: SourceLocation,
    open: OpenOptions,
    options: { readonly access: ChartAccess; readonly signal?: AbortSignal },
  ): Promise<OciManifest> {
    const { repoURL, targetRevision = '' } = location
    const wanted = open.revision ?? targetRevision
    const repository = ociRepository(repoURL)
    const registry = this.#registry(repoURL)
    try {
      return await registry.manifest(repository, wanted === '' ? 'latest' : tagOfVersion(wanted), options)
    } catch (error) {
      const isMissing = error instanceof CapstanError && (error.code === 'not-found' || error.code === 'bad-input')
      if (!isMissing || !isConstraint(wanted)) throw unresolved(wanted, error)
      const tags = await registry.tags(repository, options)
      const match = newestMatch(tags.map(versionOfTag), wanted)
      if (match === undefined) {
        throw unresolved(wanted, new CapstanError('not-found', `no version for constraints in ${tags.length} tags`))
      }
      return registry.manifest(repository, tagOfVersion(match), options)
    }
  }

  async #artifactFacts(location: SourceLocation, open: OpenOptions): Promise<RevisionFacts> {
    const { repoURL, chart = '' } = location
    const access = await this.#options.accessFor(repoURL, open.project)
    const options = { access, ...signalOf(open) }
    const reference = tagOfVersion(open.revision ?? location.targetRevision ?? '')
    const name = ociRepository(repoURL, repoURL.startsWith('oci://') ? '' : chart)
    const { annotations } = await this.#registry(repoURL).manifest(name, reference, options)
    const text = (key: string): string => annotations[`org.opencontainers.image.${key}`] ?? ''
    const message = [text('title'), text('description')].filter((line) => line !== '').join('\n\n')
    return { author: text('authors'), date: text('created'), message, tags: [], annotations }
  }

  #registry(repoURL: string): OciRegistry {
    const { registry } = this.#options
    if (registry !== undefined) return registry
    throw new CapstanError('unsupported', `${shownUrl(repoURL)}: charts from OCI registries are not available here`)
  }

  #repository(repoURL: string, project: string): ChartRepository {
    const key = JSON.stringify([project, repoURL])
    const known = this.#repositories.get(key)
    if (known !== undefined) return known
    const { clock, accessFor } = this.#options
    const made = new ChartRepository({ url: repoURL, clock, access: () => accessFor(repoURL, project) })
    this.#repositories.set(key, made)
    return made
  }

  #treeOf(
    { digest, bytes }: Blob,
    options: { readonly revision: string; readonly withoutTop: boolean; readonly isGzip?: boolean },
  ): FileTree {
    const known = this.#trees.get(digest)
    if (known !== undefined) return { ...known.tree, revision: options.revision }
    const tree = archiveTree(bytes, { ...options, digest })
    this.#trees.set(digest, { tree, bytes: bytes.length })
    return tree
  }
}

function askOf({ freshness, maxAgeMs, signal }: OpenOptions): AskOptions {
  return {
    freshness,
    ...(maxAgeMs === undefined ? {} : { maxAgeMs }),
    ...(signal === undefined ? {} : { signal }),
  }
}

function signalOf({ signal }: OpenOptions): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal }
}

function unresolved(wanted: string, error: unknown): unknown {
  if (!(error instanceof CapstanError)) return error
  const text = `failed to resolve revision ${JSON.stringify(wanted)}: ${messageOf(error)}`
  return new CapstanError(error.code, text, { cause: error })
}
