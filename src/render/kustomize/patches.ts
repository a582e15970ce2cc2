// The three ways to patch: patches, patchesStrategicMerge, patchesJson6902 (api/internal/builtins/Patch*Transformer.go).
import { CapstanError, messageOf } from '../../base/errors.ts'
import { quoteText } from '../../lang/go/quote.ts'
import { stringifyYaml } from '../../lang/yaml/write.ts'
import type { JsonOperations } from './json-patch.ts'
import { patchNode, readOperations } from './json-patch.ts'
import type { Patch } from './kustomization.ts'
import type { Loader } from './loader.ts'
import { loadText } from './loader.ts'
import type { FindSchema } from './merge-schema.ts'
import { cloneNode, mappingField, scalar, setField } from './node.ts'
import { readResources } from './read-resources.ts'
import { effectiveNamespace, idKey, idText } from './res-id.ts'
import type { Resource } from './resource.ts'
import {
  currentId,
  kindName,
  nameOf,
  namespaceOf,
  originalId,
  rememberName,
  setName,
  setNamespace,
} from './resource.ts'
import type { ResourceSet } from './resource-set.ts'
import { selectResources, selectorText } from './select.ts'
import { strategicMerge } from './strategic-merge.ts'

export type Transform = (set: ResourceSet) => void

/** What patches need of the build around them. */
export interface PatchContext {
  readonly loader: Loader
  readonly findSchema: () => FindSchema
}

/** An entry of `patches`, read and made ready. Throws `bad-input` for one that is no patch. */
export function patchTransform(patch: Patch, context: PatchContext): Transform {
  const { text, source } = patchText(patch, context.loader)
  const merge = attempt(() => readResources(text))
  const json = attempt(() => readOperations(text))
  if (merge.value !== undefined && json.value !== undefined && merge.value.length > 0 && json.value.length > 0) {
    throw new CapstanError('bad-input', `illegally qualifies as both an SM and JSON patch: ${source}`)
  }
  if (merge.value !== undefined) return mergeTransform(patch, merge.value, { source, context })
  if (json.value === undefined) {
    throw new CapstanError('bad-input', `unable to parse SM or JSON patch from ${source}`, { cause: merge.error })
  }
  return jsonTransform(patch, json.value, source)
}

function attempt<T>(make: () => T): { readonly value?: T; readonly error?: unknown } {
  try {
    return { value: make() }
  } catch (error) {
    if (!(error instanceof CapstanError)) throw error
    return { error }
  }
}

function patchText(patch: Patch, loader: Loader): { readonly text: string; readonly source: string } {
  const inline = (patch.patch ?? '').trim()
  const path = patch.path ?? ''
  if (inline === '' && path === '') {
    throw new CapstanError('bad-input', `must specify one of patch and path in\n${stringifyYaml(patch)}`)
  }
  if (inline !== '' && path !== '') {
    throw new CapstanError('bad-input', `patch and path can't be set at the same time\n${stringifyYaml(patch)}`)
  }
  if (inline !== '') return { text: inline, source: `[patch: ${quoteText(inline)}]` }
  try {
    return { text: loadText(loader, path), source: `[path: ${quoteText(path)}]` }
  } catch (error) {
    if (!(error instanceof CapstanError)) throw error
    const message = `failed to get the patch file from path(${path}): ${error.message}`
    throw new CapstanError(error.code, message, { cause: error })
  }
}

interface MergeSource {
  readonly source: string
  readonly context: PatchContext
}

function mergeTransform(patch: Patch, patches: readonly Resource[], { source, context }: MergeSource): Transform {
  const { target } = patch
  const options = { ...patch.options, findSchema: context.findSchema }
  if (target === undefined) {
    return (set) => {
      for (const one of patches) mergeInto(set, findTarget(set, one), { ...options, patch: one })
    }
  }
  return (set) => {
    const [only] = patches
    if (patches.length > 1) {
      const message =
        'Multiple Strategic-Merge Patches in one `patches` entry is not allowed to set `patches.target` field'
      throw new CapstanError('bad-input', `${message}: ${source}`)
    }
    if (only === undefined) return
    mergeIntoAll(set, selected(set, target), { ...options, patch: only })
  }
}

function selected(set: ResourceSet, target: NonNullable<Patch['target']>): Resource[] {
  try {
    return selectResources(set.items, target)
  } catch (error) {
    const message = `unable to find patch target "${selectorText(target)}" in \`resources\`: ${messageOf(error)}`
    throw new CapstanError('bad-input', message, { cause: error })
  }
}

function findTarget(set: ResourceSet, patch: Resource): Resource {
  const id = originalId(patch)
  try {
    return set.findForPatch(id)
  } catch (error) {
    const message = `no resource matches strategic merge patch "${idText(id)}": ${messageOf(error)}`
    throw new CapstanError('bad-input', message, { cause: error })
  }
}

interface MergePatch {
  readonly patch: Resource
  readonly allowNameChange?: boolean
  readonly allowKindChange?: boolean
  readonly findSchema: () => FindSchema
}

