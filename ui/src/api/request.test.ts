// Tests calls of the REST API: paths, bodies and the texts of failures.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError, apiPath, callApi, withQuery } from './request.ts'

function answering(status: number, body: string): typeof fetch {
  return async () => new Response(body, { status, statusText: 'Bad Gateway' })
}

test('escapes a repository address as one segment', () => {
  assert.equal(
    apiPath`/repositories/${'https://example.com/a b.git'}/refs`,
    '/api/v1/repositories/https%3A%2F%2Fexample.com%2Fa%20b.git/refs',
  )
})

test('leaves values that are not set out of a query', () => {
  assert.equal(withQuery('/x', { a: 'b&c', force: false, none: undefined, empty: '' }), '/x?a=b%26c&force=false')
  assert.equal(withQuery('/x', {}), '/x')
})

test('sends changes as JSON, which the server insists on, also without a body', async () => {
  const sent: RequestInit[] = []
  const send: typeof fetch = async (_path, init) => {
    sent.push(init ?? {})
    return new Response('')
  }

  await callApi('/x', { method: 'POST', body: { prune: true }, send })
  await callApi('/x', { method: 'DELETE', send })

  assert.deepEqual(
    sent.map(({ method, headers, body }) => [method, headers, body]),
    [
      ['POST', { 'content-type': 'application/json' }, '{"prune":true}'],
      ['DELETE', { 'content-type': 'application/json' }, undefined],
    ],
  )
})

test("shows the server's own words, and the status line where there are none", async () => {
  const cases = [
    [400, '{"error":"e","code":3,"message":"app path does not exist"}', 'app path does not exist'],
    [502, '<html>', '502 Bad Gateway'],
    [502, '{"message":""}', '502 Bad Gateway'],
    [502, 'null', '502 Bad Gateway'],
  ] as const
  for (const [status, body, message] of cases) {
    await assert.rejects(callApi('/x', { send: answering(status, body) }), new ApiError(status, message))
  }
})

test('says that no answer came, but passes an abort on', async () => {
  const failure = new TypeError('Failed to fetch')
  const send: typeof fetch = async () => {
    throw failure
  }

  await assert.rejects(callApi('/x', { send }), { name: 'ApiError', status: 0 })
  await assert.rejects(callApi('/x', { send, signal: AbortSignal.abort() }), failure)
})
