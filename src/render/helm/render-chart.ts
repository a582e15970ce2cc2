// Renders a chart: from its files and values to sorted manifests, and to the text `helm template` prints.
import { randomBytes } from 'node:crypto'
import { CapstanError } from '../../base/errors.ts'
import { quoteText } from '../../lang/go/quote.ts'
import { bytesOfText, compareText, textOfBytes } from '../../lang/go/text.ts'
import type { GoFunction, GoMap, GoValue } from '../../lang/go/values.ts'
import { executeTemplate } from '../../lang/go-template/execute.ts'
import { newBudget } from '../../lang/go-template/run.ts'
import type { Budget } from '../../lang/go-template/run.ts'
import { parseTemplate } from '../../lang/go-template/template-set.ts'
import { helmFunctions } from '../../lang/sprig/functions.ts'
import { builtinOf } from '../../lang/go-template/builtins.ts'
import { buildChart } from './build-chart.ts'
import type { Chart, ChartFile } from './chart.ts'
import { capabilitiesOf, capabilitiesValue } from './capabilities.ts'
import { isInRange, processDependencies, requireDependencies } from './dependencies.ts'
import type { LookUp } from './chart-functions.ts'
import { runTemplates } from './engine.ts'
import type { HelmVersion } from '../renderer.ts'
import { rulesOf } from './rules.ts'
import type { HelmRules } from './rules.ts'
import { sortManifests } from './manifests.ts'
import type { ChartHook, ChartManifest } from './manifests.ts'
import { chartValues } from './merge.ts'
import { validateValues } from './schema/validate-values.ts'
import { TemplateCache } from './template-cache.ts'
import { mergeUserValues } from './user-values.ts'
import type { UserValues } from './user-values.ts'

export interface ChartInput {
  /** All files of the chart but those that .helmignore takes out. */
  readonly files: readonly ChartFile[]
  readonly values: UserValues
  /** The release's name; may be a template, as for `--name-template`. */
  readonly releaseName: string
  readonly namespace: string
  /** Empty for the version helm assumes. */
  readonly kubeVersion: string
  readonly apiVersions: readonly string[]
  readonly includeCrds?: boolean
  readonly skipTests?: boolean
  readonly skipHooks?: boolean
  readonly skipSchemaValidation?: boolean
  /** `.Release.IsUpgrade` instead of `.Release.IsInstall`. */
  readonly isUpgrade?: boolean
  /** What `lookup` finds; absent: nothing. */
  readonly lookUp?: LookUp
  /** By default `4.2`. */
  readonly helmVersion?: HelmVersion
  /** Keeps templates parsed between renderings. */
  readonly cache?: TemplateCache
  /** Steps and output of all templates together; by default what `newBudget` allows. */
  readonly budget?: Budget
}

/** A file of crds/, which is printed as it is. */
export interface ChartCrd {
  readonly path: string
  readonly bytes: Uint8Array
}

export interface RenderedChart {
  /** Files of crds/, of the chart first. */
  readonly crds: readonly ChartCrd[]
  readonly manifests: readonly ChartManifest[]
  readonly hooks: readonly ChartHook[]
  /** Templates that asked for random bytes or the time: they render differently each time. */
  readonly changing: readonly string[]
}

/** Renders a chart as helm v4.2.1 does with `helm template`. Throws `CapstanError` with helm's text. */
export function renderChart(input: ChartInput): RenderedChart {
  const running = { path: '' }
  const changing = new Set<string>()
  const functions = helmFunctions({
    random: (count) => {
      changing.add(running.path)
      return randomBytes(count)
    },
    nowMs: () => {
      changing.add(running.path)
      return Date.now()
    },
    timeZone: 'UTC',
  })
  const rules = rulesOf(input.helmVersion)
  const user = mergeUserValues(input.values, rules)
  const chart = buildChart(input.files, rules)
  const { type } = chart.metadata
  if (type !== '' && type !== 'application') throw bad(`${type} charts are not installable`)
  requireDependencies(chart, rules)
  const releaseName = nameOf(input.releaseName, functions, rules)
  processDependencies(chart, user, rules)
  const capabilities = capabilitiesOf(input.kubeVersion, input.apiVersions, rules)
  const { keepsNulls, sharesNestedCharts } = rules
  const values = chartValues(chart, user, { mode: 'coalesce', keepsNulls, usesUp: !sharesNestedCharts })
  if (input.skipSchemaValidation !== true) validateValues(chart, values)
  requireKubeVersion(chart, capabilities.plainVersion)
  const outputs = runTemplates({
    chart,
    values,
    release: releaseValue(releaseName, input),
    ...(input.lookUp === undefined ? {} : { lookUp: input.lookUp }),
    capabilities: capabilitiesValue(capabilities, rules),
    rules,
    functions,
    cache: input.cache ?? new TemplateCache(),
    budget: input.budget ?? newBudget(),
    onFile: (path) => {
      running.path = path
    },
  })
  for (const path of outputs.keys()) if (path.endsWith('NOTES.txt')) outputs.delete(path)
  const { manifests, hooks } = sortManifests(outputs, rules)
  const shownHooks = input.skipTests === true ? hooks.filter((hook) => !hook.isTest) : hooks
  return {
    crds: input.includeCrds === true ? crdsOf(chart, chart.metadata.name) : [],
    manifests,
    hooks: input.skipHooks === true ? [] : shownHooks,
    changing: [...changing],
  }
}

