// LimitRanges on new pods and claims, one line a case.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import type { AdmissionRequest } from '../call.ts'
import { ObjectCodec } from '../objects.ts'
import { ApiError } from '../status.ts'
import { openMemoryStore } from '../../storage/open-store.ts'
import { admitWithinRanges } from './limit-ranges.ts'

/** Admits an object into a namespace with one range; the object, or the text of the refusal. */
async function admit(limits: readonly JsonObject[], resource: string, spec: JsonObject): Promise<KubeObject | string> {
  const store = openMemoryStore()
  const range = { metadata: { name: 'x' }, spec: { limits } }
  await store.write({ key: '/limitranges/ns/x', expected: 0, encode: () => JSON.stringify(range) })
  const object = { apiVersion: 'v1', kind: 'X', metadata: { name: 'a' }, spec }
  const call = { resource: { group: '', resource }, namespace: 'ns', server: { store, codec: new ObjectCodec() } }
  try {
    // The step reads nothing else of a call.
    return admitWithinRanges({ call, operation: 'CREATE', object, old: undefined, subresource: '' } as unknown as AdmissionRequest) // prettier-ignore
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return error.message
  } finally {
    await store.close()
  }
}

const pod = (...resources: readonly JsonObject[]): JsonObject => ({
  containers: resources.map((one, index) => ({ name: `c${index}`, resources: one })),
})
const container = (more: JsonObject): JsonObject => ({ type: 'Container', ...more })
const cpu = (amount: string): JsonObject => ({ cpu: amount })

const REFUSED: readonly [JsonObject, JsonObject, string][] = [
  [container({ min: cpu('1') }), pod({}), 'minimum cpu usage per Container is 1.  No request is specified'],
  [container({ min: cpu('1') }), pod({ requests: cpu('500m') }), 'minimum cpu usage per Container is 1, but request is 500m'],
  [container({ max: cpu('1') }), pod({}), 'maximum cpu usage per Container is 1.  No limit is specified'],
  [container({ max: cpu('1') }), pod({ limits: cpu('2') }), 'maximum cpu usage per Container is 1, but limit is 2'],
  [container({ maxLimitRequestRatio: cpu('2') }), pod({ limits: cpu('3'), requests: cpu('1') }), 'cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000'],
  [{ type: 'Pod', max: cpu('1') }, pod({ limits: cpu('600m') }, { limits: cpu('600m') }), 'maximum cpu usage per Pod is 1, but limit is 1200m'],
] // prettier-ignore

test('pods beyond a limit are refused with what is wrong', async () => {
  const found = await Promise.all(REFUSED.map(([limit, spec]) => admit([limit], 'pods', spec)))

  assert.deepEqual(
    found,
    REFUSED.map(([, , text]) => `pods "a" is forbidden: ${text}`),
  )
})

test('containers that say nothing get the defaults, and an annotation says so', async () => {
  const limit = container({ default: { cpu: '2', memory: '1Gi' }, defaultRequest: cpu('1') })

  const admitted = (await admit([limit], 'pods', pod({ limits: cpu('1') }))) as KubeObject

  const text = 'LimitRanger plugin set: cpu request for container c0; memory limit for container c0'
  assert.deepEqual(admitted.metadata.annotations, { 'kubernetes.io/limit-ranger': text })
  const { spec } = admitted as KubeObject & { readonly spec: JsonObject }
  assert.deepEqual(spec, pod({ limits: { cpu: '1', memory: '1Gi' }, requests: cpu('1') }))
})

test('claims are held against what they request', async () => {
  const limit = { type: 'PersistentVolumeClaim', max: { storage: '1Gi' } }

  const found = await admit([limit], 'persistentvolumeclaims', { resources: { requests: { storage: '2Gi' } } })

  assert.equal(found, 'persistentvolumeclaims "a" is forbidden: maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 2Gi') // prettier-ignore
})
