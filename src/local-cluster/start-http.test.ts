// The TLS port under clients that send too much, too slowly or not at all.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { connect as connectPlain } from 'node:net'
import { test, type TestContext } from 'node:test'
import { connect, type TLSSocket } from 'node:tls'
import { gunzipSync } from 'node:zlib'
import { ManualClock, type Clock } from '../base/clock.ts'
import { silentLog } from '../base/log.ts'
import type { ApiRequest, ApiResponse } from '../kube/client/transport.ts'
import type { ApiServer } from './apiserver/server.ts'
import type { UserInfo } from './apiserver/user.ts'
import { startHttp, type HttpFront } from './start-http.ts'
import { clusterIdentity } from './start-tls.ts'

interface Port extends HttpFront {
  readonly seen: { readonly request: ApiRequest; readonly user: UserInfo }[]
  readonly certificate: { readonly cert: string; readonly key: string }
}

async function open(
  t: TestContext,
  {
    requestTimeoutMs,
    clock,
    body = 'ok',
  }: { requestTimeoutMs?: number; clock?: Clock; body?: ApiResponse['body'] } = {},
): Promise<Port> {
  const identity = clusterIdentity({ directory: undefined, address: '127.0.0.1', nowMs: Date.now() })
  const seen: Port['seen'] = []
  const server: ApiServer = {
    async handle(given, user) {
      seen.push({ request: given, user })
      return { status: 200, headers: {}, body }
    },
    inProcessTransport: () => assert.fail('not used'),
    bootstrapRoles: async () => undefined,
    close: async () => undefined,
  }
  const front = await startHttp({
    server,
    tokens: {
      issuer: '',
      defaultAudiences: [],
      issue: () => assert.fail('not used'),
      review: async () => undefined,
      keySet: async () => [],
    },
    authority: identity.authority,
    certificate: identity.server,
    port: 0,
    address: '127.0.0.1',
    log: silentLog,
    ...(requestTimeoutMs === undefined ? {} : { requestTimeoutMs }),
    ...(clock === undefined ? {} : { clock }),
  })
  t.after(() => front.close())
  const { certificate, key } = identity.admin
  return { ...front, seen, certificate: { cert: certificate, key } }
}

async function post(port: Port, body: Buffer): Promise<{ readonly code: number; readonly text: string }> {
  const sent = request({
    port: port.port,
    host: '127.0.0.1',
    method: 'POST',
    path: '/x',
    rejectUnauthorized: false,
    ...port.certificate,
  })
  sent.end(body)
  const [response] = await once(sent, 'response')
  let text = ''
  for await (const chunk of response) text += String(chunk)
  return { code: response.statusCode, text }
}

async function speak(t: TestContext, { port }: Port, text: string): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
  t.after(() => socket.destroy())
  await once(socket, 'secureConnect')
  socket.write(text)
  return socket
}

async function everything(socket: TLSSocket): Promise<string> {
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  return text
}

test('a client that sends five megabytes gets to read why they are refused, and its connection goes on', async (t) => {
  const port = await open(t)

  const refused = await post(port, Buffer.alloc(5_000_000, 'x'))
  const accepted = await post(port, Buffer.alloc(100_000, 'x'))

  assert.equal(refused.code, 413)
  assert.deepEqual(JSON.parse(refused.text), {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'Request entity too large: limit is 3145728',
    reason: 'RequestEntityTooLarge',
    code: 413,
  })
  assert.equal(accepted.code, 200)
  assert.equal(port.seen.length, 1, 'the refused body reached nobody')
})

test('a body that does not end is not read for ever', async (t) => {
  const port = await open(t)
  const socket = await speak(t, port, 'POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n')
  const chunk = `100000\r\n${'x'.repeat(0x100000)}\r\n`
  let sent = 0
  socket.on('error', () => undefined) // the end that is waited for
  const more = (): void => {
    do sent++
    while (!socket.destroyed && socket.write(chunk))
  }
  socket.on('drain', more)
  socket.resume()
  more()

  await new Promise((resolve) => socket.once('close', resolve))

  assert.ok(sent > 60 && sent < 200, `cut off after ${sent} MiB`)
})

