// Transformers and generators configured as resources of their own: the built-in ones; programs and functions are refused.
import { CapstanError } from '../../base/errors.ts'
import type { BuildContext } from './build-context.ts'
import { contentHash } from './hash.ts'
import type { StructType } from './decode.ts'
import { decodeStruct } from './decode.ts'
import { inPlace } from './fault.ts'
import type { FieldSpec } from './field-spec.ts'
import { generate } from './generators.ts'
import type { ChartArgs } from './helm-charts.ts'
import { inflateChart } from './helm-charts.ts'
import { iamPolicyAccount } from './iam-policy.ts'
import { changeImages, imageChange } from './images.ts'
import type { GeneratorArgs } from './kustomization.ts'
import type { Loader } from './loader.ts'
import { addEntriesToAll } from './metadata.ts'
import { addAffix } from './names.ts'
import { setNamespaces } from './namespace.ts'
import { valueOfNode } from './node.ts'
import type { Origin } from './origin.ts'
import type { Transform } from './patches.ts'
import { json6902Transform, patchTransform, strategicMergeTransform } from './patches.ts'
import { PLUGINS } from './plugin-fields.ts'
import type { PluginConfig } from './plugin-fields.ts'
import { loadReplacements, replace } from './replacements.ts'
import { setReplicas } from './replicas.ts'
import { effectiveNamespace, gvkText, idText } from './res-id.ts'
import type { Resource } from './resource.ts'
import { currentId, nameOf, namespaceOf, newResource, originalId, rememberName, setName } from './resource.ts'
import type { NamedTransform } from './transforms.ts'
import { addValue } from './value-add.ts'

export interface NamedGenerator {
  readonly kind: string
  readonly origin: Origin | undefined
  generate(): Resource[]
}

/** The transformers that configurations describe. Throws `unsupported` for what is not built in. */
export function loadTransforms(build: BuildContext, loader: Loader, configs: readonly Resource[]): NamedTransform[] {
  return configs.map((resource) => {
    const { kind, config } = readPlugin(resource)
    const make = TRANSFORMERS[kind]
    if (make === undefined)
      throw new CapstanError('bad-input', `plugin ${idText(originalId(resource))} not a transformer`)
    const transform = inPlace(`plugin ${idText(originalId(resource))} fails configuration`, () =>
      make(config, { build, loader }),
    )
    return { kind, transform, origin: pluginOrigin(resource) }
  })
}

export function loadGenerators(build: BuildContext, loader: Loader, configs: readonly Resource[]): NamedGenerator[] {
  return configs.map((resource) =>
    inPlace('failed to load generator', () => {
      const { kind, config } = readPlugin(resource)
      const make = GENERATORS[kind]
      if (make === undefined) {
        throw new CapstanError('bad-input', `plugin ${idText(originalId(resource))} not a generator`)
      }
      return { kind, origin: pluginOrigin(resource), generate: () => make(config, { build, loader }) }
    }),
  )
}

function readPlugin(resource: Resource): { readonly kind: string; readonly config: PluginConfig } {
  const id = currentId(resource)
  if (id.group !== '' || id.version !== 'builtin') {
    const message = `external plugins disabled; unable to load external plugin '${id.kind}'`
    throw new CapstanError('unsupported', `${message}: programs and KRM functions are not run`)
  }
  const type: StructType | undefined = PLUGINS[id.kind]
  if (type === undefined) throw new CapstanError('bad-input', `unable to load builtin ${gvkText(id)}`)
  const value = valueOfNode(resource.node)
  // `decodeStruct` gives every field the type that the table says.
  return { kind: id.kind, config: decodeStruct(value, type, { unknownFields: 'ignore' }) as PluginConfig }
}

function pluginOrigin(resource: Resource): Origin | undefined {
  const { origin } = resource
  if (origin === undefined) return undefined
  const { group, version, kind } = currentId(resource)
  const apiVersion = group === '' ? version : `${group}/${version}`
  return {
    ...(origin.path === undefined ? {} : { configuredIn: origin.path }),
    configuredBy: { apiVersion, kind, name: nameOf(resource), namespace: namespaceOf(resource) },
  }
}

interface PluginContext {
  readonly build: BuildContext
  readonly loader: Loader
}

type MakeTransform = (config: PluginConfig, context: PluginContext) => Transform

