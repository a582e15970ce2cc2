// What a CustomResourceDefinition must be: its name, one storage version, structural schemas, fitting defaults (apiextensions `validation.go`, v0.36.3).
import { deepEqual, isObject } from '../../../kube/json-value.ts'
import type { JsonObject, JsonValue, KubeObject } from '../../../kube/object.ts'
import type { FieldFault } from '../../kinds/contract.ts'
import { textOf } from '../json-text.ts'
import { invalidValue, requiredValue } from '../../kinds/validation/faults.ts'
import type { CelRules } from './cel/cel-rules.ts'
import type { Definition, DefinitionVersion } from './definition.ts'
import { conversionFaults, groupFaults, namesFaults } from './name-faults.ts'
import { childrenOf, rootFaults, structureFaults, typeFaults } from './structure-faults.ts'
import { decodeStructural, type Schema } from './structural.ts'
import { validateValue } from './validate-value.ts'
import { scopeFaults, topVersionFaults, versionFaults, versionNameFaults } from './version-faults.ts'

/** A definition with what it leaves unsaid: no conversion, names that follow from its kind (`SetDefaults_CustomResourceDefinitionSpec`). */
export function withDefinitionDefaults(object: KubeObject): KubeObject {
  const { spec: sent } = object as KubeObject & { readonly spec?: JsonObject }
  const spec = sent ?? {}
  const { names, conversion } = spec
  const given = isObject(names) ? names : {}
  const kind = textOf(given['kind'])
  const singular = textOf(given['singular']) || kind.toLowerCase()
  const listKind = textOf(given['listKind']) || (kind === '' ? '' : `${kind}List`)
  const named = { ...given, ...(singular === '' ? {} : { singular }), ...(listKind === '' ? {} : { listKind }) }
  const whole = {
    ...spec,
    group: textOf(spec['group']),
    names: named,
    conversion: isObject(conversion) ? withHookPort(conversion) : { strategy: 'None' },
  }
  return { ...object, spec: whole } as KubeObject // a spec holds JSON only
}

/** A service that converts is asked at 443 if it does not say where. */
function withHookPort(conversion: JsonObject): JsonObject {
  const { webhook } = conversion
  const client = isObject(webhook) ? webhook['clientConfig'] : undefined
  const service = isObject(client) ? client['service'] : undefined
  if (!isObject(webhook) || !isObject(client) || !isObject(service)) return conversion
  if ((service['port'] ?? null) !== null) return conversion
  return { ...conversion, webhook: { ...webhook, clientConfig: { ...client, service: { ...service, port: 443 } } } }
}

/** A definition with the version its objects will be stored in among those they may be stored in, in its status. */
export function withStoredVersion(object: KubeObject, stored: readonly string[]): KubeObject {
  const definition = object as Definition
  const first = sentVersions(definition)?.find((version) => version.storage)
  if (first === undefined) return object
  const storedVersions = stored.includes(first.name) ? stored : [...stored, first.name]
  return { ...object, status: { ...definition.status, storedVersions } } as KubeObject // a status holds JSON only
}

/** The versions as they were sent, which may be none at all. */
function sentVersions({ spec }: Definition): readonly DefinitionVersion[] | undefined {
  return (spec as Partial<Definition['spec']> | null)?.versions ?? undefined // nothing was checked yet
}

export function storedVersionsOf(object: KubeObject): readonly string[] {
  return (object as Definition).status?.storedVersions ?? []
}

/** Faults of a definition beyond its metadata. */
export function definitionFaults(
  object: KubeObject,
  rules: CelRules,
  old: KubeObject | undefined,
): readonly FieldFault[] {
  const sent = object as Definition
  const versions = sentVersions(sent) ?? []
  const definition = { ...sent, spec: { ...sent.spec, versions } }
  const { group, names, conversion = {} } = definition.spec
  const wanted = `${names.plural ?? ''}.${group}`
  const name = definition.metadata.name ?? ''
  return [
    // A change of group or names is told as such.
    ...(name === wanted || name === '' || old !== undefined
      ? []
      : [invalidValue('metadata.name', name, 'must be spec.names.plural+"."+spec.group')]),
    ...groupFaults(group),
    ...scopeFaults(definition),
    ...versions.flatMap((version, index) => (hasSchema(version) ? [] : [requiredValue(schemaPath(versions, index))])),
    ...versionNameFaults(versions),
    ...storageFaults(versions, sentVersions(sent) === undefined),
    ...topVersionFaults(versions),
    ...namesFaults(names as JsonObject), // texts and lists of texts
    ...versions.flatMap((version, index) =>
      schemaFaults(version, schemaPath(versions, index), { rules, isKnown: hadSchema(old, version) }),
    ),
    ...versionFaults(definition),
    ...conversionFaults(conversion),
    ...storedFaults(definition),
    ...(old === undefined ? [] : changeFaults(definition, old as Definition)),
  ].filter(isFirst)
}

/** Versions that share a schema are checked once. */
function isFirst(fault: FieldFault, index: number, all: readonly FieldFault[]): boolean {
  return all.findIndex((other) => other.field === fault.field && other.message === fault.message) === index
}

function schemaPath(versions: readonly DefinitionVersion[], index: number): string {
  const version = versions[index]
  return hasOneSchema(versions) && version !== undefined && hasSchema(version)
    ? 'spec.validation.openAPIV3Schema'
    : `spec.versions[${index}].schema.openAPIV3Schema`
}

function hasSchema(version: DefinitionVersion): boolean {
  return (version.schema?.openAPIV3Schema ?? undefined) !== undefined
}

