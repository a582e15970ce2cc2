// Protobuf bodies: what Go leaves out, what must not be lost, and hostile bytes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CapstanError } from '../../base/errors.ts'
import type { JsonObject, JsonValue } from '../object.ts'
import { decodeObject, MAX_MESSAGE_DEPTH } from './decode-object.ts'
import { encodeObject } from './encode-object.ts'
import {
  newBuffer,
  writeBytes,
  writeInteger,
  writePart,
  writeTag,
  writeText,
  writtenBytes,
  type WireBuffer,
} from './wire-writer.ts'

function body(apiVersion: string, kind: string, write: (message: WireBuffer) => void): Uint8Array {
  const buffer = newBuffer()
  writePart(buffer, 1, (typeMeta) => {
    writeText(typeMeta, 1, apiVersion)
    writeText(typeMeta, 2, kind)
  })
  writePart(buffer, 2, write)
  return Buffer.concat([Buffer.from('k8s\0'), writtenBytes(buffer)])
}

function integerField(buffer: WireBuffer, number: number, value: number | bigint): void {
  writeTag(buffer, number, 0)
  writeInteger(buffer, value)
}

test('leaves out zero values that no pointer holds, and keeps those that one does', () => {
  // PodSpec: hostNetwork (11) is a bool, enableServiceLinks (30) a pointer to one.
  const bytes = body('v1', 'Pod', (pod) =>
    writePart(pod, 2, (spec) => {
      writeText(spec, 3, '')
      integerField(spec, 11, 0)
      integerField(spec, 30, 0)
    }),
  )

  assert.deepEqual(decodeObject(bytes).object, { kind: 'Pod', apiVersion: 'v1', spec: { enableServiceLinks: false } })
})

test('keeps 64-bit integers exact', () => {
  const bytes = (value: number | bigint): Uint8Array =>
    body('v1', 'ConfigMap', (map) => writePart(map, 1, (metadata) => integerField(metadata, 7, value)))
  const generation = (value: number | bigint): unknown =>
    (decodeObject(bytes(value)).object['metadata'] as JsonObject)['generation']

  assert.deepEqual([-1, 2 ** 53 - 1, 2n ** 63n - 1n, -(2n ** 63n)].map(generation), [
    -1,
    2 ** 53 - 1,
    2n ** 63n - 1n,
    -(2n ** 63n),
  ])
})

test('takes the kind from the request where the body does not say it', () => {
  const bytes = body('', '', (map) => writePart(map, 1, (metadata) => writeText(metadata, 1, 'a')))

  const { object } = decodeObject(bytes, { apiVersion: 'v1', kind: 'ConfigMap' })

  assert.deepEqual(object, { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a' } })
})

test('skips fields it does not know', () => {
  const bytes = body('v1', 'ConfigMap', (map) => {
    integerField(map, 900, 5)
    writeText(map, 901, 'new')
    writePart(map, 1, (metadata) => writeText(metadata, 1, 'a'))
  })

  assert.deepEqual(decodeObject(bytes).object['metadata'], { name: 'a' })
})

const ROUND_TRIPS: readonly JsonObject[] = [
  {
    kind: 'Service',
    apiVersion: 'v1',
    spec: {
      ports: [
        { port: 80, targetPort: 'http' },
        { port: 81, targetPort: 8081 },
      ],
    },
  },
  { kind: 'Secret', apiVersion: 'v1', data: { a: 'AAECAw==', empty: '', __proto__x: 'AA==' } },
  {
    kind: 'Pod',
    apiVersion: 'v1',
    spec: { containers: [{ name: 'c', resources: { limits: { cpu: '500m', memory: '1Gi' } } }] },
  },
  {
    kind: 'Lease',
    apiVersion: 'coordination.k8s.io/v1',
    spec: { renewTime: '2026-01-02T03:04:05.000006Z', leaseTransitions: 0 },
  },
  {
    kind: 'CustomResourceDefinition',
    apiVersion: 'apiextensions.k8s.io/v1',
    spec: {
      group: 'e.com',
      names: { plural: 'things', kind: 'Thing' },
      scope: 'Namespaced',
      versions: [
        {
          name: 'v1',
          served: true,
          storage: false,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                open: { type: 'object', additionalProperties: { type: 'string', default: 'x' } },
                any: { type: 'object', additionalProperties: true },
                list: { type: 'array', items: { type: 'string', enum: ['a', null, 1] } },
              },
            },
          },
        },
      ],
    },
  },
]

