// One renderer of the family: how it loads, how it evaluates, and what both are given.
import type { ApplicationSource } from '../crds/application.ts'
import type { ExternalInput } from './external-inputs.ts'
import type { LoadContext, LoadedFiles, Rendered, SourceType } from './contract.ts'

/** What is to be rendered: plain data that crosses to a worker as it is. */
export interface RenderRequest {
  readonly application: {
    readonly name: string
    /** `<namespace>_<name>` for one outside the control plane's namespace; absent: the name. */
    readonly instanceName?: string
    readonly namespace: string
    readonly project: string
    readonly destinationNamespace: string
  }
  /** With the override files of the repository merged in. */
  readonly source: ApplicationSource
  /** What the target revision resolved to. */
  readonly revision: string
  readonly cluster: { readonly kubeVersion: string; readonly apiVersions: readonly string[] }
  readonly options?: RenderOptions
}

/** What is asked of a rendering besides the source itself. */
export interface RenderOptions {
  /** Whose rules charts are rendered by; by default `4.2`. */
  readonly helmVersion?: HelmVersion
  /** Words for `kustomize build` (`kustomize.buildOptions`). */
  readonly kustomizeBuildOptions?: string
  /** The words where an Application names one of these versions (`kustomize.path.vX`); absent: any may be named. */
  readonly kustomizeVersions?: Readonly<Record<string, string>>
  /** False: `.jsonnet` files are passed over (`jsonnet.enable`). */
  readonly isJsonnetEnabled?: boolean
}

/** `4.2`: helm v4.2.1; `3`: helm v3 where the two differ. */
export type HelmVersion = '4.2' | '3'

/** What a load has read, of the source itself and of the `$ref` sources by their names. */
export interface LoadedSource {
  readonly files: LoadedFiles
  readonly references: ReadonlyMap<string, LoadedFiles>
  /** What the load returned. */
  readonly extra: unknown
  /** What was fetched besides; absent where nothing can be. */
  readonly inputs?: readonly ExternalInput[]
}

/**
 * A renderer. Adding one means a folder here and a line in `registry.ts`.
 * Errors are `CapstanError`s whose message begins as Argo CD words it.
 */
export interface Renderer {
  readonly sourceType: SourceType
  /**
   * Reads through the trees of the context everything that `evaluate` will need: all reads, listings and misses are
   * recorded and make up the dependencies. What it returns reaches `evaluate` as `extra` and must be clonable.
   */
  load(request: RenderRequest, context: LoadContext): Promise<unknown>
  /** Computes the manifests from what was loaded alone: synchronous, no I/O, the same result every time. */
  evaluate(request: RenderRequest, loaded: LoadedSource): Rendered
}
