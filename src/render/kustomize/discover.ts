// Finding every file that a build will read: kustomizations, what they name, and what plug-in configurations name.
import { CapstanError } from '../../base/errors.ts'
import { parseYamlDocuments } from '../../lang/yaml/read.ts'
import type { FileTree } from '../../source/file-tree.ts'
import type { ChartArgs } from './helm-charts.ts'
import { parseFileSource } from './key-values.ts'
import type { GeneratorArgs, Kustomization } from './kustomization.ts'
import { assertKustomization, readKustomization } from './kustomization.ts'
import type { ChartFetcher, RemoteSources } from '../contract.ts'
import { decodeStruct } from './decode.ts'
import { RemoteTrees } from './fetch-remotes.ts'
import { HELM_FIELDS, HELM_GLOBALS } from './kustomization-fields.ts'
import type { LoadedCharts } from './load-charts.ts'
import { loadChart } from './load-charts.ts'
import type { LoadedRemotes } from './remotes.ts'
import { isRemoteFile } from './remotes.ts'
import { parseRepoSpec } from './repo-spec.ts'
import { KUSTOMIZATION_NAMES, MAX_DEPTH, MAX_TOTAL_SIZE, isWithin, joinPath } from './source-files.ts'

/** Kustomizations of one build, each counted once. */
export const MAX_KUSTOMIZATIONS = 10_000

export interface DiscoverOptions {
  readonly tree: FileTree
  /** Fetches what is named by address; absent: nothing is. */
  readonly remotes?: RemoteSources
  /** Fetches charts that are not beside their kustomization; absent: they are an error. */
  readonly charts?: ChartFetcher
  /** Are charts inflated at all? (`--enable-helm`) */
  readonly enableHelm?: boolean
  readonly signal?: AbortSignal
  /** Changes the first kustomization before what it names is looked for. */
  readonly edit?: (kustomization: Kustomization) => Kustomization
}

/**
 * Reads all files of the build of a directory through the tree, which records them. What is missing or broken is left
 * for the build to word: only reading that leads further happens here. Gives what was fetched from elsewhere. Throws
 * `limit` beyond the limits.
 */
export async function discoverFiles(root: string, options: DiscoverOptions): Promise<LoadedRemotes> {
  const trees = new RemoteTrees(options.tree, options.remotes, options.signal)
  const discovery = new Discovery(options, trees)
  await discovery.directory(root, 0)
  return trees.loaded(discovery.charts)
}

class Discovery {
  readonly #options: DiscoverOptions
  readonly #visited = new Set<string>()
  readonly #read = new Map<string, Uint8Array>()
  readonly #trees: RemoteTrees
  readonly charts: LoadedCharts = new Map()
  #size = 0

  constructor(options: DiscoverOptions, trees: RemoteTrees) {
    this.#options = options
    this.#trees = trees
  }

  async directory(path: string, depth: number): Promise<void> {
    if (this.#visited.has(path)) return
    if (depth > MAX_DEPTH) throw new CapstanError('limit', `bases nested deeper than ${MAX_DEPTH}: ${path}`)
    if (this.#visited.size >= MAX_KUSTOMIZATIONS) {
      throw new CapstanError('limit', `more than ${MAX_KUSTOMIZATIONS} kustomizations in one build`)
    }
    this.#visited.add(path)
    const found: Uint8Array[] = []
    for (const name of KUSTOMIZATION_NAMES) {
      const bytes = await this.#file(joinPath(path, name))
      if (bytes !== undefined) found.push(bytes)
    }
    const [only] = found
    if (only === undefined) {
      // Whether there is such a directory at all decides how the build words it.
      await this.#trees.readDirectory(path)
    } else if (found.length === 1) await this.#kustomization(textOf(only), path, depth)
  }

  async #kustomization(text: string, path: string, depth: number): Promise<void> {
    const kustomization = tryRead(() => {
      const read = readKustomization(text).kustomization
      assertKustomization(read, path)
      return this.#edited(read, depth)
    })
    if (kustomization === undefined) return
    for (const file of namedFiles(kustomization)) await this.#named(path, file)
    const { resources = [], components = [] } = kustomization
    for (const entry of [...resources, ...components]) await this.#resource(path, entry, depth)
    for (const chart of kustomization.helmCharts ?? []) {
      await this.#chart(path, { ...kustomization.helmGlobals, ...chart })
    }
    const { generators = [], transformers = [], validators = [] } = kustomization
    for (const entry of [...generators, ...transformers, ...validators]) await this.#plugin(path, entry, depth)
  }

  async #chart(directory: string, args: ChartArgs): Promise<void> {
    const { enableHelm, charts, signal } = this.#options
    if (enableHelm !== true) return
    for (const file of [args.valuesFile ?? '', ...(args.additionalValuesFiles ?? [])]) {
      if (file !== '') await this.#named(directory, file)
    }
    await loadChart(this.charts, args, directory, { tree: this.#trees, charts, signal })
  }

  #edited(kustomization: Kustomization, depth: number): Kustomization {
    const { edit } = this.#options
    return depth === 0 && edit !== undefined ? edit(kustomization) : kustomization
  }

