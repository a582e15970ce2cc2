// index.yaml of a chart repository: which versions of a chart there are and where.
import { CapstanError } from '../../base/errors.ts'
import { parseConstraint, satisfies } from '../../lang/semver/constraint.ts'
import { compareVersions, tryParseVersion, versionText } from '../../lang/semver/version.ts'
import { CONVERSION_PREFIX, YamlError } from '../../lang/yaml/error.ts'
import { parseYaml } from '../../lang/yaml/read.ts'

/** Characters of an index: the largest public ones have 30 million. */
export const MAX_INDEX_LENGTH: number = 128 * 1024 * 1024
/** Versions of one chart that are looked at. */
export const MAX_VERSIONS = 20_000
/** Above this an index is not read whole for one chart of it. */
const LARGE_INDEX_LENGTH = 256 * 1024

export interface ChartVersion {
  readonly version: string
  /** Where the archive is, relative to the repository or absolute. */
  readonly urls: readonly string[]
  /** SHA-256 of the archive, 64 hexadecimal digits; empty where the index does not say. */
  readonly digest: string
  /** RFC 3339; empty where the index does not say. */
  readonly created: string
  readonly description: string
  readonly home: string
  readonly maintainers: readonly string[]
}

/** The text of an index, whose charts are read when they are asked for. */
export class ChartIndex {
  readonly #text: string
  readonly #charts = new Map<string, readonly ChartVersion[]>()

  constructor(text: string) {
    if (text.length > MAX_INDEX_LENGTH) {
      throw new CapstanError('limit', `index.yaml has more than ${MAX_INDEX_LENGTH} characters`)
    }
    if (text === '') throw new CapstanError('bad-input', 'empty index.yaml file')
    this.#text = text
  }

  /** Versions of a chart, the newest first; undefined where the index has no such chart. Throws `bad-input`. */
  versionsOf(chart: string): readonly ChartVersion[] | undefined {
    const known = this.#charts.get(chart)
    if (known !== undefined) return known
    const entries = this.#entries(chart)
    if (entries === undefined) return undefined
    const versions = entries
      .slice(0, MAX_VERSIONS)
      .map(readVersion)
      .filter((entry) => entry !== undefined)
    const sorted = versions.toSorted(newestFirst)
    this.#charts.set(chart, sorted)
    return sorted
  }

  /** Names of all charts, sorted. */
  chartNames(): readonly string[] {
    return Object.keys(entriesOf(readIndex(this.#text))).toSorted()
  }

  #entries(chart: string): readonly unknown[] | undefined {
    if (this.#text.length > LARGE_INDEX_LENGTH) {
      const part = partOf(this.#text, chart)
      if (part !== undefined) return part
    }
    const entries = entriesOf(readIndex(this.#text))[chart]
    return Array.isArray(entries) ? entries : undefined
  }
}

/**
 * The entry for an exact version, else the newest that satisfies it as a constraint; the newest release for an empty
 * one (helm v4.2.1 repo.IndexFile.Get). Undefined where there is none. Throws `bad-input` for what is no constraint.
 */
export function findVersion(versions: readonly ChartVersion[], wanted: string): ChartVersion | undefined {
  const exact = versions.find(({ version }) => version === wanted)
  if (exact !== undefined && wanted !== '') return exact
  const constraint = parseConstraint(wanted === '' ? '*' : wanted)
  return versions.find(({ version }) => {
    const parsed = tryParseVersion(version)
    return parsed !== undefined && satisfies(constraint, parsed)
  })
}

function readIndex(text: string): Record<string, unknown> {
  const value = text.trimStart().startsWith('{') ? parseJson(text) : parse(text)
  if (!isTable(value)) throw new CapstanError('bad-input', 'index.yaml: must be a table with apiVersion and entries')
  if (typeof value['apiVersion'] !== 'string' || value['apiVersion'] === '') {
    throw new CapstanError('bad-input', 'no API version specified')
  }
  return value
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    // A flow mapping of YAML may begin so too.
    return parse(text)
  }
}

function parse(text: string): unknown {
  try {
    return parseYaml(text)
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    throw new CapstanError('bad-input', `index.yaml: ${CONVERSION_PREFIX}${error.message}`, { cause: error })
  }
}

function entriesOf(index: Record<string, unknown>): Record<string, unknown> {
  return isTable(index['entries']) ? index['entries'] : {}
}

/**
 * The entries of one chart, read alone: reading an index of 30 MB takes seconds. It is found by the indentation every
 * writer of such indexes uses; undefined where the text looks otherwise.
 */
function partOf(text: string, chart: string): readonly unknown[] | undefined {
  if (!/^[A-Za-z0-9._-]+$/.test(chart) || /[&*]\w/.test(text.slice(0, 1000))) return undefined
  const start = text.search(/^entries:[ \t]*\r?$/m)
  if (start < 0) return undefined
  const at = text.indexOf(`\n  ${chart}:`, start)
  if (at < 0) return undefined
  const end = text.slice(at + 1).search(/\n(?: {2})?[^\s#-]/)
  const part = end < 0 ? text.slice(at + 1) : text.slice(at + 1, at + 1 + end + 1)
  try {
    const value: unknown = parseYaml(part)
    const entries = isTable(value) ? value[chart] : undefined
    return Array.isArray(entries) && isTable(value) && Object.keys(value).length === 1 ? entries : undefined
  } catch (error) {
    // The whole is read instead, and says what is wrong with it.
    if (error instanceof YamlError) return undefined
    throw error
  }
}

function readVersion(entry: unknown): ChartVersion | undefined {
  if (!isTable(entry)) return undefined
  const text = (key: string): string => textOf(entry[key])
  const list = (key: string): readonly unknown[] => (Array.isArray(entry[key]) ? entry[key] : [])
  const version = text('version')
  if (tryParseVersion(version) === undefined) return undefined
  return {
    version,
    urls: list('urls').filter((url) => typeof url === 'string'),
    digest: text('digest')
      .replace(/^sha256:/, '')
      .toLowerCase(),
    created: text('created'),
    description: text('description'),
    home: text('home'),
    maintainers: list('maintainers')
      .map(nameOf)
      .filter((name) => name !== ''),
  }
}

/** Texts; a number where a text belongs becomes one, as sigs.k8s.io/yaml makes it (`version: 1.2`). */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return typeof value === 'number' ? String(value) : ''
}

function nameOf(maintainer: unknown): string {
  return isTable(maintainer) && typeof maintainer['name'] === 'string' ? maintainer['name'] : ''
}

function newestFirst(a: ChartVersion, b: ChartVersion): number {
  const [one, other] = [tryParseVersion(a.version), tryParseVersion(b.version)]
  if (one === undefined || other === undefined) return 0
  return compareVersions(other, one) || (versionText(other) < versionText(one) ? -1 : 0)
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
