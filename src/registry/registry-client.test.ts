// Asking registries on this machine: logging in, what is refused, limits.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type OciRegistryOptions } from '../../test/support/oci-registry.ts'
import { answer, as, failureOf, registryScene } from '../../test/support/registry-scene.ts'
import { MAX_CONNECTIONS } from './http-exchange.ts'
import { type Access } from './registry-client.ts'

const REFUSED = 'denied: pull access denied, repository does not exist or may require authorization: '

describe('a registry client', () => {
  test('resolves a tag and reads size and id of the platform’s image', async (t) => {
    const { registry, client, image } = await registryScene(t)
    const digest = registry.addImage('team/app', '1')

    const resolved = await client.resolve(image('team/app:1'))
    const details = await client.details(image('team/app:1'), digest, {
      platform: { os: 'linux', architecture: 'arm64' },
    })

    assert.equal(resolved.digest, digest)
    assert.match(details.id ?? '', /^sha256:/)
    assert.ok(details.sizeBytes > 4_000_000)
  })

  test('says as containerd where a list has nothing for a platform', async (t) => {
    const { registry, client, image } = await registryScene(t)
    const digest = registry.addImage('team/app', '1', ['windows/amd64'])
    const platform = { os: 'linux', architecture: 'amd64' }

    const failure = await failureOf(client.details(image('team/app:1'), digest, { platform }))

    assert.equal(failure, 'not-found: no match for platform in manifest: not found')
  })

  const logins: readonly [OciRegistryOptions['login'], string, Access, string, string][] = [
    ['open', 'anyone', {}, 'team/app:1', 'no failure'],
    ['open', 'anyone', {}, 'team/app:2', 'not-found: HOST/team/app:2: not found'],
    ['basic', 'nobody', {}, 'team/app:1', `${REFUSED}authorization failed: no basic auth credentials`],
    ['basic', 'a user', as('ann', 'pä:ss'), 'team/app:1', 'no failure'],
    [
      'basic',
      'a wrong password',
      as('ann', 'x'),
      'team/app:1',
      'denied: unexpected status from HEAD request to http://HOST/v2/team/app/manifests/1: 401 Unauthorized',
    ],
    ['token', 'nobody', {}, 'pub/app:1', 'no failure'],
    ['token', 'nobody', {}, 'team/app:1', `${REFUSED}server message: insufficient_scope: authorization failed`],
    ['token', 'a user', as('ann', 'pä:ss'), 'team/app:1', 'no failure'],
    [
      'token',
      'a user without the right',
      as('bob', 'b'),
      'team/app:1',
      `${REFUSED}server message: insufficient_scope: authorization failed`,
    ],
    [
      'token',
      'a wrong password',
      as('ann', 'x'),
      'team/app:1',
      'denied: failed to authorize: failed to fetch oauth token: unexpected status from GET request to http://HOST/token?scope=repository%3Ateam%2Fapp%3Apull&service=registry%2C+of+tests: 401 Unauthorized',
    ],
  ]
  for (const [login = 'open', who, access, name, expected] of logins) {
    test(`${who} and ${name} behind ${login} login: ${expected.slice(0, 60)}`, async (t) => {
      const { registry, client, image } = await registryScene(t, { login, publicRepositories: ['pub'] })
      registry.addImage('team/app', '1')
      registry.addImage('pub/app', '1')

      const failure = await failureOf(client.resolve(image(name), access))

      // Basic login knows no public repositories of this list.
      assert.equal(failure, expected)
    })
  }

  test('tries a credential anew with every call', async (t) => {
    const { registry, client, image } = await registryScene(t, { login: 'token' })
    registry.addImage('team/app', '1')
    const first = await failureOf(client.resolve(image('team/app:1'), as('ann', 'new')))

    registry.users.set('ann', { password: 'new' })
    const second = await failureOf(client.resolve(image('team/app:1'), as('ann', 'new')))

    assert.match(first, /^denied/)
    assert.equal(second, 'no failure')
  })

  const probes: readonly [OciRegistryOptions['login'], Access, string][] = [
    ['open', {}, 'none'],
    ['basic', as('ann', 'pä:ss'), 'basic'],
    ['token', as('ann', 'pä:ss'), 'bearer'],
  ]
  for (const [login = 'open', access, scheme] of probes) {
    test(`probes a credential behind ${login} login`, async (t) => {
      const { registry, client } = await registryScene(t, { login })

      const good = await client.probe(registry.host, access)
      const bad = await failureOf(client.probe(registry.host, as('ann', 'wrong')))

      assert.equal(good.scheme, scheme)
      assert.match(bad, login === 'open' ? /no failure/ : /^denied: .*401 Unauthorized$/)
    })
  }

  test('lists tags page by page', async (t) => {
    const { registry, client, image } = await registryScene(t, { login: 'token' })
    for (const tag of ['1', '2', '3', '4', '5']) registry.addImage('team/app', tag)

    assert.deepEqual(await client.tags(image('team/app'), as('ann', 'pä:ss')), ['1', '2', '3', '4', '5'])
  })

  const unreachable: readonly [string, string][] = [
    [
      '127.0.0.1:1',
      'unreachable: failed to do request: Get "https://HOST/v2/": dial tcp HOST: connect: connection refused',
    ],
    [
      'nope.invalid',
      'unreachable: failed to do request: Get "https://nope.invalid/v2/": dial tcp: lookup nope.invalid: no such host',
    ],
  ]
  for (const [host, expected] of unreachable) {
    test(`tells in Go’s words that ${host} is not there`, async (t) => {
      const { client } = await registryScene(t)

      const failure = await failureOf(client.probe(host))

      // A machine without a resolver says so in another way.
      assert.equal(failure.replace('server misbehaving', 'no such host'), expected)
    })
  }

  test('opens a bounded number of connections to one registry', async (t) => {
    const waiting: (() => void)[] = []
    let most = 0
    const { client, image } = await registryScene(t, {
      intercept: (request, response) => {
        waiting.push(() => answer(404, {})(request, response))
        most = Math.max(most, waiting.length)
        // All are answered when as many as may come are there; one too many would be there by then.
        if (waiting.length === MAX_CONNECTIONS) {
          setTimeout(() => {
            for (const respond of waiting.splice(0)) respond()
          }, 20)
        }
        return true
      },
    })

    const pending = Array.from({ length: MAX_CONNECTIONS * 3 }, () => failureOf(client.resolve(image('team/app:1'))))
    await Promise.all(pending)

    assert.equal(most, MAX_CONNECTIONS)
  })

  test('stops when it is told to', async (t) => {
    const { client, image } = await registryScene(t, { intercept: () => true })
    const stopping = new AbortController()
    const reason = new Error('stopped')

    const pending = client.resolve(image('team/app:1'), { signal: stopping.signal })
    stopping.abort(reason)

    await assert.rejects(pending, reason)
  })

  test('gives up on a registry that never answers', async (t) => {
    const { client, image } = await registryScene(t, { intercept: () => true }, { timeoutMs: 50 })

    assert.match(await failureOf(client.resolve(image('team/app:1'))), /^timeout: .*context deadline exceeded$/)
  })
})
