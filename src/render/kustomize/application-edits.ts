// The kustomize block of an Application, applied in memory as Argo CD's `kustomize edit` commands would (facts 14.3).
import { CapstanError } from '../../base/errors.ts'
import type { ApplicationSourceKustomize } from '../../crds/application.ts'
import type { RenderRequest } from '../renderer.ts'
import { splitImage } from './images.ts'
import type { Image, Kustomization, Label, Patch, Replica, Texts } from './kustomization.ts'

export interface EditOptions {
  /** Those of the block's components that are in the tree. */
  readonly present: readonly string[]
}

/**
 * The edits of an Application in Argo CD's order (argo-cd v3.5.1 util/kustomize): prefix, suffix, images, replicas,
 * labels, annotations, namespace, patches, components. The function throws `bad-input` where an edit fails.
 */
export function applicationEdits(request: RenderRequest, options: EditOptions): (k: Kustomization) => Kustomization {
  const block = request.source.kustomize
  if (block === undefined) return (kustomization) => kustomization
  const substitute = substitution(request)
  return (kustomization) => {
    const edits: readonly ((k: Kustomization) => Kustomization)[] = [
      (k) => withNames(k, block),
      (k) => withImages(k, (block.images ?? []).map(substitute)),
      (k) => withReplicas(k, block),
      (k) => withLabels(k, block, substitute),
      (k) => withAnnotations(k, block, substitute),
      (k) => (isSet(block.namespace) ? { ...k, namespace: block.namespace } : k),
      (k) => withPatches(k, block),
      (k) => withComponents(k, block, options.present),
    ]
    let edited = kustomization
    for (const edit of edits) edited = edit(edited)
    return edited
  }
}

function isSet(text: string | undefined): text is string {
  return text !== undefined && text !== ''
}

function withNames(kustomization: Kustomization, block: ApplicationSourceKustomize): Kustomization {
  return {
    ...kustomization,
    ...(isSet(block.namePrefix) ? { namePrefix: block.namePrefix } : {}),
    ...(isSet(block.nameSuffix) ? { nameSuffix: block.nameSuffix } : {}),
  }
}

/** `edit set image`: an entry of the same name is replaced, the list ends up sorted by name. */
function withImages(kustomization: Kustomization, texts: readonly string[]): Kustomization {
  if (texts.length === 0) return kustomization
  const images = new Map<string, Image>((kustomization.images ?? []).map((image) => [image.name ?? '', image]))
  const set = new Map(texts.map((text) => parseImage(text)).map((image) => [image.name ?? '', image]))
  for (const [name, image] of set) images.set(name, setImage(images.get(name) ?? {}, image))
  const sorted = [...images.values()].toSorted((a, b) => ((a.name ?? '') < (b.name ?? '') ? -1 : 1))
  return { ...kustomization, images: sorted }
}

/** Instead of a new name, tag or digest: what the file has. */
const KEEP = '*'

/** The new entry takes the place of the file's; only what a star asks for comes from there (kustomize setimage.go). */
function setImage(known: Image, image: Image): Image {
  const made: Record<string, string> = { name: image.name ?? '' }
  for (const field of ['newName', 'newTag', 'digest'] as const) {
    const text = image[field] === KEEP ? known[field] : image[field]
    if (text !== undefined && text !== '') made[field] = text
  }
  return made
}

/** `name:tag`, `name@digest`, `name=new`, `name=new:tag`. */
function parseImage(text: string): Image {
  const equals = text.indexOf('=')
  const { name, tag, digest } = splitImage(text.slice(equals + 1))
  if (equals >= 0) return { name: text.slice(0, equals), newName: name, newTag: tag, digest }
  if (name !== text) return { name, newTag: tag, digest }
  const forms =
    '<image>=<newimage>:<newtag>, <image>=<newimage>@<digest>, <image>=<newimage>, <image>:<newtag>, <image>@<digest>'
  throw new CapstanError('bad-input', `invalid format of image ${text}, use one of the following options: ${forms}`)
}

/** `edit set replicas`: an entry of the same name is replaced. */
function withReplicas(kustomization: Kustomization, block: ApplicationSourceKustomize): Kustomization {
  const wanted = block.replicas ?? []
  if (wanted.length === 0) return kustomization
  const replicas = new Map<string, Replica>((kustomization.replicas ?? []).map((entry) => [entry.name ?? '', entry]))
  for (const { name, count } of wanted) {
    const number = typeof count === 'number' ? count : Number(count)
    if (!Number.isSafeInteger(number) || number < 0) {
      throw new CapstanError('bad-input', `expected integer value for count. Received: ${String(count)}`)
    }
    replicas.set(name, { name, count: number })
  }
  const sorted = [...replicas.values()].toSorted((a, b) => ((a.name ?? '') < (b.name ?? '') ? -1 : 1))
  return { ...kustomization, replicas: sorted }
}

type Substitute = (text: string) => string

