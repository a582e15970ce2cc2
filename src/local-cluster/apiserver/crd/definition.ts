// A CustomResourceDefinition as the resources it makes.
import { isObject } from '../../../kube/json-value.ts'
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import { fromOpenApi } from '../../../kube/schema/schema.ts'
import type { FieldFault, ServedSubresource } from '../../kinds/contract.ts'
import { storageVersionHash } from '../../kinds/resources.ts'
import { textOf } from '../json-text.ts'
import type { CustomResource, Resource, ScalePaths } from '../resource.ts'
import { customColumns } from './columns.ts'
import { invalidValue } from '../../kinds/validation/faults.ts'
import { hasRules, type CelRules } from './cel/cel-rules.ts'
import { decodeStructural, pruneStructural, type Schema } from './structural.ts'
import { validateListTypes } from './list-types.ts'
import { validateValue } from './validate-value.ts'

interface Names {
  readonly plural?: string
  readonly singular?: string
  readonly kind?: string
  readonly listKind?: string
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
}

export interface DefinitionVersion {
  readonly name: string
  readonly served: boolean
  readonly storage: boolean
  readonly deprecated?: boolean
  readonly deprecationWarning?: string
  readonly schema?: { readonly openAPIV3Schema?: Schema }
  readonly subresources?: { readonly status?: JsonObject; readonly scale?: JsonObject }
  readonly additionalPrinterColumns?: readonly JsonObject[]
  readonly selectableFields?: readonly { readonly jsonPath?: string }[]
}

export interface Definition extends KubeObject {
  readonly spec: {
    readonly group: string
    readonly scope: 'Namespaced' | 'Cluster'
    readonly names: Names
    readonly versions: readonly DefinitionVersion[]
    readonly conversion?: JsonObject
  }
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[]
    readonly acceptedNames?: Names
    readonly storedVersions?: readonly string[]
  }
}

/** Faults after which rules could only stumble (`hasBlockingErr` of apiextensions, v0.36.3). */
const BLOCKING: ReadonlySet<FieldFault['reason']> = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
])

function isBlocking({ reason }: FieldFault): boolean {
  return BLOCKING.has(reason)
}

const UNCHECKED = invalidValue(
  '<nil>',
  null,
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
)

const VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'] as const

/** One resource for every served version; none before the names are accepted. */
export function resourcesOf(definition: Definition, rules: CelRules): readonly Resource[] {
  return definition.spec.versions
    .filter((version) => version.served)
    .map((version) => resourceOf(definition, version, rules))
}

function resourceOf(definition: Definition, version: DefinitionVersion, rules: CelRules): Resource {
  const { group, names, scope } = definition.spec
  const kind = names.kind ?? ''
  const plural = names.plural ?? ''
  const schema = version.schema?.openAPIV3Schema
  const typeSchema = schema === undefined ? undefined : fromOpenApi(schema)
  return {
    group,
    version: version.name,
    kind,
    listKind: names.listKind ?? `${kind}List`,
    resource: plural,
    singular: names.singular ?? kind.toLowerCase(),
    namespaced: scope === 'Namespaced',
    verbs: VERBS,
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    storageVersionHash: storageVersionHash({ group, version: storageVersionOf(definition), kind }),
    subresources: subresourcesOf(version, kind),
    keyPrefix: `${group}/${plural}/`,
    rules: undefined,
    schema: typeSchema,
    custom: customOf(definition, version, schema, rules),
  }
}

/** Lists that held an item twice before may still do so. */
function listTypeFaults(value: JsonObject, schema: Schema, before: JsonObject | undefined): readonly FieldFault[] {
  const faults = validateListTypes(value, schema, '')
  const isRepeated = faults.length > 0 && before !== undefined && validateListTypes(before, schema, '').length > 0
  return isRepeated ? [] : faults
}

function storageVersionOf(definition: Definition): string {
  return definition.spec.versions.find((version) => version.storage)?.name ?? ''
}

