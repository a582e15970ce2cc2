// What the controller and the server ask of `desired/`: the manifests of an application at a revision.
import type { ApplicationSource } from '../crds/application.ts'
import type { KubeObject } from '../kube/object.ts'
import type { RevisionSignature, SignatureWish } from '../source/signature.ts'
import type { RenderWarning, SourceType } from '../render/contract.ts'
import type { FileTree } from '../source/file-tree.ts'
import type { Delivered, HeldValues } from './secrets.ts'
import type { HelmVersion } from '../render/renderer.ts'

export interface DesiredRequest {
  readonly application: {
    readonly name: string
    /** What tools and override files know it by: `<namespace>_<name>` outside the control plane's namespace. Absent: the name. */
    readonly instanceName?: string
    /** Namespace of the Application object. */
    readonly namespace: string
    readonly project: string
    readonly destinationNamespace: string
    /** Whose rules its charts are rendered by; absent: the instance's. */
    readonly helmVersion?: HelmVersion
  }
  readonly sources: readonly ApplicationSource[]
  /** Renderings of an application for something else than its delivery are kept apart under this. */
  readonly keptAs?: string
  /** Files that stand for those of the only source, as somebody has them who tries a change. */
  readonly files?: FileTree
  /** One per source; an empty or absent entry means the source's own targetRevision. */
  readonly revisions?: readonly string[]
  /** `cached`: a revision resolved a moment ago will do; `latest`: ask the repository; `hard`: also drop what is cached of the manifests. */
  readonly freshness: 'cached' | 'latest' | 'hard'
  /** With `cached`: how long ago a revision may have been resolved. Default: some minutes, by kind of source. */
  readonly maxAgeMs?: number
  readonly cluster: {
    /** `1.36.3` */
    readonly kubeVersion: string
    /** `v1`, `apps/v1`, `apps/v1/Deployment` … */
    readonly apiVersions: readonly string[]
  }
  readonly signal?: AbortSignal
}

export interface DesiredSource {
  readonly source: ApplicationSource
  /** The commit, chart version or digest that the target revision resolved to. */
  readonly revision: string
  readonly sourceType: SourceType
}

export interface DesiredState {
  readonly sources: readonly DesiredSource[]
  /**
   * Of all sources, in order, as rendered: without tracking marks, namespaces not yet defaulted, and names or
   * placeholders where secrets are to stand.
   */
  readonly manifests: readonly KubeObject[]
  readonly warnings: readonly RenderWarning[]
  /** True where ids alone showed that nothing the last rendering read has changed. */
  readonly unchanged: boolean
  /** The same for the same rendering, whoever asked for it. */
  readonly rendering: string
  /** Decrypted values by what stands for them in the manifests; absent or empty where there are none. */
  readonly held?: HeldValues
  /** Master keys that the encrypted files read were encrypted to, as `age age1…`; sorted. */
  readonly recipients?: readonly string[]
}

/** What is known of an application's sources before anything is rendered. */
export interface Glance {
  /** What the target revisions resolve to now, one per source. */
  readonly revisions: readonly string[]
  /** The `rendering` of the state that would be given; undefined where something the last one read has moved. */
  readonly rendering: string | undefined
}

/** Renders applications. Failures are `CapstanError`s whose message is fit for a ComparisonError condition. */
export interface Desired {
  generate(request: DesiredRequest): Promise<DesiredState>
  /** Looks whether anything the last rendering for the same request read has moved; reads ids alone and renders nothing. */
  glance(request: DesiredRequest): Promise<Glance>
  /** Fills secrets in, for delivery only; absent where nothing stands for secrets. Errors never hold a value. */
  deliver?(
    state: DesiredState,
    options: { readonly project: string; readonly signal?: AbortSignal },
  ): Promise<Delivered>
  /** Author, date and message of a resolved revision. */
  revisionMetadata(
    source: ApplicationSource,
    project: string,
    revision: string,
    signal?: AbortSignal,
  ): Promise<RevisionMetadata>
  /** Who signed a revision of a Git source; absent where signatures cannot be verified. */
  readonly signaturesOf?: (source: ApplicationSource, wish: SignatureWish) => Promise<readonly RevisionSignature[]>
  /** Calls `listener` with a repository's URL when a ref is seen to have moved in it; the returned function stops it. */
  onRefsMoved(listener: (repoURL: string) => void): () => void
  close(): Promise<void>
}

export interface RevisionMetadata {
  readonly author: string
  /** RFC 3339. */
  readonly date: string
  readonly message: string
  readonly tags: readonly string[]
  /** Of an artifact in a registry: what its manifest says of it. */
  readonly annotations?: Readonly<Record<string, string>>
}