test('gives back what it encoded, special forms too', () => {
  for (const object of ROUND_TRIPS) {
    const decoded = decodeObject(encodeObject(object)).object
    assert.deepEqual(decoded, object)
  }
})

test('encodes lists of alternatives and refuses what does not fit', () => {
  const crd = (items: JsonValue): JsonObject => ({
    kind: 'CustomResourceDefinition',
    apiVersion: 'apiextensions.k8s.io/v1',
    spec: { versions: [{ schema: { openAPIV3Schema: { items } } }] },
  })

  const { object } = decodeObject(encodeObject(crd([{ type: 'string' }])))

  assert.deepEqual(object['spec'], crd([{ type: 'string' }])['spec'])
  assert.throws(() => encodeObject({ kind: 'Pod', apiVersion: 'v1', spec: 'x' }), {
    code: 'bad-input',
    message: 'spec: "x" does not fit its type',
  })
  assert.throws(() => encodeObject({ kind: 'Pod', apiVersion: 'v1', spec: { priority: 'x' } }), { code: 'bad-input' })
  assert.throws(() => encodeObject({ kind: 'Nope', apiVersion: 'v1' }), {
    message: 'no kind "Nope" is registered for version "v1"',
  })
})

const SOUND = body('v1', 'ConfigMap', (map) => {
  writePart(map, 1, (metadata) => writeText(metadata, 1, 'a-name-that-is-long-enough'))
  writePart(map, 2, (entry) => {
    writeText(entry, 1, 'key')
    writeText(entry, 2, 'value')
  })
})

test('answers every truncated body with an object or a bad-input error', () => {
  for (let length = 0; length < SOUND.length; length++) {
    try {
      decodeObject(SOUND.subarray(0, length))
    } catch (error) {
      assert.ok(error instanceof CapstanError && error.code === 'bad-input', `${length}: ${String(error)}`)
    }
  }
})

const HOSTILE: readonly (readonly [what: string, bytes: Uint8Array, text: RegExp])[] = [
  ['no magic', Buffer.from('{}'), /does not start with/],
  ['endless varint', body('v1', 'ConfigMap', (m) => writeBytes(m, 1, Buffer.alloc(12, 0xff))), /more than ten bytes/],
  ['length beyond the end', Buffer.from('6b3873000affffffff7f', 'hex'), /ends within a field/],
  ['field zero', body('v1', 'ConfigMap', (m) => integerField(m, 0, 1)), /there is no field 0/],
  ['a group', body('v1', 'ConfigMap', (m) => writeBytes(m, 1, Buffer.from([0x0b]))), /wire type 3/],
  ['a number for a message', body('v1', 'ConfigMap', (m) => integerField(m, 1, 1)), /wire type 0 where a message/],
  [
    'a number for a string',
    body('v1', 'ConfigMap', (m) => writePart(m, 1, (p) => integerField(p, 1, 1))),
    /where a string is expected/,
  ],
  [
    'no UTF-8',
    body('v1', 'ConfigMap', (m) => writePart(m, 1, (p) => writeBytes(p, 1, Buffer.from([0xff])))),
    /not UTF-8/,
  ],
  ['an unknown kind', body('v9', 'Nope', () => undefined), /no kind "Nope" is registered for version "v9"/],
]

test('refuses hostile bodies', () => {
  for (const [what, bytes, text] of HOSTILE) {
    assert.throws(
      () => decodeObject(bytes),
      (error) => error instanceof CapstanError && error.code === 'bad-input' && text.test(error.message),
      what,
    )
  }
})

test('refuses messages nested deeper than the limit', () => {
  let schema = Buffer.alloc(0)
  for (let level = 0; level <= MAX_MESSAGE_DEPTH; level++) {
    const buffer = newBuffer()
    writeBytes(buffer, 28, schema) // JSONSchemaProps.not
    schema = Buffer.from(writtenBytes(buffer))
  }
  const bytes = body('apiextensions.k8s.io/v1', 'CustomResourceDefinition', (crd) =>
    writePart(crd, 2, (spec) =>
      writePart(spec, 7, (version) => writePart(version, 4, (validation) => writeBytes(validation, 1, schema))),
    ),
  )

  assert.throws(() => decodeObject(bytes), { code: 'limit' })
})