test('requests that trickle in are answered with 408', async (t) => {
  const port = await open(t, { requestTimeoutMs: 200 })

  const headers = everything(await speak(t, port, 'GET /x HTTP/1.1\r\nHost: x\r\nX-Slow: '))
  const body = everything(await speak(t, port, 'POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc'))

  assert.match(await headers, /^HTTP\/1\.1 408 /)
  assert.match(await body, /^HTTP\/1\.1 408 /)
})

test('a client that reads nothing of a stream is cut off after a minute', async (t) => {
  const clock = new ManualClock()
  const over = Promise.withResolvers<void>()
  async function* endless(): AsyncGenerator<string> {
    try {
      for (;;) yield 'x'.repeat(100_000)
    } finally {
      over.resolve()
    }
  }
  const port = await open(t, { clock, body: endless() })
  const socket = await speak(t, port, 'GET /x HTTP/1.1\r\nHost: x\r\n\r\n')
  socket.on('error', () => undefined) // the end that is waited for
  socket.pause()
  const ticking = setInterval(() => clock.advance(10_000), 1)
  t.after(() => clearInterval(ticking))

  await assert.doesNotReject(over.promise)
})

const SMUGGLED: readonly (readonly [string, string])[] = [
  ['two lengths', 'Content-Length: 3\r\nContent-Length: 40\r\n\r\nabc'],
  ['length and chunks', 'Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['an unknown transfer encoding', 'Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n'],
  ['a blank before the colon', 'Content-Length : 3\r\n\r\nabc'],
  ['a folded header', 'X-A: b\r\n c: d\r\nContent-Length: 0\r\n\r\n'],
  ['a bare line feed', 'X-A: b\nContent-Length: 0\r\n\r\n'],
  ['a chunk size that is none', 'Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n'],
]

for (const [what, rest] of SMUGGLED) {
  test(`a request with ${what} is refused and the connection ends`, async (t) => {
    const port = await open(t)
    const socket = await speak(
      t,
      port,
      `POST /x HTTP/1.1\r\nHost: x\r\n${rest}GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n`,
    )

    const answers = await everything(socket)

    assert.match(answers, /^HTTP\/1\.1 400 /)
    assert.equal(answers.match(/HTTP\/1\.1/g)?.length, 1)
    assert.ok(!port.seen.some(({ request: { path } }) => path === '/smuggled'))
  })
}

test('the certificate of a client counts for every request of its connection', async (t) => {
  const port = await open(t)

  await post(port, Buffer.from('a'))
  await post(port, Buffer.from('b'))

  for (const { user } of port.seen) assert.deepEqual(user.groups, ['system:masters', 'system:authenticated'])
})

test('a large answer goes out compressed to a client that asks for it, and to no other', async (t) => {
  const body = JSON.stringify({ items: Array.from({ length: 20_000 }, (_none, index) => `item ${index}`) })
  const port = await open(t, { body })
  const get = async (headers: Readonly<Record<string, string>>): Promise<{ encoding: unknown; bytes: Buffer }> => {
    const { cert, key } = port.certificate
    const asked = request({ port: port.port, host: '127.0.0.1', cert, key, rejectUnauthorized: false, headers })
    asked.end()
    const [response] = (await once(asked, 'response')) as [IncomingMessage] // the event's only argument
    return { encoding: response.headers['content-encoding'], bytes: Buffer.concat(await response.toArray()) }
  }

  const compressed = await get({ 'accept-encoding': 'br, gzip;q=0.8' })
  assert.equal(compressed.encoding, 'gzip')
  assert.equal(gunzipSync(compressed.bytes).toString(), body)
  assert.ok(compressed.bytes.length < body.length / 3)
  const plain = await get({})
  assert.deepEqual([plain.encoding, plain.bytes.toString() === body], [undefined, true])
})

test('the port closes while a client has connected and not shaken hands', async (t) => {
  const front = await open(t)
  const { port } = front
  const socket = connectPlain(port, '127.0.0.1')
  await once(socket, 'connect')
  // The server has taken the connection by the time it has answered another.
  await once(connect({ port, host: '127.0.0.1', rejectUnauthorized: false }), 'secureConnect')

  const ended = once(socket, 'close')
  await front.close()
  await ended
  assert.equal(socket.destroyed, true)
})
