// Which of the charts inside a chart take part: versions, aliases, conditions, tags; and what values they export.
import { CapstanError } from '../../base/errors.ts'
import { satisfies } from '../../lang/semver/constraint.ts'
import type { GoMap, GoValue } from '../../lang/go/values.ts'
import type { Chart } from './chart.ts'
import { importsOf } from './import-values.ts'
import { chartValues, copyMap, mergeTables, scalarAt, tableAt } from './merge.ts'
import type { ChartDependency } from './metadata.ts'
import type { HelmRules } from './rules.ts'

/**
 * Throws `precondition` where a chart named in Chart.yaml is not in charts/, with the text by which Argo CD
 * knows that dependencies have to be fetched (helm v4.2.1 action.CheckDependencies).
 */
export function requireDependencies(chart: Chart, rules: HelmRules): void {
  const present = new Set(chart.dependencies.map(({ metadata }) => metadata.name))
  const missing = chart.metadata.dependencies.filter(({ name }) => !present.has(name)).map(({ name }) => name)
  if (missing.length === 0) return
  const [start, quote] = rules.version === '3' ? ['An', '`'] : ['an', "'"]
  throw new CapstanError(
    'precondition',
    `${start} error occurred while checking for chart dependencies. You may need to run ${quote}helm dependency build${quote} ` +
      `to fetch missing dependencies: found in Chart.yaml, but missing in charts/ directory: ${missing.join(', ')}`,
  )
}

/**
 * Prepares a chart for these values (helm v4.2.1 ProcessDependencies): charts that are switched off go, aliases become
 * names, imported values join the chart's own. The chart is changed.
 */
export function processDependencies(chart: Chart, values: GoMap, rules: HelmRules): void {
  try {
    selectDependencies(chart, values, { path: '', rules })
    importAll(chart, rules)
  } catch (error) {
    if (!(error instanceof CapstanError)) throw error
    const text = `chart dependencies processing failed: ${error.message}`
    throw new CapstanError(error.code, text, { cause: error })
  }
}

interface Selection {
  /** Path of the chart's values, with a dot behind it. */
  readonly path: string
  readonly rules: HelmRules
}

function selectDependencies(chart: Chart, values: GoMap, { path, rules }: Selection): void {
  const listed = chart.metadata.dependencies
  if (!chart.metadata.listsDependencies) return
  const unlisted = chart.dependencies.filter((inside) => !listed.some((entry) => fits(entry, inside)))
  const named = listed
    .map((entry) => aliased(chart.dependencies, entry, { rules, isOnly: isOnlyOne(listed, entry) }))
    .filter((inside) => inside !== undefined)
  Object.assign(chart, { dependencies: [...unlisted, ...named] })
  const entries = listed.map((entry) => (entry.alias === '' ? entry : { ...entry, name: entry.alias }))
  const known = chartValues(chart, values, { mode: 'coalesce', keepsNulls: rules.keepsNulls })
  const enabled = entries.filter((entry) => isEnabled(entry, known, path))
  const disabled = new Set(entries.filter((entry) => !enabled.includes(entry)).map(({ name }) => name))
  Object.assign(chart, {
    dependencies: chart.dependencies.filter(({ metadata }) => !disabled.has(metadata.name)),
    metadata: { ...chart.metadata, dependencies: entries.filter(({ name }) => !disabled.has(name)) },
  })
  for (const inside of chart.dependencies) {
    selectDependencies(inside, known, { path: `${path}${inside.metadata.name}.`, rules })
  }
  for (const inside of chart.dependencies) inside.parent = chart
}

function fits(entry: ChartDependency, inside: Chart): boolean {
  return entry.name === inside.metadata.name && isInRange(entry.version, inside.metadata.version)
}

/** True where the version satisfies the constraint; what cannot be read does not. */
export function isInRange(constraint: string, version: string): boolean {
  try {
    return satisfies(constraint, version)
  } catch (error) {
    if (error instanceof CapstanError) return false
    throw error
  }
}

/** True where no other entry can be about the same chart. */
function isOnlyOne(listed: readonly ChartDependency[], { name }: ChartDependency): boolean {
  return listed.filter((entry) => entry.name === name).length === 1
}

interface Alias {
  readonly rules: HelmRules
  readonly isOnly: boolean
}

/** The chart an entry is about, as a copy that can be changed apart from others of the same chart. */
function aliased(charts: readonly Chart[], entry: ChartDependency, { rules, isOnly }: Alias): Chart | undefined {
  const found = charts.find((inside) => fits(entry, inside))
  if (found === undefined) return undefined
  const copy = rules.sharesNestedCharts || isOnly ? { ...found } : copyChart(found)
  if (entry.alias !== '') copy.metadata = { ...copy.metadata, name: entry.alias }
  return copy
}

/** A copy of what changes while a chart is prepared; files are shared. */
function copyChart(chart: Chart): Chart {
  return { ...chart, values: copyMap(chart.values), dependencies: chart.dependencies.map(copyChart) }
}

function isEnabled(entry: ChartDependency, values: GoMap, path: string): boolean {
  for (const condition of entry.condition.trim().split(',')) {
    const value = condition === '' ? undefined : scalarAt(values, path + condition)
    if (typeof value === 'boolean') return value
  }
  const tags = values.get('tags')
  if (!(tags instanceof Map)) return true
  const set = entry.tags.map((tag) => tags.get(tag)).filter((value) => typeof value === 'boolean')
  return set.length === 0 || set.includes(true)
}

function importAll(chart: Chart, rules: HelmRules): void {
  for (const inside of chart.dependencies) importAll(inside, rules)
  if (chart.metadata.dependencies.length > 0) importValues(chart, rules)
}

/** What the charts inside export ranks below the chart's own values. */
function importValues(chart: Chart, { keepsNulls }: HelmRules): void {
  const own = chartValues(chart, new Map(), { mode: 'merge', keepsNulls })
  let imported: GoMap = new Map()
  for (const entry of chart.metadata.dependencies) {
    for (const { child, parent } of importsOf(entry)) {
      const table = tableAt(own, `${entry.name}.${child}`)
      if (table !== undefined) imported = mergeTables(imported, tableUnder(parent, table), 'merge')
    }
  }
  Object.assign(chart, { values: mergeTables(copyMap(own), imported, 'merge') })
}

/**
 * The table at the end of a dotted path; `.` is the root. It is not copied: as in the original, what is imported into
 * the same table later shows in the child's own table too.
 */
function tableUnder(path: string, table: GoMap): GoMap {
  if (path === '.') return table
  return path.split('.').reduceRight<GoMap>((inner, key) => new Map<GoValue, GoValue>([[key, inner]]), table)
}
