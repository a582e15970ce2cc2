// Trying a credential: who is told to be at fault, and who is never shown a password.
import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { answer, type Answer } from '../../test/support/registry-scene.ts'
import { startOciRegistry } from '../../test/support/oci-registry.ts'
import { serviceFixture } from '../../test/support/service-fixture.ts'
import { systemClock } from '../base/clock.ts'
import { CapstanError } from '../base/errors.ts'
import { Secret } from '../base/secret.ts'
import { createLoginIssuer } from './issue.ts'
import { probeRegistry } from './probe.ts'
import { isTrustedRealm } from './realm-rules.ts'

const users = { ann: { password: 'pä:ss' } }

interface Tried {
  readonly address: string
  readonly password?: string
  readonly tokenHosts?: readonly string[]
}

async function outcomeOf(t: TestContext, { address, password = 'pä:ss', tokenHosts = [] }: Tried): Promise<string> {
  const issuer = createLoginIssuer({ clock: systemClock, env: {} })
  t.after(() => issuer.close())
  const login = { kind: 'static', username: 'ann', password: new Secret(password) } as const
  const credential = { address, kind: login.kind, login, isInsecure: false, tokenHosts }
  try {
    await probeRegistry(credential, { clock: systemClock, issuer }, new AbortController().signal)
    return 'taken'
  } catch (error) {
    if (!(error instanceof CapstanError)) throw error
    assert.doesNotMatch(error.message, /pä:ss|hunter2/)
    return `${error.code}: ${error.message.replaceAll(/127\.0\.0\.1:\d+/g, 'HOST')}`
  }
}

describe('a credential that is tried', () => {
  for (const login of ['basic', 'token'] as const) {
    test(`is taken by a registry with ${login} login, or refused at once`, async (t) => {
      const { host } = await startOciRegistry(t, { users, login })

      assert.equal(await outcomeOf(t, { address: host }), 'taken')
      assert.equal(await outcomeOf(t, { address: `${host}/team` }), 'taken')
      assert.match(
        await outcomeOf(t, { address: host, password: 'wrong' }),
        /^bad-input: the registry HOST refuses the login: .*401/,
      )
    })
  }

  test('is not shown to a token server that is not the registry’s', async (t) => {
    const thief = await serviceFixture(t)
    const realm = `${thief.url.replace('127.0.0.1', 'localhost')}/token`
    const challenge = answer(401, { 'www-authenticate': `Bearer realm="${realm}",service="x"` })
    const { host } = await startOciRegistry(t, { intercept: challenge })

    assert.match(
      await outcomeOf(t, { address: host }),
      /^bad-input: .*sends logins to localhost:\d+, which is not allowed: refused; name the host/,
    )
    assert.equal(thief.asked.length, 0)
    assert.match(await outcomeOf(t, { address: host, tokenHosts: ['localhost'] }), /did not include a token/)
    assert.equal(thief.asked.length, 1)
  })

  const hostile: readonly (readonly [string, Answer, RegExp])[] = [
    [
      'a page',
      answer(200, { 'content-type': 'text/html' }, '<html>'),
      /^unavailable: HOST does not answer as a registry: .*sent a page/,
    ],
    ['nothing at all, for anybody', answer(200, {}, '{}'), /^taken$/],
    [
      'an error',
      answer(500, {}, 'hunter2'),
      /^unavailable: HOST does not answer as a registry: .*500 Internal Server Error$/,
    ],
    ['no such path', answer(404, {}), /^unavailable: HOST does not answer as a registry: .*404 Not Found$/],
    [
      'a redirect elsewhere',
      answer(302, { location: 'ftp://evil.example/' }),
      /^bad-input: .*refused the redirect to ftp:\/\/evil\.example; name/,
    ],
  ]
  for (const [what, intercept, outcome] of hostile) {
    test(`is told of in plain words where the registry answers with ${what}`, async (t) => {
      const { host } = await startOciRegistry(t, { intercept })

      assert.match(await outcomeOf(t, { address: host }), outcome)
    })
  }

  test('is told of where nobody answers', async (t) => {
    assert.match(
      await outcomeOf(t, { address: '127.0.0.1:1' }),
      /^unavailable: the registry HOST does not answer: .*connection refused$/,
    )
  })
})

for (const [registry, realm, isTrusted] of [
  ['registry-1.docker.io', 'https://auth.docker.io/token', true],
  ['ghcr.io', 'https://ghcr.io/token', true],
  ['registry.gitlab.com', 'https://gitlab.com/jwt/auth', true],
  ['registry.example.com', 'https://gitlab.example.com/jwt/auth', true],
  ['registry.example.com:5000', 'https://registry.example.com/token', true],
  ['example.com', 'https://other.com/', false],
  ['quay.io', 'https://evil.io/', false],
  ['registry.example.com', 'https://example.com.evil.io/', false],
  ['10.0.0.1', 'https://10.0.0.2/', false],
  ['[::1]:5000', 'http://[::1]:6000/', true],
] as const) {
  test(`${realm} ${isTrusted ? 'may' : 'may not'} see logins of ${registry}`, () => {
    assert.equal(isTrustedRealm(new URL(realm), registry), isTrusted)
  })
}
