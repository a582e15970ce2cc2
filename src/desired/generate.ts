// The manifests of an application: its sources opened, rendered where something they read has changed, and joined.
import type { KubeObject } from '../kube/object.ts'
import { sha256Hex } from '../base/digest.ts'
import { CapstanError, messageOf } from '../base/errors.ts'
import type { ApplicationSource } from '../crds/application.ts'
import type { Rendered, SourceType } from '../render/contract.ts'
import { detectSourceType } from '../render/detect.ts'
import type { Plugins } from '../render/plugin/plugins.ts'
import { externalInputsHold } from '../render/external-inputs.ts'
import { RecordingTree } from '../render/recording.ts'
import { evaluateSource, loadSource } from '../render/render-source.ts'
import type { HelmVersion, LoadedSource, RenderOptions, RenderRequest } from '../render/renderer.ts'
import type { FileTree } from '../source/file-tree.ts'
import type { OpenOptions, OpenedSource, SourceProvider } from '../source/provider.ts'
import type { Desired, DesiredRequest, DesiredSource, DesiredState, Glance, RevisionMetadata } from './contract.ts'
import { dependenciesOf, stillHold } from './dependencies.ts'
import { type KeptRendering, KeptRenderings, type Trace } from './kept-renderings.ts'
import { fillSecrets } from '../render/secrets/fill.ts'
import type { KeyRing } from '../render/secrets/sops/data-key.ts'
import { withOverrides } from './overrides.ts'
import { openTrees, ringName, type Delivered, type HeldValues, type SecretSources } from './secrets.ts'
import { createFetchers } from './fetchers.ts'
import type { FetcherOptions } from './fetchers.ts'
import { checkReferences, isOnlyReference, referencesOf } from './references.ts'
import { ofSource } from './source-error.ts'
import type { PoolJob } from './worker-pool.ts'

export interface DesiredOptions extends FetcherOptions {
  /** Evaluates what is not small; without it everything is evaluated in this thread. */
  readonly workers?: { render(job: PoolJob): Promise<Rendered>; close(): Promise<void> }
  /** Source types switched off in the settings. */
  readonly disabledTypes?: () => ReadonlySet<SourceType>
  /** Whose rules charts are rendered by where an application says nothing. */
  readonly helmVersion?: () => HelmVersion
  /** What the settings say of other tools. */
  readonly renderOptions?: () => Omit<RenderOptions, 'helmVersion'>
  /** Keys of encrypted files and Vaults; absent: both are left as they are. */
  readonly secrets?: SecretSources
  /** Config management plug-ins; absent: there are none. */
  readonly plugins?: Plugins
  /** Bytes of what was read by the renderings that are kept. */
  readonly maxCacheBytes?: number
}

/** Manifests in memory take a few times the bytes they were read from. */
const MAX_CACHE_BYTES: number = 32 * 1024 * 1024

/** Plain files up to this size are parsed in this thread: a few milliseconds, cheaper than a worker of 30 MB. */
const INLINE_BYTES: number = 128 * 1024

/** Opens, renders and remembers; see `Desired`. */
export function createDesired(options: DesiredOptions): Desired {
  const generator = new Generator(options)
  const { signaturesOf } = options.sources
  return {
    ...(signaturesOf === undefined ? {} : { signaturesOf }),
    generate: (request) => generator.generate(request),
    glance: (request) => generator.glance(request),
    deliver: (state, wish) => deliver(options.secrets, state, wish),
    revisionMetadata: (source, project, revision, signal) =>
      revisionMetadata(options.sources, source, openOptions({ project, revision, freshness: 'cached', signal })),
    onRefsMoved: (listener) => options.sources.onRefsMoved(listener),
    async close() {
      await options.workers?.close()
      await options.sources.close()
    },
  }
}

async function deliver(
  secrets: SecretSources | undefined,
  { manifests, held = new Map() }: DesiredState,
  { project, signal }: { readonly project: string; readonly signal?: AbortSignal },
): Promise<Delivered> {
  if (secrets === undefined && held.size === 0) {
    return { manifests, places: new Map(), fingerprint: '', inputs: [], redact: (text) => text }
  }
  const vault = secrets?.vault(project)
  return fillSecrets({ manifests, held, vault, ...(signal === undefined ? {} : { signal }) })
}

