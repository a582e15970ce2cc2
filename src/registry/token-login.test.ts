// Logging in for a token, and what of it is never shown.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { answer, as, at, failureOf, registryScene } from '../../test/support/registry-scene.ts'

describe('a login', () => {
  test('is by OAuth2 where the server knows nothing else', async (t) => {
    const bodies: string[] = []
    const { registry, client, image } = await registryScene(t, {
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
      const { client, image } = await registryScene(t, { login })

      await assert.rejects(
        client.resolve(image('team/app:1'), as('ann', 'hunter2')),
        (error) => !inspect(error, { depth: 10 }).includes('hunter2') && !inspect(error).includes(btoa('ann:hunter2')),
      )
    }
  })
})
