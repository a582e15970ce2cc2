// Builds a chart from a list of files: metadata, values, templates and the charts inside it.
import { CapstanError, messageOf } from '../../base/errors.ts'
import type { GoMap } from '../../lang/go/values.ts'
import { readArchive } from './archive.ts'
import type { Chart, ChartFile } from './chart.ts'
import { MAX_CHART_DEPTH, MAX_CHART_FILE_BYTES } from './limits.ts'
import { readMetadata, readRequirements, validateMetadata } from './metadata.ts'
import type { ChartMetadata } from './metadata.ts'
import { rulesOf } from './rules.ts'
import type { HelmRules } from './rules.ts'
import { readValuesFile } from './values-file.ts'

/**
 * The chart of these files, archives in `charts/` unpacked (helm v4.2.1 pkg/chart/v2/loader LoadFiles). Charts inside
 * it come in the order of their names. Throws `bad-input` in helm's words.
 */
export function buildChart(files: readonly ChartFile[], rules: HelmRules = rulesOf(), depth = 0): Chart {
  if (depth > MAX_CHART_DEPTH) {
    throw new CapstanError('limit', `charts nest more than ${MAX_CHART_DEPTH} levels deep`)
  }
  const parts = sortFiles(files, { rules, depth })
  if (parts.metadata === undefined) throw new CapstanError('bad-input', 'Chart.yaml file is missing')
  const { metadata } = parts
  const dependencies = [...parts.charts].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const chart: Chart = {
    metadata,
    values: parts.values === undefined ? new Map() : readValues(parts.values, rules),
    schema: parts.schema,
    templates: parts.templates,
    files: parts.files,
    dependencies: [],
  }
  validateMetadata(metadata)
  chart.dependencies = dependencies
    .map(([name, inside]) => buildSubchart(metadata.name, name, { files: inside, rules, depth }))
    .filter((inside) => inside !== undefined)
  for (const inside of chart.dependencies) inside.parent = chart
  return chart
}

interface ChartParts {
  metadata: ChartMetadata | undefined
  values: ChartFile | undefined
  schema: ChartFile | undefined
  readonly templates: ChartFile[]
  readonly files: ChartFile[]
  /** Files below `charts/`, by the first part of their names. */
  readonly charts: Map<string, ChartFile[]>
}

interface Reading {
  readonly rules: HelmRules
  readonly depth: number
}

function sortFiles(files: readonly ChartFile[], { rules, depth }: Reading): ChartParts {
  const main = files.find(({ name }) => name === 'Chart.yaml')
  const parts: ChartParts = {
    metadata: main === undefined ? undefined : readMetadata(main.bytes, depth === 0, rules),
    values: undefined,
    schema: undefined,
    templates: [],
    files: [],
    charts: new Map(),
  }
  for (const file of files.toSorted((a, b) => (a.name < b.name ? -1 : 1))) placeFile(parts, file)
  return parts
}

function placeFile(parts: ChartParts, file: ChartFile): void {
  const { name } = file
  switch (name) {
    case 'Chart.yaml':
    case 'Chart.lock':
      return
    case 'values.yaml':
      Object.assign(parts, { values: file })
      return
    case 'values.schema.json':
      Object.assign(parts, { schema: file })
      return
    case 'requirements.yaml':
      Object.assign(parts, { metadata: readRequirements(parts.metadata, file.bytes) })
      placeLock(parts, file)
      return
    case 'requirements.lock':
      placeLock(parts, file)
      return
    default:
      placeOther(parts, file)
  }
}

/** Charts of apiVersion v1 see their requirements among their files. */
function placeLock(parts: ChartParts, file: ChartFile): void {
  if (parts.metadata?.apiVersion === 'v1') parts.files.push(file)
}

function placeOther(parts: ChartParts, file: ChartFile): void {
  const { name } = file
  if (name.startsWith('templates/')) parts.templates.push(file)
  else if (name.startsWith('charts/') && !name.endsWith('.prov')) placeInSubchart(parts.charts, file)
  else parts.files.push(file)
}

function placeInSubchart(charts: Map<string, ChartFile[]>, file: ChartFile): void {
  const name = file.name.slice('charts/'.length)
  const [first = ''] = name.split('/', 1)
  const known = charts.get(first)
  const inside = { ...file, name }
  if (known === undefined) charts.set(first, [inside])
  else known.push(inside)
}

function buildSubchart(
  parent: string,
  name: string,
  content: Reading & { readonly files: readonly ChartFile[] },
): Chart | undefined {
  if (name.startsWith('_') || name.startsWith('.')) return undefined
  try {
    return buildChart(filesOfSubchart(parent, name, content.files), content.rules, content.depth + 1)
  } catch (error) {
    if (!(error instanceof CapstanError)) throw error
    const text = `error unpacking subchart ${name} in ${parent}: ${messageOf(error)}`
    throw new CapstanError(error.code, text, { cause: error })
  }
}

function filesOfSubchart(parent: string, name: string, files: readonly ChartFile[]): readonly ChartFile[] {
  if (name.endsWith('.tgz')) {
    const [archive] = files
    if (archive?.name !== name) {
      const text = `error unpacking subchart tar in ${parent}: expected ${name}, got ${archive?.name}`
      throw new CapstanError('bad-input', text)
    }
    return readArchive(archive.bytes, archive.id)
  }
  const below = files.filter((file) => file.name.startsWith(`${name}/`))
  return below.map((file) => ({ ...file, name: file.name.slice(name.length + 1) }))
}

function readValues(file: ChartFile, rules: HelmRules): GoMap {
  try {
    return readValuesFile(file.bytes, 'values.yaml', { maxBytes: MAX_CHART_FILE_BYTES, rules })
  } catch (error) {
    if (!(error instanceof CapstanError)) throw error
    throw new CapstanError(error.code, `cannot load values.yaml: ${messageOf(error)}`, { cause: error })
  }
}
