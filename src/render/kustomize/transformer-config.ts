// The field specs in force at one kustomization: the defaults, its `configurations`, and what its bases brought.
import {
  ANNOTATION_SPECS,
  IMAGE_SPECS,
  NAMESPACE_SPECS,
  NAME_SPECS,
  REPLICA_SPECS,
  SELECTOR_LABEL_SPECS,
  TEMPLATE_LABEL_SPECS,
} from './default-specs.ts'
import { inPlace } from './fault.ts'
import type { FieldSpec } from './field-spec.ts'
import { mergeSpecs } from './field-spec.ts'
import { bySortKey } from './order.ts'
import type { NameReference } from './reference-specs.ts'
import { NAME_REFERENCES, VAR_REFERENCES } from './reference-specs.ts'

/** The lists of a configuration file, by its own field names. */
export interface TransformerConfig {
  readonly namePrefix: readonly FieldSpec[]
  readonly nameSuffix: readonly FieldSpec[]
  readonly namespace: readonly FieldSpec[]
  readonly commonLabels: readonly FieldSpec[]
  readonly labels: readonly FieldSpec[]
  readonly templateLabels: readonly FieldSpec[]
  readonly commonAnnotations: readonly FieldSpec[]
  readonly varReference: readonly FieldSpec[]
  readonly images: readonly FieldSpec[]
  readonly replicas: readonly FieldSpec[]
  readonly nameReference: readonly NameReference[]
}

export const DEFAULT_CONFIG: TransformerConfig = {
  namePrefix: NAME_SPECS,
  nameSuffix: NAME_SPECS,
  namespace: NAMESPACE_SPECS,
  commonLabels: SELECTOR_LABEL_SPECS,
  labels: [],
  templateLabels: TEMPLATE_LABEL_SPECS,
  commonAnnotations: ANNOTATION_SPECS,
  varReference: VAR_REFERENCES,
  images: IMAGE_SPECS,
  replicas: REPLICA_SPECS,
  nameReference: NAME_REFERENCES,
}

/** The lists of field specs, which is all but the references. */
export type SpecList = Exclude<keyof TransformerConfig, 'nameReference'>

export const SPEC_LISTS: readonly SpecList[] = [
  'namePrefix',
  'nameSuffix',
  'namespace',
  'commonLabels',
  'labels',
  'templateLabels',
  'commonAnnotations',
  'varReference',
  'images',
  'replicas',
]

/** Both together, sorted by type as kustomize does. Throws `bad-input` for specs that contradict each other. */
export function mergeConfigs(config: TransformerConfig, more: Partial<TransformerConfig>): TransformerConfig {
  if (config === more || more === EMPTY_CONFIG) return config
  // Nearly always it is the defaults that come together, once for each base.
  if (more === DEFAULT_CONFIG && (config === EMPTY_CONFIG || config === SORTED_DEFAULTS)) return SORTED_DEFAULTS
  if (config === EMPTY_CONFIG && more === SORTED_DEFAULTS) return SORTED_DEFAULTS
  return mergedConfigs(config, more)
}

/** The merge itself, whatever the two are. */
export function mergedConfigs(config: TransformerConfig, more: Partial<TransformerConfig>): TransformerConfig {
  const merged: Record<string, readonly FieldSpec[]> = {}
  for (const name of SPEC_LISTS) {
    const added = more[name]
    const list = added === undefined || added === config[name] ? config[name] : mergeList(name, config[name], added)
    merged[name] = list
  }
  return {
    ...config,
    ...merged,
    nameReference: mergeReferences(config.nameReference, more.nameReference ?? []),
  }
}

function mergeList(name: string, specs: readonly FieldSpec[], more: readonly FieldSpec[]): readonly FieldSpec[] {
  const list = mergeNamed(`${name.charAt(0).toUpperCase()}${name.slice(1)}`, () => mergeSpecs(specs, more))
  return list === specs ? specs : list.toSorted(bySortKey)
}

function mergeNamed<T>(name: string, merge: () => T): T {
  return inPlace(`failed to merge ${name} fieldSpec`, merge)
}

function mergeReferences(known: readonly NameReference[], more: readonly NameReference[]): readonly NameReference[] {
  if (known === more || more.length === 0) return known
  const merged = [...known]
  for (const reference of more) {
    const index = merged.findIndex((candidate) => isSameType(candidate, reference))
    const found = merged[index]
    if (found === undefined) merged.push(reference)
    else {
      const referrers = mergeNamed('NameReference', () => mergeSpecs(found.referrers, reference.referrers))
      merged[index] = { ...found, referrers }
    }
  }
  return merged.toSorted(bySortKey)
}

function isSameType(a: NameReference, b: NameReference): boolean {
  return (
    (a.group ?? '') === (b.group ?? '') && (a.version ?? '') === (b.version ?? '') && (a.kind ?? '') === (b.kind ?? '')
  )
}

/** What an accumulator starts with. */
export const EMPTY_CONFIG: TransformerConfig = {
  namePrefix: [],
  nameSuffix: [],
  namespace: [],
  commonLabels: [],
  labels: [],
  templateLabels: [],
  commonAnnotations: [],
  varReference: [],
  images: [],
  replicas: [],
  nameReference: [],
}

/** What an accumulator has of the defaults alone: adding them again, or it to an empty one, changes nothing. */
const SORTED_DEFAULTS: TransformerConfig = mergedConfigs(EMPTY_CONFIG, DEFAULT_CONFIG)
