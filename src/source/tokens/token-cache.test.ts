import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../base/clock.ts'
import { Secret } from '../../base/secret.ts'
import { type AccessToken, REFUSAL_MS, RENEWAL_MARGIN_MS, TokenCache } from './token-cache.ts'

const HOUR_MS = 3_600_000

function issuer(clock: ManualClock, lifeMs: number): { asked: number; ask: () => Promise<AccessToken> } {
  const made = {
    asked: 0,
    ask: async (): Promise<AccessToken> => {
      made.asked++
      return { token: new Secret(`token-${made.asked}`), expiresAtMs: clock.now() + lifeMs }
    },
  }
  return made
}

test('a token is asked for once by all who come at the same time, and kept until shortly before its end', async () => {
  const clock = new ManualClock()
  const tokens = new TokenCache(clock)
  const hour = issuer(clock, HOUR_MS)

  const first = await Promise.all([tokens.get('a', hour.ask), tokens.get('a', hour.ask), tokens.get('a', hour.ask)])
  clock.advance(HOUR_MS - RENEWAL_MARGIN_MS - 1)
  const late = await tokens.get('a', hour.ask)
  clock.advance(1)
  const renewed = await tokens.get('a', hour.ask)

  assert.deepEqual(new Set([...first, late].map(({ token }) => token.reveal())), new Set(['token-1']))
  assert.equal(renewed.token.reveal(), 'token-2')
})

test('one that lives shorter than the margin is used for four fifths of its life', async () => {
  const clock = new ManualClock()
  const tokens = new TokenCache(clock)
  const minute = issuer(clock, 60_000)

  await tokens.get('a', minute.ask)
  clock.advance(47_999)
  await tokens.get('a', minute.ask)
  const before = minute.asked
  clock.advance(1)
  await tokens.get('a', minute.ask)

  assert.deepEqual([before, minute.asked], [1, 2])
})

test('a refusal is repeated from memory for a moment, then asked about again', async () => {
  const clock = new ManualClock()
  const tokens = new TokenCache(clock)
  let asked = 0
  const ask = async (): Promise<AccessToken> => {
    asked++
    throw new Error(`refused ${asked}`)
  }

  await assert.rejects(tokens.get('a', ask), /refused 1/)
  await assert.rejects(tokens.get('a', ask), /refused 1/)
  clock.advance(REFUSAL_MS)
  await assert.rejects(tokens.get('a', ask), /refused 2/)
})
