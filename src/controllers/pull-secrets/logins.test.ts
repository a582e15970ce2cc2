// When the logins of registry credentials are issued, kept, renewed and asked for again.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ManualClock } from '../../base/clock.ts'
import { Secret } from '../../base/secret.ts'
import type { IssuedLogin } from '../../registry/issued-login.ts'
import type { RegistryCredential } from '../../settings/registry-credential.ts'
import { configurationHash } from '../../settings/registry-identity.ts'
import { Logins } from './logins.ts'

const HOUR = 3_600_000
const SIGNAL = new AbortController().signal

function ecr(region = 'eu-central-1', version = '1'): RegistryCredential {
  return {
    id: 'ecr',
    address: '123456789012.dkr.ecr.eu-central-1.amazonaws.com',
    project: '',
    kind: 'ecr',
    login: { kind: 'ecr', region, aws: { roles: [] } },
    isInsecure: false,
    tokenHosts: [],
    options: { isPropagated: true },
    source: { namespace: 'argocd', name: 'ecr', uid: 'u', resourceVersion: version, isAdopted: false },
  }
}

interface Scene {
  readonly clock: ManualClock
  readonly logins: Logins
  /** Times of the calls. */
  readonly calls: number[]
  readonly changes: string[]
  readonly told: (string | undefined)[]
  state: { lifeMs: number; skewMs: number; error: string | undefined; isUsed: boolean; hold: Promise<void> | undefined }
}

function scene(): Scene {
  const clock = new ManualClock()
  const calls: number[] = []
  const changes: string[] = []
  const told: (string | undefined)[] = []
  /** As the real issuer shares what is young. */
  let shared: { login: IssuedLogin; untilMs: number } | undefined
  const state: Scene['state'] = { lifeMs: 12 * HOUR, skewMs: 0, error: undefined, isUsed: true, hold: undefined }
  const logins = new Logins({
    clock,
    random: () => 0.5,
    retryMs: 60_000,
    isUsed: () => state.isUsed,
    onChange: (id) => changes.push(id),
    onIssued: (_credential, error) => told.push(error),
    issuer: {
      async issue(_credential, _signal, options): Promise<IssuedLogin> {
        if (shared !== undefined && options?.isFresh !== true && clock.now() < shared.untilMs) return shared.login
        calls.push(clock.now())
        await state.hold
        if (state.error !== undefined) throw new Error(state.error)
        const expiresAt = new Date(clock.now() + state.skewMs + state.lifeMs)
        const login = {
          username: 'AWS',
          password: new Secret(`token-${calls.length}`),
          issuedAt: new Date(clock.now()),
          expiresAt,
        }
        if (state.lifeMs < HOUR) shared = { login, untilMs: clock.now() + state.lifeMs / 4 }
        return login
      },
      async close() {},
    },
  })
  logins.take([ecr()])
  return { clock, logins, calls, changes, told, state }
}

/** Lets what was begun go on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

/** Moves time on in steps, as a process lives through it. */
async function live({ clock, logins }: Scene, ms: number, each: () => void = () => undefined): Promise<void> {
  const stepMs = ms > 100 * HOUR ? 300_000 : 30_000
  for (let passed = 0; passed < ms; passed += stepMs) {
    clock.advance(stepMs)
    await settle()
    each()
  }
  assert.ok(logins)
}

