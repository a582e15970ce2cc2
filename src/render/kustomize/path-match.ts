// All the places a replacement's target path leads to, made where they are missing and may be (kyaml yaml/match.go PathMatcher).
import { CapstanError } from '../../base/errors.ts'
import { compileRegexp, matchesRegexp } from '../../lang/go/regexp/regexp.ts'
import { stringifyYaml } from '../../lang/yaml/write.ts'
import type { ListSelector } from './field-path.ts'
import { isIndex, listSelector } from './field-path.ts'
import type { Node, SequenceNode } from './node.ts'
import { field, isNull, mapping, putField, scalar, sequence, valueOfNode, wrongKind } from './node.ts'

/** A node and how to put another one in its place. */
export interface Place {
  readonly node: Node
  put(node: Node): void
}

/** What a path that ends in nothing gets; undefined: nothing is made. */
export type CreateKind = Node['kind'] | undefined

/** The places of a path below a root. Throws `bad-input` where the path does not fit what is there. */
export function matchPath(root: Place, path: readonly string[], create: CreateKind): Place[] {
  const [step, ...rest] = path
  if (step === undefined) return [root]
  if (isIndex(step)) return matchIndex(root, step, { rest, create })
  const selector = listSelector(step)
  if (selector !== undefined) return matchItems(root, selector, { rest, create })
  if (step === '*') return itemsOf(root.node).flatMap((place) => matchPath(place, rest, create))
  return matchField(root, step, { rest, create })
}

interface Onward {
  readonly rest: readonly string[]
  readonly create: CreateKind
}

function matchField(place: Place, name: string, { rest, create }: Onward): Place[] {
  const { node } = place
  if (isNull(node) && create === undefined) return []
  if (node.kind !== 'mapping') throw new CapstanError('bad-input', wrongKind('MappingNode', node))
  let child = field(node, name)
  if (child === undefined) {
    if (create === undefined) return []
    child = madeFor(rest[0], create)
    putField(node, name, child)
  }
  // A text further down a path may hold YAML or JSON; replacements look into it before they come here.
  return matchPath({ node: child, put: (next) => putField(node, name, next) }, rest, create)
}

function madeFor(nextStep: string | undefined, create: NonNullable<CreateKind>): Node {
  if (nextStep === undefined) return emptyOf(create)
  const isList = isIndex(nextStep) || (nextStep.startsWith('[') && nextStep.endsWith(']'))
  return isList ? sequence() : mapping()
}

function emptyOf(kind: NonNullable<CreateKind>): Node {
  if (kind === 'scalar') return scalar('')
  return kind === 'mapping' ? mapping() : sequence()
}

function matchIndex(place: Place, step: string, { rest, create }: Onward): Place[] {
  const list = listOf(place.node)
  const index = Number(step)
  if (index === list.items.length && create !== undefined) list.items.push(madeFor(rest[0], create))
  const item = itemPlace(list, index)
  if (item === undefined) {
    const message = `index ${index} specified but only ${list.items.length} elements found`
    throw new CapstanError('bad-input', message)
  }
  return matchPath(item, rest, create)
}

function matchItems(place: Place, selector: ListSelector, { rest, create }: Onward): Place[] {
  const list = listOf(place.node)
  const found = selectedItems(list, selector, { rest, create })
  if (found.length > 0 || create === undefined) return found
  list.items.push(madeItem(selector))
  return selectedItems(list, selector, { rest, create })
}

function madeItem({ name, value }: ListSelector): Node {
  if (name === '') return scalar(value)
  const item = mapping()
  putField(item, name, scalar(value))
  return item
}

function selectedItems(list: SequenceNode, { name, value }: ListSelector, { rest, create }: Onward): Place[] {
  const regexp = compileRegexp(value)
  const places: Place[] = []
  for (const item of itemsOf(list)) {
    const compared = name === '' ? item.node : field(item.node, name)
    if (compared === undefined || !matchesRegexp(regexp, printed(compared))) continue
    // Items that are texts end the path.
    places.push(...(name === '' ? [item] : matchPath(item, rest, create)))
  }
  return places
}

/** A node as kyaml prints it for comparing. */
function printed(node: Node): string {
  return node.kind === 'scalar' ? node.text.trim() : stringifyYaml(valueOfNode(node)).trim()
}

function listOf(node: Node): SequenceNode {
  if (node.kind !== 'sequence') throw new CapstanError('bad-input', wrongKind('SequenceNode', node))
  return node
}

function itemsOf(node: Node): Place[] {
  if (isNull(node)) return []
  const list = listOf(node)
  return list.items.map((_item, index) => itemPlace(list, index)).filter((place) => place !== undefined)
}

function itemPlace(list: SequenceNode, index: number): Place | undefined {
  const node = list.items[index]
  if (node === undefined) return undefined
  return {
    node,
    put: (next) => {
      list.items[index] = next
    },
  }
}
