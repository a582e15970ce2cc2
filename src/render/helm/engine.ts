// Runs the templates of a chart and of the charts inside it, all in one set, as helm's engine does.
import { CapstanError } from '../../base/errors.ts'
import { goValueOf } from '../../lang/go/json.ts'
import { compareText } from '../../lang/go/text.ts'
import { ANY_MAP, GoTyped, STRING_MAP, strings } from '../../lang/go/values.ts'
import type { GoFunction, GoMap, GoType, GoValue } from '../../lang/go/values.ts'
import { builtinOf } from '../../lang/go-template/builtins.ts'
import { TemplateError } from '../../lang/go-template/error.ts'
import { executeTemplate } from '../../lang/go-template/execute.ts'
import type { Budget } from '../../lang/go-template/run.ts'
import { createTemplateSet } from '../../lang/go-template/template-set.ts'
import type { Chart, ChartFile } from './chart.ts'
import { CHART_FUNCTIONS, chartFunctions } from './chart-functions.ts'
import { executionFailure, parseFailure } from './engine-error.ts'
import { filesValue } from './files-value.ts'
import { MAX_FILE_OUTPUT_LENGTH } from './limits.ts'
import type { ChartMetadata } from './metadata.ts'
import type { TemplateCache } from './template-cache.ts'

export interface EngineInput {
  readonly chart: Chart
  /** Final values of the chart, those of the charts inside it under their names. */
  readonly values: GoMap
  readonly release: GoValue
  readonly capabilities: GoValue
  /** Sprig's functions and helm's that need no chart. */
  readonly functions: ReadonlyMap<string, GoFunction>
  readonly cache: TemplateCache
  /** What all templates together may use up. */
  readonly budget: Budget
  /** Told the path of each file before its template runs. */
  readonly onFile?: (path: string) => void
}

/**
 * The text of every template file that is no partial, by path (`chart/templates/x.yaml`), NOTES.txt included.
 * Throws `bad-input` with helm's text for the first template that cannot be parsed or run.
 */
export function runTemplates(input: EngineInput): Map<string, string> {
  const base = new Map([...input.functions, ...CHART_FUNCTIONS])
  const hasFunction = (name: string): boolean =>
    base.has(name) || name === 'include' || name === 'tpl' || builtinOf(name) !== undefined
  const set = createTemplateSet({ hasFunction })
  const templates = collectTemplates(input)
  for (const [path, { file }] of templates) parseInto(() => input.cache.addFile(set, path, file), path)
  const { budget } = input
  const functions = chartFunctions({ set, base, budget, cache: input.cache, including: new Map(), tplDepth: 0 })
  const outputs = new Map<string, string>()
  for (const [path, template] of templates) {
    if (isPartial(path)) continue
    input.onFile?.(path)
    template.scope.set('Template', templateValue(path, template.basePath))
    const run = (): string => {
      const options = { missingKey: 'zero', budget } as const
      return executeTemplate(set, path, { data: template.dot, functions, options })
    }
    outputs.set(path, withinLimit(path, execute(run, path), budget).replaceAll('<no value>', ''))
  }
  return outputs
}

function isPartial(path: string): boolean {
  return path.slice(path.lastIndexOf('/') + 1).startsWith('_')
}

function parseInto(parse: () => void, path: string): void {
  try {
    parse()
  } catch (error) {
    throw error instanceof TemplateError ? parseFailure(path, error) : error
  }
}

function execute(run: () => string, path: string): string {
  try {
    return run()
  } catch (error) {
    throw error instanceof CapstanError ? executionFailure(path, error) : error
  }
}

function withinLimit(path: string, text: string, budget: Budget): string {
  if (text.length > MAX_FILE_OUTPUT_LENGTH || budget.outputLength < 0) {
    throw new CapstanError('limit', `${path} renders to more than ${MAX_FILE_OUTPUT_LENGTH} characters`)
  }
  return text
}

function templateValue(path: string, basePath: string): GoMap {
  return new Map<GoValue, GoValue>([
    ['Name', path],
    ['BasePath', basePath],
  ])
}

