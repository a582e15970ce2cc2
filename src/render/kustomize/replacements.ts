// replacements: values copied from one resource into fields of others (api/filters/replacement).
import { CapstanError, messageOf } from '../../base/errors.ts'
import { parseYaml } from '../../lang/yaml/read.ts'
import { decodeStruct } from './decode.ts'
import { lookupPath, splitFieldPath } from './field-path.ts'
import type { FieldOptions, Replacement, ReplacementTarget, Selector } from './kustomization.ts'
import { REPLACEMENT } from './kustomization-fields.ts'
import type { Loader } from './loader.ts'
import { loadText } from './loader.ts'
import type { MappingNode, Node, ScalarNode } from './node.ts'
import { cloneNode, isNilOrEmpty, scalar } from './node.ts'
import type { CreateKind, Place } from './path-match.ts'
import { matchPath } from './path-match.ts'
import type { ResId } from './res-id.ts'
import { effectiveNamespace, idText, isSelected } from './res-id.ts'
import type { Resource } from './resource.ts'
import { currentId, previousIds } from './resource.ts'
import type { ResourceSet } from './resource-set.ts'
import { compileSelector, selectorText } from './select.ts'
import { replaceInText } from './structured-text.ts'

const NAME_PATH = 'metadata.name'

/** The replacements of a list, those in files read. Throws `bad-input` for one that is both. */
export function loadReplacements(list: readonly Replacement[], loader: Loader): Replacement[] {
  return list.flatMap((entry) => {
    const path = entry.path ?? ''
    if (path === '') return [entry]
    if (entry.source !== undefined || (entry.targets ?? []).length > 0) {
      throw new CapstanError('bad-input', 'cannot specify both path and inline replacement')
    }
    return readReplacements(loadText(loader, path))
  })
}

function readReplacements(text: string): Replacement[] {
  const value = parseYaml(text)
  if (typeof value !== 'object' || value === null) {
    const message = `unsupported replacement type encountered within replacement path: ${typeof value}`
    throw new CapstanError('bad-input', message)
  }
  const entries: readonly unknown[] = Array.isArray(value) ? value : [value]
  // `decodeStruct` gives every field the type that the table says.
  return entries.map((entry) => decodeStruct(entry, REPLACEMENT, { unknownFields: 'ignore' }) as Replacement)
}

/** Applies them in order. */
export function replace(set: ResourceSet, replacements: readonly Replacement[]): void {
  for (const replacement of replacements) replaceOne(set.items, replacement)
  set.touch()
}

/** Applies one replacement. Throws `bad-input` where its source or a target field is missing. */
export function replaceOne(resources: readonly Resource[], replacement: Replacement): void {
  const { source, sourceValue, targets } = replacement
  if ((source === undefined && sourceValue === undefined) || targets === undefined) {
    throw new CapstanError('bad-input', 'replacements must specify a source and at least one target')
  }
  const value = replacementValue(resources, replacement)
  for (const target of targets) applyTo(resources, target, value)
}

function replacementValue(resources: readonly Resource[], { source, sourceValue }: Replacement): Node {
  if (sourceValue !== undefined) {
    if (source === undefined) return scalar(sourceValue)
    throw new CapstanError('bad-input', 'value and resource selectors are mutually exclusive')
  }
  if (source === undefined) throw new CapstanError('bad-input', 'replacements must specify a source')
  const path = orElse(source.fieldPath, NAME_PATH)
  const found = lookupSource(sourceResource(resources, source), path)
  if (found === undefined || isNilOrEmpty(found)) {
    const message = `fieldPath \`${path}\` is missing for replacement source ${idText(source)}`
    throw new CapstanError('bad-input', message)
  }
  return refined(found, source.options)
}

function orElse(text: string | undefined, instead: string): string {
  return text === undefined || text === '' ? instead : text
}

function lookupSource(resource: Resource, path: string): Node | undefined {
  try {
    return lookupPath(resource.node, splitFieldPath(path))
  } catch (error) {
    throw new CapstanError('bad-input', `error looking up replacement source: ${messageOf(error)}`, { cause: error })
  }
}

function sourceResource(resources: readonly Resource[], source: Selector & { fieldPath?: string }): Resource {
  const found = resources.filter((resource) => idsOf(resource).some((id) => isSelectedBy(id, source)))
  const [only] = found
  const shown = `${idText(source)}${(source.fieldPath ?? '') === '' ? '' : `:${source.fieldPath ?? ''}`}`
  if (found.length > 1) throw new CapstanError('bad-input', `multiple matches for selector ${shown}`)
  if (only === undefined) throw new CapstanError('bad-input', `nothing selected by ${shown}`)
  return only
}

/** Now first, then as before. */
function idsOf(resource: Resource): ResId[] {
  return [currentId(resource), ...previousIds(resource)]
}

function isSelectedBy(id: ResId, selector: Selector): boolean {
  const { name = '', namespace = '', group = '', version = '', kind = '' } = selector
  if (name !== '' && name !== id.name) return false
  const wanted = { group, version, kind, name, namespace }
  if (namespace !== '' && effectiveNamespace(wanted) !== effectiveNamespace(id)) return false
  return isSelected(id, selector)
}

