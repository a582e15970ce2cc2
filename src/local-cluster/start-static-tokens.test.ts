// Static tokens as kube-apiserver reads them, one line a case.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../base/clock.ts'
import { openMemoryStore } from './storage/open-store.ts'
import { MAX_TOKEN_FILE_BYTES, parseTokenFile } from './start-static-tokens.ts'
import { openTokenKeys } from './start-token-keys.ts'
import { createTokenIssuer } from './start-tokens.ts'

const ALL = 'system:authenticated'

test('reads users, groups and quotes', () => {
  const text = 'abc,jane,u1\r\n\ndef,"o""tto",u2,"dev,ops"\n,nobody,u3\nabc,joe,u4,one\nlast,x,'

  const { users, warnings } = parseTokenFile(text)

  assert.deepEqual(Object.fromEntries(users), {
    abc: { name: 'joe', uid: 'u4', groups: ['one', ALL] },
    def: { name: 'o"tto', uid: 'u2', groups: ['dev', 'ops', ALL] },
    last: { name: 'x', uid: '', groups: [ALL] },
  })
  assert.deepEqual(warnings, ['line 4: empty token', 'line 5: duplicate token'])
})

test('refuses files that are none', () => {
  const cases: readonly [string, RegExp][] = [
    ['a,b', /at least 3 columns \(token, user name, user uid\), found 2 in line 1/],
    ['a,b,c\n"x,y,z', /a quoted field does not end, line 2/],
    ['a,"b"c,d', /text after a quoted field, line 1/],
    ['a,b"c,d', /bare " in a field/],
    ['x'.repeat(MAX_TOKEN_FILE_BYTES + 1), /at most 4194304 bytes/],
  ]
  for (const [text, message] of cases) assert.throws(() => parseTokenFile(text), message)
})

test('a static token stands for its user, for the API server alone', async () => {
  const store = openMemoryStore()
  const { users } = parseTokenFile('abc,jane,u1,dev')
  const issuer = createTokenIssuer({
    keys: openTokenKeys(undefined),
    clock: new ManualClock(),
    store,
    staticTokens: users,
  })

  assert.deepEqual(await issuer.review('abc', issuer.defaultAudiences), {
    name: 'jane',
    uid: 'u1',
    groups: ['dev', ALL],
  })
  assert.equal(await issuer.review('abc', ['elsewhere']), undefined)
  assert.equal(await issuer.review('abd', []), undefined)
  await store.close()
})
