// Field specs: which kinds have a field at which path, and walking there (api/filters/fieldspec).
import { CapstanError } from '../../base/errors.ts'
import type { MappingNode, Node, ScalarNode } from './node.ts'
import {
  field,
  isNull,
  mapping,
  putField,
  scalar,
  sequence,
  setField,
  textOf,
  withQuotingOf,
  wrongKind,
} from './node.ts'
import type { Gvk } from './res-id.ts'
import { gvkOf, idText, isSelected } from './res-id.ts'
import { textOfMeta } from './node-meta.ts'

export interface FieldSpec extends Partial<Gvk> {
  /** Field names parted by `/`; `\/` is a slash in a name; `[]` behind a name says that it is a list. */
  readonly path: string
  readonly create?: boolean
}

/** What is done at the end of a path: gives the node that stands there from now on. */
export type SetValue = (node: Node) => Node

export interface FieldChange {
  readonly set: SetValue
  /** What a spec with `create` makes of a missing field; absent: nothing is made. */
  readonly createKind?: 'scalar' | 'mapping'
}

/** Applies a change wherever the spec leads in the resource. Throws `bad-input` where the path runs into a scalar. */
export function changeField(root: MappingNode, spec: FieldSpec, change: FieldChange): void {
  const gvk = gvkOf(textOf(field(root, 'apiVersion')), textOf(field(root, 'kind')))
  if (!isSelected(gvk, spec)) return
  const walk = { spec, change, steps: splitPath(spec.path) }
  try {
    walkMapping(walk, root, 0)
  } catch (error) {
    if (!(error instanceof CapstanError) || error.code !== 'bad-input') throw error
    const id = { ...gvk, name: textOfMeta(root, 'name'), namespace: textOfMeta(root, 'namespace') }
    throw new CapstanError('bad-input', `considering field '${spec.path}' of object ${idText(id)}: ${error.message}`, {
      cause: error,
    })
  }
}

/** Applies a change for each of several specs. */
export function changeFields(root: MappingNode, specs: readonly FieldSpec[], change: FieldChange): void {
  for (const spec of specs) changeField(root, spec, change)
}

interface Walk {
  readonly spec: FieldSpec
  readonly change: FieldChange
  readonly steps: readonly string[]
}

function walkNode(walk: Walk, node: Node, at: number): Node {
  if (at === walk.steps.length) return walk.change.set(node)
  if (isNull(node)) return node
  if (node.kind === 'mapping') walkMapping(walk, node, at)
  else if (node.kind === 'sequence') node.items = node.items.map((item) => walkNode(walk, item, at))
  else throw new CapstanError('bad-input', 'expected sequence or mapping node')
  return node
}

function walkMapping(walk: Walk, node: MappingNode, at: number): void {
  const step = walk.steps[at] ?? ''
  const isList = step.endsWith('[]')
  const name = isList ? step.slice(0, -2) : step
  if (name === '') throw new CapstanError('bad-input', 'cannot set or create an empty field name')
  const made = kindToMake(walk, at, isList)
  let child = field(node, name)
  if (child === undefined) {
    if (made === undefined || made === 'sequence') return
    child = emptyNode(made)
  } else if (isNull(child) && made !== undefined) child = emptyNode(made)
  const next = walkNode(walk, child, at + 1)
  if (next !== field(node, name)) putField(node, name, next)
}

/** A list is never made where there is none, but a null where a list is expected becomes an empty one. */
function kindToMake(walk: Walk, at: number, isList: boolean): 'sequence' | 'mapping' | 'scalar' | undefined {
  if (isList) return 'sequence'
  const { createKind } = walk.change
  if (walk.spec.create !== true || createKind === undefined) return undefined
  return at === walk.steps.length - 1 ? createKind : 'mapping'
}

function emptyNode(kind: 'sequence' | 'mapping' | 'scalar'): Node {
  if (kind === 'sequence') return sequence()
  return kind === 'mapping' ? mapping() : scalar('')
}

/** `a/b\/c/d[]` → `a`, `b/c`, `d[]`. */
export function splitPath(path: string, delimiter = '/'): string[] {
  const parts = path.split(delimiter)
  if (parts.length > 1 && parts[0] === '') parts.shift()
  const steps: string[] = []
  for (const part of parts) {
    const last = steps.at(-1)
    if (last?.endsWith('\\') === true) steps[steps.length - 1] = last.slice(0, -1) + delimiter + part
    else steps.push(part)
  }
  return steps
}

/** Sets a scalar, which keeps its quoting. */
export function setScalar(text: string, tag: ScalarNode['tag'] = ''): SetValue {
  return (node) => {
    if (!isNull(node) && node.kind !== 'scalar') throw new CapstanError('bad-input', wrongKind('ScalarNode', node))
    return withQuotingOf(scalar(text, tag), node)
  }
}

/** Sets an entry of a mapping to a string. */
export function setEntry(name: string, text: string): SetValue {
  return (node) => {
    if (isNull(node)) return node
    if (node.kind !== 'mapping') throw new CapstanError('bad-input', wrongKind('MappingNode', node))
    setField(node, name, scalar(text, 'str'))
    return node
  }
}

/** Do two specs mean the same field, the first one's type being selected by the second's? */
function covers(known: FieldSpec, spec: FieldSpec): boolean {
  if (known.path !== spec.path) return false
  return isSelected({ group: known.group ?? '', version: known.version ?? '', kind: known.kind ?? '' }, spec)
}

/** The specs with more added, each once. Throws `bad-input` where two differ in `create`. */
export function mergeSpecs(specs: readonly FieldSpec[], more: readonly FieldSpec[]): readonly FieldSpec[] {
  let merged: FieldSpec[] | undefined
  for (const spec of more) {
    const known = (merged ?? specs).find((candidate) => covers(candidate, spec))
    if (known === undefined) merged = [...(merged ?? specs), spec]
    else if ((known.create ?? false) !== (spec.create ?? false)) {
      throw new CapstanError('bad-input', 'conflicting fieldspecs')
    }
  }
  return merged ?? specs
}
