// What every renderer takes and gives: load reads files, evaluate computes manifests from them alone.
import type { KubeObject } from '../kube/object.ts'
import type { FileTree } from '../source/file-tree.ts'

export type SourceType = 'Helm' | 'Kustomize' | 'Directory' | 'Plugin'

/** Every file a load read, ready to cross to a worker thread: no functions, no classes. */
export interface LoadedFiles {
  readonly files: ReadonlyMap<string, { readonly id: string; readonly bytes: Uint8Array }>
  /** Directories that were listed: path → names of entries, those of directories with a `/` behind them. */
  readonly directories: ReadonlyMap<string, readonly string[]>
  /** Paths looked for in vain: creating one of them changes the result. */
  readonly missing: readonly string[]
}

/** What a load needs besides its own options. */
export interface LoadContext {
  readonly tree: FileTree
  /** Trees of `$ref` sources by their name, without the `$`. */
  readonly references: ReadonlyMap<string, FileTree>
  /** Fetches the charts that a chart lists and does not bring; absent: missing ones are an error. */
  readonly charts?: ChartFetcher
  /** Fetches values files by URL; absent: they are an error. */
  readonly remoteFiles?: RemoteFiles
  /** Opens repositories and files that kustomizations name by address; absent: they are an error. */
  readonly remotes?: RemoteSources
  /** Runs config management plug-ins; absent: there are none. */
  readonly plugins?: SourcePlugins
  readonly signal?: AbortSignal
}

/** Chart repositories and registries as one project may use them. */
export interface ChartFetcher {
  /** The archive of the newest version that satisfies `version`, which may be an exact one. */
  fetch(
    query: { readonly repository: string; readonly name: string; readonly version: string },
    signal?: AbortSignal,
  ): Promise<{ readonly version: string; readonly digest: string; readonly bytes: Uint8Array }>
  /** The address of a repository registered under a name (`@name`, `alias:name`); undefined where there is none. */
  addressOf(name: string): string | undefined
  /** Whether the project lists the repository among its sources. */
  isPermitted(repository: string): boolean
}

/** The plug-ins over one source's files as they are committed. */
export interface SourcePlugins {
  /** The manifests as the plug-in prints them: YAML or JSON texts. */
  generate(signal?: AbortSignal): Promise<readonly string[]>
}

export interface RemoteFiles {
  /** Schemes that may be fetched, in lower case (`helm.valuesFileSchemes`). */
  readonly schemes: ReadonlySet<string>
  fetch(url: string, signal?: AbortSignal): Promise<Uint8Array>
}

/** A repository that a kustomization names by address. */
export interface RepositoryQuery {
  readonly url: string
  /** Branch, tag or commit; empty for the default branch. */
  readonly ref: string
  readonly timeoutMs: number
  readonly submodules: boolean
}

/** What kustomizations may fetch on behalf of one project. Refusals are `CapstanError`s. */
export interface RemoteSources {
  openRepository(
    query: RepositoryQuery,
    signal?: AbortSignal,
  ): Promise<{ readonly revision: string; readonly tree: FileTree }>
  fetchFile(url: string, signal?: AbortSignal): Promise<Uint8Array>
}

/** A position in a rendered result that a message can point at. */
export interface RenderWarning {
  readonly path: string
  readonly message: string
}

export interface Rendered {
  readonly sourceType: SourceType
  /** In the order the original tool prints them. */
  readonly manifests: readonly KubeObject[]
  readonly warnings: readonly RenderWarning[]
  /** True where something was asked that is no file and no option (a plug-in, `lookup`): never taken as unchanged. */
  readonly volatile?: boolean
}
