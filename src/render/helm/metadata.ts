// Chart.yaml and requirements.yaml: what a chart says of itself and of the charts it needs.
import { CapstanError } from '../../base/errors.ts'
import { quoteText } from '../../lang/go/quote.ts'
import { tryParseVersion } from '../../lang/semver/version.ts'
import { readYamlBytes } from '../../lang/yaml/bytes.ts'
import { CONVERSION_PREFIX, YamlError } from '../../lang/yaml/error.ts'
import { parseYaml } from '../../lang/yaml/read.ts'
import type { YamlValue } from '../../lang/yaml/value.ts'
import { stringField, stringList, stringMap, tableField } from './metadata-fields.ts'
import type { Table } from './metadata-fields.ts'
import type { HelmRules } from './rules.ts'

export interface ChartDependency {
  readonly name: string
  readonly version: string
  readonly repository: string
  readonly condition: string
  readonly tags: readonly string[]
  readonly importValues: readonly YamlValue[]
  readonly alias: string
}

export interface Maintainer {
  readonly name: string
  readonly email: string
  readonly url: string
}

export interface ChartMetadata {
  readonly name: string
  readonly version: string
  readonly apiVersion: string
  readonly appVersion: string
  readonly kubeVersion: string
  readonly type: string
  readonly description: string
  readonly home: string
  readonly icon: string
  readonly condition: string
  readonly tags: string
  readonly deprecated: boolean
  readonly sources: readonly string[]
  readonly keywords: readonly string[]
  readonly maintainers: readonly Maintainer[]
  readonly annotations: Readonly<Record<string, string>>
  readonly dependencies: readonly ChartDependency[]
  /** Whether it has a list of dependencies, be it an empty one. */
  readonly listsDependencies: boolean
}

/** Reads a Chart.yaml. Throws `bad-input` with helm's text for what cannot be read. */
export function readMetadata(bytes: Uint8Array, isRoot: boolean, rules?: HelmRules): ChartMetadata {
  const isBase = isRoot && rules?.takesAnyChartVersion !== true
  const table = readTable(bytes, 'Chart.yaml', isBase ? 'loader.chartBase' : 'chart.Metadata')
  const text = (name: string): string => stringField(table, name, 'Metadata')
  const metadata: ChartMetadata = {
    name: text('name'),
    version: text('version'),
    apiVersion: text('apiVersion') || 'v1',
    appVersion: text('appVersion'),
    kubeVersion: text('kubeVersion'),
    type: text('type'),
    description: text('description'),
    home: text('home'),
    icon: text('icon'),
    condition: text('condition'),
    tags: text('tags'),
    deprecated: table['deprecated'] === true,
    sources: stringList(table, 'sources'),
    keywords: stringList(table, 'keywords'),
    maintainers: tableField(table, 'maintainers').map(readMaintainer),
    annotations: stringMap(table, 'annotations'),
    dependencies: tableField(table, 'dependencies').map(readDependency),
    listsDependencies: isList(table['dependencies']),
  }
  const isKnown = metadata.apiVersion === 'v1' || metadata.apiVersion === 'v2'
  if (!isKnown && rules?.takesAnyChartVersion !== true) {
    // helm 4 knows a v3, and takes none of it from here.
    throw new CapstanError(
      'bad-input',
      metadata.apiVersion === 'v3' ? 'invalid chart apiVersion' : 'unsupported chart version',
    )
  }
  return metadata
}

/** The metadata with the dependencies of a requirements.yaml, as charts of apiVersion v1 list them. */
export function readRequirements(metadata: ChartMetadata | undefined, bytes: Uint8Array): ChartMetadata | undefined {
  if (metadata === undefined) return undefined
  const table = readTable(bytes, 'requirements.yaml', 'chart.Metadata')
  const dependencies = tableField(table, 'dependencies').map(readDependency)
  return isList(table['dependencies']) ? { ...metadata, dependencies, listsDependencies: true } : metadata
}

function isList(value: YamlValue | undefined): boolean {
  return Array.isArray(value)
}

/** A YAML file that holds a table; `type` is what errors call it. Throws `bad-input` with helm's text. */
export function readTable(bytes: Uint8Array, file: string, type: string): Table {
  let value: YamlValue
  try {
    value = parseYaml(readYamlBytes(bytes))
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    throw new CapstanError('bad-input', `cannot load ${file}: ${CONVERSION_PREFIX}${error.message}`, { cause: error })
  }
  if (value === null) return {}
  if (typeof value === 'object' && !Array.isArray(value)) return value
  const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
  throw new CapstanError(
    'bad-input',
    `cannot load ${file}: error unmarshaling JSON: while decoding JSON: json: ` +
      `cannot unmarshal ${kind} into Go value of type ${type}`,
  )
}

function readMaintainer(table: Table): Maintainer {
  const text = (name: string): string => stringField(table, name, 'Metadata', 'maintainers.')
  return { name: text('name'), email: text('email'), url: text('url') }
}

function readDependency(table: Table): ChartDependency {
  const text = (name: string): string => stringField(table, name, 'Metadata', 'dependencies.')
  const imports = table['import-values']
  return {
    name: text('name'),
    version: text('version'),
    repository: text('repository'),
    condition: text('condition'),
    tags: stringList(table, 'tags'),
    importValues: Array.isArray(imports) ? imports : [],
    alias: text('alias'),
  }
}

const ALIAS = /^[a-zA-Z0-9_-]+$/

/** Throws `bad-input` with helm's text where something needed is missing or not as it must be (v4.2.1 Metadata.Validate). */
export function validateMetadata(metadata: ChartMetadata): void {
  const { name, version, type } = metadata
  if (name === '') throw invalid('chart.metadata.name is required')
  if (name.includes('/') || name === '.') throw invalid(`chart.metadata.name ${quoteText(name)} is invalid`)
  if (version === '') throw invalid('chart.metadata.version is required')
  if (tryParseVersion(version) === undefined) {
    throw invalid(`chart.metadata.version ${quoteText(version)} is invalid`)
  }
  if (type !== '' && type !== 'application' && type !== 'library') {
    throw invalid('chart.metadata.type must be application or library')
  }
  validateDependencies(metadata.dependencies)
}

function validateDependencies(dependencies: readonly ChartDependency[]): void {
  const names = new Set<string>()
  for (const dependency of dependencies) {
    const { alias, name } = dependency
    if (alias !== '' && !ALIAS.test(alias)) {
      throw invalid(`dependency ${quoteText(name)} has disallowed characters in the alias`)
    }
    const key = alias === '' ? name : alias
    if (names.has(key)) throw invalid(`more than one dependency with name or alias ${quoteText(key)}`)
    names.add(key)
  }
}

function invalid(reason: string): CapstanError {
  return new CapstanError('bad-input', `validation: ${reason}`)
}
