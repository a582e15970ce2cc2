// The types of all fields of a kustomization file, for decoding (api/types).
import type { StructType } from './decode.ts'

const TEXTS = { list: 'string' } as const

const GVK_FIELDS = { group: 'string', version: 'string', kind: 'string' } as const
const IN_GVK = { group: 'Gvk.', version: 'Gvk.', kind: 'Gvk.' } as const
const IN_RES_ID = {
  group: 'ResId.Gvk.',
  version: 'ResId.Gvk.',
  kind: 'ResId.Gvk.',
  name: 'ResId.',
  namespace: 'ResId.',
} as const

const ID_FIELDS = { ...GVK_FIELDS, name: 'string', namespace: 'string' } as const

export const FIELD_SPEC: StructType = {
  struct: 'FieldSpec',
  fields: { ...GVK_FIELDS, path: 'string', create: 'bool' },
  embedded: IN_GVK,
}

export const SELECTOR: StructType = {
  struct: 'Selector',
  fields: { ...ID_FIELDS, annotationSelector: 'string', labelSelector: 'string' },
  embedded: IN_RES_ID,
}

const PATCH: StructType = {
  struct: 'Patch',
  fields: {
    path: 'string',
    patch: 'string',
    target: SELECTOR,
    options: { struct: 'PatchArgs', fields: { allowNameChange: 'bool', allowKindChange: 'bool' } },
  },
}

const IMAGE: StructType = {
  struct: 'Image',
  fields: { name: 'string', newName: 'string', tagSuffix: 'string', newTag: 'string', digest: 'string' },
}

const OPTIONS: StructType = {
  struct: 'GeneratorOptions',
  fields: {
    labels: 'map[string]string',
    annotations: 'map[string]string',
    disableNameSuffixHash: 'bool',
    immutable: 'bool',
  },
}

const GENERATOR_FIELDS = {
  namespace: 'string',
  name: 'string',
  behavior: 'string',
  literals: TEXTS,
  files: TEXTS,
  envs: TEXTS,
  env: 'string',
  options: OPTIONS,
} as const

const IN_GENERATOR_ARGS = {
  namespace: 'GeneratorArgs.',
  name: 'GeneratorArgs.',
  behavior: 'GeneratorArgs.',
  options: 'GeneratorArgs.',
  literals: 'GeneratorArgs.KvPairSources.',
  files: 'GeneratorArgs.KvPairSources.',
  envs: 'GeneratorArgs.KvPairSources.',
  env: 'GeneratorArgs.KvPairSources.',
} as const

const CONFIG_MAP_ARGS: StructType = {
  struct: 'ConfigMapArgs',
  fields: GENERATOR_FIELDS,
  embedded: IN_GENERATOR_ARGS,
}
const SECRET_ARGS: StructType = {
  struct: 'SecretArgs',
  fields: { ...GENERATOR_FIELDS, type: 'string' },
  embedded: IN_GENERATOR_ARGS,
}

const FIELD_OPTIONS: StructType = {
  struct: 'FieldOptions',
  fields: { delimiter: 'string', index: 'int', encoding: 'string', create: 'bool' },
}

export const REPLACEMENT: StructType = {
  struct: 'ReplacementField',
  embedded: { source: 'Replacement.', sourceValue: 'Replacement.', targets: 'Replacement.' },
  fields: {
    path: 'string',
    sourceValue: 'string',
    source: {
      struct: 'SourceSelector',
      fields: { ...ID_FIELDS, fieldPath: 'string', options: FIELD_OPTIONS },
      embedded: IN_RES_ID,
    },
    targets: {
      list: {
        struct: 'TargetSelector',
        fields: { select: SELECTOR, reject: { list: SELECTOR }, fieldPaths: TEXTS, options: FIELD_OPTIONS },
      },
    },
  },
}

const VAR: StructType = {
  struct: 'Var',
  fields: {
    name: 'string',
    objref: { struct: 'Target', fields: { apiVersion: 'string', ...ID_FIELDS }, embedded: IN_GVK },
    fieldref: { struct: 'FieldSelector', fields: { fieldPath: 'string' } },
  },
}

export const SORT_OPTIONS: StructType = {
  struct: 'SortOptions',
  fields: {
    order: 'string',
    legacySortOptions: { struct: 'LegacySortOptions', fields: { orderFirst: TEXTS, orderLast: TEXTS } },
  },
}

const LABEL: StructType = {
  struct: 'Label',
  fields: {
    pairs: 'map[string]string',
    includeSelectors: 'bool',
    includeTemplates: 'bool',
    fields: { list: FIELD_SPEC },
  },
}

export const HELM_FIELDS: StructType['fields'] = {
  name: 'string',
  version: 'string',
  repo: 'string',
  releaseName: 'string',
  namespace: 'string',
  valuesFile: 'string',
  additionalValuesFiles: TEXTS,
  valuesMerge: 'string',
  includeCRDs: 'bool',
  skipHooks: 'bool',
  apiVersions: TEXTS,
  kubeVersion: 'string',
  nameTemplate: 'string',
  skipTests: 'bool',
  debug: 'bool',
  devel: 'bool',
  valuesInline: 'any',
}

export const HELM_GLOBALS: StructType['fields'] = { chartHome: 'string', configHome: 'string' }

const OLD_HELM_FIELDS: StructType['fields'] = {
  chartName: 'string',
  chartVersion: 'string',
  chartRepoUrl: 'string',
  chartHome: 'string',
  chartRepoName: 'string',
  helmBin: 'string',
  helmHome: 'string',
  values: 'string',
  valuesLocal: 'any',
  valuesMerge: 'string',
  releaseName: 'string',
  releaseNamespace: 'string',
  extraArgs: TEXTS,
}

export const KUSTOMIZATION: StructType = {
  struct: 'Kustomization',
  embedded: { kind: 'TypeMeta.', apiVersion: 'TypeMeta.' },
  fields: {
    kind: 'string',
    apiVersion: 'string',
    metadata: {
      struct: 'ObjectMeta',
      fields: { name: 'string', namespace: 'string', labels: 'map[string]string', annotations: 'map[string]string' },
    },
    openapi: 'map[string]string',
    namePrefix: 'string',
    nameSuffix: 'string',
    namespace: 'string',
    commonLabels: 'map[string]string',
    labels: { list: LABEL },
    commonAnnotations: 'map[string]string',
    patchesStrategicMerge: TEXTS,
    patchesJson6902: { list: PATCH },
    patches: { list: PATCH },
    images: { list: IMAGE },
    imageTags: { list: IMAGE },
    replacements: { list: REPLACEMENT },
    replicas: { list: { struct: 'Replica', fields: { name: 'string', count: 'int' } } },
    vars: { list: VAR },
    sortOptions: SORT_OPTIONS,
    resources: TEXTS,
    components: TEXTS,
    crds: TEXTS,
    bases: TEXTS,
    configMapGenerator: { list: CONFIG_MAP_ARGS },
    secretGenerator: { list: SECRET_ARGS },
    helmGlobals: { struct: 'HelmGlobals', fields: HELM_GLOBALS },
    helmCharts: { list: { struct: 'HelmChart', fields: HELM_FIELDS } },
    helmChartInflationGenerator: { list: { struct: 'HelmChartArgs', fields: OLD_HELM_FIELDS } },
    generatorOptions: OPTIONS,
    configurations: TEXTS,
    generators: TEXTS,
    transformers: TEXTS,
    validators: TEXTS,
    buildMetadata: TEXTS,
  },
}
