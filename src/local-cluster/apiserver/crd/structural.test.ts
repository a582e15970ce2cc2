import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import { decodeStructural, type Schema } from './structural.ts'

const SCHEMA: Schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        mode: { type: 'string', default: 'auto' },
        size: { type: 'integer', nullable: true },
        parts: {
          type: 'array',
          items: { type: 'object', properties: { name: { type: 'string' }, weight: { type: 'integer', default: 1 } } },
        },
        inner: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
      },
    },
  },
}

function widget(spec: JsonObject): KubeObject {
  return { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' }, spec } as unknown as KubeObject
}

describe('decoding by a structural schema', () => {
  it('drops unknown fields and names them', () => {
    const unknown: string[] = []

    const decoded = decodeStructural(
      widget({
        mode: 'm',
        extra: 1,
        parts: [
          { name: 'a', weight: 1 },
          { name: 'b', weight: 2, color: 'red' },
        ],
        inner: { metadata: { name: 'x', color: 'red' } },
      }),
      SCHEMA,
      unknown,
    )

    assert.deepEqual(
      unknown,
      ['spec.extra', 'spec.parts[1].color', 'spec.inner.color'].map((path) =>
        path.replace('inner.color', 'inner.metadata.color'),
      ),
    )
    assert.deepEqual((decoded as unknown as JsonObject)['spec'], {
      mode: 'm',
      parts: [
        { name: 'a', weight: 1 },
        { name: 'b', weight: 2 },
      ],
      inner: { metadata: { name: 'x' } },
    })
  })

  it('fills defaults in, in lists too, and drops nulls that may not be', () => {
    const decoded = decodeStructural(widget({ mode: null, size: null, parts: [{ name: 'a', weight: null }] }), SCHEMA)

    assert.deepEqual((decoded as unknown as JsonObject)['spec'], {
      mode: 'auto',
      size: null,
      parts: [{ name: 'a', weight: 1 }],
    })
  })

  it('gives back the very object where nothing is to change, and shares what does not change', () => {
    const clean = widget({ mode: 'm', parts: [{ name: 'a', weight: 1 }] })
    const parts = [{ name: 'a', weight: 1 }]

    const changed = decodeStructural(widget({ extra: 1, mode: 'm', parts }), SCHEMA) as unknown as {
      readonly spec: JsonObject
    }

    assert.equal(decodeStructural(clean, SCHEMA), clean)
    assert.equal(changed.spec['parts'], parts)
  })
})
