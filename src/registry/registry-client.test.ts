// Asking registries on this machine: logging in, what is refused, where passwords never go, limits.
import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, test, type TestContext } from 'node:test'
import { inspect } from 'node:util'
import { startOciRegistry, type OciRegistry, type OciRegistryOptions } from '../../test/support/oci-registry.ts'
import { systemClock } from '../base/clock.ts'
import { Secret } from '../base/secret.ts'
import { MAX_CONNECTIONS, MAX_REDIRECTS } from './http-exchange.ts'
import { parseImageReference, type ImageReference } from './image-reference.ts'
import {
  MAX_MANIFEST_BYTES,
  MAX_TAG_PAGES,
  RegistryClient,
  type Access,
  type RegistryClientOptions,
} from './registry-client.ts'
import { RegistryError } from './registry-error.ts'
import { MAX_TOKEN_ANSWER_BYTES } from './token-login.ts'

interface Scene {
  readonly registry: OciRegistry
  readonly client: RegistryClient
  readonly image: (name: string) => ImageReference
}

const users = { ann: { password: 'pä:ss' }, bob: { password: 'b', mayPull: ['other'] } }

async function scene(
  t: TestContext,
  options: OciRegistryOptions = {},
  more: Partial<RegistryClientOptions> = {},
): Promise<Scene> {
  const registry = await startOciRegistry(t, { users, ...options })
  const client = new RegistryClient({ clock: systemClock, ...more })
  t.after(() => client.close())
  return { registry, client, image: (name) => parseImageReference(`${registry.host}/${name}`) }
}

function as(username: string, password: string): Access {
  return { credential: { username, password: new Secret(password) } }
}

/** The kind of failure and its message, without the registry's port. */
async function failureOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    return `${error.failure}: ${error.message.replaceAll(/127\.0\.0\.1:\d+/g, 'HOST')}`
  }
  return 'no failure'
}

const REFUSED = 'denied: pull access denied, repository does not exist or may require authorization: '

describe('a registry client', () => {
  test('resolves a tag and reads size and id of the platform’s image', async (t) => {
    const { registry, client, image } = await scene(t)
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
    const { registry, client, image } = await scene(t)
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
      const { registry, client, image } = await scene(t, { login, publicRepositories: ['pub'] })
      registry.addImage('team/app', '1')
      registry.addImage('pub/app', '1')

      const failure = await failureOf(client.resolve(image(name), access))

      // Basic login knows no public repositories of this list.
      assert.equal(failure, expected)
    })
  }

  test('tries a credential anew with every call', async (t) => {
    const { registry, client, image } = await scene(t, { login: 'token' })
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
      const { registry, client } = await scene(t, { login })

      const good = await client.probe(registry.host, access)
      const bad = await failureOf(client.probe(registry.host, as('ann', 'wrong')))

      assert.equal(good.scheme, scheme)
      assert.match(bad, login === 'open' ? /no failure/ : /^denied: .*401 Unauthorized$/)
    })
  }

  test('lists tags page by page', async (t) => {
    const { registry, client, image } = await scene(t, { login: 'token' })
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
      const { client } = await scene(t)

      const failure = await failureOf(client.probe(host))

      // A machine without a resolver says so in another way.
      assert.equal(failure.replace('server misbehaving', 'no such host'), expected)
    })
  }

  test('opens a bounded number of connections to one registry', async (t) => {
    const waiting: (() => void)[] = []
    let most = 0
    const { client, image } = await scene(t, {
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
    const { client, image } = await scene(t, { intercept: () => true })
    const stopping = new AbortController()
    const reason = new Error('stopped')

    const pending = client.resolve(image('team/app:1'), { signal: stopping.signal })
    stopping.abort(reason)

    await assert.rejects(pending, reason)
  })

  test('gives up on a registry that never answers', async (t) => {
    const { client, image } = await scene(t, { intercept: () => true }, { timeoutMs: 50 })

    assert.match(await failureOf(client.resolve(image('team/app:1'))), /^timeout: .*context deadline exceeded$/)
  })
})

type Answer = (request: IncomingMessage, response: ServerResponse) => boolean

function answer(status: number, headers: Readonly<Record<string, string>>, body = ''): Answer {
  return (_request, response) => {
    response.writeHead(status, headers)
    response.end(body)
    return true
  }
}

