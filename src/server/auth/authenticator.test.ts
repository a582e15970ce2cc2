import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { ManualClock } from '../../base/clock.ts'
import { Secret } from '../../base/secret.ts'
import { createAuthenticator, MAX_LOGINS, type Account, type Authenticator } from './authenticator.ts'
import { hashPassword, isPasswordOf, randomPassword } from './passwords.ts'

describe('sessions', () => {
  const key = new Secret('k'.repeat(32))
  const right = new Secret('correct horse')
  const wrong = new Secret('wrong horse')
  let admin: Account

  before(async () => {
    admin = {
      name: 'admin',
      enabled: true,
      capabilities: ['login'],
      passwordHash: await hashPassword(right),
      passwordChangedMs: undefined,
      tokenIds: [],
    }
  })

  /** A clock whose timers fire at once, so that the delay of a login costs nothing. */
  function setUp(change: Partial<Account> = {}): {
    clock: ManualClock
    authenticator: Authenticator
    account: { now: Account }
  } {
    const clock = new ManualClock()
    const account = { now: { ...admin, ...change } }
    const authenticator = createAuthenticator({
      clock: { now: () => clock.now(), schedule: (_, task) => (queueMicrotask(task), () => {}) },
      account: (name) => (name === account.now.name ? account.now : undefined),
      signingKey: () => key,
      sessionMs: () => 3_600_000,
    })
    return { clock, authenticator, account }
  }

  test('[004-33] the right password gives a token that names the account', async () => {
    const { authenticator } = setUp()

    const token = await authenticator.login('admin', right)

    const identity = await authenticator.identify(token)
    assert.deepEqual(
      { ...identity, issuedAt: 0 },
      {
        subject: 'admin',
        username: 'admin',
        issuer: 'argocd',
        groups: [],
        issuedAt: 0,
        sessionEndsAt: identity.issuedAt + 3600,
      },
    )
  })

  test('renews a session in its last five minutes, and no sooner', async () => {
    const { authenticator, clock } = setUp()
    const identity = await authenticator.identify(await authenticator.login('admin', right))

    clock.advance(54 * 60_000)
    const early = await authenticator.renew(identity)
    clock.advance(2 * 60_000)
    const due = await authenticator.renew(identity)

    assert.equal(early, undefined)
    assert.ok(((await authenticator.identify(due ?? '')).sessionEndsAt ?? 0) > (identity.sessionEndsAt ?? 0))
  })

  test('a rush of logins is refused past its limit, and over when they have ended', async () => {
    const { authenticator } = setUp()
    const login = (): Promise<string> => authenticator.login('nobody', new Secret('x'), AbortSignal.abort())
    const rush = Array.from({ length: MAX_LOGINS }, login)

    await assert.rejects(authenticator.login('admin', right), { message: 'Invalid username or password' })

    await Promise.allSettled(rush)
    assert.equal(typeof (await authenticator.login('admin', right)), 'string')
  })

  test('an unknown account and a wrong password get one text', async () => {
    const { authenticator } = setUp()

    await assert.rejects(authenticator.login('admin', wrong), {
      code: 'unauthenticated',
      message: 'Invalid username or password',
    })
    await assert.rejects(authenticator.login('nobody', right), { message: 'Invalid username or password' })
    await assert.rejects(authenticator.login('a'.repeat(33), right), { message: 'Invalid username or password' })
    await assert.rejects(authenticator.login('admin', new Secret('x'.repeat(1025))), {
      message: 'Invalid username or password',
    })
    await assert.rejects(authenticator.login('admin', new Secret('')), { message: 'Blank passwords are not allowed' })
  })

  test('after five failures the right password fails too, until the window has passed', async () => {
    const { authenticator, clock } = setUp()
    for (let attempt = 0; attempt < 5; attempt++) await assert.rejects(authenticator.login('admin', wrong))

    await assert.rejects(authenticator.login('admin', right), { message: 'Invalid username or password' })
    clock.advance(300_000)
    assert.ok(await authenticator.login('admin', right))
  })

  test('a session ends by time, by logout, and by a changed password', async () => {
    const { authenticator, clock, account } = setUp()
    const token = await authenticator.login('admin', right)
    const other = await authenticator.login('admin', right)

    await authenticator.revoke(other)
    await assert.rejects(authenticator.identify(other), {
      message: 'invalid session: token is revoked, please re-login',
    })
    account.now = { ...account.now, passwordChangedMs: clock.now() + 5000 }
    await assert.rejects(authenticator.identify(token), /account password has changed since token issued/)
    account.now = { ...account.now, passwordChangedMs: undefined }
    clock.advance(3_600_001)
    await assert.rejects(authenticator.identify(token), { message: 'invalid session: token is expired' })
    await assert.rejects(authenticator.identify(`${token}x`), /invalid session: token is not valid/)
  })

  test('a disabled account and one without the capability are told so', async () => {
    await assert.rejects(setUp({ enabled: false }).authenticator.login('admin', right), /Account admin is disabled/)
    await assert.rejects(
      setUp({ capabilities: ['apiKey'] }).authenticator.login('admin', right),
      /does not have login capability/,
    )
  })

  test('a first password has 16 characters, and a broken hash matches nothing', async () => {
    assert.match(randomPassword().reveal(), /^[\w-]{16}$/)
    assert.equal(await isPasswordOf('nonsense', right), false)
  })
})
