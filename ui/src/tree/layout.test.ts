// Tests where tree nodes are drawn and where arrow keys lead.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { layOut, neighbour, NODE_HEIGHT } from './layout.ts'
import { ROOT_KEY, type TreeNode } from './nodes.ts'

function node(key: string, parentKey?: string): TreeNode {
  return { key, parentKey, kind: 'K', name: key, namespace: '', facts: [] }
}

const nodes = [
  node(ROOT_KEY),
  node('a', ROOT_KEY),
  node('b', ROOT_KEY),
  node('a1', 'a'),
  node('a2', 'a'),
  node('b1', 'b'),
]

const LEVELS = new Map([
  [ROOT_KEY, 1],
  ['a', 2],
  ['b', 2],
  ['a1', 3],
  ['a2', 3],
  ['b1', 3],
])

test('columns by depth, no overlap within one, everything inside the drawing', () => {
  const { nodes: placed, lines, width, height } = layOut(nodes)

  assert.equal(lines.length, nodes.length - 1)
  assert.deepEqual(new Map(placed.map(({ node: { key }, level }) => [key, level])), LEVELS)
  for (const one of placed) {
    assert.ok(one.x >= 0 && one.x < width && one.y >= 0 && one.y + NODE_HEIGHT <= height)
    for (const other of placed) {
      if (one !== other && one.level === other.level) assert.ok(Math.abs(one.y - other.y) >= NODE_HEIGHT)
    }
  }
})

test('nothing to draw is an empty drawing; what hangs on nothing or on itself is left out', () => {
  assert.deepEqual(layOut([]), { nodes: [], lines: [], width: 0, height: 0 })
  assert.equal(layOut([node(ROOT_KEY), node('x', 'y'), node('y', 'x')]).nodes.length, 1)
})

test('lays out 3,000 nodes', () => {
  const many = [node(ROOT_KEY), ...Array.from({ length: 3000 }, (_, index) => node(`n${index}`, ROOT_KEY))]

  assert.equal(layOut(many).nodes.length, 3001)
})

test('arrow keys walk the tree and stop at its edges', () => {
  const layout = layOut(nodes)
  const cases = [
    [ROOT_KEY, 'ArrowRight', 'a'],
    ['a', 'ArrowDown', 'b'],
    ['b', 'ArrowUp', 'a'],
    ['b', 'ArrowRight', 'b1'],
    ['b1', 'ArrowUp', 'a2'],
    ['a2', 'ArrowLeft', 'a'],
    ['a2', 'Home', ROOT_KEY],
    ['a1', 'End', 'b1'],
    ['a1', 'ArrowUp', undefined],
    [ROOT_KEY, 'ArrowLeft', undefined],
    ['b1', 'ArrowRight', undefined],
    ['gone', 'ArrowUp', ROOT_KEY],
  ] as const
  for (const [from, direction, to] of cases)
    assert.equal(neighbour(layout, from, direction), to, `${from} ${direction}`)
})
