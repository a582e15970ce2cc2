// Helm sources: what Argo CD makes of an application's helm block, rendered in this process.
import { CapstanError, messageOf } from '../../base/errors.ts'
import type { FileTree } from '../../source/file-tree.ts'
import type { ApplicationSource, HelmParameter } from '../../crds/application.ts'
import { stringifyYaml } from '../../lang/yaml/write.ts'
import type { BuildEnvironment } from '../build-environment.ts'
import { buildEnvironment, substituteEnvironment } from '../build-environment.ts'
import type { LoadContext, Rendered, RenderWarning } from '../contract.ts'
import { sourcePath } from '../detect.ts'
import type { LoadedSource, RenderRequest, Renderer } from '../renderer.ts'
import { withoutMark } from './archive.ts'
import type { ChartFile } from './chart.ts'
import { readChartTree } from './chart-tree.ts'
import { fetchDependencies } from './fetch-dependencies.ts'
import type { ChartPlace, FetchedFile } from './fetch-dependencies.ts'
import { objectsOf } from './objects.ts'
import { renderChart, type ChartInput, type RenderedChart } from './render-chart.ts'
import { TemplateCache } from './template-cache.ts'
import type { NamedFile, UserValues } from './user-values.ts'
import { findFile, findValueFiles, pathInside } from './value-files.ts'
import type { FileRef, ValueFileSearch } from './value-files.ts'

/** What a load of a chart hands to its evaluation. */
interface LoadedChart {
  /** Files of the chart, relative to it. */
  readonly files: readonly string[]
  /** Dependencies that were found elsewhere, as files of the chart. */
  readonly added: readonly FetchedFile[]
  readonly valueFiles: readonly FileRef[]
  readonly fileParameters: readonly (FileRef & { readonly name: string })[]
}

/** A renderer that keeps templates parsed between renderings of one thread. */
export function createHelmRenderer(): Renderer {
  const cache = new TemplateCache()
  return {
    sourceType: 'Helm',
    load: loadChart,
    evaluate: (request, loaded) => evaluateChart(request, loaded, cache),
  }
}

async function loadChart(request: RenderRequest, context: LoadContext): Promise<LoadedChart> {
  const { source } = request
  const { helm } = source
  const root = sourcePath(source)
  const { tree, signal, charts } = context
  const search: ValueFileSearch = {
    context,
    root,
    environment: buildEnvironment(request),
    ignoreMissing: helm?.ignoreMissingValueFiles === true,
  }
  const found = await withHelmError(async () => {
    const fileParameters: (FileRef & { name: string })[] = []
    for (const { name = '', path = '' } of helm?.fileParameters ?? []) {
      fileParameters.push({ name, ...(await findFile(path, search)) })
    }
    return {
      files: await readChartTree(tree, root, signal),
      valueFiles: await findValueFiles(helm?.valueFiles ?? [], search),
      fileParameters,
    }
  })
  const place = chartPlace(context.tree, root, signal)
  const dependencies = await fetchDependencies({ place, files: found.files, charts, signal })
  return { ...found, ...dependencies }
}

/** A chart in a tree, and others beside it. */
export function chartPlace(tree: FileTree, root: string, signal?: AbortSignal): ChartPlace {
  return {
    readFile: (path) => tree.readFile(below(root, path), signal),
    async readNeighbour(path) {
      const folder = pathInside(path, root)
      const names = await readChartTree(tree, folder, signal)
      const files: FetchedFile[] = []
      for (const name of names) {
        const file = await tree.readFile(below(folder, name), signal)
        if (file !== undefined) files.push({ name, ...file })
      }
      return files
    },
  }
}

function below(folder: string, path: string): string {
  return folder === '' ? path : `${folder}/${path}`
}

/** Argo CD's words before helm's. */
function helmError(error: unknown): unknown {
  if (!(error instanceof CapstanError)) return error
  return new CapstanError(error.code, `failed to execute helm template command: ${messageOf(error)}`, { cause: error })
}

async function withHelmError<T>(body: () => Promise<T>): Promise<T> {
  try {
    return await body()
  } catch (error) {
    throw helmError(error)
  }
}

function evaluateChart(request: RenderRequest, loaded: LoadedSource, cache: TemplateCache): Rendered {
  try {
    const rendered = renderChart({ ...chartInput(request, loaded), cache })
    return { sourceType: 'Helm', manifests: objectsOf(rendered), warnings: warningsOf(rendered) }
  } catch (error) {
    throw helmError(error)
  }
}

