// Objects are brought into the form in which the API server keeps them before they are compared.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { normalizeSecret } from './normalize.ts'

test('base64 in lines, as kustomize writes it, is one line', () => {
  const secret = { apiVersion: 'v1', kind: 'Secret', data: { a: 'AAAA\nBBBB\n', b: null }, stringData: { c: 'x\n' } }

  assert.deepEqual(normalizeSecret(secret), {
    apiVersion: 'v1',
    kind: 'Secret',
    data: { a: 'AAAABBBB', b: '', c: 'eAo=' },
  })
})
