// The fields of a kustomization file, and reading one (api/types/kustomization.go).
import { CapstanError } from '../../base/errors.ts'
import { YamlError } from '../../lang/yaml/error.ts'
import { parseYaml } from '../../lang/yaml/read.ts'
import { decodeStruct } from './decode.ts'
import type { FieldSpec } from './field-spec.ts'
import { KUSTOMIZATION } from './kustomization-fields.ts'

export type Texts = Readonly<Record<string, string>>

export interface GeneratorOptions {
  readonly labels?: Texts
  readonly annotations?: Texts
  readonly disableNameSuffixHash?: boolean
  readonly immutable?: boolean
}

/** One entry of configMapGenerator or secretGenerator. */
export interface GeneratorArgs {
  readonly name?: string
  readonly namespace?: string
  readonly behavior?: string
  readonly literals?: readonly string[]
  readonly files?: readonly string[]
  readonly envs?: readonly string[]
  readonly env?: string
  readonly options?: GeneratorOptions
  /** Of secrets. */
  readonly type?: string
}

export interface Selector {
  readonly group?: string
  readonly version?: string
  readonly kind?: string
  readonly name?: string
  readonly namespace?: string
  readonly annotationSelector?: string
  readonly labelSelector?: string
}

export interface Patch {
  readonly path?: string
  readonly patch?: string
  readonly target?: Selector
  readonly options?: { readonly allowNameChange?: boolean; readonly allowKindChange?: boolean }
}

export interface HelmGlobals {
  readonly chartHome?: string
  readonly configHome?: string
}

export interface HelmChart {
  readonly name?: string
  readonly version?: string
  readonly repo?: string
  readonly releaseName?: string
  readonly namespace?: string
  readonly valuesFile?: string
  readonly additionalValuesFiles?: readonly string[]
  readonly valuesInline?: Readonly<Record<string, unknown>>
  readonly valuesMerge?: string
  readonly includeCRDs?: boolean
  readonly skipHooks?: boolean
  readonly skipTests?: boolean
  readonly apiVersions?: readonly string[]
  readonly kubeVersion?: string
  readonly nameTemplate?: string
  readonly devel?: boolean
}

export interface Label {
  readonly pairs?: Texts
  readonly includeSelectors?: boolean
  readonly includeTemplates?: boolean
  readonly fields?: readonly FieldSpec[]
}

export interface Image {
  readonly name?: string
  readonly newName?: string
  readonly tagSuffix?: string
  readonly newTag?: string
  readonly digest?: string
}

export interface Replica {
  readonly name?: string
  readonly count?: number
}

export interface FieldOptions {
  readonly delimiter?: string
  readonly index?: number
  readonly create?: boolean
}

export interface ReplacementTarget {
  readonly select?: Selector
  readonly reject?: readonly Selector[]
  readonly fieldPaths?: readonly string[]
  readonly options?: FieldOptions
}

export interface Replacement {
  readonly source?: Selector & { readonly fieldPath?: string; readonly options?: FieldOptions }
  readonly sourceValue?: string
  readonly targets?: readonly ReplacementTarget[]
  readonly path?: string
}

export interface Var {
  readonly name?: string
  readonly objref?: Selector & { readonly apiVersion?: string }
  readonly fieldref?: { readonly fieldPath?: string }
}

export interface SortOptions {
  readonly order?: string
  readonly legacySortOptions?: { readonly orderFirst?: readonly string[]; readonly orderLast?: readonly string[] }
}

export interface Kustomization {
  readonly apiVersion: string
  readonly kind: string
  readonly openapi?: { readonly path?: string; readonly version?: string }
  readonly namePrefix?: string
  readonly nameSuffix?: string
  readonly namespace?: string
  readonly commonLabels?: Texts
  readonly labels?: readonly Label[]
  readonly commonAnnotations?: Texts
  readonly patchesStrategicMerge?: readonly string[]
  readonly patchesJson6902?: readonly Patch[]
  readonly patches?: readonly Patch[]
  readonly images?: readonly Image[]
  readonly replacements?: readonly Replacement[]
  readonly replicas?: readonly Replica[]
  readonly vars?: readonly Var[]
  readonly sortOptions?: SortOptions
  readonly resources?: readonly string[]
  readonly components?: readonly string[]
  readonly crds?: readonly string[]
  readonly configMapGenerator?: readonly GeneratorArgs[]
  readonly secretGenerator?: readonly GeneratorArgs[]
  readonly generatorOptions?: GeneratorOptions
  readonly helmGlobals?: HelmGlobals
  readonly helmCharts?: readonly HelmChart[]
  readonly configurations?: readonly string[]
  readonly generators?: readonly string[]
  readonly transformers?: readonly string[]
  readonly validators?: readonly string[]
  readonly buildMetadata?: readonly string[]
}

export interface LoadedKustomization {
  readonly kustomization: Kustomization
  readonly warnings: readonly string[]
}

/**
 * Reads the text of a kustomization file; deprecated fields are moved to where they belong now. Throws `bad-input` in
 * kustomize's words. That it is a kustomization is left to `assertKustomization`: kustomize has warned by then.
 */
