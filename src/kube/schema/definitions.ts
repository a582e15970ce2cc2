// The OpenAPI definitions of Kubernetes 1.36.3 and which kind is which definition, as tools/generate-kubernetes-data.ts made them.
import type { JsonValue } from '../object.ts'
import definitionTexts from './generated/definitions.json' with { type: 'json' }
import keyDefaultTable from './generated/key-defaults.json' with { type: 'json' }
import kinds from './generated/kinds.json' with { type: 'json' }

/** A schema as OpenAPI v2 or v3 writes it, with Kubernetes' extensions. */
export interface OpenApiSchema {
  readonly $ref?: string
  readonly allOf?: readonly OpenApiSchema[]
  readonly type?: string
  readonly format?: string
  readonly properties?: Readonly<Record<string, OpenApiSchema>>
  readonly items?: OpenApiSchema
  readonly additionalProperties?: OpenApiSchema | boolean
  readonly required?: readonly string[]
  readonly enum?: readonly JsonValue[]
  readonly default?: JsonValue
  readonly nullable?: boolean
  readonly 'x-kubernetes-patch-strategy'?: string
  readonly 'x-kubernetes-patch-merge-key'?: string
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map'
  readonly 'x-kubernetes-list-map-keys'?: readonly string[]
  readonly 'x-kubernetes-map-type'?: 'atomic' | 'granular'
  readonly 'x-kubernetes-int-or-string'?: boolean
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean
  readonly 'x-kubernetes-embedded-resource'?: boolean
  readonly 'x-kubernetes-unions'?: readonly {
    readonly discriminator?: string
    readonly 'fields-to-discriminateBy'?: Readonly<Record<string, string>>
  }[]
  readonly 'x-kubernetes-group-version-kind'?: readonly {
    readonly group: string
    readonly version: string
    readonly kind: string
  }[]
}

// The file holds one JSON text a definition: 771 parsed trees would cost ten times the memory of the few that are used.
const texts: Readonly<Record<string, string>> = definitionTexts

/** `group/version/kind` (`/v1/Pod`, `apps/v1/Deployment`) → name of the definition. DeleteOptions and WatchEvent stand in every group. */
export function gvkTable(): Readonly<Record<string, string>> {
  return kinds
}

/** Defaults of the fields of a definition that are keys of lists (`ContainerPort.protocol` is `TCP`); undefined where there are none. */
export function keyDefaults(name: string): Readonly<Record<string, string | number>> | undefined {
  const table: Readonly<Record<string, Readonly<Record<string, string | number>>>> = keyDefaultTable
  return Object.hasOwn(table, name) ? table[name] : undefined
}

/** The names of all 771 definitions, sorted. */
export function builtinDefinitionNames(): readonly string[] {
  return Object.keys(texts)
}

/** One definition in OpenAPI v2 form (`$ref: '#/definitions/…'`), parsed anew on each call; undefined where there is none. */
export function builtinDefinition(name: string): OpenApiSchema | undefined {
  const text = Object.hasOwn(texts, name) ? texts[name] : undefined
  // The recipe writes each value as the JSON text of a definition.
  return text === undefined ? undefined : (JSON.parse(text) as OpenApiSchema)
}

/** All definitions in OpenAPI v2 form, parsed anew on each call (about 6 MB): for building whole documents. */
export function builtinDefinitions(): Readonly<Record<string, OpenApiSchema>> {
  const all: Record<string, OpenApiSchema> = {}
  for (const [name, text] of Object.entries(texts)) {
    // The recipe writes each value as the JSON text of a definition.
    all[name] = JSON.parse(text) as OpenApiSchema
  }
  return all
}
