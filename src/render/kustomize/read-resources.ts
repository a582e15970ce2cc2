// The resources in a file: documents validated, lists of any kind replaced by what they hold (api/resource/factory.go).
import { CapstanError } from '../../base/errors.ts'
import type { MappingNode, Node } from './node.ts'
import { field, isNilOrEmpty, isNull, textOf } from './node.ts'
import { readNodes } from './read-nodes.ts'
import type { Resource } from './resource.ts'
import { assertNamed, newResource } from './resource.ts'

/** Lists inside lists of a file; each is a queue entry, so this only stops a hostile file. */
export const MAX_LIST_DEPTH = 20

/** Reads a stream. Throws `bad-input` for what is no resource. */
export function readResources(text: string): Resource[] {
  return unwrapLists(unwrapSingleList(readNodes(text)), 0).map((node) => newResource(node))
}

/** A `List` that is alone in its file gives its items as they are. */
function unwrapSingleList(nodes: readonly Node[]): readonly Node[] {
  const [first] = nodes
  if (nodes.length !== 1 || first?.kind !== 'mapping') return nodes
  const kind = textOf(field(first, 'kind'))
  const items = field(first, 'items')
  if (
    (kind !== 'List' && kind !== 'ResourceList') ||
    (items === undefined && field(first, 'functionConfig') === undefined)
  )
    return nodes
  return items?.kind === 'sequence' ? items.items : []
}

function unwrapLists(nodes: readonly Node[], depth: number): MappingNode[] {
  if (depth > MAX_LIST_DEPTH) throw new CapstanError('limit', `lists nested deeper than ${MAX_LIST_DEPTH}`)
  const plain: MappingNode[] = []
  const inner: Node[] = []
  for (const node of nodes) {
    if (isNilOrEmpty(node)) continue
    assertNamed(node)
    const kind = textOf(field(node, 'kind'))
    const items = kind.endsWith('List') ? field(node, 'items') : undefined
    if (items === undefined) plain.push(node)
    else if (items.kind === 'sequence') inner.push(...items.items)
    else if (!isNull(items)) {
      throw new CapstanError('bad-input', `expected array in ${kind}/items, but found ${items.kind}`)
    }
  }
  // What lists hold comes behind everything else, as kustomize queues it.
  return inner.length === 0 ? plain : [...plain, ...unwrapLists(inner, depth + 1)]
}