/** Merges a patch whose type fits any target: the version is the target's, the kind the patch's. */
function mergeIntoAll(set: ResourceSet, targets: readonly Resource[], merge: MergePatch): void {
  const keys = new Set(targets.map((target) => idKey(currentId(target))))
  const kept: Resource[] = []
  for (const resource of set.items) {
    if (!keys.has(idKey(currentId(resource)))) kept.push(resource)
    else {
      const { group, version } = currentId(resource)
      const node = cloneNode(merge.patch.node)
      setField(node, 'apiVersion', scalar(group === '' ? version : `${group}/${version}`))
      if (applyMerge(resource, { ...merge, patch: { ...merge.patch, node } })) kept.push(resource)
    }
  }
  set.replaceAll(kept)
}

function mergeInto(set: ResourceSet, target: Resource, merge: MergePatch): void {
  const patch = { ...merge.patch, node: cloneNode(merge.patch.node) }
  if (!applyMerge(target, { ...merge, patch })) set.replaceAll(set.items.filter((item) => item !== target))
  else set.touch()
}

/** Merges a patch into a resource, which keeps its name, namespace and kind unless the patch may change them. False: deleted. */
function applyMerge(resource: Resource, { patch, allowKindChange, allowNameChange, findSchema }: MergePatch): boolean {
  const [name, namespace, kind] = [nameOf(resource), namespaceOf(resource), kindName(resource)]
  if (allowNameChange === true || allowKindChange === true) {
    rememberName(resource, effectiveNamespace(currentId(resource)))
  }
  const merged = strategicMerge(patch.node, resource.node, { findSchema: findSchema() })
  if (merged?.kind !== 'mapping' || merged.entries.length === 0) return false
  resource.node = merged
  if (allowKindChange !== true) setField(merged, 'kind', scalar(kind))
  if (allowNameChange !== true) setName(resource, name)
  setNamespace(resource, namespace)
  return true
}

function jsonTransform(patch: Patch, operations: JsonOperations, source: string): Transform {
  const { target } = patch
  return (set) => {
    if (target === undefined) throw new CapstanError('bad-input', `must specify a target for JSON patch ${source}`)
    for (const resource of selectResources(set.items, target)) {
      rememberName(resource, effectiveNamespace(currentId(resource)))
      applyOperations(resource, operations)
    }
    set.touch()
  }
}

/** kustomize keeps notes in annotations, so once there are any, paths into annotations exist. */
function applyOperations(resource: Resource, operations: JsonOperations): void {
  const hasNotes = resource.previous.length > 0 || resource.needsHash || resource.behavior !== 'unspecified'
  if (hasNotes) mappingField(mappingField(resource.node, 'metadata'), 'annotations')
  resource.node = patchNode(resource.node, operations)
}

/** The entries of `patchesStrategicMerge`: texts or paths. */
export function strategicMergeTransform(paths: readonly string[], context: PatchContext): Transform {
  const patches = paths.flatMap(
    (path) => attempt(() => readResources(path)).value ?? readPatchFile(path, context.loader),
  )
  if (patches.length === 0) {
    throw new CapstanError('bad-input', `patch appears to be empty; files=[${paths.join(' ')}], Patch=`)
  }
  return (set) => {
    for (const patch of patches) {
      const target = set.findForPatch(originalId(patch))
      mergeIntoAll(set, [target], { patch, findSchema: context.findSchema })
    }
  }
}

function readPatchFile(path: string, loader: Loader): Resource[] {
  const text = loadText(loader, path)
  try {
    return readResources(text)
  } catch (error) {
    throw inFile(error, path)
  }
}

/** Names the file of a syntax error, as kustomize does (api/internal/kusterr). */
export function inFile(error: unknown, path: string): unknown {
  if (!(error instanceof CapstanError) || !error.message.includes('MalformedYAMLError')) return error
  return new CapstanError(error.code, `${error.message} in File: ${path}`, { cause: error })
}

/** An entry of `patchesJson6902`. */
export function json6902Transform(patch: Patch, loader: Loader): Transform {
  const { target } = patch
  if (target === undefined || (target.name ?? '') === '') {
    throw new CapstanError('bad-input', 'must specify the target name')
  }
  const operations = readOperations(json6902Text(patch, loader))
  if (operations.length === 0) {
    throw new CapstanError(
      'bad-input',
      `patch appears to be empty; file=${patch.path ?? ''}, JsonOp=${patch.patch ?? ''}`,
    )
  }
  return (set) => {
    for (const resource of selectResources(set.items, target)) applyOperations(resource, operations)
    set.touch()
  }
}

function json6902Text(patch: Patch, loader: Loader): string {
  const { path = '', patch: inline = '' } = patch
  if (path === '' && inline === '') throw new CapstanError('bad-input', 'empty file path and empty jsonOp')
  if (path === '') return inline
  if (inline !== '') throw new CapstanError('bad-input', 'must specify a file path or jsonOp, not both')
  const text = loadText(loader, path)
  if (text === '') throw new CapstanError('bad-input', `patch file '${path}' empty seems to be empty`)
  return text
}