function chartInput(request: RenderRequest, loaded: LoadedSource): ChartInput {
  const chart = loaded.extra as LoadedChart // what loadChart returned
  const { application, cluster, source } = request
  const { helm } = source
  const root = sourcePath(source)
  return {
    files: [...chart.files.map((name) => chartFile(loaded, root, name)), ...chart.added.map(asChartFile)],
    values: userValues(request, loaded, chart),
    releaseName: orElse(helm?.releaseName, application.name),
    namespace: orElse(helm?.namespace, application.destinationNamespace),
    kubeVersion: normalVersion(orElse(helm?.kubeVersion, cluster.kubeVersion)),
    apiVersions: helm?.apiVersions?.length ? helm.apiVersions : cluster.apiVersions,
    includeCrds: helm?.skipCrds !== true,
    skipTests: helm?.skipTests === true,
    skipSchemaValidation: helm?.skipSchemaValidation === true,
    ...(request.options?.helmVersion === undefined ? {} : { helmVersion: request.options.helmVersion }),
  }
}

/** The application would be out of sync after every new rendering, which its owner should know. */
function warningsOf({ changing }: RenderedChart): RenderWarning[] {
  const message = 'uses random values or the current time: every rendering of it differs'
  return changing.map((path) => ({ path, message }))
}

function orElse(value: string | undefined, otherwise: string): string {
  return value === undefined || value === '' ? otherwise : value
}

/** A version without what vendors add, the application's own too (argo-cd v3.5.1 parseKubeVersion). */
function normalVersion(version: string): string {
  return /^v?(?<plain>\d+\.\d+(?:\.\d+)?)/.exec(version)?.groups?.['plain'] ?? version
}

function chartFile(loaded: LoadedSource, root: string, name: string): ChartFile {
  return asChartFile({ name, ...loadedFile(loaded, { path: below(root, name) }) })
}

function asChartFile({ name, id, bytes }: FetchedFile): ChartFile {
  return { name, id, bytes: withoutMark(bytes) }
}

function loadedFile(loaded: LoadedSource, ref: FileRef): { readonly id: string; readonly bytes: Uint8Array } {
  if (ref.remote !== undefined) return { id: ref.path, bytes: ref.remote }
  const files = ref.reference === undefined ? loaded.files : loaded.references.get(ref.reference)
  const file = files?.files.get(ref.path)
  if (file === undefined) throw new CapstanError('internal', `${ref.path} was not loaded`)
  return file
}

function userValues(request: RenderRequest, loaded: LoadedSource, chart: LoadedChart): UserValues {
  const environment = buildEnvironment(request)
  const { helm } = request.source
  const files = chart.valueFiles.map((ref): NamedFile => ({ name: ref.path, bytes: loadedFile(loaded, ref).bytes }))
  const own = ownValues(helm)
  const parameters = helm?.parameters ?? []
  const refs = new Map(chart.fileParameters.map((ref) => [ref.path, ref]))
  return {
    files: own === undefined ? files : [...files, own],
    set: flagsOf(parameters, { isText: false, environment }),
    setString: flagsOf(parameters, { isText: true, environment }),
    setFile: chart.fileParameters.map(({ name, path }) => `${name}=${escapeCommas(path)}`).toSorted(),
    readFile: (path) => {
      const ref = refs.get(path)
      return ref === undefined ? undefined : loadedFile(loaded, ref).bytes
    },
  }
}

/** Values in the application itself: the object wins over the text. */
function ownValues(helm: ApplicationSource['helm']): NamedFile | undefined {
  const object: unknown = helm?.valuesObject
  const text = object === undefined || object === null ? helm?.values : stringifyYaml(object)
  if (text === undefined || text === '') return undefined
  return { name: 'values of the application', bytes: new TextEncoder().encode(text) }
}

interface FlagChoice {
  readonly isText: boolean
  readonly environment: BuildEnvironment
}

/** Parameters as `--set` texts; of two with one name the later counts, and names are sorted. */
function flagsOf(parameters: readonly HelmParameter[], { isText, environment }: FlagChoice): string[] {
  const chosen = new Map<string, string>()
  for (const { name = '', value = '', forceString } of parameters) {
    if ((forceString === true) === isText) chosen.set(name, value)
  }
  return [...chosen]
    .map(([name, value]) => `${name}=${escapeCommas(substituteEnvironment(value, environment))}`)
    .toSorted()
}

/** A comma that is not escaped would begin another value, except in a list (argo-cd v3.5.1 cleanSetParameters). */
function escapeCommas(value: string): string {
  return value.startsWith('{') && value.endsWith('}') ? value : value.replace(/(?<!\\),/g, '\\,')
}
