// What a CustomResourceDefinition must be: its name, one storage version, structural schemas, fitting defaults (apiextensions `validation.go`, v0.36.3).
import { deepEqual, isObject } from '../../../kube/json-value.ts'
import type { JsonObject, JsonValue, KubeObject } from '../../../kube/object.ts'
import type { FieldFault } from '../../kinds/contract.ts'
import { textOf } from '../json-text.ts'
import { invalidValue, requiredValue } from '../../kinds/validation/faults.ts'
import type { CelRules } from './cel/cel-rules.ts'
import type { Definition, DefinitionVersion } from './definition.ts'
import { childrenOf, structureFaults } from './structure-faults.ts'
import { decodeStructural, type Schema } from './structural.ts'
import { validateValue } from './validate-value.ts'
import { versionFaults } from './version-faults.ts'

/** A definition with what it leaves unsaid: no conversion, names that follow from its kind (`SetDefaults_CustomResourceDefinitionSpec`). */
export function withDefinitionDefaults(object: KubeObject): KubeObject {
  const { spec } = object as KubeObject & { readonly spec?: JsonObject }
  if (spec === undefined) return object
  const { names, conversion } = spec
  const given = isObject(names) ? names : {}
  const kind = textOf(given['kind'])
  const singular = textOf(given['singular']) || kind.toLowerCase()
  const listKind = textOf(given['listKind']) || (kind === '' ? '' : `${kind}List`)
  const named = { ...given, ...(singular === '' ? {} : { singular }), ...(listKind === '' ? {} : { listKind }) }
  return { ...object, spec: { ...spec, names: named, conversion: conversion ?? { strategy: 'None' } } } as KubeObject // a spec holds JSON only
}

/** A definition with the version its objects will be stored in among those they may be stored in, in its status. */
export function withStoredVersion(object: KubeObject, stored: readonly string[]): KubeObject {
  const definition = object as Definition
  const first = definition.spec.versions.find((version) => version.storage)
  if (first === undefined) return object
  const storedVersions = stored.includes(first.name) ? stored : [...stored, first.name]
  return { ...object, status: { ...definition.status, storedVersions } } as KubeObject // a status holds JSON only
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
  const definition = object as Definition
  const { group, names, versions } = definition.spec
  const wanted = `${names.plural ?? ''}.${group}`
  const name = definition.metadata.name ?? ''
  return [
    // A change of group or names is told as such.
    ...(name === wanted || old !== undefined
      ? []
      : [invalidValue('metadata.name', name, 'must be spec.names.plural+"."+spec.group')]),
    ...storageFaults(definition),
    ...versionFaults(definition),
    ...(old === undefined ? [] : changeFaults(definition, old as Definition)),
    ...versions.flatMap((version, index) =>
      schemaFaults(version, schemaPath(versions, index), { rules, isKnown: hadSchema(old, version) }),
    ),
  ].filter(isFirst)
}

/** Versions that share a schema are checked once. */
function isFirst(fault: FieldFault, index: number, all: readonly FieldFault[]): boolean {
  return all.findIndex((other) => other.field === fault.field && other.message === fault.message) === index
}

function schemaPath(versions: readonly DefinitionVersion[], index: number): string {
  const missing = versions[index]?.schema?.openAPIV3Schema === undefined
  return hasOneSchema(versions) && !missing
    ? 'spec.validation.openAPIV3Schema'
    : `spec.versions[${index}].schema.openAPIV3Schema`
}

function hasOneSchema(versions: readonly DefinitionVersion[]): boolean {
  const [first, ...others] = versions.map((version) => version.schema?.openAPIV3Schema)
  return others.every((other) => deepEqual(first, other))
}

function storageFaults(definition: Definition): readonly FieldFault[] {
  const { versions } = definition.spec
  const names = versions.map((version) => version.name)
  const storage = versions.filter((version) => version.storage)
  const faults: FieldFault[] = []
  const shown = (): JsonValue => versions.map((version) => internalVersion(version, hasOneSchema(versions)))
  if (new Set(names).size !== names.length) {
    faults.push(invalidValue('spec.versions', shown(), 'must contain unique version names'))
  }
  if (storage.length !== 1) {
    faults.push(invalidValue('spec.versions', shown(), 'must have exactly one version marked as storage version'))
  }
  const stored = definition.status?.storedVersions ?? []
  const last = storage.at(-1)?.name
  if (stored.length === 0) {
    faults.push(invalidValue('status.storedVersions', null, 'must have at least one stored version'))
  } else if (last !== undefined && !stored.includes(last)) {
    faults.push(invalidValue('status.storedVersions', [...stored], `must have the storage version ${last}`))
  }
  for (const [index, name] of stored.entries()) {
    if (names.includes(name)) continue
    const text = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`
    faults.push(invalidValue(`status.storedVersions[${index}]`, name, text))
  }
  return faults
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
    Schema: isShared ? null : { OpenAPIV3Schema: version.schema?.openAPIV3Schema ?? null },
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
  const schema = version.schema?.openAPIV3Schema
  if (schema === undefined) return [requiredValue(path)]
  const structure = structureFaults(schema, path)
  // Rules need types.
  if (structure.length > 0) return [...structure, ...defaultFaults(schema, path)]
  return [...defaultFaults(schema, path), ...rules.definitionFaults(schema, path, isKnown)]
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
    field: fault.field === '<nil>' ? `${path}.default` : `${path}.default.${fault.field}`,
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
