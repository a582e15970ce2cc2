// The images an object makes the kubelet pull: those of pods and of everything that holds a pod template.
import { isObject } from '../kube/json-value.ts'
import { type GroupKind, type JsonObject, type JsonValue, kindOf, type KubeObject } from '../kube/object.ts'

/** Where a kind of custom resource names images that no pod template shows, such as `spec.image` or `spec.parts[*].image`. */
export interface ImagePath extends GroupKind {
  /** Keys parted by dots; `[*]` stands for every item of a list. What stands there is an image, a list of them, or a pod spec. */
  readonly path: string
}

export type ImageReader = (object: KubeObject) => readonly string[]

/** How deep pod templates are looked for in custom resources; CRDs of real operators nest them 12 deep. */
export const MAX_DEPTH = 40
/** How many values of one object are looked at; the largest object a cluster keeps (1.5 MiB) holds fewer. */
export const MAX_VALUES = 200_000
/** How many images of one object count; a Workflow may have some hundred templates. */
export const MAX_IMAGES = 2000

/** Fields of a pod spec, or of a Workflow's template, that hold a list of containers. */
const CONTAINER_LISTS = ['initContainers', 'containers', 'ephemeralContainers', 'sidecars']
/** Fields of a Workflow's template that hold one container (argo-workflows v3.7 `Template`). */
const SINGLE_CONTAINERS = ['container', 'script']

const WORKFLOWS = new Set(['Workflow', 'CronWorkflow', 'WorkflowTemplate', 'ClusterWorkflowTemplate'])
const BUILT_IN_WITH_TEMPLATE = new Set(['', 'apps', 'batch', 'extensions'])
const POD_SPEC_PATHS: readonly (readonly string[])[] = [
  ['spec', 'template', 'spec'],
  ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
]

/**
 * A reader for objects of any kind: Pods, the workloads, PodTemplates, Rollouts, Workflows, and in
 * custom resources every pod template wherever it stands; images come without repetition, in the order they stand. Objects that
 * were read before are not read again.
 */
export function createImageReader(paths: readonly ImagePath[] = []): ImageReader {
  const known = new WeakMap<KubeObject, readonly string[]>()
  return (object) => {
    const before = known.get(object)
    if (before !== undefined) return before
    const images = imagesOf(object, paths)
    known.set(object, images)
    return images
  }
}

function imagesOf(object: KubeObject, paths: readonly ImagePath[]): readonly string[] {
  const images = new Set<string>()
  const { group, kind } = kindOf(object)
  const root = object as unknown as JsonObject // an object is its fields
  if (!BUILT_IN_WITH_TEMPLATE.has(group)) readCustom(root, { images, isWorkflow: WORKFLOWS.has(kind) })
  else for (const spec of builtInSpecs(root, group, kind)) readPodSpec(spec, images, false)
  for (const rule of paths) {
    if (rule.group !== group || rule.kind !== kind) continue
    for (const value of valuesAt(root, rule.path)) readValue(value, images)
  }
  return [...images].slice(0, MAX_IMAGES)
}

function builtInSpecs(object: JsonObject, group: string, kind: string): readonly JsonValue[] {
  if (group === '' && kind === 'Pod') return [at(object, ['spec'])]
  if (group === '' && kind === 'PodTemplate') return [at(object, ['template', 'spec'])]
  return POD_SPEC_PATHS.map((path) => at(object, path))
}

interface Custom {
  readonly images: Set<string>
  readonly isWorkflow: boolean
}

/** Whatever has a list of containers or a volume that is an image counts as a pod spec; level by level, so that no depth overflows. */
function readCustom(object: JsonObject, { images, isWorkflow }: Custom): void {
  if (object['kind'] === 'CustomResourceDefinition') return
  let level: readonly JsonValue[] = [object['spec'] ?? null, object['template'] ?? null]
  let seen = 0
  for (let depth = 0; level.length > 0 && depth < MAX_DEPTH && seen < MAX_VALUES; depth++) {
    for (const value of level) if (isObject(value)) readPodSpec(value, images, isWorkflow)
    seen += level.length
    level = level.flatMap(childrenOf)
  }
}

/** Lists and maps alone: texts and numbers lead no further. */
function childrenOf(value: JsonValue): readonly JsonValue[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).filter((child) => typeof child === 'object')
}

function readPodSpec(spec: JsonValue | undefined, images: Set<string>, isWorkflow: boolean): void {
  if (!isObject(spec)) return
  for (const field of CONTAINER_LISTS) for (const container of listOf(spec[field])) readContainer(container, images)
  for (const volume of listOf(spec['volumes'])) addText(at(volume, ['image', 'reference']), images)
  if (isWorkflow) for (const field of SINGLE_CONTAINERS) readContainer(spec[field], images)
}

function readContainer(container: JsonValue | undefined, images: Set<string>): void {
  if (isObject(container)) addText(container['image'], images)
}

/** What a path of the settings leads to. */
function readValue(value: JsonValue, images: Set<string>): void {
  if (typeof value === 'string') addText(value, images)
  else if (Array.isArray(value)) for (const item of value) addText(item, images)
  else readPodSpec(value, images, false)
}

/** Templates that were not filled in (`{{inputs.parameters.image}}`) name no image. */
function addText(value: JsonValue | undefined, images: Set<string>): void {
  if (typeof value === 'string' && value !== '' && !value.includes('{{')) images.add(value)
}

function valuesAt(root: JsonValue, path: string): readonly JsonValue[] {
  let values: readonly JsonValue[] = [root]
  for (const step of path.replaceAll('[*]', '.[*]').split('.')) {
    if (step === '') continue
    values = values.flatMap((value) => (step === '[*]' ? listOf(value) : [at(value, [step])]))
  }
  return values
}

function at(value: JsonValue | undefined, path: readonly string[]): JsonValue {
  let current: JsonValue | undefined = value
  for (const key of path) current = isObject(current) && Object.hasOwn(current, key) ? current[key] : undefined
  return current ?? null
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  // JSON values that are lists are lists of JSON values.
  return Array.isArray(value) ? (value as readonly JsonValue[]) : []
}
