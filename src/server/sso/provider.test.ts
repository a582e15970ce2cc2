// The provider is found out about once for the settings in force, and its connections end with them.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import type { OidcSettings } from '../../settings/oidc.ts'
import { Providers } from './provider.ts'

interface Scene {
  readonly issuer: string
  readonly sockets: Socket[]
  asked(): number
}

/** A provider that keeps every connection open for ten minutes, and asks for the same. */
async function startProvider(t: TestContext): Promise<Scene> {
  let asked = 0
  const sockets: Socket[] = []
  const server = createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
    asked++
    const { port } = server.address() as AddressInfo // it listens on a port
    const issuer = `http://127.0.0.1:${port}`
    const isKnown = request.url === '/.well-known/openid-configuration'
    response.writeHead(isKnown ? 200 : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/keys`, token_endpoint: `${issuer}/token` }))
  })
  server.on('connection', (socket) => sockets.push(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // it listens on a port
    sockets,
    asked: () => asked,
  }
}

/** What discovery asks of the settings. */
function settingsOf(issuer: string): OidcSettings {
  return { issuer, clientId: 'argo-cd', rootCa: 'a certificate' } as unknown as OidcSettings
}

test('is asked once for the same settings; others end the connections of the last ones', async (t) => {
  const scene = await startProvider(t)
  let settings = settingsOf(scene.issuer)
  const providers = new Providers(() => settings)

  const first = await providers.provider()
  assert.equal(await providers.provider(), first)
  assert.equal(scene.asked(), 1)
  const [kept] = scene.sockets
  assert.ok(kept !== undefined)

  settings = settingsOf(scene.issuer)
  const second = await providers.provider()
  assert.notEqual(second, first)
  // Nobody else ends it: both sides would keep it for ten minutes.
  if (!kept.destroyed) await once(kept, 'close')
  assert.equal(scene.sockets.length, 2)
  assert.equal(scene.sockets[1]?.destroyed, false)
  await second.close()
})

test('is asked again after it has failed, and leaves no connection of the failure', async (t) => {
  const scene = await startProvider(t)
  const settings = settingsOf(`${scene.issuer}/elsewhere`)
  const providers = new Providers(() => settings)

  for (const times of [1, 2]) {
    await assert.rejects(providers.provider(), { code: 'unavailable', message: /^failed to query provider "http/ })
    assert.equal(scene.asked(), times)
  }
  for (const socket of scene.sockets) if (!socket.destroyed) await once(socket, 'close')
})

test('is said to be missing where argocd-cm names none', async () => {
  await assert.rejects(new Providers(() => undefined).provider(), { code: 'precondition' })
})