/** What `helm template` prints for a chart, byte for byte. Throws like `renderChart`. */
export function renderChartText(input: ChartInput): string {
  return textOfBytes(Buffer.concat(renderChartBytes(input)))
}

/** The same as bytes, in parts: megabytes of CRDs are printed without being read. Throws like `renderChart`. */
export function renderChartBytes(input: ChartInput): Uint8Array[] {
  return bytesOfChart(renderChart(input))
}

const NEWLINE = Buffer.from('\n')

/** CRDs and manifests, trimmed as a whole, then hooks. */
function bytesOfChart({ crds, manifests, hooks }: RenderedChart): Uint8Array[] {
  const parts: Uint8Array[] = crds.flatMap(({ path, bytes }) => [Buffer.from(headOf(path)), bytes, NEWLINE])
  const main = manifests.map(({ path, text }) => partOf(path, text)).join('')
  const rest = `\n${hooks.map(({ path, text }) => partOf(path, text)).join('')}`
  // The last of all is what is trimmed: a manifest, or where there is none a CRD.
  if (main !== '') return [...parts, bytesOfText(main.trimEnd() + rest)]
  return [bytesOfText(textOfBytes(Buffer.concat(parts)).trimEnd() + rest)]
}

function partOf(path: string, text: string): string {
  return `${headOf(path)}${text}\n`
}

function headOf(path: string): string {
  return `---\n# Source: ${path}\n`
}

function bad(message: string): CapstanError {
  return new CapstanError('bad-input', message)
}

const RELEASE_NAME = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/
const MAX_RELEASE_NAME_LENGTH = 53

function nameOf(text: string, functions: ReadonlyMap<string, GoFunction>, { version }: HelmRules): string {
  const name = text.includes('{{') ? runNameTemplate(text, functions) : text
  if (name.length <= MAX_RELEASE_NAME_LENGTH && RELEASE_NAME.test(name)) return name
  throw bad(
    `${version === '3' ? '' : 'release name check failed: '}release name ${quoteText(name)}: invalid release name, must match regex ` +
      '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$ and the length must not be longer than 53',
  )
}

function runNameTemplate(text: string, functions: ReadonlyMap<string, GoFunction>): string {
  const hasFunction = (name: string): boolean => functions.has(name) || builtinOf(name) !== undefined
  return executeTemplate(parseTemplate('name-template', text, { hasFunction }), 'name-template', {
    data: null,
    functions,
  })
}

function requireKubeVersion(chart: Chart, kubeVersion: string): void {
  const wanted = chart.metadata.kubeVersion
  if (wanted === '' || isInRange(wanted, kubeVersion)) return
  throw bad(`chart requires kubeVersion: ${wanted} which is incompatible with Kubernetes ${kubeVersion}`)
}

function releaseValue(name: string, { namespace, isUpgrade = false }: ChartInput): GoMap {
  return new Map<GoValue, GoValue>([
    ['Name', name],
    ['Namespace', namespace],
    ['IsUpgrade', isUpgrade],
    ['IsInstall', !isUpgrade],
    ['Revision', 1n],
    ['Service', 'Helm'],
  ])
}

const CRD_FILE = /^crds\/.*\.(?:yaml|yml|json)$/i

function crdsOf(chart: Chart, path: string): ChartCrd[] {
  const own = chart.files
    .filter(({ name }) => CRD_FILE.test(name))
    .toSorted((a, b) => compareText(a.name, b.name))
    .map(({ name, bytes }) => ({ path: `${path}/${name}`, bytes }))
  return [...own, ...chart.dependencies.flatMap((inside) => crdsOf(inside, `${path}/charts/${inside.metadata.name}`))]
}