/** Only for what begins so. */
function at(prefix: string, then: Answer): Answer {
  return (request, response) => (request.url?.startsWith(prefix) === true ? then(request, response) : false)
}

describe('a hostile registry', () => {
  test('gets no password of another host by a redirect', async (t) => {
    const other = await scene(t)
    other.registry.addImage('team/app', '1')
    const location = `http://${other.registry.host}/v2/team/app/manifests/1`
    const { registry, client, image } = await scene(t, {
      login: 'basic',
      intercept: (request, response) =>
        request.headers.authorization !== undefined && answer(307, { location })(request, response),
    })

    await client.resolve(image('team/app:1'), as('ann', 'pä:ss'))

    assert.ok(registry.requests.some(({ authorization }) => authorization !== undefined))
    assert.deepEqual(
      other.registry.requests.map(({ authorization }) => authorization),
      [undefined],
    )
  })

  test('sees a password again after a redirect on its own host', async (t) => {
    const { registry, client, image } = await scene(t, {
      login: 'basic',
      intercept: at('/v2/old/', (request, response) =>
        answer(307, { location: request.url?.replace('/old/', '/team/') ?? '' })(request, response),
      ),
    })
    registry.addImage('team/app', '1')

    assert.equal(await failureOf(client.resolve(image('old/app:1'), as('ann', 'pä:ss'))), `no failure`)
  })

  test('cannot send around forever', async (t) => {
    const { registry, client, image } = await scene(t, {
      intercept: (request, response) => answer(302, { location: request.url ?? '' })(request, response),
    })

    const failure = await failureOf(client.resolve(image('team/app:1')))

    assert.match(failure, new RegExp(`stopped after ${MAX_REDIRECTS} redirects$`))
    assert.equal(registry.requests.length, MAX_REDIRECTS + 1)
  })

  const realms: readonly [string, string, RegExp][] = [
    ['over plain http on another host', 'http://tokens.example.com/token', /^unsafe: .*is not https: refused$/],
    ['with a user in it', 'https://u:p@tokens.example.com/token', /^unsafe: /],
    ['that is no address', 'nowhere', /invalid token auth challenge realm$/],
    ['of another kind', 'file:///etc/passwd', /^unsafe: /],
  ]
  for (const [what, realm, expected] of realms) {
    test(`gets no login at a realm ${what}`, async (t) => {
      const challenge = { 'www-authenticate': `Bearer realm="${realm}",service="s"` }
      const { client, image } = await scene(t, { intercept: answer(401, challenge) })

      assert.match(await failureOf(client.resolve(image('team/app:1'), as('ann', 'secret'))), expected)
    })
  }

  test('gets no login at a realm that its kind does not allow', async (t) => {
    const { registry, client, image } = await scene(t, { login: 'token' }, { allowsRealm: () => false })
    registry.addImage('team/app', '1')

    const failure = await failureOf(client.resolve(image('team/app:1'), as('ann', 'pä:ss')))

    assert.match(failure, /which is not allowed: refused$/)
    assert.ok(!registry.requests.some(({ url }) => url.startsWith('/token')))
  })

  test('is not asked over plain http where it is not on this machine', async (t) => {
    const { client } = await scene(t)

    assert.match(await failureOf(client.probe('registry.invalid:80')), /Get "https:\/\/registry.invalid:80/)
  })

  const answers: readonly [string, Answer, RegExp][] = [
    [
      'a manifest that is too large',
      answer(200, { 'content-length': String(MAX_MANIFEST_BYTES + 1) }),
      /^limit: rejecting \d+ byte manifest/,
    ],
    [
      'a manifest that does not end',
      answer(200, {}, ' '.repeat(MAX_MANIFEST_BYTES + 1)),
      /^limit: .*answer larger than/,
    ],
    [
      'a digest that is none',
      answer(200, { 'content-length': '2', 'docker-content-digest': 'sha256:x' }),
      /in header not a valid digest: invalid checksum digest length$/,
    ],
    ['a challenge again and again', answer(401, { 'www-authenticate': 'Basic realm="x"' }), /401 Unauthorized$/],
    ['a challenge of a kind nobody knows', answer(401, { 'www-authenticate': 'Digest x="y"' }), /401 Unauthorized$/],
    ['no challenge at all', answer(401, {}), /401 Unauthorized$/],
    ['that it is busy', answer(429, {}), /429 Too Many Requests$/],
  ]
  for (const [what, intercept, expected] of answers) {
    test(`may send ${what}`, async (t) => {
      const { client, image } = await scene(t, { intercept })

      assert.match(await failureOf(client.resolve(image('team/app:1'), as('ann', 'p'))), expected)
    })
  }

  const tokens: readonly [string, Answer, RegExp][] = [
    ['no token', answer(200, {}, '{}'), /did not include a token in the response$/],
    ['no JSON', answer(200, {}, 'secret'), /unable to decode token response: it is not a JSON object$/],
    ['a token with a line break', answer(200, {}, '{"token":"a\\r\\nx: y"}'), /characters that no header may hold$/],
    ['a token without end', answer(200, {}, ' '.repeat(MAX_TOKEN_ANSWER_BYTES + 1)), /answer larger than/],
    ['a redirect of the login', answer(307, { location: 'https://elsewhere.invalid/' }), /elsewhere\.invalid/],
  ]
  for (const [what, then, expected] of tokens) {
    test(`may send ${what} for a login`, async (t) => {
      const { client, image } = await scene(t, { login: 'token', intercept: at('/token', then) })

      const failure = await failureOf(client.resolve(image('team/app:1'), as('ann', 'pä:ss')))

      assert.match(failure, expected)
      assert.ok(!failure.includes('pä:ss'))
    })
  }

  test('cannot change content under its digest', async (t) => {
    const { registry, client, image } = await scene(t, {
      intercept: (request, response) =>
        request.method === 'GET' && answer(200, {}, '{"schemaVersion":2,"config":{}}')(request, response),
    })
    const digest = registry.addImage('team/app', '1')
    const platform = { os: 'linux', architecture: 'amd64' }

    assert.match(
      await failureOf(client.details(image('team/app:1'), digest, { platform })),
      /^invalid-answer: .*for sha256:/,
    )
  })

  test('cannot list tags forever, nor on another host', async (t) => {
    const forever = await scene(t, {
      intercept: answer(200, { link: '</v2/a/tags/list?last=x>; rel="next"' }, '{"tags":["x"]}'),
    })
    const elsewhere = await scene(t, {
      intercept: answer(200, { link: '<https://other.example.com/>; rel="next"' }, '{"tags":null}'),
    })

    assert.match(
      await failureOf(forever.client.tags(forever.image('a/b'))),
      new RegExp(`more than ${MAX_TAG_PAGES} pages`),
    )
    assert.match(await failureOf(elsewhere.client.tags(elsewhere.image('a/b'))), /^unsafe: .*another host/)
  })
})

describe('a login', () => {
  test('is by OAuth2 where the server knows nothing else', async (t) => {
    const bodies: string[] = []
    const { registry, client, image } = await scene(t, {
      login: 'token',
      intercept: at('/token', (request, response) => {
        if (request.method === 'GET') return answer(405, {})(request, response)
        request.on('data', (chunk: Buffer) => bodies.push(chunk.toString()))
        request.on('end', () => answer(200, {}, '{"access_token":"t"}')(request, response))
        return true
      }),
    })
    registry.addImage('team/app', '1')

    await failureOf(client.resolve(image('team/app:1'), as('ann', 'pä:ss')))
    await failureOf(client.resolve(image('team/app:1'), as('', 'refresh')))

    assert.deepEqual(
      bodies.map((body) => Object.fromEntries(new URLSearchParams(body))),
      [
        { grant_type: 'password', username: 'ann', password: 'pä:ss' },
        { grant_type: 'refresh_token', refresh_token: 'refresh' },
      ].map((form) => ({
        service: 'registry, of tests',
        client_id: 'capstan',
        scope: 'repository:team/app:pull',
        ...form,
      })),
    )
  })

  test('shows no password, whatever fails', async (t) => {
    for (const login of ['basic', 'token'] as const) {
      const { client, image } = await scene(t, { login })

      await assert.rejects(
        client.resolve(image('team/app:1'), as('ann', 'hunter2')),
        (error) => !inspect(error, { depth: 10 }).includes('hunter2') && !inspect(error).includes(btoa('ann:hunter2')),
      )
    }
  })
})
