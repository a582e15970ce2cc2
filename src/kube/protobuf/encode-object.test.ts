// Protobuf answers: byte for byte what Go writes, for single objects, lists and events of watches.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '../object.ts'
import { decodeObject, MAX_MESSAGE_DEPTH } from './decode-object.ts'
import { encodeEnvelope, encodeList, encodeMessage, encodeObject, encodeWatchEvent } from './encode-object.ts'

/** As kube-apiserver 1.36.3 wrote them. */
const RECORDED: readonly (readonly [what: string, object: JsonObject, bytes: string])[] = [
  [
    'a Status',
    {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'configmaps "nope" not found',
      reason: 'NotFound',
      details: { name: 'nope', kind: 'configmaps' },
      code: 404,
    },
    'k8s\0\n\x0c\n\x02v1\x12\x06Status\x12U\n\x06\n\0\x12\0\x1a\0\x12\x07Failure\x1a\x1bconfigmaps "nope" not found"\x08NotFound*\x18\n\x04nope\x12\0\x1a\nconfigmaps(\x002\x000\x94\x03\x1a\0"\0',
  ],
  [
    'metadata alone, with a time',
    {
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: {
        name: 'w',
        namespace: 'default',
        uid: 'u',
        resourceVersion: '233',
        generation: 1,
        creationTimestamp: '2026-11-21T12:10:14Z',
      },
    },
    'k8s\0\n\'\n\x0emeta.k8s.io/v1\x12\x15PartialObjectMetadata\x12&\n$\n\x01w\x12\0\x1a\x07default"\0*\x01u2\x032338\x01B\x08\x08\xa6\x94\x86\xd8\x06\x10\0\x1a\0"\0',
  ],
]

test('writes what a real API server writes', () => {
  for (const [what, object, bytes] of RECORDED) {
    assert.equal(Buffer.from(encodeObject(object)).toString('latin1'), bytes, what)
  }
})

const FIRST = { metadata: { name: 'a' }, data: { z: '1', a: '2', ä: 'ö' } }
const SECOND = { metadata: { name: 'b' }, data: { long: 'x'.repeat(70_000) } }

test('puts ready items into lists and ready bodies into events', () => {
  const items = [FIRST, SECOND].map((item) => encodeMessage(item, 'v1', 'ConfigMap'))
  const list = { kind: 'ConfigMapList', apiVersion: 'v1', metadata: { resourceVersion: '7' } }

  const whole = encodeObject({ ...list, items: [FIRST, SECOND] })

  assert.deepEqual(Buffer.from(encodeList(list, items)), Buffer.from(whole))
  const body = encodeEnvelope('v1', 'ConfigMap', items[0] ?? new Uint8Array())
  assert.deepEqual(Buffer.from(body), Buffer.from(encodeObject({ kind: 'ConfigMap', apiVersion: 'v1', ...FIRST })))
  assert.deepEqual(decodeObject(body).object['data'], FIRST.data)
  const frame = Buffer.from(encodeWatchEvent('ADDED', body))
  assert.equal(frame.readUInt32BE(0), frame.length - 4)
  const event = Buffer.concat([
    Buffer.from([0x0a, 5]),
    Buffer.from('ADDED'),
    Buffer.from([0x12, body.length + 2, 0x0a, body.length]),
  ])
  assert.deepEqual(frame.subarray(4), Buffer.concat([event, body]))
})

test('puts entries of maps in the order of their keys', () => {
  const text = Buffer.from(encodeMessage(FIRST, 'v1', 'ConfigMap')).toString('utf8')

  assert.ok(text.indexOf('\x01a') < text.indexOf('\x01z') && text.indexOf('\x01z') < text.indexOf('ä'))
})

test('refuses objects nested deeper than the limit', () => {
  let schema: JsonObject = {}
  for (let level = 0; level <= MAX_MESSAGE_DEPTH; level++) schema = { not: schema }
  const versions = [{ name: 'v1', schema: { openAPIV3Schema: schema } }]

  const crd = { kind: 'CustomResourceDefinition', apiVersion: 'apiextensions.k8s.io/v1', spec: { versions } }

  assert.throws(() => encodeObject(crd), { code: 'limit' })
})
