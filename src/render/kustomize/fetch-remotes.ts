// Fetching what kustomizations name by address while they are discovered: repositories become directories of one tree.
import { CapstanError } from '../../base/errors.ts'
import type { FileTree, TreeEntry } from '../../source/file-tree.ts'
import type { RemoteSources } from '../contract.ts'
import { RecordingTree } from '../recording.ts'
import type { LoadedCharts } from './load-charts.ts'
import { readResources } from './read-resources.ts'
import type { FetchProblem, LoadedRemotes, LoadedRepository } from './remotes.ts'
import { isProblem, isRemoteFile, repositoryKey } from './remotes.ts'
import type { RepoSpec } from './repo-spec.ts'
import { parseRepoSpec } from './repo-spec.ts'
import { isWithin, joinPath } from './source-files.ts'

/** Addresses of one build. Real ones have a handful; each is a connection. */
export const MAX_REMOTES = 100

interface Mounted {
  readonly mount: string
  readonly tree: RecordingTree
}

/** The tree of a source with the repositories that its kustomizations name mounted in it. */
export class RemoteTrees implements FileTree {
  readonly revision: string
  readonly #tree: FileTree
  readonly #sources: RemoteSources | undefined
  readonly #signal: AbortSignal | undefined
  readonly #repositories = new Map<string, Mounted | FetchProblem>()
  readonly #files = new Map<string, Uint8Array | FetchProblem>()

  constructor(tree: FileTree, sources: RemoteSources | undefined, signal: AbortSignal | undefined) {
    this.#tree = tree
    this.#sources = sources
    this.#signal = signal
    this.revision = tree.revision
  }

  readFile(path: string): Promise<{ id: string; bytes: Uint8Array } | undefined> {
    const { tree, inner } = this.#place(path)
    return tree.readFile(inner, this.#signal)
  }

  readDirectory(path: string): Promise<readonly TreeEntry[] | undefined> {
    const { tree, inner } = this.#place(path)
    return tree.readDirectory(inner, this.#signal)
  }

  #place(path: string): { tree: FileTree; inner: string } {
    for (const found of this.#repositories.values()) {
      if (isProblem(found) || !isWithin(path, found.mount)) continue
      return { tree: found.tree, inner: path.slice(found.mount.length + 1) }
    }
    return { tree: this.#tree, inner: path }
  }

  /** A file by address; undefined where it cannot be had, which the build will say. */
  async file(address: string): Promise<Uint8Array | undefined> {
    let found = this.#files.get(address)
    if (found === undefined) {
      found = await this.#attempt((sources) => sources.fetchFile(address, this.#signal))
      this.#files.set(address, found)
    }
    return isProblem(found) ? undefined : found
  }

  /**
   * An entry of `resources`: a file of resources where the address serves one, else the directory of a repository as
   * the tree names it. Undefined where it is neither.
   */
  async resource(address: string): Promise<Uint8Array | { readonly directory: string } | undefined> {
    const spec = parseRepoSpec(address)
    if (isRemoteFile(address) && (spec === undefined || !isSurelyRepository(spec))) {
      const bytes = await this.file(address)
      if (bytes !== undefined && (spec === undefined || holdsResources(bytes))) return bytes
    }
    return spec === undefined ? undefined : this.repository(spec)
  }

  async repository(spec: RepoSpec): Promise<{ readonly directory: string } | undefined> {
    const key = repositoryKey(spec)
    let found = this.#repositories.get(key)
    if (found === undefined) {
      found = await this.#attempt(async (sources) => {
        const { tree } = await sources.openRepository(spec, this.#signal)
        return { mount: mountOf(spec), tree: new RecordingTree(tree) }
      })
      this.#repositories.set(key, found)
    }
    if (isProblem(found)) return undefined
    const directory = joinPath(found.mount, spec.path)
    return directory === undefined ? undefined : { directory }
  }

  async #attempt<T>(fetch: (sources: RemoteSources) => Promise<T>): Promise<T | FetchProblem> {
    if (this.#repositories.size + this.#files.size >= MAX_REMOTES) {
      throw new CapstanError('limit', `more than ${MAX_REMOTES} remote addresses in one build`)
    }
    if (this.#sources === undefined) return { code: 'unsupported', message: 'remote addresses are not fetched here' }
    try {
      return await fetch(this.#sources)
    } catch (error) {
      if (!(error instanceof CapstanError) || this.#signal?.aborted === true) throw error
      return { code: error.code, message: error.message }
    }
  }

  /** What the build needs of all this. */
  loaded(charts: LoadedCharts): LoadedRemotes {
    const repositories = new Map<string, LoadedRepository | FetchProblem>()
    for (const [key, found] of this.#repositories) {
      repositories.set(key, isProblem(found) ? found : { mount: found.mount, files: found.tree.loaded() })
    }
    return { repositories, files: this.#files, charts }
  }
}

/** A name for the directory that messages show. */
function mountOf(spec: RepoSpec): string {
  if (spec.url.split('/').includes('..')) {
    throw new CapstanError('bad-input', `repository ${spec.url}: an address must not hold ..`)
  }
  return joinPath('', repositoryKey(spec)) ?? ''
}

/** Addresses that no file is served under: asking for one would only cost time. */
function isSurelyRepository({ raw, url }: RepoSpec): boolean {
  if (/\.git(?:[/?]|$)|_git\//.test(raw)) return true
  if (!url.startsWith('https://github.com/')) return false
  return !/^[^?]*github\.com\/[^/]+\/[^/]+\/(?:raw|releases)\//i.test(raw)
}

/** A page for people is no file of resources. */
function holdsResources(bytes: Uint8Array): boolean {
  try {
    readResources(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'))
    return true
  } catch (error) {
    if (error instanceof CapstanError) return false
    throw error
  }
}
