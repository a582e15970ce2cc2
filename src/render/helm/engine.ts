// Runs the templates of a chart and of the charts inside it, all in one set, as helm's engine does.
import { CapstanError } from '../../base/errors.ts'
import { compareText } from '../../lang/go/text.ts'
import { ANY_MAP, GoTyped } from '../../lang/go/values.ts'
import type { GoFunction, GoMap, GoType, GoValue } from '../../lang/go/values.ts'
import { builtinOf } from '../../lang/go-template/builtins.ts'
import { TemplateError } from '../../lang/go-template/error.ts'
import { executeTemplate } from '../../lang/go-template/execute.ts'
import type { Budget } from '../../lang/go-template/run.ts'
import { createTemplateSet } from '../../lang/go-template/template-set.ts'
import type { Chart, ChartFile } from './chart.ts'
import { CHART_FUNCTIONS, chartFunctions, lookUpFunction } from './chart-functions.ts'
import type { LookUp } from './chart-functions.ts'
import { chartValue } from './chart-value.ts'
import { executionFailure, parseFailure } from './engine-error.ts'
import { filesValue } from './files-value.ts'
import { MAX_FILE_OUTPUT_LENGTH } from './limits.ts'
import type { HelmRules } from './rules.ts'
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
  readonly rules: HelmRules
  /** What `lookup` finds; absent: nothing. */
  readonly lookUp?: LookUp
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
  for (const name of input.rules.lacks) base.delete(name)
  if (input.lookUp !== undefined) base.set('lookup', lookUpFunction(input.lookUp))
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
    outputs.set(
      path,
      withinLimit(path, execute(run, path, input.rules.hasFlatErrors), budget).replaceAll('<no value>', ''),
    )
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

function execute(run: () => string, path: string, isFlat: boolean): string {
  try {
    return run()
  } catch (error) {
    throw error instanceof CapstanError ? executionFailure(path, error, isFlat) : error
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

function valuesType({ typePackage }: HelmRules): GoType {
  return { ...ANY_MAP, name: `${typePackage}.Values`, isNamed: true }
}

/** Deepest path first, within a depth the last name first: later definitions replace earlier ones. */
function collectTemplates(input: EngineInput): [string, ChartTemplate][] {
  const found: [string, ChartTemplate][] = []
  const path = input.chart.metadata.name
  addChart(found, input, { chart: input.chart, path, values: input.values, isRoot: true })
  // Where two charts have one path, the later takes it.
  const sorted = [...new Map(found)].map(([name, template]) => ({ name, template, depth: name.split('/').length }))
  sorted.sort((a, b) => b.depth - a.depth || compareText(b.name, a.name))
  return sorted.map(({ name, template }) => [name, template])
}

/** The path of a chart by the charts it stands in, as helm 3 counts it. */
function pathOf({ parent, metadata }: Chart): string {
  return parent === undefined ? metadata.name : `${pathOf(parent)}/charts/${metadata.name}`
}

interface ChartPlace {
  readonly chart: Chart
  readonly path: string
  readonly values: GoMap
  readonly isRoot: boolean
}

function addChart(found: [string, ChartTemplate][], input: EngineInput, place: ChartPlace): GoMap {
  const { chart, path, values } = place
  const type = valuesType(input.rules)
  const subcharts: GoMap = new Map()
  const scope: GoMap = new Map<GoValue, GoValue>([
    ['Chart', chartValue(chart.metadata, place.isRoot, input.rules)],
    ['Files', filesValue(chart.files)],
    ['Release', input.release],
    ['Capabilities', input.capabilities],
    ['Values', new GoTyped(type, values)],
    ['Subcharts', subcharts],
  ])
  for (const inside of chart.dependencies) {
    const { name } = inside.metadata
    const own = values.get(name)
    const inner = own instanceof Map ? own : new Map<GoValue, GoValue>()
    const insidePath = input.rules.sharesNestedCharts ? pathOf(inside) : `${path}/charts/${name}`
    subcharts.set(name, addChart(found, input, { chart: inside, path: insidePath, values: inner, isRoot: false }))
  }
  const dot = new GoTyped(type, scope)
  for (const file of chart.templates) {
    const isUsed = chart.metadata.type !== 'library' || isPartial(file.name)
    if (isUsed) found.push([`${path}/${file.name}`, { file, basePath: `${path}/templates`, scope, dot }])
  }
  return scope
}
