// What `desired/` asks of the sources: a tree for a source's target revision, and facts about a revision.
import type { FileTree } from './file-tree.ts'
import type { RevisionSignature, SignatureWish } from './signature.ts'

/** What identifies where the files of an application source come from. */
export interface SourceLocation {
  readonly repoURL: string
  /** Branch, tag, commit, semver range, chart version; empty or absent means HEAD. */
  readonly targetRevision?: string
  /** Set for charts of a Helm repository. */
  readonly chart?: string
  /** Of a chart: send the credentials to whatever host its archive is on. */
  readonly helm?: { readonly passCredentials?: boolean }
  /** Only tags with this prefix count for a semver range, compared without it. */
  readonly tagPrefix?: string
}

export interface OpenOptions {
  /** Decides which credentials may be used. */
  readonly project: string
  /** An already resolved revision to open instead of the target revision. */
  readonly revision?: string
  /** `cached`: a resolution made a moment ago will do; `latest` and `hard` ask the repository. */
  readonly freshness: 'cached' | 'latest' | 'hard'
  /** With `cached`: how long ago, where less will do than what each kind of source takes for a moment. */
  readonly maxAgeMs?: number
  /** Use no credentials, though there may be some for the address: what names it is not trusted with them. */
  readonly anonymous?: boolean
  /** False leaves directories of submodules empty. Default: as the provider is set up. */
  readonly submodules?: boolean
  readonly signal?: AbortSignal
}

export interface OpenedSource {
  readonly tree: FileTree
  /** The full commit id, chart version or digest. */
  readonly revision: string
}

export interface RevisionFacts {
  readonly author: string
  /** RFC 3339. */
  readonly date: string
  readonly message: string
  readonly tags: readonly string[]
  /** Of an artifact in a registry: what its manifest says of it. */
  readonly annotations?: Readonly<Record<string, string>>
}

/** A chart asked for by another chart. */
export interface ChartQuery {
  readonly repoURL: string
  readonly chart: string
  /** An exact version or a range. */
  readonly version: string
  readonly passCredentials?: boolean
}

export interface FetchedChart {
  readonly version: string
  /** SHA-256 of the archive, 64 hexadecimal digits. */
  readonly digest: string
  /** The gzipped tar. */
  readonly bytes: Uint8Array
}

export interface SourceProvider {
  /** The archive of a chart that another chart needs; absent where charts cannot be fetched. */
  fetchChart?(query: ChartQuery, options: OpenOptions): Promise<FetchedChart>
  /** Resolves and makes the files readable. Throws `CapstanError` with what to do about it. */
  open(location: SourceLocation, options: OpenOptions): Promise<OpenedSource>
  revisionMetadata(location: SourceLocation, options: OpenOptions): Promise<RevisionFacts>
  /** Who signed a revision; absent where signatures cannot be verified. */
  readonly signaturesOf?: (location: SourceLocation, wish: SignatureWish) => Promise<readonly RevisionSignature[]>
  /**
   * Calls `listener` with the URL of a repository in which a ref has moved: seen at once for one on the same disk, and for
   * any other by whoever asks it next.
   */
  onRefsMoved(listener: (repoURL: string) => void): () => void
  /** Ends its processes and watches. */
  close(): Promise<void>
}

/** Names of a repository's branches and tags, sorted. */
export interface RefNames {
  readonly branches: readonly string[]
  readonly tags: readonly string[]
}

export interface RefLister {
  /** Asks the repository; throws `CapstanError` with what to do about it. */
  listRefs(repoURL: string, project: string, signal?: AbortSignal): Promise<RefNames>
}
