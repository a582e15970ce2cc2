// Logins by certificates that change while a transport lives.
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { TLSSocket } from 'node:tls'
import { test } from 'node:test'
import { loopbackIdentity } from '../../../test/support/tls-identity.ts'
import { Secret } from '../../base/secret.ts'
import { httpTransport } from './http-transport.ts'
import type { Login } from './login.ts'

test('a new certificate is shown on new connections', async (t) => {
  const [first, second] = [loopbackIdentity(), loopbackIdentity()]
  const options = {
    cert: first.server.certificate,
    key: first.server.key,
    requestCert: true,
    rejectUnauthorized: false,
  }
  const server = createServer(options, ({ socket }, response) => {
    const shown = socket instanceof TLSSocket ? socket.getPeerCertificate().fingerprint256 : undefined
    response.end(shown)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const logins = [first, second].map(({ admin }): Login => ({
    clientCertificate: admin.certificate,
    clientKey: new Secret(admin.key),
  }))
  let [login] = logins
  const transport = httpTransport({
    // A listening TCP server has an AddressInfo.
    server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ca: first.authority,
    login: { current: async () => login ?? {}, forget: () => undefined },
  })
  t.after(() => transport.close())
  const shown = async (): Promise<string> => {
    const { body } = await transport.send({ method: 'GET', path: '/version', headers: {} })
    let text = ''
    if (typeof body !== 'string' && !(body instanceof Uint8Array)) for await (const part of body) text += String(part)
    return text
  }

  const seen = [await shown(), await shown()]
  login = logins[1]
  seen.push(await shown())

  const [one, other] = [first, second].map(({ admin }) => new X509Certificate(admin.certificate).fingerprint256)
  assert.deepEqual(seen, [one, one, other])
})
