// Chart.lock: which versions a chart's dependencies were resolved to, and whether that is still so.
import { sha256Hex } from '../../base/digest.ts'
import { CapstanError } from '../../base/errors.ts'
import type { YamlValue } from '../../lang/yaml/value.ts'
import { readTable } from './metadata.ts'
import type { ChartDependency, ChartMetadata } from './metadata.ts'
import { stringField, tableField } from './metadata-fields.ts'

export interface LockedDependency {
  readonly name: string
  readonly repository: string
  readonly version: string
}

export interface LockFile {
  readonly dependencies: readonly LockedDependency[]
  /** `sha256:…` of what was asked for and what it was resolved to. */
  readonly digest: string
}

/** Reads Chart.lock or requirements.lock. Throws `bad-input` for what is no lock. */
export function readLock(bytes: Uint8Array, file: string): LockFile {
  const table = readTable(bytes, file, 'chart.Lock')
  const dependencies = tableField(table, 'dependencies').map((entry) => ({
    name: stringField(entry, 'name', 'Lock', 'dependencies.'),
    repository: stringField(entry, 'repository', 'Lock', 'dependencies.'),
    version: stringField(entry, 'version', 'Lock', 'dependencies.'),
  }))
  return { dependencies, digest: stringField(table, 'digest', 'Lock') }
}

/**
 * Throws `precondition` where the lock was made for other dependencies (helm v4.2.1 downloader.Manager.Build).
 * `asked` are the chart's dependencies with names of repositories replaced by their addresses.
 */
export function requireInSync(metadata: ChartMetadata, asked: readonly ChartDependency[], lock: LockFile): void {
  if (lock.digest === digestOf([asked.map(entryOf), lock.dependencies.map(lockedEntryOf)])) return
  if (metadata.apiVersion === 'v1') {
    if (lock.digest === digestOf({ dependencies: metadata.dependencies.map(entryOf) })) return
    throw outOfSync('requirements.lock', 'requirements.yaml')
  }
  throw outOfSync('Chart.lock', 'Chart.yaml')
}

function outOfSync(lock: string, list: string): CapstanError {
  const text = `the lock file (${lock}) is out of sync with the dependencies file (${list}). Please update the dependencies`
  return new CapstanError('precondition', text)
}

/** SHA-256 of the JSON that Go's encoding/json makes of it. */
function digestOf(value: unknown): string {
  const escapes: Readonly<Record<string, string>> = {
    '<': String.raw`\u003c`,
    '>': String.raw`\u003e`,
    '&': String.raw`\u0026`,
    '\u2028': String.raw`\u2028`,
    '\u2029': String.raw`\u2029`,
  }
  const text = JSON.stringify(value).replaceAll(/[<>&\u2028\u2029]/g, (char) => escapes[char] ?? char)
  return `sha256:${sha256Hex(text)}`
}

/** The fields of helm's Dependency in its order, empty ones left out as its JSON leaves them out. */
function entryOf(entry: ChartDependency): Record<string, YamlValue> {
  return {
    name: entry.name,
    ...(entry.version === '' ? {} : { version: entry.version }),
    repository: entry.repository,
    ...(entry.condition === '' ? {} : { condition: entry.condition }),
    ...(entry.tags.length === 0 ? {} : { tags: [...entry.tags] }),
    ...(entry.importValues.length === 0 ? {} : { 'import-values': entry.importValues.map(sorted) }),
    ...(entry.alias === '' ? {} : { alias: entry.alias }),
  }
}

function lockedEntryOf({ name, version, repository }: LockedDependency): Record<string, YamlValue> {
  return { name, ...(version === '' ? {} : { version }), repository }
}

/** Go writes maps with sorted keys. */
function sorted(value: YamlValue): YamlValue {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map((key) => [key, value[key] ?? null]),
  )
}