/** `edit add label`. */
function withLabels(
  kustomization: Kustomization,
  block: ApplicationSourceKustomize,
  substitute: Substitute,
): Kustomization {
  const added = mapTexts(block.commonLabels ?? {}, substitute)
  if (Object.keys(added).length === 0) return kustomization
  const force = block.forceCommonLabels === true
  if (block.labelWithoutSelector === true) {
    const includeTemplates = block.labelIncludeTemplates === true
    return { ...kustomization, labels: addLabelEntry(kustomization.labels ?? [], added, { force, includeTemplates }) }
  }
  if (block.labelIncludeTemplates === true) {
    throw new CapstanError('bad-input', '--without-selector flag must be specified for --include-templates to work')
  }
  return { ...kustomization, commonLabels: addTexts(kustomization.commonLabels, added, { force, what: 'label' }) }
}

/** The entry of `labels` with the same settings takes the new ones, else they make an entry of their own. */
function addLabelEntry(
  labels: readonly Label[],
  added: Texts,
  options: { readonly force: boolean; readonly includeTemplates: boolean },
): readonly Label[] {
  const isSame = (label: Label): boolean =>
    label.includeSelectors !== true && (label.includeTemplates === true) === options.includeTemplates
  const known = labels.find(isSame)
  const pairs = addTexts(known?.pairs, added, { force: options.force, what: 'label' })
  if (known !== undefined) return labels.map((label) => (label === known ? { ...label, pairs } : label))
  return [...labels, { pairs, ...(options.includeTemplates ? { includeTemplates: true } : {}) }]
}

/** `edit add annotation`. */
function withAnnotations(
  kustomization: Kustomization,
  block: ApplicationSourceKustomize,
  substitute: Substitute,
): Kustomization {
  const texts = block.commonAnnotations ?? {}
  if (Object.keys(texts).length === 0) return kustomization
  const added = block.commonAnnotationsEnvsubst === true ? mapTexts(texts, substitute) : texts
  const options = { force: block.forceCommonAnnotations === true, what: 'annotation' }
  return { ...kustomization, commonAnnotations: addTexts(kustomization.commonAnnotations, added, options) }
}

function addTexts(
  known: Texts | undefined,
  added: Texts,
  { force, what }: { readonly force: boolean; readonly what: string },
): Texts {
  if (!force) {
    for (const key of Object.keys(added).toSorted()) {
      if (known === undefined || !Object.hasOwn(known, key)) continue
      const message = `${what} ${key} already in kustomization file. Use --force to override.`
      throw new CapstanError('bad-input', message)
    }
  }
  return { ...known, ...added }
}

function mapTexts(texts: Texts, change: Substitute): Texts {
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, change(text)]))
}

function withPatches(kustomization: Kustomization, block: ApplicationSourceKustomize): Kustomization {
  const patches = (block.patches ?? []) as readonly Patch[] // the fields are kustomize's own
  return patches.length === 0
    ? kustomization
    : { ...kustomization, patches: [...(kustomization.patches ?? []), ...patches] }
}

/** `edit add component`: those that are there already are not added again. */
function withComponents(
  kustomization: Kustomization,
  block: ApplicationSourceKustomize,
  present: readonly string[],
): Kustomization {
  const wanted = block.components ?? []
  if (wanted.length === 0) return kustomization
  const existing = new Set(present)
  const missing = wanted.find((component) => !existing.has(component))
  if (missing !== undefined && block.ignoreMissingComponents !== true) {
    throw new CapstanError('not-found', `component ${missing} of the application is not in the source`)
  }
  const components = new Set([...(kustomization.components ?? []), ...wanted.filter((one) => existing.has(one))])
  return { ...kustomization, components: [...components] }
}

/** `$NAME` and `${NAME}` of the build environment (facts 14.1); `$$` is a dollar, unknown names are empty. */
function substitution(request: RenderRequest): Substitute {
  const { application, source, revision } = request
  const values: Readonly<Record<string, string>> = {
    ARGOCD_APP_NAME: application.instanceName ?? application.name,
    ARGOCD_APP_NAMESPACE: application.destinationNamespace,
    ARGOCD_APP_PROJECT_NAME: application.project,
    ARGOCD_APP_REVISION: revision,
    ARGOCD_APP_REVISION_SHORT: revision.slice(0, 7),
    ARGOCD_APP_REVISION_SHORT_8: revision.slice(0, 8),
    ARGOCD_APP_SOURCE_REPO_URL: source.repoURL,
    ARGOCD_APP_SOURCE_PATH: source.path ?? '',
    ARGOCD_APP_SOURCE_TARGET_REVISION: source.targetRevision ?? '',
  }
  return (text) =>
    text.replace(/\$(?:(?<dollar>\$)|(?<name>[A-Za-z_]\w*)|\{(?<braced>[^}]*)\})/g, (...match) => {
      // The last argument is the named groups: the pattern has some.
      const groups = match.at(-1) as { readonly dollar?: string; readonly name?: string; readonly braced?: string }
      if (groups.dollar !== undefined) return '$'
      return values[groups.name ?? groups.braced ?? ''] ?? ''
    })
}
