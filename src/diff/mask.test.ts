import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hideSecretData } from './mask.ts'

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

function secret(data: object | undefined, annotations?: Readonly<Record<string, string>>): never {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: annotations ? { annotations } : {},
    ...(data && { data }),
  } as never
}

test('plain text in stringData is masked too', () => {
  const wanted = { apiVersion: 'v1', kind: 'Secret', metadata: {}, stringData: { a: 'plain' } }

  const masked = hideSecretData(wanted, secret({ a: 'cGxhaW4=' }))

  assert.deepEqual(masked.wanted, secret({ a: '++++++++' }))
  assert.deepEqual(masked.live, secret({ a: '++++++++' }))
})

test('a last-applied text that does not parse is hidden as a whole', () => {
  const masked = hideSecretData(undefined, secret({ a: 'eA==' }, { [LAST_APPLIED]: '{"data":{"a":"leak' }))

  assert.doesNotMatch(JSON.stringify(masked), /leak|eA==/)
})

test('annotations that were named are hidden in every copy', () => {
  const original = JSON.stringify(secret(undefined, { token: 'old' }))
  const live = secret(undefined, { token: 'new', shown: 'yes', [LAST_APPLIED]: original })

  const masked = hideSecretData(secret(undefined, { token: 'new' }), live, new Set(['token']))

  assert.deepEqual(masked.wanted, secret(undefined, { token: '++++++++' }))
  assert.deepEqual(masked.live?.metadata.annotations, {
    token: '++++++++',
    shown: 'yes',
    [LAST_APPLIED]: JSON.stringify(secret(undefined, { token: '++++++++++++' })),
  })
})

test('masking changes nothing in place', () => {
  const live = secret({ a: 'eA==' })

  hideSecretData(undefined, live)

  assert.deepEqual(live, secret({ a: 'eA==' }))
})
