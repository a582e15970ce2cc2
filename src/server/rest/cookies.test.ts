import assert from 'node:assert/strict'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { test } from 'node:test'
import { Secret } from '../../base/secret.ts'
import { clearedTokenCookies, cookieScope, tokenCookies, tokenOf } from './cookies.ts'

function requestWith(headers: Readonly<Record<string, string>>): IncomingMessage {
  const request = new IncomingMessage(new Socket())
  Object.assign(request.headers, headers)
  return request
}

test('a token comes from the bearer header or the cookie, the header first', () => {
  assert.equal(tokenOf(requestWith({ authorization: 'Bearer abc', cookie: 'argocd.token=def' }))?.reveal(), 'abc')
  assert.equal(tokenOf(requestWith({ cookie: 'a=1; argocd.token=def; b=2' }))?.reveal(), 'def')
  assert.equal(tokenOf(requestWith({ authorization: 'Basic abc' })), undefined)
  assert.equal(tokenOf(requestWith({})), undefined)
})

for (const length of [10, 4000, 5000, 20_000]) {
  test(`a token of ${length} characters survives its cookies`, () => {
    const token = 'x'.repeat(length - 1) + 'y'

    const cookies = tokenCookies(new Secret(token), cookieScope('/', true))

    assert.ok(cookies.every((cookie) => cookie.length <= 4093 && cookie.endsWith('SameSite=lax; httpOnly; Secure')))
    const header = cookies.map((cookie) => cookie.split(';', 1)[0]).join('; ')
    assert.equal(tokenOf(requestWith({ cookie: header }))?.reveal(), token)
  })
}

test('logging out empties the cookie', () => {
  assert.deepEqual(clearedTokenCookies(cookieScope('/', false)), [
    'argocd.token=; Max-Age=0; path=/; SameSite=lax; httpOnly',
  ])
  assert.deepEqual(clearedTokenCookies(cookieScope('/argo/', true)), [
    'argocd.token=; Max-Age=0; path=/argo; SameSite=lax; httpOnly; Secure',
  ])
})
