// What argocd-cm says of single kinds: health rules, actions, ignored fields, known types.
import { matchesGlob } from '../base/glob.ts'
import { parseYaml } from '../lang/yaml/read.ts'
import type { MapReader } from './map-reader.ts'

const PREFIX = 'resource.customizations.'
const TOPICS = [
  'health',
  'useOpenLibs',
  'actions',
  'ignoreDifferences',
  'ignoreResourceUpdates',
  'knownTypeFields',
] as const
type Topic = (typeof TOPICS)[number]

export interface IgnoredFields {
  readonly jsonPointers: readonly string[]
  readonly jqPathExpressions: readonly string[]
  readonly managedFieldsManagers: readonly string[]
}

export interface ResourceCustomization {
  /** Globs; both `*` for `.all`. */
  readonly group: string
  readonly kind: string
  readonly healthLua?: string
  readonly useOpenLibs?: boolean
  /** YAML as written. */
  readonly actions?: string
  readonly ignoreDifferences?: IgnoredFields
  readonly ignoreResourceUpdates?: IgnoredFields
  readonly knownTypeFields?: readonly { readonly field: string; readonly type: string }[]
}

/**
 * Reads the keys `resource.customizations.<topic>.<group_kind>` (`apps_Deployment`, `ConfigMap`, `all`) and the older key
 * `resource.customizations`, a YAML map from `group/kind` (argo-cd v3.5.1 `util/settings/settings.go`).
 */
export function readCustomizations(reader: MapReader): readonly ResourceCustomization[] {
  const byKind = new Map<string, Record<string, unknown>>()
  const entryFor = (groupKind: string): Record<string, unknown> => {
    const [group, kind] = groupKind.includes('/') ? splitAt(groupKind, '/') : ['', groupKind]
    const entry = byKind.get(groupKind) ?? { group, kind }
    byKind.set(groupKind, entry)
    return entry
  }
  for (const [groupKind, values] of fieldsOf(reader.yaml('resource.customizations'))) {
    Object.assign(entryFor(groupKind), readOldForm(values))
  }
  for (const key of reader.keys()) {
    const found = topicOf(key)
    if (found === undefined) continue
    Object.assign(entryFor(found.groupKind), readTopic(reader, key, found.topic))
  }
  return [...byKind.values()].map((entry) => entry as unknown as ResourceCustomization) // built field by field above
}

/** Those that fit a kind, `*` patterns included, in the order they were read. */
export function customizationsFor(
  all: readonly ResourceCustomization[],
  group: string,
  kind: string,
): readonly ResourceCustomization[] {
  return all.filter((entry) => matchesGlob(entry.kind, kind) && matchesGlob(entry.group, group))
}

function topicOf(key: string): { readonly topic: Topic; readonly groupKind: string } | undefined {
  if (!key.startsWith(PREFIX)) return undefined
  const [topic, name] = splitAt(key.slice(PREFIX.length), '.')
  const known = TOPICS.find((candidate) => candidate === topic)
  if (known === undefined || name === '') return undefined
  if (name === 'all') return { topic: known, groupKind: '*/*' }
  // Neither group nor kind holds an underscore; a kind of the core group stands alone.
  const cut = name.lastIndexOf('_')
  return { topic: known, groupKind: cut < 0 ? name : `${name.slice(0, cut)}/${name.slice(cut + 1)}` }
}

function splitAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)]
}

function readTopic(reader: MapReader, key: string, topic: Topic): Partial<ResourceCustomization> {
  switch (topic) {
    case 'health':
      return { healthLua: reader.text(key) ?? '' }
    case 'actions':
      return { actions: reader.text(key) ?? '' }
    case 'useOpenLibs':
      return { useOpenLibs: reader.boolean(key) ?? false }
    case 'knownTypeFields':
      return { knownTypeFields: readKnownTypes(reader.yaml(key)) }
    case 'ignoreDifferences':
    case 'ignoreResourceUpdates':
      return { [topic]: readIgnored(reader.yaml(key)) }
  }
}

function readOldForm(values: unknown): Partial<ResourceCustomization> {
  const fields = Object.fromEntries(fieldsOf(values))
  const text = (key: string): string | undefined => (typeof fields[key] === 'string' ? fields[key] : undefined)
  const [healthLua, actions] = [text('health.lua'), text('actions')]
  return {
    ...(healthLua === undefined ? {} : { healthLua }),
    ...(fields['health.lua.useOpenLibs'] === true ? { useOpenLibs: true } : {}),
    ...(actions === undefined ? {} : { actions }),
    ...readOldFields(fields, 'ignoreDifferences'),
    ...readOldFields(fields, 'ignoreResourceUpdates'),
    ...(fields['knownTypeFields'] === undefined ? {} : { knownTypeFields: readKnownTypes(fields['knownTypeFields']) }),
  }
}

/** In the older form these are YAML in a text. */
function readOldFields(
  fields: Readonly<Record<string, unknown>>,
  topic: 'ignoreDifferences' | 'ignoreResourceUpdates',
): Partial<ResourceCustomization> {
  const value = fields[topic]
  if (value === undefined || value === null) return {}
  return { [topic]: readIgnored(typeof value === 'string' ? parseYaml(value) : value) }
}

function readIgnored(value: unknown): IgnoredFields {
  const fields = Object.fromEntries(fieldsOf(value))
  const texts = (key: string): readonly string[] => {
    const list = fields[key]
    return Array.isArray(list) ? list.filter((item) => typeof item === 'string') : []
  }
  return {
    jsonPointers: texts('jsonPointers'),
    jqPathExpressions: texts('jqPathExpressions'),
    managedFieldsManagers: texts('managedFieldsManagers'),
  }
}

function readKnownTypes(value: unknown): readonly { readonly field: string; readonly type: string }[] {
  if (!Array.isArray(value)) return []
  return value.map((entry) => {
    const { field, type } = Object.fromEntries(fieldsOf(entry))
    return { field: typeof field === 'string' ? field : '', type: typeof type === 'string' ? type : '' }
  })
}

function fieldsOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : []
}
