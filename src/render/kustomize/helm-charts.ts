// helmCharts: charts beside the kustomization or from a repository become resources (HelmChartInflationGenerator, v5.8.1).
import { CapstanError } from '../../base/errors.ts'
import { stringifyYaml } from '../../lang/yaml/write.ts'
import type { ChartFile } from '../helm/chart.ts'
import { renderChartText } from '../helm/render-chart.ts'
import type { NamedFile } from '../helm/user-values.ts'
import type { BuildContext } from './build-context.ts'
import { inPlace } from './fault.ts'
import type { HelmChart, HelmGlobals } from './kustomization.ts'
import type { Loader } from './loader.ts'
import { loadBytes, loadText } from './loader.ts'
import { builtinMergeSchema } from './merge-schema.ts'
import type { Node } from './node.ts'
import { nodeOfValue, valueOfNode } from './node.ts'
import { readNode } from './read-nodes.ts'
import { readResources } from './read-resources.ts'
import { isProblem, problemError } from './remotes.ts'
import type { Resource } from './resource.ts'
import { joinPath, shownPath } from './source-files.ts'
import { strategicMerge } from './strategic-merge.ts'

/** A chart with the globals it is found by. */
export type ChartArgs = HelmGlobals & HelmChart

/** Where kustomize looks for the chart, and puts it when it pulls it; undefined outside of the tree. */
export function chartFolder(args: ChartArgs, root: string): string | undefined {
  const { name = '', version = '', repo = '', chartHome = '' } = args
  const home = chartHome === '' ? 'charts' : chartHome
  const below = version !== '' && repo !== '' ? `${name}-${version}/${name}` : name
  return joinPath(root, `${home}/${below}`)
}

/** Equal for charts with the same files. */
export function chartKey(args: ChartArgs, root: string): string {
  const { name = '', version = '', repo = '' } = args
  return `${chartFolder(args, root) ?? ''}\n${repo}\n${name}\n${version}`
}

/** The resources of a chart; the namespace transformer leaves them alone. Throws with kustomize's and helm's words. */
export function inflateChart(build: BuildContext, args: ChartArgs, loader: Loader): Resource[] {
  const checked = validArgs(build, args, loader)
  const files = chartFiles(build, checked, loader)
  const values = valuesFile(checked, files, loader)
  const text = renderChartText({ files, ...chartInput(build, checked, loader, values) })
  return readResources(text).map((resource) => ({ ...resource, isFromHelm: true }))
}

function validArgs(build: BuildContext, args: ChartArgs, loader: Loader): ChartArgs {
  if (build.options.helm === undefined) throw new CapstanError('unsupported', 'must specify --enable-helm')
  if ((args.name ?? '') === '') throw new CapstanError('bad-input', 'chart name cannot be empty')
  for (const file of args.additionalValuesFiles ?? []) {
    inPlace('could not load additionalValuesFile', () => loadBytes(loader, file))
  }
  if (!MERGES.has(args.valuesMerge ?? '')) {
    throw new CapstanError('bad-input', 'valuesMerge must be one of [merge override replace]')
  }
  return args
}

const MERGES: ReadonlySet<string> = new Set(['', 'merge', 'override', 'replace'])

function chartFiles(build: BuildContext, args: ChartArgs, loader: Loader): readonly ChartFile[] {
  const found = build.files.chart(chartKey(args, loader.root))
  if (found !== undefined && isProblem(found)) throw problemError(found)
  if (found !== undefined) return found
  const folder = chartFolder(args, loader.root)
  const place = folder === undefined ? '' : shownPath(folder)
  throw new CapstanError('not-found', `no repo specified for pull, no chart found at '${place}'`)
}

/** The one values file that kustomize writes for helm. */
function valuesFile(args: ChartArgs, files: readonly ChartFile[], loader: Loader): NamedFile {
  const { valuesInline = {}, valuesMerge } = args
  const name = `${args.name ?? ''}-kustomize-values.yaml`
  if (Object.keys(valuesInline).length === 0) return { name, bytes: baseValues(args, files, loader) }
  if (valuesMerge === 'replace') return { name, bytes: Buffer.from(stringifyYaml(valuesInline)) }
  const base = readNode(Buffer.from(baseValues(args, files, loader)).toString('utf8'))
  const inline = nodeOfValue(valuesInline)
  const merged = valuesMerge === 'merge' ? mergeInto(inline, base) : mergeInto(base, inline)
  return { name, bytes: Buffer.from(merged === undefined ? '' : stringifyYaml(valueOfNode(merged))) }
}

function mergeInto(target: Node | undefined, patch: Node | undefined): Node | undefined {
  return strategicMerge(patch, target, { findSchema: builtinMergeSchema, append: true })
}

/** The file that is named, else the chart's own, which kustomize reads like any file. */
function baseValues(args: ChartArgs, files: readonly ChartFile[], loader: Loader): Uint8Array {
  const { valuesFile: named = '' } = args
  if (named !== '') return Buffer.from(loadText(loader, named))
  const own = files.find((file) => file.name === 'values.yaml')
  if (own !== undefined) return own.bytes
  const path = shownPath(`${chartFolder(args, loader.root) ?? ''}/values.yaml`)
  throw new CapstanError('not-found', `evalsymlink failure on '${path}' : lstat ${path}: no such file or directory`)
}

type ChartOptions = Omit<Parameters<typeof renderChartText>[0], 'files'>

function chartInput(build: BuildContext, args: ChartArgs, loader: Loader, values: NamedFile): ChartOptions {
  const { helm } = build.options
  if (args.releaseName && args.nameTemplate) {
    throw new CapstanError('bad-input', 'cannot set --name-template and also specify a name')
  }
  const additional = (args.additionalValuesFiles ?? []).map((name) => ({ name, bytes: loadBytes(loader, name) }))
  return {
    values: { files: [values, ...additional] },
    releaseName: orElse(args.releaseName, orElse(args.nameTemplate, 'release-name')),
    namespace: orElse(args.namespace, 'default'),
    kubeVersion: orElse(args.kubeVersion, helm?.kubeVersion ?? ''),
    apiVersions: args.apiVersions?.length ? args.apiVersions : (helm?.apiVersions ?? []),
    includeCrds: args.includeCRDs === true,
    skipTests: args.skipTests === true,
    skipHooks: args.skipHooks === true,
    ...(helm?.helmVersion === undefined ? {} : { helmVersion: helm.helmVersion }),
  }
}

function orElse(text: string | undefined, instead: string): string {
  return text === undefined || text === '' ? instead : text
}