export function readKustomization(text: string): LoadedKustomization {
  const fields = decodeFields(text)
  const warnings = DEPRECATED.filter(([name]) => fields[name] !== undefined).map(([, warning]) => warning)
  if (isEmpty(fields)) throw new CapstanError('bad-input', 'kustomization.yaml is empty')
  return { kustomization: withPresentFields(fields), warnings }
}

function decodeFields(text: string): Record<string, unknown> {
  try {
    return decodeStruct(parseYaml(text), KUSTOMIZATION)
  } catch (error) {
    if (!(error instanceof CapstanError)) throw error
    const message = error instanceof YamlError ? error.message : error.message
    throw new CapstanError('bad-input', `invalid Kustomization: ${message}`, { cause: error })
  }
}

function isEmpty(fields: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(fields).every(([name, value]) => name === 'kind' || name === 'apiVersion' || value === '')
}

/** Old fields become those of today (FixKustomization). */
function withPresentFields(fields: Readonly<Record<string, unknown>>): Kustomization {
  const { bases, imageTags, helmChartInflationGenerator: old = [], ...rest } = fields as DecodedFields
  const kind = orElse(rest.kind, 'Kustomization')
  return {
    ...rest,
    kind,
    apiVersion: orElse(rest.apiVersion, kind === 'Component' ? COMPONENT_VERSION : KUSTOMIZATION_VERSION),
    ...joined('resources', rest.resources, bases),
    ...joined('images', rest.images, imageTags),
    ...joined('configMapGenerator', rest.configMapGenerator?.map(withEnvs), undefined),
    ...joined('secretGenerator', rest.secretGenerator?.map(withEnvs), undefined),
    ...(old.length === 0 ? {} : presentCharts(rest, old)),
  }
}

/** `decodeStruct` has given every field the type that the table says. */
interface DecodedFields extends Omit<Kustomization, 'kind' | 'apiVersion'> {
  readonly kind?: string
  readonly apiVersion?: string
  readonly bases?: readonly string[]
  readonly imageTags?: readonly Image[]
  readonly helmChartInflationGenerator?: readonly OldChart[]
}

/** An entry of helmChartInflationGenerator. */
interface OldChart {
  readonly chartName?: string
  readonly chartVersion?: string
  readonly chartRepoUrl?: string
  readonly chartHome?: string
  readonly values?: string
  readonly valuesLocal?: Readonly<Record<string, unknown>>
  readonly valuesMerge?: string
  readonly releaseName?: string
}

/** Old entries become charts, the last folder that one of them names is that of all (SplitHelmParameters). */
function presentCharts({ helmCharts = [], helmGlobals }: DecodedFields, old: readonly OldChart[]): object {
  const homes = old.map(({ chartHome }) => chartHome).filter((home) => home !== undefined && home !== '')
  const charts = old.map(({ chartName, chartVersion, chartRepoUrl, values, valuesLocal, valuesMerge, releaseName }) =>
    definedFields({
      name: chartName,
      version: chartVersion,
      repo: chartRepoUrl,
      valuesFile: values,
      valuesInline: valuesLocal,
      valuesMerge,
      releaseName,
    }),
  )
  const chartHome = homes.at(-1)
  return {
    helmCharts: [...helmCharts, ...charts],
    ...(chartHome === undefined ? {} : { helmGlobals: { ...helmGlobals, chartHome } }),
  }
}

function definedFields(fields: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function orElse(text: string | undefined, instead: string): string {
  return text === undefined || text === '' ? instead : text
}

function joined<T>(name: string, list: readonly T[] | undefined, more: readonly T[] | undefined): object {
  return list === undefined && more === undefined ? {} : { [name]: [...(list ?? []), ...(more ?? [])] }
}

function withEnvs(args: GeneratorArgs): GeneratorArgs {
  const { env = '', ...rest } = args
  return env === '' ? rest : { ...rest, envs: [...(rest.envs ?? []), env] }
}

const KUSTOMIZATION_VERSION = 'kustomize.config.k8s.io/v1beta1'
const COMPONENT_VERSION = 'kustomize.config.k8s.io/v1alpha1'

/** Throws `bad-input` where kind or version are others than kustomize's; `place` is the directory, as messages name it. */
export function assertKustomization({ kind, apiVersion }: Kustomization, place: string): void {
  const problems: string[] = []
  if (kind !== 'Kustomization' && kind !== 'Component') problems.push('kind should be Kustomization or Component')
  const wanted = kind === 'Component' ? COMPONENT_VERSION : KUSTOMIZATION_VERSION
  if (apiVersion !== wanted) problems.push(`apiVersion for ${kind} should be ${wanted}`)
  if (problems.length > 0) {
    const message = `Failed to read kustomization file under ${place}:\n${problems.join('\n')}`
    throw new CapstanError('bad-input', message)
  }
}

const RUN_FIX = "Run 'kustomize edit fix' to update your Kustomization automatically."

function deprecated(name: string, instead: string, prefix = ''): readonly [string, string] {
  return [name, `# Warning: '${name}' is deprecated. Please use '${instead}' instead. ${prefix}${RUN_FIX}`]
}

const DEPRECATED = [
  deprecated('bases', 'resources'),
  deprecated('commonLabels', 'labels'),
  deprecated('imageTags', 'images'),
  deprecated('patchesJson6902', 'patches'),
  deprecated('patchesStrategicMerge', 'patches'),
  deprecated('vars', 'replacements', '[EXPERIMENTAL] '),
]