interface ChartTemplate {
  readonly file: ChartFile
  readonly basePath: string
  /** The map behind the dot, which all templates of a chart share. */
  readonly scope: GoMap
  readonly dot: GoValue
}

const VALUES: GoType = { ...ANY_MAP, name: 'common.Values', isNamed: true }

/** Deepest path first, within a depth the last name first: later definitions replace earlier ones. */
function collectTemplates(input: EngineInput): [string, ChartTemplate][] {
  const found: [string, ChartTemplate][] = []
  const path = input.chart.metadata.name
  addChart(found, input, { chart: input.chart, path, values: input.values, isRoot: true })
  const sorted = found.map(([name, template]) => ({ name, template, depth: name.split('/').length }))
  sorted.sort((a, b) => b.depth - a.depth || compareText(b.name, a.name))
  return sorted.map(({ name, template }) => [name, template])
}

interface ChartPlace {
  readonly chart: Chart
  readonly path: string
  readonly values: GoMap
  readonly isRoot: boolean
}

function addChart(found: [string, ChartTemplate][], input: EngineInput, place: ChartPlace): GoMap {
  const { chart, path, values } = place
  const subcharts: GoMap = new Map()
  const scope: GoMap = new Map<GoValue, GoValue>([
    ['Chart', metadataValue(chart.metadata, place.isRoot)],
    ['Files', filesValue(chart.files)],
    ['Release', input.release],
    ['Capabilities', input.capabilities],
    ['Values', new GoTyped(VALUES, values)],
    ['Subcharts', subcharts],
  ])
  for (const inside of chart.dependencies) {
    const { name } = inside.metadata
    const own = values.get(name)
    const inner = own instanceof Map ? own : new Map<GoValue, GoValue>()
    const insidePath = `${path}/charts/${name}`
    subcharts.set(name, addChart(found, input, { chart: inside, path: insidePath, values: inner, isRoot: false }))
  }
  const dot = new GoTyped(VALUES, scope)
  for (const file of chart.templates) {
    const isUsed = chart.metadata.type !== 'library' || isPartial(file.name)
    if (isUsed) found.push([`${path}/${file.name}`, { file, basePath: `${path}/templates`, scope, dot }])
  }
  return scope
}

function metadataValue(metadata: ChartMetadata, isRoot: boolean): GoMap {
  const dependencies = metadata.dependencies.map((entry) =>
    recordValue({
      Name: entry.name,
      Version: entry.version,
      Repository: entry.repository,
      Condition: entry.condition,
      Tags: strings(entry.tags),
      Enabled: true,
      ImportValues: goValueOf(entry.importValues),
      Alias: entry.alias,
    }),
  )
  const maintainers = metadata.maintainers.map(({ name, email, url }) =>
    recordValue({ Name: name, Email: email, URL: url }),
  )
  return recordValue({
    APIVersion: metadata.apiVersion,
    Annotations: annotationsValue(metadata.annotations),
    AppVersion: metadata.appVersion,
    Condition: metadata.condition,
    Dependencies: dependencies,
    Deprecated: metadata.deprecated,
    Description: metadata.description,
    Home: metadata.home,
    Icon: metadata.icon,
    IsRoot: isRoot,
    Keywords: strings(metadata.keywords),
    KubeVersion: metadata.kubeVersion,
    Maintainers: maintainers,
    Name: metadata.name,
    Sources: strings(metadata.sources),
    Tags: metadata.tags,
    Type: metadata.type,
    Version: metadata.version,
  })
}

/** No annotations are a nil map, which JSON shows as null. */
function annotationsValue(annotations: Readonly<Record<string, string>>): GoValue {
  const entries = Object.entries(annotations)
  return new GoTyped(STRING_MAP, entries.length === 0 ? null : new Map(entries))
}

function recordValue(fields: Readonly<Record<string, GoValue>>): GoMap {
  return new Map<GoValue, GoValue>(Object.entries(fields))
}
