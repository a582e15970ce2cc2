// `metadata.managedFields`: its entries read into sets and written back in upstream's shape and order.
import { CapstanError } from '../../base/errors.ts'
import { isList, isObject } from '../json-value.ts'
import type { JsonObject, JsonValue } from '../object.ts'
import { EMPTY_SET, union, type FieldSet } from './field-set.ts'
import { decodeFields, encodeFields } from './fields-v1.ts'
import type { Managers, VersionedSet } from './managers.ts'

/** What tells one entry from another. Entries of server-side apply have one for all API versions. */
export interface ManagerName {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  /** Empty for Apply. */
  readonly apiVersion: string
  /** `status`, `scale`, or empty for the main endpoint. */
  readonly subresource: string
}

/** Most entries of writes other than apply; older ones are merged into `ancient-changes` (`DefaultMaxUpdateManagers`). */
export const MAX_UPDATE_MANAGERS = 10

export interface Managed {
  readonly managers: Managers
  /** Identifier → RFC 3339 time of the last change; absent where an entry has none. */
  readonly times: ReadonlyMap<string, string>
  /** The JSON a set was read from, so that unchanged sets need not be written anew. */
  readonly texts: ReadonlyMap<FieldSet, JsonObject>
}

export const NOTHING_MANAGED: Managed = { managers: new Map(), times: new Map(), texts: new Map() }

/** The identifier of an entry, as upstream builds it (`BuildManagerIdentifier`); conflicts are sorted by it. */
export function identifierOf({ manager, operation, apiVersion, subresource }: ManagerName): string {
  return JSON.stringify({
    ...(manager === '' ? {} : { manager }),
    operation,
    ...(operation === 'Apply' || apiVersion === '' ? {} : { apiVersion }),
    ...(subresource === '' ? {} : { subresource }),
  })
}

/** The inverse of `identifierOf`. */
export function nameOf(identifier: string): ManagerName {
  // Identifiers are made by identifierOf alone.
  const name = JSON.parse(identifier) as Partial<ManagerName>
  return { manager: '', operation: 'Update', apiVersion: '', subresource: '', ...name }
}

/** What lists of entries say that were read or written before; objects keep their list from one write to the next. */
const known = new WeakMap<readonly JsonValue[], Managed>()

/** Reads the entries. Throws `bad-input` where one is malformed. */
export function decodeManaged(entries: readonly JsonValue[] | undefined): Managed {
  if (entries === undefined || entries.length === 0) return NOTHING_MANAGED
  const before = known.get(entries)
  if (before !== undefined) return before
  const managed = decodeEntries(entries)
  known.set(entries, managed)
  return managed
}

function decodeEntries(entries: readonly JsonValue[]): Managed {
  const managers = new Map<string, VersionedSet>()
  const times = new Map<string, string>()
  const texts = new Map<FieldSet, JsonObject>()
  for (const [index, entry] of entries.entries()) {
    const { name, apiVersion } = readName(isObject(entry) ? entry : {}, index)
    const identifier = identifierOf(name)
    const { time, fieldsV1 } = isObject(entry) ? entry : {}
    const fields = decodeFields(fieldsV1)
    if (isObject(fieldsV1)) texts.set(fields, fieldsV1)
    managers.set(identifier, { fields, apiVersion, isApplied: name.operation === 'Apply' })
    if (typeof time === 'string') times.set(identifier, time)
  }
  return { managers, times, texts }
}

function readName(entry: JsonObject, index: number): { readonly name: ManagerName; readonly apiVersion: string } {
  const { operation } = entry
  const apiVersion = textOf(entry['apiVersion'])
  if (operation !== 'Apply' && operation !== 'Update')
    throw new CapstanError('bad-input', 'operation must be `Apply` or `Update`')
  if (apiVersion === '') throw new CapstanError('bad-input', 'apiVersion must not be empty')
  const fieldsType = textOf(entry['fieldsType'])
  if (fieldsType === '') throw new CapstanError('bad-input', `missing fieldsType in managed fields entry ${index}`)
  if (fieldsType !== 'FieldsV1') {
    throw new CapstanError(
      'bad-input',
      `invalid fieldsType ${JSON.stringify(fieldsType)} in managed fields entry ${index}`,
    )
  }
  const names = { manager: textOf(entry['manager']), subresource: textOf(entry['subresource']) }
  return { name: { ...names, operation, apiVersion: operation === 'Apply' ? '' : apiVersion }, apiVersion }
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : ''
}

/** Writes the entries: Apply before Update, then by time, manager, version and subresource. Undefined where there are none. */
export function encodeManaged({ managers, times, texts }: Managed): readonly JsonObject[] | undefined {
  if (managers.size === 0) return undefined
  const entries = [...managers].map(([identifier, set]) => ({
    identifier,
    name: nameOf(identifier),
    set,
    time: times.get(identifier),
  }))
  entries.sort(compareEntries)
  const encoded = entries.map((entry) => encodeEntry(entry, texts))
  known.set(encoded, managedOf(entries, encoded))
  return encoded
}

