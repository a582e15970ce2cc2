// What a registry may not do to its clients: where passwords never go, how much it may send.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { answer, as, at, failureOf, registryScene, type Answer } from '../../test/support/registry-scene.ts'
import { MAX_REDIRECTS } from './http-exchange.ts'
import { MAX_MANIFEST_BYTES, MAX_TAG_PAGES } from './registry-client.ts'
import { MAX_TOKEN_ANSWER_BYTES } from './token-login.ts'

describe('a hostile registry', () => {
  test('gets no password of another host by a redirect', async (t) => {
    const other = await registryScene(t)
    other.registry.addImage('team/app', '1')
    const location = `http://${other.registry.host}/v2/team/app/manifests/1`
    const { registry, client, image } = await registryScene(t, {
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

  test('puts no signature or password of an address into an error', async (t) => {
    const { client, image } = await registryScene(t, {
      intercept: (request, response) => {
        if (request.url?.startsWith('/storage') === true) return answer(403, {})(request, response)
        const location = `http://u:hunter2@${request.headers.host ?? ''}/storage?X-Amz-Date=1&X-Amz-Signature=hunter3`
        return answer(307, { location })(request, response)
      },
    })

    const failure = await failureOf(client.resolve(image('team/app:1')))

    assert.equal(failure, 'denied: unexpected status from HEAD request to http://HOST/storage: 403 Forbidden')
  })

  test('sees a password again after a redirect on its own host', async (t) => {
    const { registry, client, image } = await registryScene(t, {
      login: 'basic',
      intercept: at('/v2/old/', (request, response) =>
        answer(307, { location: request.url?.replace('/old/', '/team/') ?? '' })(request, response),
      ),
    })
    registry.addImage('team/app', '1')

    assert.equal(await failureOf(client.resolve(image('old/app:1'), as('ann', 'pä:ss'))), `no failure`)
  })

  test('cannot send around forever', async (t) => {
    const { registry, client, image } = await registryScene(t, {
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
      const { client, image } = await registryScene(t, { intercept: answer(401, challenge) })

      assert.match(await failureOf(client.resolve(image('team/app:1'), as('ann', 'secret'))), expected)
    })
  }

  test('gets no login at a realm that its kind does not allow', async (t) => {
    const { registry, client, image } = await registryScene(t, { login: 'token' }, { allowsRealm: () => false })
    registry.addImage('team/app', '1')

    const failure = await failureOf(client.resolve(image('team/app:1'), as('ann', 'pä:ss')))

    assert.match(failure, /which is not allowed: refused$/)
    assert.ok(!registry.requests.some(({ url }) => url.startsWith('/token')))
  })

  test('is not asked over plain http where it is not on this machine', async (t) => {
    const { client } = await registryScene(t)

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
      const { client, image } = await registryScene(t, { intercept })

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
      const { client, image } = await registryScene(t, { login: 'token', intercept: at('/token', then) })

      const failure = await failureOf(client.resolve(image('team/app:1'), as('ann', 'pä:ss')))

      assert.match(failure, expected)
      assert.ok(!failure.includes('pä:ss'))
    })
  }

  test('cannot change content under its digest', async (t) => {
    const { registry, client, image } = await registryScene(t, {
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
    const forever = await registryScene(t, {
      intercept: answer(200, { link: '</v2/a/tags/list?last=x>; rel="next"' }, '{"tags":["x"]}'),
    })
    const elsewhere = await registryScene(t, {
      intercept: answer(200, { link: '<https://other.example.com/>; rel="next"' }, '{"tags":null}'),
    })

    assert.match(
      await failureOf(forever.client.tags(forever.image('a/b'))),
      new RegExp(`more than ${MAX_TAG_PAGES} pages`),
    )
    assert.match(await failureOf(elsewhere.client.tags(elsewhere.image('a/b'))), /^unsafe: .*another host/)
  })
})