async function revisionMetadata(
  sources: SourceProvider,
  source: ApplicationSource,
  options: OpenOptions,
): Promise<RevisionMetadata> {
  const { author, date, message, tags, annotations } = await sources.revisionMetadata(source, options)
  return { author, date, message, tags, ...(annotations === undefined ? {} : { annotations }) }
}

function openOptions(options: {
  readonly project: string
  readonly revision: string | undefined
  readonly freshness: OpenOptions['freshness']
  readonly maxAgeMs?: number | undefined
  readonly signal: AbortSignal | undefined
}): OpenOptions {
  const { project, revision, freshness, maxAgeMs, signal } = options
  return {
    project,
    freshness,
    ...(maxAgeMs === undefined ? {} : { maxAgeMs }),
    ...(revision === undefined || revision === '' ? {} : { revision }),
    ...(signal === undefined ? {} : { signal }),
  }
}

interface RenderedSource {
  readonly sourceType: SourceType
  readonly rendered: Rendered | undefined
  readonly held?: HeldValues
  readonly recipients?: readonly string[]
  readonly unchanged: boolean
  /** Number of the rendering; 0 where there is none to be made. */
  readonly id: number
}

/** The tree of one source, and those of the `$ref` sources. */
interface OpenedTrees {
  readonly opened: OpenedSource
  readonly references: ReadonlyMap<string, FileTree>
}

class Generator {
  readonly #options: DesiredOptions
  readonly #kept: KeptRenderings
  /** Lists of kinds are long and few: all applications of one cluster bring the very same. */
  readonly #kinds = new WeakMap<readonly string[], string>()

  constructor(options: DesiredOptions) {
    this.#options = options
    this.#kept = new KeptRenderings({ maxBytes: options.maxCacheBytes ?? MAX_CACHE_BYTES })
  }

