// What a CustomResourceDefinition must be: its name, one storage version, structural schemas, fitting defaults (apiextensions `validation.go`, v0.36.3).
import { deepEqual, isObject } from '../../../kube/json-value.ts'
import type { JsonObject, JsonValue, KubeObject } from '../../../kube/object.ts'
import type { FieldFault } from '../../kinds/contract.ts'
import { textOf } from '../json-text.ts'
import { invalidValue, requiredValue } from '../../kinds/validation/faults.ts'
import type { CelRules } from './cel/cel-rules.ts'
import type { Definition, DefinitionVersion } from './definition.ts'
import type { Schema } from './structural.ts'
import { validateValue } from './validate-value.ts'

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

/** A new definition with the version its objects will be stored in, in its status. */
export function withStoredVersion(object: KubeObject): KubeObject {
  const definition = object as Definition
  const storage = definition.spec.versions.find((version) => version.storage)
  if (storage === undefined) return object
  return { ...object, status: { ...definition.status, storedVersions: [storage.name] } } as KubeObject // a status holds JSON only
}

/** Faults of a definition beyond its metadata. */
export function definitionFaults(object: KubeObject, rules: CelRules): readonly FieldFault[] {
  const definition = object as Definition
  const { group, names, versions } = definition.spec
  const wanted = `${names.plural ?? ''}.${group}`
  const name = definition.metadata.name ?? ''
  return [
    ...(name === wanted ? [] : [invalidValue('metadata.name', name, 'must be spec.names.plural+"."+spec.group')]),
    ...storageFaults(definition),
    ...versions.flatMap((version, index) => schemaFaults(version, schemaPath(versions, index), rules)),
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
  const storage = versions.filter((version) => version.storage)
  const faults: FieldFault[] = []
  if (storage.length !== 1) {
    const shown = versions.map((version) => internalVersion(version, hasOneSchema(versions)))
    faults.push(invalidValue('spec.versions', shown, 'must have exactly one version marked as storage version'))
  }
  const stored = definition.status?.storedVersions ?? []
  const last = storage.at(-1)?.name
  if (last !== undefined && stored.length > 0 && !stored.includes(last)) {
    faults.push(invalidValue('status.storedVersions', [...stored], `must have the storage version ${last}`))
  }
  return faults
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

function schemaFaults(version: DefinitionVersion, path: string, rules: CelRules): readonly FieldFault[] {
  const schema = version.schema?.openAPIV3Schema
  if (schema === undefined) return [requiredValue(path)]
  const structure = structureFaults(schema, path, true)
  // Rules need types.
  if (structure.length > 0) return [...structure, ...defaultFaults(schema, path)]
  return [...defaultFaults(schema, path), ...rules.definitionFaults(schema, path)]
}

/** Structural schemas say the type of everything they name. */
function structureFaults(schema: Schema, path: string, isRoot: boolean): readonly FieldFault[] {
  const faults = childrenOf(schema, path).flatMap(({ child, childPath }) => [
    ...structureFaults(child, childPath, false),
  ])
  const isUntyped =
    schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true
  if ((schema['type'] ?? '') === '' && (isRoot || !isUntyped)) {
    const where = isRoot ? 'must not be empty at the root' : itemText(path)
    faults.push(requiredValue(`${path}.type`, where))
  }
  return faults
}

function itemText(path: string): string {
  return path.endsWith('.items')
    ? 'must not be empty for specified array items'
    : 'must not be empty for specified object fields'
}

interface Child {
  readonly child: Schema
  readonly childPath: string
}

function childrenOf(schema: Schema, path: string): readonly Child[] {
  const properties = isObject(schema['properties']) ? schema['properties'] : {}
  const found: Child[] = []
  for (const key of Object.keys(properties).toSorted()) {
    const child = properties[key]
    if (isObject(child)) found.push({ child, childPath: `${path}.properties[${key}]` })
  }
  const { items, additionalProperties } = schema
  if (isObject(items)) found.push({ child: items, childPath: `${path}.items` })
  if (isObject(additionalProperties))
    found.push({ child: additionalProperties, childPath: `${path}.additionalProperties` })
  return found
}

function defaultFaults(schema: Schema, path: string): readonly FieldFault[] {
  const inside = childrenOf(schema, path).flatMap(({ child, childPath }) => [...defaultFaults(child, childPath)])
  const value = schema['default']
  if (value === undefined) return inside
  const here = validateValue(value, schema as JsonObject, '').map((fault) => ({
    ...fault,
    field: fault.field === '<nil>' ? `${path}.default` : `${path}.default.${fault.field}`,
    message: fault.message.replace('<nil> in body', ' in body'),
  }))
  return [...inside, ...here]
}
