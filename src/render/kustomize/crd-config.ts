// Field specs from the OpenAPI definitions of custom resources (`crds`; api/internal/accumulator/loadconfigfromcrds.go).
import { CapstanError } from '../../base/errors.ts'
import { parseYaml } from '../../lang/yaml/read.ts'
import { inPlace } from './fault.ts'
import type { FieldSpec } from './field-spec.ts'
import type { Loader } from './loader.ts'
import { loadText } from './loader.ts'
import type { NameReference } from './reference-specs.ts'
import type { TransformerConfig } from './transformer-config.ts'
import { mergeConfigs } from './transformer-config.ts'

/** References between definitions; deeper ones go round in a circle. */
const MAX_REFERENCE_DEPTH = 50

/** Adds what the definitions in these files mark: annotations, selectors, names, references. */
export function loadCrdConfig(config: TransformerConfig, paths: readonly string[], loader: Loader): TransformerConfig {
  let merged = config
  for (const path of paths) {
    const place = `unable to parse open API definition from '${path}'`
    const definitions = inPlace(place, () => recordOf(parseYaml(loadText(loader, path))))
    for (const name of Object.keys(definitions).toSorted()) {
      const { properties } = schemaOf(definitions[name])
      if (!['kind', 'apiVersion', 'metadata'].every((field) => Object.hasOwn(properties, field))) continue
      const kind = name.slice(name.lastIndexOf('.') + 1)
      const found: Found = { kind, definitions, annotations: [], labels: [], names: [], references: [] }
      collect(found, name, [])
      merged = mergeConfigs(merged, {
        commonAnnotations: found.annotations,
        commonLabels: found.labels,
        namePrefix: found.names,
        nameReference: found.references,
      })
    }
  }
  return merged
}

interface Found {
  readonly kind: string
  readonly definitions: Readonly<Record<string, unknown>>
  readonly annotations: FieldSpec[]
  readonly labels: FieldSpec[]
  readonly names: FieldSpec[]
  readonly references: NameReference[]
}

function collect(found: Found, name: string, path: readonly string[]): void {
  if (path.length > MAX_REFERENCE_DEPTH) throw new CapstanError('limit', `definition ${name} refers to itself`)
  if (!Object.hasOwn(found.definitions, name)) return
  for (const [field, property] of Object.entries(schemaOf(found.definitions[name]).properties)) {
    const marks = recordOf(property)
    const place = [...path, field]
    collectMarks(found, marks, place)
    const { $ref } = marks
    if (typeof $ref === 'string') collect(found, $ref, place)
  }
}

function collectMarks(found: Found, marks: Readonly<Record<string, unknown>>, path: readonly string[]): void {
  const spec: FieldSpec = { kind: found.kind, path: path.join('/'), create: false }
  const has = (mark: string): boolean => typeof marks[`x-kubernetes-${mark}`] === 'string'
  if (has('annotation')) found.annotations.push(spec)
  if (has('label-selector')) found.labels.push(spec)
  if (has('identity')) found.names.push(spec)
  const version = marks['x-kubernetes-object-ref-api-version']
  const kind = marks['x-kubernetes-object-ref-kind']
  if (typeof version !== 'string' || typeof kind !== 'string') return
  const key = marks['x-kubernetes-object-ref-name-key']
  const referrer = { ...spec, path: [...path, typeof key === 'string' ? key : 'name'].join('/') }
  found.references.push({ version, kind, referrers: [referrer] })
}

function schemaOf(definition: unknown): { readonly properties: Readonly<Record<string, unknown>> } {
  const schema = recordOf(recordOf(definition)['Schema'] ?? recordOf(definition)['schema'])
  return { properties: recordOf(schema['properties']) }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {}
  return value as Readonly<Record<string, unknown>> // an object that is no list
}
