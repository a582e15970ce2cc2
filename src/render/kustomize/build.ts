// A whole build: gathers, adds hashes, follows renames, resolves vars, orders (api/krusty/kustomizer.go).
import { CapstanError } from '../../base/errors.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { LoadedFiles, RenderWarning } from '../contract.ts'
import { accumulateTarget } from './accumulate.ts'
import type { BuildOptions } from './build-context.ts'
import { BuildContext } from './build-context.ts'
import { WarnedError } from './fault.ts'
import { contentHash } from './hash.ts'
import type { Kustomization } from './kustomization.ts'
import type { Loader } from './loader.ts'
import { addEntriesToAll } from './metadata.ts'
import { fixNameReferences } from './name-reference-fix.ts'
import { field, isNilOrEmpty, valueOfNode } from './node.ts'
import { orderResources } from './order.ts'
import { ORIGIN_ANNOTATION, TRANSFORMATIONS_ANNOTATION, originText, transformationText } from './origin.ts'
import { effectiveNamespace } from './res-id.ts'
import type { Resource } from './resource.ts'
import { currentId, metaMap, nameOf, rememberName, setMetaMap, setName } from './resource.ts'
import { SourceFiles } from './source-files.ts'
import { loadTarget } from './target.ts'
import { resolveVars } from './vars.ts'

export interface BuildResult {
  /** In the order in which kustomize prints them. */
  readonly manifests: readonly KubeObject[]
  readonly warnings: readonly RenderWarning[]
}

/**
 * Builds the kustomization of a directory as `kustomize build` 5.8.1 does. Throws `bad-input` in its words, `limit`
 * beyond the limits, `unsupported` for what is not in the tree or needs a program; `warningsBefore` gives what it warned of
 * until then.
 */
export function buildKustomization(loaded: LoadedFiles, root: string, options: BuildOptions = {}): BuildResult {
  const build = new BuildContext(new SourceFiles(loaded, options.remotes), options)
  try {
    return { manifests: manifestsOf(build, root), warnings: build.warnings }
  } catch (error) {
    if (!(error instanceof CapstanError) || build.warnings.length === 0) throw error
    throw new WarnedError(error, build.warnings)
  }
}

function manifestsOf(build: BuildContext, root: string): readonly KubeObject[] {
  const { options } = build
  const loader: Loader = { files: build.files, root, referrer: undefined, unrestricted: options.unrestricted === true }
  const first = loadTarget(build, loader, undefined)
  const { kustomization } = first
  const isTraced = (kustomization.buildMetadata ?? []).length > 0
  const gathered = accumulateTarget(build, { ...first, origin: isTraced ? {} : undefined })
  addHashes(gathered.set.items)
  gathered.set.touch()
  fixNameReferences(gathered.set.items, gathered.config.nameReference)
  const unused = resolveVars(gathered)
  if (unused.length > 0) {
    build.warnings.push({ path: root, message: `well-defined vars that were never replaced: ${unused.join(',')}` })
  }
  const kept = gathered.set.items.filter((resource) => !isLocal(resource))
  const isFifo = kustomization.sortOptions === undefined && options.defaultOrder === 'fifo'
  const ordered = isFifo ? kept : orderResources(kept, kustomization.sortOptions)
  finish(ordered, kustomization, options)
  // Every resource has been checked for a kind and a name when it was read.
  return ordered.map((resource) => valueOfNode(resource.node) as unknown as KubeObject)
}

function addHashes(resources: readonly Resource[]): void {
  for (const resource of resources) {
    if (!resource.needsHash) continue
    const hash = contentHash(resource.node)
    rememberName(resource, effectiveNamespace(currentId(resource)))
    setName(resource, `${nameOf(resource)}-${hash}`)
  }
}

const LOCAL_CONFIG = 'config.kubernetes.io/local-config'

function isLocal(resource: Resource): boolean {
  if (isNilOrEmpty(resource.node)) return true
  const local = metaMap(resource.node, 'annotations').get(LOCAL_CONFIG)
  return local !== undefined && local !== 'false'
}

const MANAGED_BY = 'app.kubernetes.io/managed-by'

/** The version whose behaviour this follows; it stands in the label that `managedByLabel` adds. */
export const KUSTOMIZE_VERSION = 'v5.8.1'

/** Annotations kustomize takes for its own notes; it removes them from what it prints. */
const BUILD_ANNOTATIONS: ReadonlySet<string> = new Set([
  ...[
    'previousKinds',
    'previousNames',
    'prefixes',
    'suffixes',
    'previousNamespaces',
    'allowNameChange',
    'allowKindChange',
    'refBy',
    'generatorBehavior',
    'needsHashSuffix',
    'path',
    'index',
    'seqindent',
    'id',
    'annotations-migration-resource-id',
  ].map((name) => `internal.config.kubernetes.io/${name}`),
  'config.kubernetes.io/path',
  'config.kubernetes.io/index',
  'config.k8s.io/id',
  'kustomize.config.k8s.io/helm-generated',
])

function finish(resources: readonly Resource[], kustomization: Kustomization, options: BuildOptions): void {
  const wanted = new Set(kustomization.buildMetadata)
  if (wanted.has('managedByLabel') || options.managedByLabel === true) {
    const specs = [{ path: 'metadata/labels', create: true }]
    addEntriesToAll(resources, { [MANAGED_BY]: `kustomize-${KUSTOMIZE_VERSION}` }, specs)
  }
  for (const resource of resources) finishAnnotations(resource, wanted)
}

/** Annotations end as strings without kustomize's own; none at all leave no field. */
function finishAnnotations(resource: Resource, wanted: ReadonlySet<string>): void {
  const { node, origin, transformations = [] } = resource
  const annotations = metaMap(node, 'annotations')
  for (const name of annotations.keys()) if (BUILD_ANNOTATIONS.has(name)) annotations.delete(name)
  annotations.delete(ORIGIN_ANNOTATION)
  annotations.delete(TRANSFORMATIONS_ANNOTATION)
  if (wanted.has('originAnnotations') && origin !== undefined) annotations.set(ORIGIN_ANNOTATION, originText(origin))
  if (wanted.has('transformerAnnotations') && transformations.length > 0) {
    annotations.set(TRANSFORMATIONS_ANNOTATION, transformations.map(transformationText).join(''))
  }
  if (annotations.size > 0 || field(field(node, 'metadata'), 'annotations') !== undefined) {
    setMetaMap(node, 'annotations', annotations)
  }
}
