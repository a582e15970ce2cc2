// The fields of built-in transformers and generators when they are configured as resources.
import type { FieldType, StructType } from './decode.ts'
import type { FieldSpec } from './field-spec.ts'
import type { GeneratorArgs, Image, Patch, Replacement, Replica, Selector, Texts } from './kustomization.ts'
import { FIELD_SPEC, HELM_FIELDS, HELM_GLOBALS, KUSTOMIZATION, SELECTOR } from './kustomization-fields.ts'

/** What any of them may have; each reads its own. */
export interface PluginConfig extends Omit<GeneratorArgs, 'options'>, Omit<Patch, 'options'> {
  readonly options?: NonNullable<GeneratorArgs['options']> & NonNullable<Patch['options']>
  readonly metadata?: { readonly name?: string; readonly namespace?: string }
  readonly fieldSpecs?: readonly FieldSpec[]
  readonly annotations?: Texts
  readonly labels?: Texts
  readonly imageTag?: Image
  readonly unsetOnly?: boolean
  readonly setRoleBindingSubjects?: string
  readonly jsonOp?: string
  readonly paths?: readonly string[]
  readonly patches?: string
  readonly prefix?: string
  readonly suffix?: string
  readonly replacements?: readonly Replacement[]
  readonly replica?: Replica
  readonly value?: string
  readonly targets?: readonly ValueTarget[]
  readonly cloud?: string
  readonly kubernetesService?: { readonly namespace?: string; readonly name?: string }
  readonly serviceAccount?: { readonly name?: string; readonly projectId?: string }
}

export interface ValueTarget {
  readonly selector?: Selector
  readonly fieldPath?: string
  readonly filePathPosition?: number
}

const METADATA: StructType = {
  struct: 'ObjectMeta',
  fields: { name: 'string', namespace: 'string' },
}

const FIELD_SPECS: FieldType = { list: FIELD_SPEC }
const TEXTS = { list: 'string' } as const

function plugin(struct: string, fields: StructType['fields']): StructType {
  return { struct, fields: { metadata: METADATA, ...fields } }
}

function itemsOf(name: string): FieldType {
  const type = KUSTOMIZATION.fields[name]
  if (typeof type === 'object' && 'list' in type) return type.list
  throw new Error(`${name} is no list of a kustomization`)
}

function structOf(name: string): StructType['fields'] {
  const type = itemsOf(name)
  return typeof type === 'object' && 'fields' in type ? type.fields : {}
}

/** By kind. */
export const PLUGINS: Readonly<Record<string, StructType>> = {
  AnnotationsTransformer: plugin('AnnotationsTransformer', {
    annotations: 'map[string]string',
    fieldSpecs: FIELD_SPECS,
  }),
  LabelTransformer: plugin('LabelTransformer', { labels: 'map[string]string', fieldSpecs: FIELD_SPECS }),
  HashTransformer: plugin('HashTransformer', {}),
  ImageTagTransformer: plugin('ImageTagTransformer', { imageTag: itemsOf('images'), fieldSpecs: FIELD_SPECS }),
  NamespaceTransformer: plugin('NamespaceTransformer', {
    fieldSpecs: FIELD_SPECS,
    unsetOnly: 'bool',
    setRoleBindingSubjects: 'string',
  }),
  PatchTransformer: plugin('PatchTransformer', structOf('patches')),
  PatchJson6902Transformer: plugin('PatchJson6902Transformer', { target: SELECTOR, path: 'string', jsonOp: 'string' }),
  PatchStrategicMergeTransformer: plugin('PatchStrategicMergeTransformer', { paths: TEXTS, patches: 'string' }),
  PrefixTransformer: plugin('PrefixTransformer', { prefix: 'string', fieldSpecs: FIELD_SPECS }),
  SuffixTransformer: plugin('SuffixTransformer', { suffix: 'string', fieldSpecs: FIELD_SPECS }),
  PrefixSuffixTransformer: plugin('PrefixSuffixTransformer', {
    prefix: 'string',
    suffix: 'string',
    fieldSpecs: FIELD_SPECS,
  }),
  ReplacementTransformer: plugin('ReplacementTransformer', { replacements: { list: itemsOf('replacements') } }),
  ReplicaCountTransformer: plugin('ReplicaCountTransformer', {
    replica: itemsOf('replicas'),
    fieldSpecs: FIELD_SPECS,
  }),
  ValueAddTransformer: plugin('ValueAddTransformer', {
    value: 'string',
    targets: {
      list: { struct: 'Target', fields: { selector: SELECTOR, fieldPath: 'string', filePathPosition: 'int' } },
    },
  }),
  ConfigMapGenerator: plugin('ConfigMapGenerator', structOf('configMapGenerator')),
  SecretGenerator: plugin('SecretGenerator', structOf('secretGenerator')),
  HelmChartInflationGenerator: plugin('HelmChartInflationGenerator', { ...HELM_GLOBALS, ...HELM_FIELDS }),
  IAMPolicyGenerator: plugin('IAMPolicyGenerator', {
    cloud: 'string',
    kubernetesService: { struct: 'KubernetesService', fields: { namespace: 'string', name: 'string' } },
    serviceAccount: { struct: 'ServiceAccount', fields: { name: 'string', projectId: 'string' } },
  }),
}
