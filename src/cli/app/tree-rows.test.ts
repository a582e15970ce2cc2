import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ApplicationTree } from '../../crds/tree.ts'
import { formatTable } from '../table.ts'
import { treeRows } from './tree-rows.ts'

test('shows what is owned below its owner, with lines for those that follow', () => {
  const pod = (name: string): object => ({ kind: 'Pod', name, uid: name, parentRefs: [{ uid: 'rs' }] })
  // Only the fields that are read.
  const tree = {
    nodes: [
      { group: 'apps', kind: 'Deployment', namespace: 'web', name: 'web', uid: 'd' },
      { group: 'apps', kind: 'ReplicaSet', name: 'web-1', uid: 'rs', parentRefs: [{ uid: 'd' }] },
      { group: 'apps', kind: 'ReplicaSet', name: 'web-0', uid: 'old', parentRefs: [{ uid: 'd' }] },
      { ...pod('a'), health: { status: 'Healthy' } },
      pod('b'),
    ],
  } as unknown as ApplicationTree
  const rows = [
    { group: 'apps', kind: 'Deployment', namespace: 'web', name: 'web', status: 'Synced', message: 'created' },
  ]

  assert.deepEqual(formatTable(treeRows(tree, rows)).split('\n'), [
    'KIND/NAME           STATUS  HEALTH   MESSAGE',
    'Deployment/web      Synced           created',
    '├─ReplicaSet/web-1                   ',
    '│ ├─Pod/a                   Healthy  ',
    '│ └─Pod/b                            ',
    '└─ReplicaSet/web-0                   ',
    '',
  ])
})

test('ends where owners form a circle', () => {
  const tree = {
    nodes: [
      { kind: 'A', name: 'a', uid: 'a' },
      { kind: 'B', name: 'b', uid: 'b', parentRefs: [{ uid: 'a' }, { uid: 'b' }] },
    ],
  } as unknown as ApplicationTree

  assert.deepEqual(
    treeRows(tree, []).map(([name]) => name),
    ['KIND/NAME', 'A/a', '└─B/b'],
  )
})
