import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CapstanError, type ErrorCode } from '../base/errors.ts'
import { errorAnswer, UnsupportedContentType } from './errors.ts'

const cases: readonly [ErrorCode, number, number][] = [
  ['bad-input', 3, 400],
  ['unauthenticated', 16, 401],
  ['forbidden', 7, 403],
  ['not-found', 5, 404],
  ['already-exists', 6, 409],
  ['precondition', 9, 400],
  ['internal', 13, 500],
  ['unavailable', 14, 503],
  ['unsupported', 12, 501],
  ['timeout', 4, 504],
]
for (const [code, grpc, status] of cases) {
  test(`answers ${code} with gRPC code ${grpc} and HTTP ${status}`, () => {
    assert.deepEqual(errorAnswer(new CapstanError(code, 'why')), {
      status,
      body: { error: 'why', code: grpc, message: 'why' },
    })
  })
}

test('an error that is not ours shows no detail', () => {
  const { status, body } = errorAnswer(new TypeError('cannot read password of undefined'))

  assert.deepEqual([status, body.message], [500, 'internal server error'])
})

test('a wrong content type is answered as upstream does', () => {
  assert.deepEqual(errorAnswer(new UnsupportedContentType()).status, 415)
})
