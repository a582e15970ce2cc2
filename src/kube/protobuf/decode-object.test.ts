// Protobuf bodies: what Go leaves out, what must not be lost, and hostile bytes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CapstanError } from '../../base/errors.ts'
import { isList, isObject } from '../json-value.ts'
import type { JsonObject, JsonValue } from '../object.ts'
import { decodeObject, MAX_MESSAGE_DEPTH } from './decode-object.ts'
import { encodeObject } from './encode-object.ts'
import {
  newBuffer,
  writeInteger,
  writePart,
  writeTag,
  writeText,
  writtenBytes,
  type WireBuffer,
} from './wire-writer.ts'

/** Bytes of a message, field after field in the order they are added: the writer itself writes backwards. */
type Message = number[]

function add(message: Message, write: (buffer: WireBuffer) => void): void {
  const buffer = newBuffer(64)
  write(buffer)
  message.push(...writtenBytes(buffer))
}

function textField(message: Message, number: number, text: string): void {
  add(message, (buffer) => writeText(buffer, number, text))
}

function bytesField(message: Message, number: number, bytes: ArrayLike<number>): void {
  add(message, (buffer) => writePart(buffer, number, bytes))
}

function partField(message: Message, number: number, write: (part: Message) => void): void {
  const part: Message = []
  write(part)
  bytesField(message, number, part)
}

function integerField(message: Message, number: number, value: number | bigint): void {
  add(message, (buffer) => {
    writeInteger(buffer, value)
    writeTag(buffer, number, 0)
  })
}

function body(apiVersion: string, kind: string, write: (message: Message) => void): Uint8Array {
  const message: Message = []
  partField(message, 1, (typeMeta) => {
    textField(typeMeta, 1, apiVersion)
    textField(typeMeta, 2, kind)
  })
  partField(message, 2, write)
  return Buffer.concat([Buffer.from('k8s\0'), Buffer.from(message)])
}

test('leaves out zero values that no pointer holds, and keeps those that one does', () => {
  // PodSpec: hostNetwork (11) is a bool, enableServiceLinks (30) a pointer to one.
  const bytes = body('v1', 'Pod', (pod) =>
    partField(pod, 2, (spec) => {
      textField(spec, 3, '')
      integerField(spec, 11, 0)
      integerField(spec, 30, 0)
    }),
  )

  assert.deepEqual(decodeObject(bytes).object, { kind: 'Pod', apiVersion: 'v1', spec: { enableServiceLinks: false } })
})

test('keeps 64-bit integers exact', () => {
  const bytes = (value: number | bigint): Uint8Array =>
    body('v1', 'ConfigMap', (map) => partField(map, 1, (metadata) => integerField(metadata, 7, value)))
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
  const bytes = body('', '', (map) => partField(map, 1, (metadata) => textField(metadata, 1, 'a')))

  const { object } = decodeObject(bytes, { apiVersion: 'v1', kind: 'ConfigMap' })

  assert.deepEqual(object, { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a' } })
})

test('skips fields it does not know', () => {
  const bytes = body('v1', 'ConfigMap', (map) => {
    integerField(map, 900, 5)
    textField(map, 901, 'new')
    partField(map, 1, (metadata) => textField(metadata, 1, 'a'))
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
    status: { acceptedNames: { plural: '', kind: '' } },
  },
]

test('gives back what it encoded, special forms too', () => {
  for (const object of ROUND_TRIPS) {
    const decoded = decodeObject(encodeObject(object)).object
    assert.deepEqual(withoutEmpty(decoded), object)
  }
})

/** Go writes structs that are no pointers even where they are empty, so they come back as empty objects. */
function withoutEmpty(value: JsonValue): JsonValue {
  if (isList(value)) return value.map(withoutEmpty)
  if (!isObject(value)) return value
  const fields = Object.entries(value).map(([key, one]): [string, JsonValue] => [key, withoutEmpty(one)])
  return Object.fromEntries(fields.filter(([, one]) => !isObject(one) || Object.keys(one).length > 0))
}

test('encodes lists of alternatives and refuses what does not fit', () => {
  const crd = (items: JsonValue): JsonObject => ({
    kind: 'CustomResourceDefinition',
    apiVersion: 'apiextensions.k8s.io/v1',
    spec: { versions: [{ schema: { openAPIV3Schema: { items } } }] },
  })

  const { object } = decodeObject(encodeObject(crd([{ type: 'string' }])))

  assert.deepEqual(schemaOf(object), schemaOf(crd([{ type: 'string' }])))
  assert.throws(() => encodeObject({ kind: 'Pod', apiVersion: 'v1', spec: 'x' }), {
    code: 'bad-input',
    message: 'spec: "x" does not fit its type',
  })
  assert.throws(() => encodeObject({ kind: 'Pod', apiVersion: 'v1', spec: { priority: 'x' } }), { code: 'bad-input' })
  assert.throws(() => encodeObject({ kind: 'Nope', apiVersion: 'v1' }), {
    message: 'no kind "Nope" is registered for version "v1"',
  })
})

function schemaOf(crd: JsonObject): unknown {
  // The definitions above have one version.
  const { versions } = crd['spec'] as unknown as { readonly versions: readonly { readonly schema: unknown }[] }
  return versions[0]?.schema
}

const SOUND = body('v1', 'ConfigMap', (map) => {
  partField(map, 1, (metadata) => textField(metadata, 1, 'a-name-that-is-long-enough'))
  partField(map, 2, (entry) => {
    textField(entry, 1, 'key')
    textField(entry, 2, 'value')
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
  ['endless varint', body('v1', 'ConfigMap', (m) => bytesField(m, 1, Buffer.alloc(12, 0xff))), /more than ten bytes/],
  ['length beyond the end', Buffer.from('6b3873000affffffff7f', 'hex'), /ends within a field/],
  ['field zero', body('v1', 'ConfigMap', (m) => integerField(m, 0, 1)), /there is no field 0/],
  ['a group', body('v1', 'ConfigMap', (m) => bytesField(m, 1, Buffer.from([0x0b]))), /wire type 3/],
  ['a number for a message', body('v1', 'ConfigMap', (m) => integerField(m, 1, 1)), /wire type 0 where a message/],
  [
    'a number for a string',
    body('v1', 'ConfigMap', (m) => partField(m, 1, (p) => integerField(p, 1, 1))),
    /where a string is expected/,
  ],
  [
    'no UTF-8',
    body('v1', 'ConfigMap', (m) => partField(m, 1, (p) => bytesField(p, 1, Buffer.from([0xff])))),
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
    const message: Message = []
    bytesField(message, 28, schema) // JSONSchemaProps.not
    schema = Buffer.from(message)
  }
  const bytes = body('apiextensions.k8s.io/v1', 'CustomResourceDefinition', (crd) =>
    partField(crd, 2, (spec) =>
      partField(spec, 7, (version) => partField(version, 4, (validation) => bytesField(validation, 1, schema))),
    ),
  )

  assert.throws(() => decodeObject(bytes), { code: 'limit' })
})
