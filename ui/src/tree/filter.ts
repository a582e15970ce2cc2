// Which resources of an application are shown: by text, kind, health and sync.
import type { TreeNode } from './nodes.ts'

/** An empty text or list lets everything through. */
export interface ResourceFilter {
  readonly text: string
  readonly kind: readonly string[]
  readonly health: readonly string[]
  readonly sync: readonly string[]
}

export const NO_FILTER: ResourceFilter = { text: '', kind: [], health: [], sync: [] }

export type FilterField = 'kind' | 'health' | 'sync'

export function isFiltering({ text, kind, health, sync }: ResourceFilter): boolean {
  return text.trim() !== '' || kind.length + health.length + sync.length > 0
}

export function matchesFilter(node: TreeNode, { text, kind, health, sync }: ResourceFilter): boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const told = `${node.kind}\n${node.name}\n${node.namespace}\n${(node.images ?? []).join('\n')}`.toLowerCase()
  return (
    isAmong(kind, node.kind) &&
    isAmong(health, node.health) &&
    isAmong(sync, node.sync) &&
    words.every((word) => told.includes(word))
  )
}

function isAmong(wanted: readonly string[], value: string | undefined): boolean {
  return wanted.length === 0 || (value !== undefined && wanted.includes(value))
}

/** The nodes that match and, so that they hang together, everything above them. */
export function keepMatching(nodes: readonly TreeNode[], filter: ResourceFilter): readonly TreeNode[] {
  if (!isFiltering(filter)) return nodes
  const byKey = new Map(nodes.map((node) => [node.key, node]))
  const kept = new Set<string>()
  for (const node of nodes) {
    if (!matchesFilter(node, filter)) continue
    let above: TreeNode | undefined = node
    while (above !== undefined && !kept.has(above.key)) {
      kept.add(above.key)
      above = byKey.get(above.parentKey ?? '')
    }
  }
  return nodes.filter(({ key }) => kept.has(key))
}

/** How many nodes there are of each value, the names sorted. */
export function countNodes(nodes: readonly TreeNode[], field: FilterField): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const node of nodes) {
    const value = node[field]
    if (value !== undefined && value !== '') counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  return new Map([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** The nodes without what stands below a folded one; a folded node says how many it hides. */
export function foldNodes(nodes: readonly TreeNode[], folded: ReadonlySet<string>): readonly TreeNode[] {
  const children = Map.groupBy(nodes, ({ parentKey }) => parentKey ?? '')
  const hidden = new Set<string>()
  const counts = new Map<string, number>()
  for (const key of folded) {
    const below = descendants(key, children)
    if (below.length > 0) counts.set(key, below.length)
    for (const node of below) hidden.add(node)
  }
  return nodes
    .filter(({ key }) => !hidden.has(key))
    .map((node) => ({ ...node, ...foldOf(node.key, { children, counts }) }))
}

interface Fold {
  readonly children: ReadonlyMap<string, readonly TreeNode[]>
  readonly counts: ReadonlyMap<string, number>
}

function foldOf(key: string, { children, counts }: Fold): Pick<TreeNode, 'isFolded' | 'hiddenCount'> {
  const hiddenCount = counts.get(key)
  if (hiddenCount !== undefined) return { isFolded: true, hiddenCount }
  return children.has(key) ? { isFolded: false } : {}
}

function descendants(key: string, children: ReadonlyMap<string, readonly TreeNode[]>): readonly string[] {
  const found: string[] = []
  const waiting = [key]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const child of children.get(next) ?? []) {
      found.push(child.key)
      waiting.push(child.key)
    }
  }
  return found
}
