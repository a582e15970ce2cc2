// What `app resources` prints in each of its forms.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ApplicationTree } from '../../crds/tree.ts'
import { formatTable } from '../table.ts'
import { resourceTable, type ResourceTableOptions } from './resource-table.ts'

// Only the fields that are read.
const TREE = {
  nodes: [
    { group: 'apps', kind: 'Deployment', namespace: 'n', name: 'web', uid: 'd', createdAt: 'old' },
    {
      group: 'apps',
      kind: 'ReplicaSet',
      namespace: 'n',
      name: 'web-1',
      uid: 'rs',
      parentRefs: [{ uid: 'd' }, { uid: 'o' }],
      health: { status: 'Degraded', message: 'no quota' },
    },
    { kind: 'Service', namespace: 'n', name: 'web', uid: 's' },
  ],
  orphanedNodes: [
    { group: 'batch', kind: 'Job', namespace: 'n', name: 'run', uid: 'o' },
    { kind: 'Pod', namespace: 'n', name: 'run-1', uid: 'p', parentRefs: [{ uid: 'o' }] },
  ],
} as unknown as ApplicationTree

const FORMS: readonly (readonly [format: ResourceTableOptions['format'], isOrphanedOnly: boolean, lines: string[]])[] =
  [
    [
      'wide',
      false,
      [
        'GROUP  KIND        NAMESPACE  NAME   ORPHANED',
        'apps   Deployment  n          web    No',
        '       Service     n          web    No',
        'batch  Job         n          run    Yes',
        '       Pod         n          run-1  Yes',
      ],
    ],
    [
      'tree',
      false,
      [
        'GROUP   KIND        NAMESPACE  NAME   ORPHANED',
        'apps    Deployment  n          web    No',
        '└─apps  ReplicaSet  n          web-1  No',
        '        Service     n          web    No',
        'batch   Job         n          run    Yes',
        '└─      Pod         n          run-1  Yes',
      ],
    ],
    [
      'tree',
      true,
      [
        'GROUP  KIND  NAMESPACE  NAME   ORPHANED',
        'batch  Job   n          run    Yes',
        '└─     Pod   n          run-1  Yes',
      ],
    ],
    [
      'tree=detailed',
      false,
      [
        'GROUP   KIND        NAMESPACE  NAME   ORPHANED  AGE  HEALTH    REASON',
        'apps    Deployment  n          web    No        old            ',
        '└─apps  ReplicaSet  n          web-1  No        -    Degraded  no quota',
        '        Service     n          web    No        -              ',
        'batch   Job         n          run    Yes       -              ',
        '└─      Pod         n          run-1  Yes       -              ',
      ],
    ],
  ]

for (const [format, isOrphanedOnly, lines] of FORMS) {
  test(`-o ${format}${isOrphanedOnly ? ' --orphaned' : ''} lists resources as upstream does`, () => {
    const rows = resourceTable(TREE, { format, isOrphanedOnly, ageOf: ({ createdAt }) => createdAt ?? '-' })

    assert.deepEqual(formatTable(rows).split('\n'), [...lines, ''])
  })
}