function hasOneSchema(versions: readonly DefinitionVersion[]): boolean {
  const [first, ...others] = versions.map((version) => version.schema?.openAPIV3Schema)
  return others.every((other) => deepEqual(first, other))
}

function storageFaults(versions: readonly DefinitionVersion[], isUnsent: boolean): readonly FieldFault[] {
  const names = versions.map((version) => version.name)
  const storage = versions.filter((version) => version.storage)
  const faults: FieldFault[] = []
  const shown = (): JsonValue =>
    isUnsent ? null : versions.map((version) => internalVersion(version, hasOneSchema(versions)))
  if (new Set(names).size !== names.length) {
    faults.push(invalidValue('spec.versions', shown(), 'must contain unique version names'))
  }
  if (storage.length !== 1) {
    faults.push(invalidValue('spec.versions', shown(), 'must have exactly one version marked as storage version'))
  }
  return faults
}

function storedFaults(definition: Definition): readonly FieldFault[] {
  const faults: FieldFault[] = []
  const names = definition.spec.versions.map((version) => version.name)
  const stored = storedVersionsOf(definition)
  if (stored.length === 0) {
    faults.push(invalidValue('status.storedVersions', null, 'must have at least one stored version'))
  } else {
    faults.push(...unstoredFaults(definition, stored))
  }
  for (const [index, name] of stored.entries()) {
    if (names.includes(name)) continue
    const text = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`
    faults.push(invalidValue(`status.storedVersions[${index}]`, name, text))
  }
  return faults
}

/** Each version says once what it stores: a second of the same name finds its own taken. */
function unstoredFaults({ spec }: Definition, stored: readonly string[]): readonly FieldFault[] {
  const left = new Set(stored)
  return spec.versions.flatMap(({ name, storage }) => {
    if (left.delete(name) || !storage) return []
    return [invalidValue('status.storedVersions', [...stored], `must have the storage version ${name}`)]
  })
}

/** What an established definition may not change. */
function changeFaults(definition: Definition, old: Definition): readonly FieldFault[] {
  const { group, scope, names } = definition.spec
  const before = old.spec
  const isEstablished = (old.status?.conditions ?? []).some(
    (one) => one.type === 'Established' && one.status === 'True',
  )
  const fixed: readonly (readonly [field: string, now: string, was: string])[] = [
    ['spec.group', group, before.group],
    ['spec.names.plural', names.plural ?? '', before.names.plural ?? ''],
    ...(isEstablished
      ? ([
          ['spec.scope', scope, before.scope],
          ['spec.names.kind', names.kind ?? '', before.names.kind ?? ''],
        ] as const)
      : []),
  ]
  return fixed
    .filter(([, now, was]) => now !== was)
    .map(([field, now]) => invalidValue(field, now, 'field is immutable'))
}

/** A version as Go prints the internal type: a schema that all share stands elsewhere. */
function internalVersion(version: DefinitionVersion, isShared: boolean): JsonValue {
  return {
    Name: version.name,
    Served: version.served,
    Storage: version.storage,
    Deprecated: version.deprecated ?? false,
    DeprecationWarning: version.deprecationWarning ?? null,
    Schema: isShared || !hasSchema(version) ? null : { OpenAPIV3Schema: version.schema?.openAPIV3Schema ?? null },
    Subresources: null,
    AdditionalPrinterColumns: null,
    SelectableFields: null,
  }
}

/** Whether a version had the same schema before. */
function hadSchema(old: KubeObject | undefined, { name, schema }: DefinitionVersion): boolean {
  const before = (old as Definition | undefined)?.spec.versions.find((version) => version.name === name)
  return before !== undefined && deepEqual(before.schema, schema)
}

interface RuleCheck {
  readonly rules: CelRules
  readonly isKnown: boolean
}

function schemaFaults(version: DefinitionVersion, path: string, { rules, isKnown }: RuleCheck): readonly FieldFault[] {
  const schema = version.schema?.openAPIV3Schema ?? undefined
  if (schema === undefined) return []
  const status = isObject(version.subresources?.status) ? rootFaults(schema, path) : []
  const structure = structureFaults(schema, path)
  const types = typeFaults(schema, path)
  // Rules need types.
  if (structure.length > 0) return [...status, ...structure, ...defaultFaults(schema, path), ...types]
  return [...defaultFaults(schema, path), ...types, ...rules.definitionFaults(schema, path, isKnown)]
}

function defaultFaults(schema: Schema, path: string): readonly FieldFault[] {
  const inside = childrenOf(schema, path).flatMap(({ child, childPath }) => [...defaultFaults(child, childPath)])
  const value = schema['default']
  if (value === undefined) return inside
  if (hasUnknownFields(value, schema)) {
    return [...inside, invalidValue(`${path}.default`, value, 'must not have unknown fields')]
  }
  const here = validateValue(value, schema as JsonObject, '').map((fault) => ({
    ...fault,
    field: fault.field === '<nil>' || fault.field === '' ? `${path}.default` : `${path}.default.${fault.field}`,
    message: fault.message.replace('<nil> in body', ' in body'),
  }))
  return [...inside, ...here]
}

function hasUnknownFields(value: JsonValue, schema: Schema): boolean {
  const unknown: string[] = []
  const wrapped = { apiVersion: 'v1', kind: 'Default', metadata: {}, value } as unknown as KubeObject
  decodeStructural(wrapped, { type: 'object', properties: { value: schema } }, unknown)
  return unknown.length > 0
}
