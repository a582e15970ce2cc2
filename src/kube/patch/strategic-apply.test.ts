// Strategic merge patches on built-in kinds, and what is refused.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '../object.ts'
import { builtinSchema } from '../schema/schema.ts'
import { PatchError } from './patch-error.ts'
import { applyStrategicPatch } from './strategic-apply.ts'
import { createThreeWayStrategicPatch, createTwoWayStrategicPatch } from './strategic-diff.ts'

const deployment = builtinSchema({ group: 'apps', version: 'v1', kind: 'Deployment' })

function withContainers(...containers: JsonObject[]): JsonObject {
  return { spec: { template: { spec: { containers } } } }
}

test('merges containers by name and replaces lists without a merge key', () => {
  const live = withContainers({ name: 'a', image: 'a:1', args: ['x'] }, { name: 'b', image: 'b:1' })
  const patch = withContainers({ name: 'a', args: ['y', 'z'] })

  const result = applyStrategicPatch(live, patch, deployment)

  assert.deepEqual(result, withContainers({ name: 'a', image: 'a:1', args: ['y', 'z'] }, { name: 'b', image: 'b:1' }))
})

test('removes the rollingUpdate part when the strategy changes, by $retainKeys', () => {
  const original = { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } }
  const modified = { spec: { strategy: { type: 'Recreate' } } }

  const patch = createTwoWayStrategicPatch(original, modified, deployment)

  assert.deepEqual(patch, { spec: { strategy: { $retainKeys: ['type'], rollingUpdate: null, type: 'Recreate' } } })
  assert.deepEqual(applyStrategicPatch(original, patch, deployment), modified)
})

test('keeps what others added to the live object in a three-way patch', () => {
  const original = withContainers({ name: 'a', image: 'a:1' }, { name: 'old', image: 'o' })
  const modified = withContainers({ name: 'a', image: 'a:2' })
  const current = withContainers(
    { name: 'a', image: 'a:1', imagePullPolicy: 'Always' },
    { name: 'old', image: 'o' },
    { name: 'sidecar' },
  )

  const patch = createThreeWayStrategicPatch({ original, modified, current }, deployment, { overwrite: true })

  const merged = applyStrategicPatch(current, patch, deployment)
  assert.deepEqual(merged, withContainers({ name: 'a', image: 'a:2', imagePullPolicy: 'Always' }, { name: 'sidecar' }))
})

const REFUSED: readonly (readonly [patch: JsonObject, fault: string, text: RegExp])[] = [
  [{ $patch: 'jump' }, 'unclassified', /^unknown patch type: jump in map: map\[\$patch:jump\]$/],
  [withContainers({ image: 'x' }), 'unclassified', /^map: map\[image:x\] does not contain declared merge key: name$/],
  [{ spec: { $retainKeys: 'x' } }, 'bad-request', /^invalid patch format of retainKeys$/],
  [{ metadata: { $retainKeys: ['name'], labels: {} } }, 'bad-request', /^invalid patch format of retainKeys$/],
  [{ $setElementOrder: [] }, 'bad-request', /^invalid patch format of setElementOrder list$/],
  [{ $deleteFromPrimitiveList: [] }, 'bad-request', /^invalid patch format of primitive list$/],
  [
    { unknown: { a: 1 } },
    'unclassified',
    /^unable to find api field in struct Deployment for the json field "unknown"$/,
  ],
]

test('refuses malformed patches with the texts of apimachinery', () => {
  const live = { ...withContainers({ name: 'a' }), metadata: { name: 'd' }, unknown: {} }
  for (const [patch, fault, text] of REFUSED) {
    assert.throws(
      () => applyStrategicPatch(live, patch, deployment),
      (error) => error instanceof PatchError && error.fault === fault && text.test(error.message),
      JSON.stringify(patch),
    )
  }
})

test('changes neither the document nor the patch', () => {
  const live = withContainers({ name: 'a', env: [{ name: 'X', value: '1' }] })
  const patch = withContainers({ name: 'a', env: [{ name: 'X', $patch: 'delete' }] })
  const before = JSON.stringify([live, patch])

  const result = applyStrategicPatch(live, patch, deployment)

  assert.equal(JSON.stringify([live, patch]), before)
  assert.deepEqual(result, withContainers({ name: 'a', env: [] }))
})