  /** A file of resources, or a base; gives what the file holds. */
  async #resource(directory: string, entry: string, depth: number): Promise<Uint8Array | undefined> {
    if (isRemoteFile(entry) || parseRepoSpec(entry) !== undefined) return this.#remote(entry, depth)
    const path = joinPath(directory, entry)
    if (path === undefined) return undefined
    const bytes = await this.#file(path)
    if (bytes === undefined) await this.directory(path, depth + 1)
    return bytes
  }

  async #remote(address: string, depth: number): Promise<Uint8Array | undefined> {
    const found = await this.#trees.resource(address)
    if (found === undefined) return undefined
    if (found instanceof Uint8Array) return this.#counted(found)
    await this.directory(found.directory, depth + 1)
    return undefined
  }

  async #named(directory: string, file: string): Promise<void> {
    if (!isRemoteFile(file)) {
      await this.#file(joinPath(directory, file))
      return
    }
    const bytes = await this.#trees.file(file)
    if (bytes !== undefined) this.#counted(bytes)
  }

  /** A plug-in's configuration, inline or in a file or base, may name files in turn. */
  async #plugin(directory: string, entry: string, depth: number): Promise<void> {
    const isInline = entry.includes('\n') || entry.startsWith('{')
    if (!isInline) await this.#resource(directory, entry, depth)
    for (const config of isInline ? [entry] : this.#textsBelow(joinPath(directory, entry))) {
      for (const file of pluginFiles(config)) await this.#named(directory, file)
      for (const chart of pluginCharts(config)) await this.#chart(directory, chart)
    }
  }

  #textsBelow(path: string | undefined): string[] {
    if (path === undefined) return []
    return [...this.#read].filter(([name]) => isWithin(name, path)).map(([, bytes]) => textOf(bytes))
  }

  async #file(path: string | undefined): Promise<Uint8Array | undefined> {
    if (path === undefined || path === '') return undefined
    const file = await this.#trees.readFile(path)
    if (file === undefined || this.#read.has(path)) return file?.bytes
    this.#read.set(path, file.bytes)
    return this.#counted(file.bytes)
  }

  #counted(bytes: Uint8Array): Uint8Array {
    this.#size += bytes.byteLength
    if (this.#size <= MAX_TOTAL_SIZE) return bytes
    throw new CapstanError('limit', `the files of one kustomization are larger than ${MAX_TOTAL_SIZE} bytes together`)
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}

function tryRead<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    // The build meets the same error and words it with its place.
    if (error instanceof CapstanError) return undefined
    throw error
  }
}

/** Paths that a kustomization names outright. Texts that stand inline look like paths that do not exist. */
function namedFiles(kustomization: Kustomization): string[] {
  const { patches = [], patchesJson6902 = [], patchesStrategicMerge = [], replacements = [], openapi } = kustomization
  const paths = [
    ...[...patches, ...patchesJson6902, ...replacements].map((entry) => entry.path),
    ...patchesStrategicMerge,
    ...(kustomization.crds ?? []),
    ...(kustomization.configurations ?? []),
    openapi?.path,
    ...[...(kustomization.configMapGenerator ?? []), ...(kustomization.secretGenerator ?? [])].flatMap(sourceFiles),
  ]
  return paths.filter((path) => path !== undefined).filter((path) => path !== '' && !path.includes('\n'))
}

function sourceFiles(args: GeneratorArgs): string[] {
  const files = (args.files ?? []).map((source) => tryRead(() => parseFileSource(source).path))
  return [...files.filter((path) => path !== undefined), ...(args.envs ?? [])]
}

function pluginFiles(text: string): string[] {
  const documents = tryRead(() => parseYamlDocuments(text)) ?? []
  return documents.flatMap(({ value }) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
    const { path, paths, files, envs, env, replacements } = value
    const nested = listOf(replacements).map((entry) =>
      typeof entry === 'object' && entry !== null && !Array.isArray(entry) ? entry['path'] : undefined,
    )
    const named = [path, env, ...listOf(paths), ...listOf(envs), ...nested]
    const texts = [...named, ...listOf(files).map(fileOfSource)].filter((entry) => typeof entry === 'string')
    return texts.filter((entry) => entry !== '' && !entry.includes('\n'))
  })
}

function pluginCharts(text: string): ChartArgs[] {
  const documents = tryRead(() => parseYamlDocuments(text)) ?? []
  return documents.flatMap(({ value }) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
    if (value['apiVersion'] !== 'builtin' || value['kind'] !== 'HelmChartInflationGenerator') return []
    const type = { struct: 'HelmChart', fields: { ...HELM_GLOBALS, ...HELM_FIELDS } }
    // `decodeStruct` gives every field the type that the table says.
    const args = tryRead(() => decodeStruct(value, type, { unknownFields: 'ignore' }) as ChartArgs)
    return args === undefined ? [] : [args]
  })
}

function fileOfSource(source: unknown): string | undefined {
  return typeof source === 'string' ? tryRead(() => parseFileSource(source).path) : undefined
}

function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  return Array.isArray(value) ? value : []
}