/** One part of a text that a delimiter splits. */
function refined(node: Node, options: FieldOptions | undefined): Node {
  const { delimiter = '', index = 0 } = options ?? {}
  if (delimiter === '') return node
  if (node.kind !== 'scalar') throw new CapstanError('bad-input', 'delimiter option can only be used with scalar nodes')
  const part = index < 0 ? undefined : node.text.split(delimiter)[index]
  if (part === undefined) {
    throw new CapstanError('bad-input', `options.index ${index} is out of bounds for value ${node.text}`)
  }
  return { ...node, text: part }
}

function applyTo(resources: readonly Resource[], target: ReplacementTarget, value: Node): void {
  if (target.select === undefined) throw new CapstanError('bad-input', 'target must specify resources to select')
  const isSelectedTarget = compileTarget(target)
  for (const resource of resources) {
    if (isSelectedTarget(resource)) copyInto(resource.node, value, target)
  }
}

type ResourceMatcher = (resource: Resource) => boolean

function compileTarget(target: ReplacementTarget): ResourceMatcher {
  const select = compileIds(target.select ?? {})
  const rejects = (target.reject ?? []).map((reject) => compileIds(reject))
  return (resource) => {
    const ids = idsOf(resource)
    if (!select.meta(resource)) return false
    if (rejects.some((reject) => reject.hasMeta && reject.meta(resource))) return false
    if (rejects.some((reject) => reject.hasId && ids.some(reject.id))) return false
    return ids.some(select.id)
  }
}

interface IdMatcher {
  readonly id: (id: ResId) => boolean
  readonly hasId: boolean
  readonly meta: ResourceMatcher
  readonly hasMeta: boolean
}

function compileIds(selector: Selector): IdMatcher {
  const compiled = compile(selector)
  const { group = '', version = '', kind = '', name = '', namespace = '' } = selector
  return {
    id: (id) =>
      compiled.matchesGvk(id) &&
      compiled.matchesName(id.name) &&
      compiled.matchesNamespace(effectiveNamespaceOrOwn(id, namespace)),
    hasId: [group, version, kind, name, namespace].some((text) => text !== ''),
    meta: (resource) => compiled.matchesMeta(resource),
    hasMeta: [selector.annotationSelector, selector.labelSelector].some((text) => (text ?? '') !== ''),
  }
}

function effectiveNamespaceOrOwn(id: ResId, wanted: string): string {
  return wanted === '' ? id.namespace : effectiveNamespace(id)
}

function compile(selector: Selector): ReturnType<typeof compileSelector> {
  try {
    return compileSelector(selector)
  } catch (error) {
    const message = `error creating target selector: ${selectorText(selector)}: ${messageOf(error)}`
    throw new CapstanError('bad-input', message, { cause: error })
  }
}

function copyInto(root: MappingNode, value: Node, target: ReplacementTarget): void {
  const create: CreateKind = target.options?.create === true ? value.kind : undefined
  const paths = target.fieldPaths ?? []
  for (const path of paths.length === 0 ? [NAME_PATH] : paths) {
    const steps = splitFieldPath(path)
    if (replaceInText(root, steps, { value, create })) continue
    for (const place of placesOf(root, steps, { path, create })) setPlace(place, value, target.options)
  }
}

function placesOf(
  root: MappingNode,
  steps: readonly string[],
  { path, create }: { path: string; create: CreateKind },
): Place[] {
  const problem = `unable to find ${create === undefined ? '' : 'or create '}field ${JSON.stringify(path)} in replacement target`
  let places: Place[]
  try {
    places = matchPath({ node: root, put: () => undefined }, steps, create)
  } catch (error) {
    throw new CapstanError('bad-input', `${problem}: ${messageOf(error)}`, { cause: error })
  }
  if (places.length === 0) throw new CapstanError('bad-input', problem)
  return places
}

/** A scalar takes the text and keeps its type; anything else is replaced whole. */
function setPlace(place: Place, value: Node, options: FieldOptions | undefined): void {
  const placed = withDelimiter(place.node, value, options)
  if (place.node.kind === 'scalar') {
    place.put({ ...place.node, text: placed.kind === 'scalar' ? placed.text : '' })
  } else place.put(placed)
}

function withDelimiter(target: Node, value: Node, options: FieldOptions | undefined): Node {
  const { delimiter = '', index = 0 } = options ?? {}
  if (delimiter === '') return cloneNode(value)
  if (target.kind !== 'scalar')
    throw new CapstanError('bad-input', 'delimiter option can only be used with scalar nodes')
  const parts = target.text.split(delimiter)
  const text = value.kind === 'scalar' ? value.text : ''
  if (index < 0) parts.unshift(text)
  else if (index >= parts.length) parts.push(text)
  else parts[index] = text
  const made: ScalarNode = value.kind === 'scalar' ? { ...value } : scalar('')
  return { ...made, text: parts.join(delimiter) }
}