  async glance(request: DesiredRequest): Promise<Glance> {
    const { opened, references } = await this.#openAll(request)
    const revisions = opened.map(({ revision }) => revision)
    const ids: number[] = []
    for (const [i, one] of opened.entries()) {
      const isNothing = isOnlyReference(sourceAt(request, i))
      const trace = isNothing ? NOTHING : (await this.#known(request, i, { opened: one, references })).trace
      if (trace === undefined) return { revisions, rendering: undefined }
      ids.push(trace.id)
    }
    return { revisions, rendering: ids.join() }
  }

  async generate(request: DesiredRequest): Promise<DesiredState> {
    const count = request.sources.length
    const { opened, references } = await this.#openAll(request)
    const results = await Promise.all(
      opened.map((one, i) => ofSource(this.#source(request, i, { opened: one, references }), i, count)),
    )
    const sources = results.map((result, i): DesiredSource => ({
      source: sourceAt(request, i),
      revision: opened[i]?.revision ?? '',
      sourceType: result.sourceType,
    }))
    const first = results[0]?.rendered
    const single = results.length === 1 && first !== undefined ? first : undefined
    return {
      sources,
      manifests: withMetadata(single?.manifests ?? results.flatMap((result) => result.rendered?.manifests ?? [])),
      warnings: single?.warnings ?? results.flatMap((result) => result.rendered?.warnings ?? []),
      unchanged: results.every((result) => result.unchanged),
      rendering: results.map((result) => result.id).join(),
      held: new Map(results.flatMap((result) => [...(result.held ?? [])])),
      recipients: [...new Set(results.flatMap((result) => result.recipients ?? []))].toSorted(),
    }
  }

  async #openAll(request: DesiredRequest): Promise<{
    readonly opened: readonly OpenedSource[]
    readonly references: ReadonlyMap<string, FileTree>
  }> {
    const { sources } = request
    if (sources.length === 0) throw new CapstanError('bad-input', 'application has no sources')
    checkReferences(sources)
    const opened = await Promise.all(
      sources.map((source, i) => ofSource(this.#open(request, source, i), i, sources.length)),
    )
    return { opened, references: referencesOf(sources, opened) }
  }

  async #open(request: DesiredRequest, source: ApplicationSource, index: number): Promise<OpenedSource> {
    const { freshness, maxAgeMs, signal, application, files } = request
    if (files !== undefined) return { tree: files, revision: files.revision }
    const revision = request.revisions?.[index]
    return this.#options.sources.open(
      source,
      openOptions({ project: application.project, revision, freshness, maxAgeMs, signal }),
    )
  }

  async #source(request: DesiredRequest, index: number, { opened, references }: OpenedTrees): Promise<RenderedSource> {
    const source = sourceAt(request, index)
    if (isOnlyReference(source)) {
      return { sourceType: 'Directory', rendered: undefined, unchanged: true, id: NOTHING.id }
    }
    const key = keptKey(request, index)
    if (request.freshness === 'hard') this.#kept.drop(key)
    const { trace, inputs, ring } = await this.#known(request, index, { opened, references })
    const kept = trace && this.#kept.rendering(key, trace)
    if (trace !== undefined && kept !== undefined) return resultOf(kept, { unchanged: true, id: trace.id })
    const made = await this.#render(request, source, { opened, references, ring })
    const id = this.#kept.keep(key, { inputs, ...made.trace }, made.kept)
    return resultOf(made.kept, { unchanged: false, id })
  }

  /** What the last rendering was made of, where nothing of it has moved, and what shapes one now. */
  async #known(
    request: DesiredRequest,
    index: number,
    { opened, references }: OpenedTrees,
  ): Promise<{ readonly trace: Trace | undefined; readonly inputs: string; readonly ring: KeyRing | undefined }> {
    const source = sourceAt(request, index)
    const rules = this.#renderOptions(request)
    const ring = await this.#options.secrets?.keys(request.application.project)
    const others = { rules, keys: ringName(ring), plugins: await this.#options.plugins?.names() }
    const kinds = this.#digestOf(request.cluster.apiVersions)
    const inputs = inputsOf(request, source, opened.revision, { disabled: this.#disabled(), kinds, ...others })
    const known = this.#kept.trace(keptKey(request, index))
    const holds = known?.inputs === inputs && (await this.#holds(known, source, { opened, references }, request))
    return { trace: holds ? known : undefined, inputs, ring }
  }

  async #holds(
    known: Trace,
    source: ApplicationSource,
    { opened, references }: OpenedTrees,
    request: DesiredRequest,
  ): Promise<boolean> {
    if (known.isVolatile) return false
    if (known.revisions !== undefined && known.revisions !== revisionsOf(source, opened.revision)) return false
    const { dependencies } = known
    if (!(await stillHold(dependencies, opened.tree, references, request.signal))) return false
    if (dependencies.external.length === 0) return true
    return externalInputsHold(dependencies.external, createFetchers(this.#options, request, source), request.signal)
  }

  #digestOf(apiVersions: readonly string[]): string {
    const known = this.#kinds.get(apiVersions)
    if (known !== undefined) return known
    const digest = sha256Hex(apiVersions.join())
    this.#kinds.set(apiVersions, digest)
    return digest
  }

  #disabled(): ReadonlySet<SourceType> {
    return this.#options.disabledTypes?.() ?? new Set()
  }

  async #render(
    request: DesiredRequest,
    source: ApplicationSource,
    { opened, references, ring }: OpenedTrees & { readonly ring: KeyRing | undefined },
  ): Promise<{ readonly trace: Omit<Trace, 'id' | 'inputs'>; readonly kept: KeptRendering }> {
    const { application, cluster, signal } = request
    const trees = openTrees(opened.tree, references, ring)
    // Detection and override files are dependencies like what the renderer reads.
    const tree = new RecordingTree(trees.tree)
    const merged = await withOverrides(source, application.instanceName ?? application.name, tree, signal)
    const options = this.#renderOptions(request)
    const renderRequest: RenderRequest = { application, source: merged, revision: opened.revision, cluster, options }
    const detection = signal === undefined ? {} : { signal }
    // Plug-ins see files as they are committed: they bring keys of their own.
    const plugins = this.#options.plugins?.over(opened.tree, renderRequest)
    const sourceType = await detectSourceType(merged, tree, {
      disabled: this.#disabled(),
      ...(plugins === undefined ? {} : { discover: () => plugins.discovers(signal) }),
      ...detection,
    })
    const loaded = await loadSource(sourceType, renderRequest, {
      tree,
      references: trees.references,
      ...detection,
      ...(plugins === undefined ? {} : { plugins }),
      ...createFetchers(this.#options, request, merged),
    })
    const bytes = bytesOf(loaded)
    const rendered = await this.#evaluate(
      { sourceType, request: renderRequest, loaded, signal, key: keyOf(source) },
      bytes,
    )
    // Whether a plug-in discovers a source may depend on any of its files.
    const isRevisionInput = substitutesRevision(merged) || plugins?.wasAsked === true
    const revisions = isRevisionInput ? revisionsOf(source, opened.revision) : undefined
    return {
      trace: { revisions, dependencies: dependenciesOf(loaded), isVolatile: rendered.volatile === true },
      kept: { rendered: trees.openings.hide(rendered), ...trees.openings.report(), bytes },
    }
  }

  #renderOptions({ application }: DesiredRequest): RenderOptions {
    const helmVersion = application.helmVersion ?? this.#options.helmVersion?.() ?? '4.2'
    return { ...this.#options.renderOptions?.(), helmVersion }
  }

  async #evaluate(job: PoolJob, bytes: number): Promise<Rendered> {
    const { workers } = this.#options
    const isSmall = job.sourceType === 'Directory' && bytes <= INLINE_BYTES && !hasProgram(job.loaded)
    const inline = workers === undefined || isSmall
    try {
      return inline ? evaluateSource(job.sourceType, job.request, job.loaded) : await workers.render(job)
    } catch (error) {
      if (error instanceof CapstanError || job.signal?.aborted === true) throw error
      throw new CapstanError('internal', `rendering failed: ${messageOf(error)}`, { cause: error })
    }
  }
}

/** Stands for the rendering of a source that only lends its files. */
const NOTHING = { id: 0 }

function resultOf(
  { rendered, held, recipients }: KeptRendering,
  about: { readonly unchanged: boolean; readonly id: number },
): RenderedSource {
  return { sourceType: rendered.sourceType, rendered, held, recipients, ...about }
}

function sourceAt({ sources }: DesiredRequest, index: number): ApplicationSource {
  return sources[index] as ApplicationSource // callers walk the sources
}

/** What somebody tries is kept beside what is delivered. */
function keptKey({ application: { namespace, name }, files, keptAs = '' }: DesiredRequest, index: number): string {
  return `${namespace}/${name}/${files === undefined ? '' : 'tried/'}${keptAs}/${index}`
}

function keyOf(source: ApplicationSource): string {
  return `${source.repoURL}\n${source.chart ?? source.path ?? ''}`
}

/** Everything besides files and substituted revisions that shapes a rendering, as text. */
function inputsOf(
  request: DesiredRequest,
  source: ApplicationSource,
  revision: string,
  others: { readonly disabled: ReadonlySet<SourceType>; readonly kinds: string; readonly rules: RenderOptions },
): string {
  const { targetRevision: _, ...shaping } = source
  const { application, cluster } = request
  const { disabled, ...more } = others
  // A chart is another one with each version; files of Git are known by their ids.
  const version = source.chart === undefined ? '' : revision
  return JSON.stringify([application, cluster.kubeVersion, shaping, version, [...disabled].toSorted(), more])
}

/** Does a parameter, image or label hold one of the variables that stand for a revision? */
function substitutesRevision(source: ApplicationSource): boolean {
  return /ARGOCD_APP_(?:REVISION|SOURCE_TARGET_REVISION)/.test(JSON.stringify(source))
}

function revisionsOf(source: ApplicationSource, revision: string): string {
  return `${source.targetRevision ?? ''} ${revision}`
}

/** However small, a Jsonnet program may run without end. */
function hasProgram({ files }: LoadedSource): boolean {
  for (const path of files.files.keys()) if (path.endsWith('.jsonnet')) return true
  return false
}

function bytesOf(loaded: LoadedSource): number {
  let bytes = 0
  for (const files of [loaded.files, ...loaded.references.values()]) {
    for (const file of files.files.values()) bytes += file.bytes.length
  }
  return bytes
}

/** A manifest may have no metadata, such as the kustomization.yaml of a plain directory: it is compared like one without a name. */
function withMetadata(manifests: readonly KubeObject[]): readonly KubeObject[] {
  const hasMetadata = ({ metadata }: { readonly metadata?: unknown }): boolean =>
    typeof metadata === 'object' && metadata !== null
  if (manifests.every(hasMetadata)) return manifests
  return manifests.map((manifest) => (hasMetadata(manifest) ? manifest : { ...manifest, metadata: {} }))
}