function subresourcesOf(version: DefinitionVersion, kind: string): readonly ServedSubresource[] {
  const verbs = ['get', 'patch', 'update']
  const found: ServedSubresource[] = []
  if (version.subresources?.status !== undefined) found.push({ name: 'status', kind, verbs })
  if (version.subresources?.scale !== undefined) {
    found.push({ name: 'scale', group: 'autoscaling', version: 'v1', kind: 'Scale', verbs })
  }
  return found
}

function customOf(
  definition: Definition,
  version: DefinitionVersion,
  schema: Schema | undefined,
  rules: CelRules,
): CustomResource {
  const { columns, cells } = customColumns(version.additionalPrinterColumns ?? [])
  const selectable = (version.selectableFields ?? []).map((field) => (field.jsonPath ?? '').replace(/^\./, ''))
  return {
    definition: definition.metadata.name ?? '',
    storageVersion: storageVersionOf(definition),
    terminating: definition.metadata.deletionTimestamp !== undefined,
    decode: (object, unknown) => decodeStructural(object, schema, unknown),
    read: reader(definition, version),
    hasRules: schema !== undefined && hasRules(schema),
    validate: (object, old, warn) => {
      if (schema === undefined) return []
      // Metadata is checked by its own rules; a schema may still require that it is there.
      const value = { ...object, metadata: {} }
      const before = old === undefined ? undefined : ({ ...old, metadata: {} } as unknown as JsonObject) // objects hold JSON only
      const faults = [...validateValue(value, schema, '', before), ...listTypeFaults(value, schema, before)]
      if (faults.some(isBlocking)) return hasRules(schema) ? [...faults, UNCHECKED] : faults
      // Objects hold JSON only.
      return [
        ...faults,
        ...rules.faultsOf(schema, object as unknown as JsonObject, old as unknown as JsonObject | undefined, warn),
      ]
    },
    columns,
    cells,
    scale: scaleOf(version.subresources?.scale),
    selectable,
    selectableFields: (object) =>
      Object.fromEntries(selectable.map((field) => [field, textAt(object, field.split('.'))])),
    deprecationWarning: deprecation(definition, version),
    openApi: schema,
  }
}

/** Reads stored objects: by the schema of the version they were stored in, then, under the name of this one, without what this one does not know (conversion strategy None). */
function reader({ spec }: Definition, version: DefinitionVersion): CustomResource['read'] {
  const apiVersion = `${spec.group}/${version.name}`
  const schema = version.schema?.openAPIV3Schema
  const schemas = new Map(spec.versions.map((one) => [`${spec.group}/${one.name}`, one.schema?.openAPIV3Schema]))
  const known = new WeakMap<KubeObject, KubeObject>()
  return (stored) => {
    const before = known.get(stored)
    if (before !== undefined) return before
    const decoded = decodeStructural(stored, schemas.get(stored.apiVersion))
    const object = decoded.apiVersion === apiVersion ? decoded : pruneStructural({ ...decoded, apiVersion }, schema)
    known.set(stored, object)
    return object
  }
}

function deprecation(definition: Definition, version: DefinitionVersion): string | undefined {
  if (version.deprecated !== true) return undefined
  const { group, names } = definition.spec
  return version.deprecationWarning ?? `${group}/${version.name} ${names.kind ?? ''} is deprecated`
}

function textAt(object: KubeObject, path: readonly string[]): string {
  let value: unknown = object
  for (const step of path) value = typeof value === 'object' && value !== null ? (value as JsonObject)[step] : undefined
  return textOf(value)
}

function scaleOf(scale: JsonObject | undefined): ScalePaths | undefined {
  if (!isObject(scale)) return undefined
  const path = (field: string): readonly string[] =>
    textOf(scale[field])
      .split('.')
      .filter((step) => step !== '')
  return {
    specReplicas: path('specReplicasPath'),
    statusReplicas: path('statusReplicasPath'),
    labelSelector: scale['labelSelectorPath'] === undefined ? undefined : path('labelSelectorPath'),
  }
}