describe('the login of a registry', () => {
  test('[003-09] is valid without a gap over 50 lives, and asked for once each half of them', async () => {
    const story = scene()
    await story.logins.get('ecr', SIGNAL)
    let gaps = 0

    await live(story, 50 * 12 * HOUR, () => {
      const login = story.logins.current('ecr')
      // Never within ten minutes of its end: other machines' clocks may be ahead.
      if (login === undefined || (login.expiresAt?.getTime() ?? 0) - story.clock.now() < 600_000) gaps++
    })

    assert.equal(gaps, 0)
    assert.ok(story.calls.length >= 100 && story.calls.length <= 112, String(story.calls.length))
  })

  test('[003-20] (d) is issued once, however many ask at once, and adopted from a Secret after a restart', async () => {
    const story = scene()
    const found = await Promise.all(Array.from({ length: 1000 }, () => story.logins.get('ecr', SIGNAL)))
    assert.equal(story.calls.length, 1)
    assert.equal(new Set(found).size, 1)

    const next = scene()
    const [login] = found
    assert.ok(login)
    next.logins.adopt('ecr', configurationHash(ecr()), login)
    assert.equal((await next.logins.get('ecr', SIGNAL)).password.reveal(), 'token-1')
    next.logins.adopt('ecr', 'another configuration', { ...login, issuedAt: new Date(next.clock.now() + 1) })
    assert.equal(next.calls.length, 0)
  })

  test('stays on failure, which is told and not repeated more than once a minute', async () => {
    const story = scene()
    await story.logins.get('ecr', SIGNAL)
    story.state.error = 'ThrottlingException'
    const before = story.clock.now()

    await live(story, 11 * HOUR)

    assert.equal(story.logins.current('ecr')?.password.reveal(), 'token-1')
    assert.equal(story.logins.stateOf('ecr').error, 'ThrottlingException')
    const failed = story.calls.filter((at) => at > before)
    assert.ok(failed.length > 5)
    for (const [index, at] of failed.entries()) assert.ok(at - (failed[index - 1] ?? 0) >= 60_000)
    assert.ok(story.changes.length >= failed.length)

    await live(story, 2 * HOUR)
    await assert.rejects(story.logins.get('ecr', SIGNAL), /ThrottlingException/)
    assert.equal(story.logins.current('ecr'), undefined)
    story.state.error = undefined
    await live(story, HOUR)
    assert.equal(story.logins.stateOf('ecr').error, undefined)
    assert.ok(story.logins.current('ecr'))
  })

  test('[003-20] (e) is issued anew at once when the configuration changes, and after a failure when the Secret does', async () => {
    const story = scene()
    await story.logins.get('ecr', SIGNAL)

    story.logins.take([ecr('us-east-1', '2')])
    await live(story, 30_000)
    assert.equal(story.logins.current('ecr')?.password.reveal(), 'token-2')

    story.state.error = 'AccessDenied'
    story.logins.take([ecr('us-east-2', '3')])
    await live(story, 30_000)
    assert.equal(story.logins.current('ecr'), undefined)
    const calls = story.calls.length
    await assert.rejects(story.logins.get('ecr', SIGNAL), /AccessDenied/)
    assert.equal(story.calls.length, calls)
    story.state.error = undefined
    story.logins.take([ecr('us-east-2', '4')])
    await live(story, 30_000)
    assert.ok(story.logins.current('ecr'))
  })

  test('is not renewed where nobody uses it, and issued when somebody does', async () => {
    const story = scene()
    await story.logins.get('ecr', SIGNAL)
    story.state.isUsed = false

    await live(story, 48 * HOUR)

    assert.equal(story.calls.length, 1)
    assert.ok(await story.logins.get('ecr', SIGNAL))
    assert.equal(story.calls.length, 2)
  })

  for (const skewMinutes of [-5, 5]) {
    test(`lives through a clock that is ${skewMinutes} minutes off`, async () => {
      const story = scene()
      story.state.skewMs = skewMinutes * 60_000
      story.state.lifeMs = HOUR
      await story.logins.get('ecr', SIGNAL)
      let isGap = false

      await live(story, 24 * HOUR, () => {
        const end = (story.logins.current('ecr')?.expiresAt?.getTime() ?? 0) - story.state.skewMs
        isGap ||= end <= story.clock.now()
      })

      assert.equal(isGap, false)
      assert.ok(story.calls.length < 70)
    })
  }

  test('that ends before it began is not asked for without pause', async () => {
    const story = scene()
    story.state.lifeMs = -HOUR
    await story.logins.get('ecr', SIGNAL)

    await live(story, 10 * 60_000)

    assert.ok(story.calls.length <= 11)
  })

  for (const minutes of [10.05, 11, 13, 14]) {
    test(`that lives ${minutes} minutes is renewed, once a minute at most`, async () => {
      const story = scene()
      story.state.lifeMs = minutes * 60_000
      await story.logins.get('ecr', SIGNAL)
      let isGap = false
      await live(story, 2 * HOUR, () => {
        isGap ||= story.logins.current('ecr') === undefined
      })
      assert.equal(isGap, false)
      assert.ok(story.calls.length > 10)
      for (const [index, at] of story.calls.entries())
        assert.ok(index === 0 || at - (story.calls[index - 1] ?? 0) >= 60_000)
    })
  }

  test('of a new configuration does not wait for what the failure of the old one would have it wait', async () => {
    const story = scene()
    const held = Promise.withResolvers<void>()
    story.state.hold = held.promise
    story.state.error = 'AccessDenied'
    const first = story.logins.get('ecr', SIGNAL).catch(() => undefined)
    await settle()
    story.logins.take([ecr('us-east-1', '2')])
    story.state.hold = undefined
    held.resolve()
    await first
    story.state.error = undefined
    await live(story, 30_000)
    assert.ok(story.logins.current('ecr'))
    assert.deepEqual(story.told, [undefined])
  })

  test('is not adopted where it says to be of the future, or to live longer than any does', () => {
    const { logins, clock } = scene()
    const login = (issued: number, lifeMs: number): void =>
      logins.adopt('ecr', configurationHash(ecr()), {
        username: 'AWS',
        password: new Secret('adopted'),
        issuedAt: new Date(clock.now() + issued),
        expiresAt: new Date(clock.now() + issued + lifeMs),
      })
    login(HOUR, HOUR)
    login(0, 3650 * 24 * HOUR)
    assert.equal(logins.current('ecr'), undefined)
    login(-HOUR, 12 * HOUR)
    assert.ok(logins.current('ecr'))
  })

  test('[003-10] that does not expire is what its Secret says, at once', () => {
    const story = scene()
    const fixed = (password: string, version: string): RegistryCredential => ({
      ...ecr('x', version),
      id: 'fixed',
      kind: 'static',
      login: { kind: 'static', username: 'ann', password: new Secret(password) },
    })
    assert.deepEqual(story.logins.take([fixed('a', '1')]), ['ecr', 'fixed'])
    assert.equal(story.logins.current('fixed')?.password.reveal(), 'a')
    assert.deepEqual(story.logins.take([fixed('a', '2')]), [])
    assert.deepEqual(story.logins.take([fixed('b', '3')]), ['fixed'])
    assert.equal(story.logins.current('fixed')?.password.reveal(), 'b')
    assert.equal(story.calls.length, 0)
  })
})
