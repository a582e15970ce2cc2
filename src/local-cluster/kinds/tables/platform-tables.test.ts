// Tests of the tables of platform kinds beyond what both clusters are asked for side by side.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '../../../kube/object.ts'
import type { TableCell } from '../contract.ts'
import { platformTables } from './platform-tables.ts'

const NOW_MS = Date.UTC(2026, 0, 1)
const metadata = { name: 'x', creationTimestamp: '2025-12-31T23:59:00Z' }

const ROWS: readonly (readonly [kind: string, object: JsonObject, cells: readonly TableCell[]])[] = [
  [
    'certificates.k8s.io/v1/CertificateSigningRequest',
    {
      spec: { signerName: 's', username: 'jane', expirationSeconds: 3600 },
      status: { conditions: [{ type: 'Approved' }, { type: 'Failed' }], certificate: 'YQ==' },
    },
    ['x', '60s', 's', 'jane', '60m', 'Approved,Failed,Issued'],
  ],
  [
    'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding',
    { spec: { policyName: 'p', paramRef: { selector: { matchLabels: { a: 'b' } } } } },
    ['x', 'p', 'a=b', '60s'],
  ],
  [
    'networking.k8s.io/v1/IPAddress',
    { spec: { parentRef: { group: 'g', resource: 'Rs', name: 'N' } } },
    ['x', 'rs.g/N', '60s'],
  ],
  [
    'resource.k8s.io/v1/ResourceClaim',
    { status: { allocation: {}, reservedFor: [{}] } },
    ['x', 'allocated,reserved', '60s'],
  ],
  [
    'flowcontrol.apiserver.k8s.io/v1/PriorityLevelConfiguration',
    { spec: { type: 'Exempt' } },
    ['x', 'Exempt', '<none>', '<none>', '<none>', '<none>', '60s'],
  ],
]

test('cells are those of kube-apiserver', () => {
  for (const [kind, object, cells] of ROWS) {
    assert.deepEqual(platformTables[kind]?.cells({ metadata, ...object }, NOW_MS), cells, kind)
  }
})

test('flow schemas come in the order in which they are tried', () => {
  const flow = (name: string, matchingPrecedence: number): JsonObject => ({
    metadata: { name },
    spec: { matchingPrecedence },
  })
  const { compare } = platformTables['flowcontrol.apiserver.k8s.io/v1/FlowSchema'] ?? {}

  assert.ok(compare)
  const sorted = [flow('b', 800), flow('z', 1), flow('a', 800)].toSorted(compare)
  assert.deepEqual(
    sorted.map(({ metadata: { name } = {} }: JsonObject & { readonly metadata?: { readonly name?: string } }) => name),
    ['z', 'a', 'b'],
  )
})
