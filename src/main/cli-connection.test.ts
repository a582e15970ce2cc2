// Sessions of the configuration file that have ended and are renewed: each stays with its own context.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { Secret } from '../base/secret.ts'
import { readServerEntry, saveServerEntry } from './cli-config.ts'
import { openApi } from './cli-connection.ts'

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const tokenOf = (claims: object): string => `${encoded({ alg: 'RS256' })}.${encoded(claims)}.c2lnbmF0dXJl`

/** A server with a provider of sign-on behind it, in one; gives its `host:port`. */
async function startServer(t: TestContext): Promise<string> {
  const server = createServer((request, response) => answer(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.closeAllConnections())
  t.after(() => server.close())
  const address = server.address()
  return `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
}

function answer({ url = '', headers: { host = '' } }: IncomingMessage, response: ServerResponse): void {
  const issuer = `http://${host}`
  const nowSeconds = Math.floor(Date.now() / 1000)
  const claims = { iss: issuer, aud: 'cli', sub: 'someone', iat: nowSeconds, exp: nowSeconds + 3600 }
  const pages: Readonly<Record<string, object>> = {
    '/api/v1/settings': { oidcConfig: { issuer, cliClientID: 'cli' } },
    '/.well-known/openid-configuration': { issuer, token_endpoint: `${issuer}/token` },
    '/token': { access_token: 'opaque', token_type: 'bearer', id_token: tokenOf(claims), refresh_token: 'next' },
  }
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(pages[url] ?? {}))
}

test('a renewed session is stored with the server it belongs to, whichever context is current', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'capstan-sessions-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'config')
  const [current, other] = [await startServer(t), await startServer(t)]
  const over = new Secret(tokenOf({ exp: 1 }))
  const rest = { isPlainText: true, isInsecure: false, rootPath: '', token: over }
  await saveServerEntry(path, { ...rest, server: other, refreshToken: new Secret('of the other') }, 'other')
  await saveServerEntry(path, { ...rest, server: current, refreshToken: new Secret('of the current') }, 'current')

  await openApi({ config: path, server: other, plaintext: true }, {}, t.signal)

  const kept = await readServerEntry(path, undefined)
  assert.equal(kept?.token?.reveal(), over.reveal())
  assert.equal(kept.refreshToken?.reveal(), 'of the current')
  assert.equal((await readServerEntry(path, 'other'))?.refreshToken?.reveal(), 'next')
})