function encodeEntry({ name, set, time }: Entry, texts: Managed['texts']): EncodedEntry {
  const operation = set.isApplied ? 'Apply' : 'Update'
  const fields = texts.get(set.fields) ?? encodeFields(set.fields)
  return entryOf({ ...name, operation, apiVersion: set.apiVersion }, { fields, time })
}

/** One entry as it is written, its fields in the order Go writes them. */
export function entryOf(
  { manager, operation, apiVersion, subresource }: ManagerName,
  { fields, time }: { readonly fields: JsonObject; readonly time: string | undefined },
): EncodedEntry {
  return {
    ...(manager === '' ? {} : { manager }),
    operation,
    apiVersion,
    ...(time === undefined ? {} : { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: fields,
    ...(subresource === '' ? {} : { subresource }),
  }
}

type EncodedEntry = JsonObject & { readonly fieldsV1: JsonObject }

/** What reading the entries would give: the same managers in the order they are written. */
function managedOf(entries: readonly Entry[], encoded: readonly EncodedEntry[]): Managed {
  const managers = new Map<string, VersionedSet>()
  const times = new Map<string, string>()
  const texts = new Map<FieldSet, JsonObject>()
  for (const [index, { identifier, set, time }] of entries.entries()) {
    managers.set(identifier, set)
    if (time !== undefined) times.set(identifier, time)
    const { fieldsV1 } = encoded[index] ?? {}
    if (fieldsV1 !== undefined) texts.set(set.fields, fieldsV1)
  }
  return { managers, times, texts }
}

interface Entry {
  readonly identifier: string
  readonly name: ManagerName
  readonly set: VersionedSet
  readonly time: string | undefined
}

function compareEntries(a: Entry, b: Entry): number {
  return (
    compareText(a.name.operation, b.name.operation) ||
    secondsOf(a.time) - secondsOf(b.time) ||
    compareText(a.name.manager, b.name.manager) ||
    compareText(a.set.apiVersion, b.set.apiVersion) ||
    compareText(a.name.subresource, b.name.subresource)
  )
}

function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function secondsOf(time: string | undefined): number {
  return time === undefined ? 0 : Math.floor(Date.parse(time) / 1000)
}

/** Merges the oldest entries of writes other than apply, a version each, until no more than the limit are left. */
export function capUpdates(managed: Managed): Managed {
  const updates = [...managed.managers].filter(([, set]) => !set.isApplied).map(([identifier]) => identifier)
  if (updates.length <= MAX_UPDATE_MANAGERS) return managed
  const seconds = (identifier: string): number => secondsOf(managed.times.get(identifier))
  updates.sort((a, b) => seconds(a) - seconds(b) || compareText(a, b))
  const managers = new Map(managed.managers)
  const times = new Map(managed.times)
  const firstOfVersion = new Map<string, string>()
  let left = updates.length
  for (const identifier of updates) {
    const set = managers.get(identifier)
    if (left <= MAX_UPDATE_MANAGERS || set === undefined) break
    const first = firstOfVersion.get(set.apiVersion)
    if (first === undefined) firstOfVersion.set(set.apiVersion, identifier)
    else {
      mergeAncient({ managers, times }, identifier, first, set)
      left--
    }
  }
  return { managers, times, texts: managed.texts }
}

interface Capping {
  readonly managers: Map<string, VersionedSet>
  readonly times: Map<string, string>
}

function mergeAncient({ managers, times }: Capping, identifier: string, first: string, set: VersionedSet): void {
  const bucket = identifierOf({
    manager: 'ancient-changes',
    operation: 'Update',
    apiVersion: set.apiVersion,
    subresource: '',
  })
  const known = managers.get(bucket) ?? managers.get(first)
  if (!managers.has(bucket)) managers.delete(first)
  managers.delete(identifier)
  managers.set(bucket, { ...set, fields: union(set.fields, known?.fields ?? EMPTY_SET) })
  const time = times.get(identifier)
  if (time === undefined) times.delete(bucket)
  else times.set(bucket, time)
}

/** Fields a manager owns by an operation and an endpoint: for diffing against what it would own. */
export function ownedFields(
  entries: readonly JsonValue[] | undefined,
  manager: string,
  by: { readonly operation?: 'Apply' | 'Update'; readonly subresource?: string } = {},
): FieldSet {
  let owned: FieldSet = EMPTY_SET
  for (const [identifier, set] of decodeManaged(isList(entries) ? entries : undefined).managers) {
    const name = nameOf(identifier)
    const fits =
      (by.operation ?? name.operation) === name.operation && (by.subresource ?? name.subresource) === name.subresource
    if (name.manager === manager && fits) owned = union(owned, set.fields)
  }
  return owned
}
