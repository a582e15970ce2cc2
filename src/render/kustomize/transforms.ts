// The built-in transformers of a kustomization in their fixed order (api/internal/target/kusttarget_configplugin.go).
import { stringifyYaml } from '../../lang/yaml/write.ts'
import type { BuildContext } from './build-context.ts'
import { atField, inPlace } from './fault.ts'
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
import { joinPath } from './source-files.ts'
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
  const steps = [
    ...patchTransforms(kustomization, context),
    ...nameTransforms(kustomization, config),
    ...metadataTransforms(kustomization, config),
    ...listed(kustomization.patchesJson6902, { kind: 'PatchJson6902Transformer', field: 'patchesJson6902' }, (patch) =>
      json6902Transform(patch, target.loader),
    ),
    ...contentTransforms(kustomization, config, target),
  ]
  const file = joinPath(target.loader.root, fileName) ?? fileName
  return steps.map(({ kind, field, make }) => {
    const transform = atField(file, field, make)
    const configuredBy = { apiVersion: 'builtin', kind }
    return {
      kind,
      transform: (set) => atField(file, field, () => transform(set)),
      origin:
        origin === undefined ? undefined : { configuredIn: joinOrigin(origin.path ?? '', fileName), configuredBy },
    }
  })
}

/** What a field asks for: the transformer is made first, and run when its turn comes. */
interface Step {
  readonly kind: string
  /** Of the kustomization: `patches[2]`. */
  readonly field: string
  readonly make: () => Transform
}

/** One transformer for each entry of a field; what is wrong with an entry is said together with it. */
function listed<T>(entries: readonly T[] | undefined, step: Omit<Step, 'make'>, make: (entry: T) => Transform): Step[] {
  const { kind, field } = step
  return (entries ?? []).map((entry, i) => ({
    kind,
    field: `${field}[${i}]`,
    make: () => configured(kind, entry, () => make(entry)),
  }))
}

function configured<T>(kind: string, entry: unknown, make: () => T): T {
  return inPlace(`trouble configuring builtin ${kind} with config: \`\n${stringifyYaml(entry)}\``, make)
}

function patchTransforms(kustomization: Kustomization, context: PatchContext): Step[] {
  const paths = kustomization.patchesStrategicMerge ?? []
  const merges = paths.length === 0 ? [] : [{ paths }]
  return [
    ...listed(merges, { kind: 'PatchStrategicMergeTransformer', field: 'patchesStrategicMerge' }, (entry) =>
      strategicMergeTransform(entry.paths, context),
    ),
    ...listed(kustomization.patches, { kind: 'PatchTransformer', field: 'patches' }, (patch) =>
      patchTransform(patch, context),
    ),
  ]
}

function nameTransforms(kustomization: Kustomization, config: TransformerConfig): Step[] {
  const { namespace = '', namePrefix = '', nameSuffix = '' } = kustomization
  const steps: Step[] = []
  const specs = config.namespace
  if (namespace !== '')
    steps.push(plain('NamespaceTransformer', 'namespace', (set) => setNamespaces(set, { namespace, specs })))
  if (namePrefix !== '') {
    const affix = { place: 'prefix', text: namePrefix } as const
    steps.push(plain('PrefixTransformer', 'namePrefix', (set) => addAffix(set, affix, config.namePrefix)))
  }
  if (nameSuffix !== '') {
    const affix = { place: 'suffix', text: nameSuffix } as const
    steps.push(plain('SuffixTransformer', 'nameSuffix', (set) => addAffix(set, affix, config.nameSuffix)))
  }
  return steps
}

function plain(kind: string, field: string, transform: Transform): Step {
  return { kind, field, make: () => transform }
}

function metadataTransforms(kustomization: Kustomization, config: TransformerConfig): Step[] {
  const { labels = [], commonLabels = {}, commonAnnotations = {} } = kustomization
  const steps: Step[] = []
  if (labels.length > 0 || Object.keys(commonLabels).length > 0) {
    for (const [i, label] of labelSteps(kustomization, config).entries()) {
      const field = i < labels.length ? `labels[${i}]` : 'commonLabels'
      steps.push(plain('LabelTransformer', field, (set) => addEntriesToAll(set.items, label.labels, label.specs)))
    }
  }
  if (Object.keys(commonAnnotations).length > 0) {
    const specs = config.commonAnnotations
    const add: Transform = (set) => addEntriesToAll(set.items, commonAnnotations, specs)
    steps.push(plain('AnnotationsTransformer', 'commonAnnotations', add))
  }
  return steps
}

function contentTransforms(kustomization: Kustomization, config: TransformerConfig, target: Target): Step[] {
  const replacements = kustomization.replacements ?? []
  return [
    ...listed(kustomization.replicas, { kind: 'ReplicaCountTransformer', field: 'replicas' }, (replica) => (set) => {
      setReplicas(set, replica, config.replicas)
    }),
    ...listed(kustomization.images, { kind: 'ImageTagTransformer', field: 'images' }, (image) => {
      const change = imageChange(image)
      return (set) => {
        for (const resource of set.items) changeImages(resource.node, change, config.images)
      }
    }),
    ...listed(
      replacements.length === 0 ? [] : [{ replacements }],
      { kind: 'ReplacementTransformer', field: 'replacements' },
      (entry) => {
        const loaded = loadReplacements(entry.replacements, target.loader)
        return (set) => replace(set, loaded)
      },
    ),
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
