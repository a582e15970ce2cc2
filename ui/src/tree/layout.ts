// Where each node of the tree is drawn, and the lines between them.
import { flextree } from 'd3-flextree'
import { ROOT_KEY, type TreeNode } from './nodes.ts'

export const NODE_WIDTH = 264
export const NODE_HEIGHT = 54
const COLUMN_GAP = 48
const ROW_GAP = 10
/** So that focus rings at the edge are seen. */
const MARGIN = 8

export interface PlacedNode {
  readonly node: TreeNode
  readonly x: number
  readonly y: number
  /** From 1, as assistive technology counts. */
  readonly level: number
}

/** A line from a parent to a child: SVG path data, and the rectangle it stays in. */
export interface TreeLine extends Rectangle {
  readonly key: string
  readonly path: string
}

export interface Rectangle {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface TreeLayout {
  readonly nodes: readonly PlacedNode[]
  readonly lines: readonly TreeLine[]
  readonly width: number
  readonly height: number
}

interface Branch {
  readonly node: TreeNode
  readonly children: Branch[]
}

/** Lays the tree out from left to right. Nodes that no branch reaches from the root are left out. */
export function layOut(
  nodes: readonly TreeNode[],
  extraLinks: readonly (readonly [from: string, to: string])[] = [],
): TreeLayout {
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
  let [top, bottom, deepest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0]
  for (const { x, depth } of all) {
    top = Math.min(top, x)
    bottom = Math.max(bottom, x)
    deepest = Math.max(deepest, depth)
  }
  const spots = new Map(
    all.map(({ data, x, depth }) => [
      data.node.key,
      { x: depth * (NODE_WIDTH + COLUMN_GAP) + MARGIN, y: x - top + MARGIN },
    ]),
  )
  const links = placed.links().map(({ source, target }) => [source.data.node.key, target.data.node.key] as const)
  return {
    nodes: all.map(({ data: { node }, depth }) => ({ node, level: depth + 1, ...(spots.get(node.key) ?? NOWHERE) })),
    lines: [...links, ...extraLinks].flatMap(([from, to]) => {
      const [start, end] = [spots.get(from), spots.get(to)]
      return start === undefined || end === undefined ? [] : [line(`${from}>${to}`, start, end)]
    }),
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

const NOWHERE: Spot = { x: 0, y: 0 }

function line(key: string, from: Spot, to: Spot): TreeLine {
  const [startX, startY] = [from.x + NODE_WIDTH, from.y + NODE_HEIGHT / 2]
  const [endX, endY] = [to.x, to.y + NODE_HEIGHT / 2]
  const middle = (startX + endX) / 2
  return {
    key,
    path: `M${startX} ${startY}C${middle} ${startY} ${middle} ${endY} ${endX} ${endY}`,
    x: Math.min(startX, endX),
    y: Math.min(startY, endY),
    width: Math.abs(endX - startX),
    height: Math.abs(endY - startY),
  }
}

/** Says whether any of a rectangle is inside another. */
export function isTouching(a: Rectangle, b: Rectangle): boolean {
  return a.x <= b.x + b.width && b.x <= a.x + a.width && a.y <= b.y + b.height && b.y <= a.y + a.height
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