const TRANSFORMERS: Readonly<Record<string, MakeTransform>> = {
  AnnotationsTransformer:
    ({ annotations = {}, fieldSpecs = [] }) =>
    (set) =>
      addEntriesToAll(set.items, annotations, fieldSpecs),
  LabelTransformer:
    ({ labels = {}, fieldSpecs = [] }) =>
    (set) =>
      addEntriesToAll(set.items, labels, fieldSpecs),
  HashTransformer: () => (set) => {
    for (const resource of set.items) addHash(resource)
    set.touch()
  },
  ImageTagTransformer: ({ imageTag = {}, fieldSpecs = [] }) => {
    const change = imageChange(imageTag)
    return (set) => {
      for (const resource of set.items) changeImages(resource.node, change, fieldSpecs)
    }
  },
  NamespaceTransformer: ({ metadata, fieldSpecs = [], unsetOnly, setRoleBindingSubjects }) => {
    const namespace = metadata?.namespace ?? ''
    const options = { namespace, specs: fieldSpecs, unsetOnly: unsetOnly === true }
    return (set) => setNamespaces(set, { ...options, setRoleBindingSubjects: setRoleBindingSubjects ?? '' })
  },
  PatchTransformer: (config, { build, loader }) => patchTransform(config, { loader, findSchema: build.findSchema }),
  PatchJson6902Transformer: ({ jsonOp, ...config }, { loader }) =>
    json6902Transform({ ...config, ...(jsonOp === undefined ? {} : { patch: jsonOp }) }, loader),
  PatchStrategicMergeTransformer: ({ paths = [], patches }, { build, loader }) => {
    const texts = patches === undefined || patches === '' ? paths : [...paths, patches]
    if (texts.length === 0) throw new CapstanError('bad-input', 'empty file path and empty patch content')
    return strategicMergeTransform(texts, { loader, findSchema: build.findSchema })
  },
  PrefixTransformer: ({ prefix = '', fieldSpecs }) => affixTransform('prefix', prefix, fieldSpecs),
  SuffixTransformer: ({ suffix = '', fieldSpecs }) => affixTransform('suffix', suffix, fieldSpecs),
  PrefixSuffixTransformer: ({ prefix = '', suffix = '', fieldSpecs }) => {
    const first = affixTransform('prefix', prefix, fieldSpecs)
    const second = affixTransform('suffix', suffix, fieldSpecs)
    return (set) => {
      first(set)
      second(set)
    }
  },
  ReplacementTransformer: ({ replacements = [] }, { loader }) => {
    const loaded = loadReplacements(replacements, loader)
    return (set) => replace(set, loaded)
  },
  ReplicaCountTransformer:
    ({ replica = {}, fieldSpecs = [] }) =>
    (set) =>
      setReplicas(set, replica, fieldSpecs),
  ValueAddTransformer: (config) => addValue(config),
}

function affixTransform(place: 'prefix' | 'suffix', text: string, specs: readonly FieldSpec[] | undefined): Transform {
  if (specs === undefined) throw new CapstanError('bad-input', 'fieldSpecs is not expected to be nil')
  return (set) => addAffix(set, { place, text }, specs)
}

function addHash(resource: Resource): void {
  if (!resource.needsHash) return
  const hash = contentHash(resource.node)
  rememberName(resource, effectiveNamespace(currentId(resource)))
  setName(resource, `${nameOf(resource)}-${hash}`)
}

type MakeResources = (config: PluginConfig, context: PluginContext) => Resource[]

const GENERATORS: Readonly<Record<string, MakeResources>> = {
  ConfigMapGenerator: (config, { loader }) => [generate('ConfigMap', generatorArgs(config), loader)],
  SecretGenerator: (config, { loader }) => [generate('Secret', generatorArgs(config), loader)],
  IAMPolicyGenerator: (config) => [newResource(iamPolicyAccount(config))],
  // The table of fields says that these are a chart's.
  HelmChartInflationGenerator: (config, { build, loader }) => inflateChart(build, config as ChartArgs, loader),
}

function generatorArgs(config: PluginConfig): GeneratorArgs {
  const { name = '', namespace = '' } = config
  const { metadata = {} } = config
  return {
    ...config,
    name: name === '' ? (metadata.name ?? '') : name,
    namespace: namespace === '' ? (metadata.namespace ?? '') : namespace,
  }
}
