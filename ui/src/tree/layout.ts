// Where each node of the tree is drawn, and the lines between them.
import { flextree } from 'd3-flextree'
import { ROOT_KEY, type TreeNode } from './nodes.ts'

export const NODE_WIDTH = 248
export const NODE_HEIGHT = 58
const COLUMN_GAP = 56
const ROW_GAP = 12
/** So that focus rings at the edge are seen. */
const MARGIN = 8

export interface PlacedNode {
  readonly node: TreeNode
  readonly x: number
  readonly y: number
  /** From 1, as assistive technology counts. */
  readonly level: number
}

export interface TreeLayout {
  readonly nodes: readonly PlacedNode[]
  /** SVG path data, parent to child. */
  readonly lines: readonly { readonly key: string; readonly path: string }[]
  readonly width: number
  readonly height: number
}

interface Branch {
  readonly node: TreeNode
  readonly children: Branch[]
}

/** Lays the tree out from left to right. Nodes that no branch reaches from the root are left out. */
export function layOut(nodes: readonly TreeNode[]): TreeLayout {
  const root = branchOf(nodes)
  if (root === undefined) return { nodes: [], lines: [], width: 0, height: 0 }
  // flextree grows downward; here its x is our y.
  const layout = flextree<Branch>({
    children: ({ children }) => children,
    nodeSize: () => [NODE_HEIGHT + ROW_GAP, NODE_WIDTH + COLUMN_GAP],
  })
  const placed = layout.hierarchy(root)
  layout(placed)
  const all = placed.descendants()
  const top = Math.min(...all.map(({ x }) => x))
  const bottom = Math.max(...all.map(({ x }) => x))
  const deepest = Math.max(...all.map(({ depth }) => depth))
  const spot = ({ x, depth }: { readonly x: number; readonly depth: number }): { x: number; y: number } => ({
    x: depth * (NODE_WIDTH + COLUMN_GAP) + MARGIN,
    y: x - top + MARGIN,
  })
  return {
    nodes: all.map((item) => ({ node: item.data.node, level: item.depth + 1, ...spot(item) })),
    lines: placed
      .links()
      .map(({ source, target }) => ({ key: target.data.node.key, path: line(spot(source), spot(target)) })),
    width: deepest * (NODE_WIDTH + COLUMN_GAP) + NODE_WIDTH + 2 * MARGIN,
    height: bottom - top + NODE_HEIGHT + 2 * MARGIN,
  }
}

function branchOf(nodes: readonly TreeNode[]): Branch | undefined {
  const branches = new Map(nodes.map((node) => [node.key, { node, children: [] as Branch[] }]))
  for (const branch of branches.values()) branches.get(branch.node.parentKey ?? '')?.children.push(branch)
  return branches.get(ROOT_KEY)
}

interface Spot {
  readonly x: number
  readonly y: number
}

function line(from: Spot, to: Spot): string {
  const [startX, startY] = [from.x + NODE_WIDTH, from.y + NODE_HEIGHT / 2]
  const [endX, endY] = [to.x, to.y + NODE_HEIGHT / 2]
  const middle = (startX + endX) / 2
  return `M${startX} ${startY}C${middle} ${startY} ${middle} ${endY} ${endX} ${endY}`
}

export type Direction = 'ArrowUp' | 'ArrowDown' | 'ArrowLeft' | 'ArrowRight' | 'Home' | 'End'

/** The node an arrow key leads to: up and down in the column, left to the parent, right to the first child. */
export function neighbour({ nodes }: TreeLayout, key: string, direction: Direction): string | undefined {
  const current = nodes.find(({ node }) => node.key === key)
  if (current === undefined) return nodes[0]?.node.key
  const column = nodes.filter(({ level }) => level === current.level).toSorted((a, b) => a.y - b.y)
  const index = column.indexOf(current)
  switch (direction) {
    case 'ArrowUp':
      return column[index - 1]?.node.key
    case 'ArrowDown':
      return column[index + 1]?.node.key
    case 'ArrowLeft':
      return current.node.parentKey
    case 'ArrowRight':
      return nodes.filter(({ node }) => node.parentKey === key).toSorted((a, b) => a.y - b.y)[0]?.node.key
    case 'Home':
      return ROOT_KEY
    case 'End':
      return column.at(-1)?.node.key
  }
}
