// The built-in transformers of a kustomization in their fixed order (api/internal/target/kusttarget_configplugin.go).
import { stringifyYaml } from '../../lang/yaml/write.ts'
import type { BuildContext } from './build-context.ts'
import { inPlace } from './fault.ts'
import { changeImages, imageChange } from './images.ts'
import type { Kustomization } from './kustomization.ts'
import { addEntriesToAll, labelSteps } from './metadata.ts'
import { addAffix } from './names.ts'
import { setNamespaces } from './namespace.ts'
import type { Origin } from './origin.ts'
import { joinOrigin } from './origin.ts'
import type { PatchContext, Transform } from './patches.ts'
import { json6902Transform, patchTransform, strategicMergeTransform } from './patches.ts'
import { loadReplacements, replace } from './replacements.ts'
import { setReplicas } from './replicas.ts'
import type { ResourceSet } from './resource-set.ts'
import type { Target } from './target.ts'
import type { TransformerConfig } from './transformer-config.ts'

/** A transformer made ready, and what buildMetadata says of it. */
export interface NamedTransform {
  readonly kind: string
  readonly transform: Transform
  readonly origin: Origin | undefined
}

/** All that a kustomization asks for. Everything is read and checked before the first one runs. */
export function builtinTransforms(build: BuildContext, target: Target, config: TransformerConfig): NamedTransform[] {
  const { kustomization, origin, fileName } = target
  const context: PatchContext = { loader: target.loader, findSchema: build.findSchema }
  const transforms = [
    ...patchTransforms(kustomization, context),
    ...nameTransforms(kustomization, config),
    ...metadataTransforms(kustomization, config),
    ...listed(kustomization.patchesJson6902, 'PatchJson6902Transformer', (patch) =>
      json6902Transform(patch, target.loader),
    ),
    ...contentTransforms(kustomization, config, target),
  ]
  return transforms.map(([kind, transform]) => ({
    kind,
    transform,
    origin:
      origin === undefined
        ? undefined
        : { configuredIn: joinOrigin(origin.path ?? '', fileName), configuredBy: { apiVersion: 'builtin', kind } },
  }))
}

type Kinded = readonly [kind: string, transform: Transform]

/** One transformer for each entry; what is wrong with an entry is said together with it. */
function listed<T>(entries: readonly T[] | undefined, kind: string, make: (entry: T) => Transform): Kinded[] {
  return (entries ?? []).map((entry) => [kind, configured(kind, entry, () => make(entry))])
}

function configured<T>(kind: string, entry: unknown, make: () => T): T {
  return inPlace(`trouble configuring builtin ${kind} with config: \`\n${stringifyYaml(entry)}\``, make)
}

function patchTransforms(kustomization: Kustomization, context: PatchContext): Kinded[] {
  const paths = kustomization.patchesStrategicMerge ?? []
  const merges = paths.length === 0 ? [] : [{ paths }]
  return [
    ...listed(merges, 'PatchStrategicMergeTransformer', (entry) => strategicMergeTransform(entry.paths, context)),
    ...listed(kustomization.patches, 'PatchTransformer', (patch) => patchTransform(patch, context)),
  ]
}

function nameTransforms(kustomization: Kustomization, config: TransformerConfig): Kinded[] {
  const { namespace = '', namePrefix = '', nameSuffix = '' } = kustomization
  const transforms: Kinded[] = []
  if (namespace !== '') {
    transforms.push(['NamespaceTransformer', (set) => setNamespaces(set, { namespace, specs: config.namespace })])
  }
  const affixes = [
    ['PrefixTransformer', { place: 'prefix', text: namePrefix }, config.namePrefix],
    ['SuffixTransformer', { place: 'suffix', text: nameSuffix }, config.nameSuffix],
  ] as const
  for (const [kind, affix, specs] of affixes) {
    if (affix.text !== '') transforms.push([kind, (set) => addAffix(set, affix, specs)])
  }
  return transforms
}

function metadataTransforms(kustomization: Kustomization, config: TransformerConfig): Kinded[] {
  const { labels = [], commonLabels = {}, commonAnnotations = {} } = kustomization
  const transforms: Kinded[] = []
  if (labels.length > 0 || Object.keys(commonLabels).length > 0) {
    for (const step of labelSteps(kustomization, config)) {
      transforms.push(['LabelTransformer', (set) => addEntriesToAll(set.items, step.labels, step.specs)])
    }
  }
  if (Object.keys(commonAnnotations).length > 0) {
    const specs = config.commonAnnotations
    transforms.push(['AnnotationsTransformer', (set) => addEntriesToAll(set.items, commonAnnotations, specs)])
  }
  return transforms
}

function contentTransforms(kustomization: Kustomization, config: TransformerConfig, target: Target): Kinded[] {
  const replacements = kustomization.replacements ?? []
  return [
    ...listed(kustomization.replicas, 'ReplicaCountTransformer', (replica) => (set) => {
      setReplicas(set, replica, config.replicas)
    }),
    ...listed(kustomization.images, 'ImageTagTransformer', (image) => {
      const change = imageChange(image)
      return (set) => {
        for (const resource of set.items) changeImages(resource.node, change, config.images)
      }
    }),
    ...listed(replacements.length === 0 ? [] : [{ replacements }], 'ReplacementTransformer', (entry) => {
      const loaded = loadReplacements(entry.replacements, target.loader)
      return (set) => replace(set, loaded)
    }),
  ]
}

/** Runs them in order; where origins are wanted, every resource notes each. */
export function runTransforms(set: ResourceSet, transforms: readonly NamedTransform[]): void {
  for (const { transform, origin } of transforms) {
    transform(set)
    if (origin === undefined) continue
    for (const resource of set.items) {
      if (resource.origin === undefined) resource.origin = origin
      else resource.transformations = [...(resource.transformations ?? []), origin]
    }
  }
}
