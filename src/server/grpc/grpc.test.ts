import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2'
import { connect as connectTcp } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { routes } from '../../api/routes.ts'
import { decodeNamed } from '../../api/wire/decode.ts'
import { encodeNamed } from '../../api/wire/encode.ts'
import { CapstanError } from '../../base/errors.ts'
import { systemClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import { Metrics } from '../../base/metrics.ts'
import type { ServerContext } from '../context.ts'
import { startFront, type Front } from '../front.ts'
import { handlerOf } from '../services/all.ts'
import { frameHead } from './frames.ts'
import { maxMessageBytes } from './limits.ts'

/** Knows one session, `good`, and no applications; watches go on until they are given up. */
function contextOf(metrics: Metrics): ServerContext {
  const applications = {
    list: () => [],
    get: () => undefined,
    size: 0,
    resourceVersion: '7',
    onChange: () => () => undefined,
  }
  const identity = { subject: 'admin', username: 'admin', issuer: 'argocd', groups: [], issuedAt: 0 }
  return {
    clock: systemClock,
    log: silentLog,
    settings: () => ({ anonymousEnabled: false }),
    version: 'v1.2.3',
    namespace: 'argocd',
    metrics,
    applications,
    isAllowed: () => true,
    authenticator: {
      async identify(token: string) {
        if (token !== 'good') throw new CapstanError('unauthenticated', 'invalid session: token is not välid %')
        return identity
      },
      renew: async () => 'fresh',
    },
  } as unknown as ServerContext
}

interface Answer {
  readonly headers: IncomingHttpHeaders
  readonly trailers: IncomingHttpHeaders
  readonly body: Buffer
}

interface Ask {
  readonly path: string
  readonly message?: Uint8Array
  readonly headers?: Readonly<Record<string, string>>
  /** The body itself, in place of a frame with the message. */
  readonly raw?: Uint8Array
}

const LIST = '/application.ApplicationService/List'
const VERSION = '/version.VersionService/Version'

function framed(message: Uint8Array, flags = 0): Buffer {
  return Buffer.concat([frameHead(message.length, flags), message])
}

async function call(session: ClientHttp2Session, { path, message, headers, raw }: Ask): Promise<Answer> {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  })
  let trailers: IncomingHttpHeaders = {}
  stream.on('trailers', (told) => {
    trailers = told
  })
  stream.end(raw ?? framed(message ?? new Uint8Array()))
  const [told] = await once(stream, 'response')
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return { headers: told, trailers, body: Buffer.concat(chunks) }
}

describe('gRPC', () => {
  const metrics = new Metrics()
  let front: Front
  let session: ClientHttp2Session
  before(async () => {
    const page = { answer: () => assert.fail('no page is asked for') }
    front = await startFront({ page, port: 0, address: '127.0.0.1', log: silentLog })
    front.serve(contextOf(metrics))
    session = connect(front.url)
  })
  after(async () => {
    session.destroy()
    await front.close()
  })

  test('answers a call that is open to everybody', async () => {
    const { headers, trailers, body } = await call(session, { path: VERSION })
    assert.equal(headers['content-type'], 'application/grpc')
    assert.equal(trailers['grpc-status'], '0')
    assert.deepEqual(decodeNamed('version', 'VersionMessage', body.subarray(5)), { Version: 'v1.2.3' })
  })

  test('takes a token from each of its places, and gives a fresh one', async () => {
    const places = [
      { token: 'good' },
      { authorization: 'Bearer good' },
      { cookie: 'argocd.token=good' },
      { 'grpcgateway-cookie': 'a=b; argocd.token=good' },
    ]
    for (const headers of places) {
      const answer = await call(session, { path: LIST, headers })
      assert.equal(answer.trailers['grpc-status'], '0', JSON.stringify(headers))
      assert.equal(answer.headers['renew-token'], 'fresh')
      assert.deepEqual(decodeNamed('application', 'v1alpha1.ApplicationList', answer.body.subarray(5)), {
        metadata: { resourceVersion: '7' },
      })
    }
  })

  test('tells failures in headers alone, the message percent-encoded', async () => {
    const nobody = await call(session, { path: LIST })
    const stranger = await call(session, { path: LIST, headers: { token: 'bad' } })
    assert.equal(nobody.headers['grpc-status'], '16')
    assert.equal(nobody.headers['grpc-message'], 'no session information')
    assert.equal(stranger.headers['grpc-message'], 'invalid session: token is not v%C3%A4lid %25')
    assert.deepEqual([nobody.body.length, stranger.body.length], [0, 0])
  })

  test('every call of the API is served, and to nobody without a login but the five that are open', async () => {
    const open: string[] = []
    for (const path of new Set(routes.map(({ service, method }) => `/${service}/${method}`))) {
      const { headers } = await call(session, { path })
      if (headers['grpc-message'] !== 'no session information') open.push(path)
    }
    assert.deepEqual(open.toSorted(), [
      '/cluster.SettingsService/Get',
      '/session.SessionService/Create',
      '/session.SessionService/Delete',
      '/session.SessionService/GetUserInfo',
      '/version.VersionService/Version',
    ])
    for (const { service, method } of routes) handlerOf(service, method)
  })

  test('refuses what is no call, no message, or too large', async () => {
    const refused: readonly (readonly [ask: Ask, status: string, text: RegExp])[] = [
      [{ path: '/application.ApplicationService/Nope' }, '12', /unknown service application\.ApplicationService/],
      [{ path: '/x' }, '12', /unknown service x/],
      [{ path: VERSION, raw: new Uint8Array() }, '13', /no request message/],
      [{ path: VERSION, raw: Buffer.from([0, 0]) }, '3', /ends within a message/],
      [{ path: VERSION, raw: Buffer.from([0, 0xff, 0xff, 0xff, 0xff]) }, '8', /larger than max \(4294967295 vs/],
      [{ path: VERSION, raw: Buffer.from([1, 0, 0, 0, 0]) }, '13', /compressed flag set with identity/],
      [{ path: VERSION, headers: { 'grpc-encoding': 'br' } }, '12', /Decompressor is not installed/],
      [
        { path: '/application.ApplicationService/Delete', headers: { token: 'good' } },
        '13',
        /error unmarshalling request: proto: required field "name" not set/,
      ],
    ]
    for (const [ask, status, text] of refused) {
      const { headers } = await call(session, ask)
      assert.equal(headers['grpc-status'], status, ask.path)
      assert.match(decodeURIComponent(String(headers['grpc-message'])), text)
    }
  })

  test('speaks gzip with those who do, and does not unpack a bomb', async () => {
    const small = gzipSync(encodeNamed('application', 'ApplicationQuery', { name: 'x'.repeat(2000) }))
    const headers = { token: 'good', 'grpc-encoding': 'gzip' }
    const good = await call(session, { path: LIST, headers, raw: framed(small, 1) })
    assert.equal(good.trailers['grpc-status'], '0')
    assert.equal(good.headers['grpc-encoding'], 'gzip')
    // Small answers are sent as they are.
    assert.equal(good.body[0], 0)

    const bomb = gzipSync(Buffer.alloc(1 << 20))
    const refused = await call(session, { path: VERSION, headers, raw: framed(bomb, 1) })
    assert.equal(refused.headers['grpc-status'], '8')
    assert.equal(gunzipSync(bomb).length, 1 << 20)
  })

  test('a watch ends with its deadline, and when its client gives it up', async () => {
    const path = '/application.ApplicationService/Watch'
    const { headers } = await call(session, { path, headers: { token: 'good', 'grpc-timeout': '50m' } })
    assert.equal(headers['grpc-status'], '4')
    assert.equal(headers['grpc-message'], 'context deadline exceeded')

    const given = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      token: 'good',
    })
    given.on('error', () => undefined)
    given.end(framed(new Uint8Array()))
    given.close()
    await once(given, 'close')
    assert.equal((await call(session, { path: VERSION })).trailers['grpc-status'], '0')
  })

  for (const path of [
    VERSION,
    '/application.ApplicationService/Watch',
    '/application.ApplicationService/GetManifestsWithFiles',
  ]) {
    test(`${path} ends with its deadline though its message never comes`, async () => {
      const stream = session.request({
        ':method': 'POST',
        ':path': path,
        'content-type': 'application/grpc',
        'grpc-timeout': '50m',
        token: 'good',
      })
      stream.on('error', () => undefined)
      const [headers] = await once(stream, 'response')
      assert.equal(headers['grpc-status'], '4')
      stream.close()
    })
  }

  test('the largest message is bounded by the environment, past what fits into 32 bits', () => {
    assert.equal(maxMessageBytes({}), 200 * 2 ** 20)
    assert.equal(maxMessageBytes({ ARGOCD_GRPC_MAX_SIZE_MB: '4096' }), 2 ** 32)
    assert.equal(maxMessageBytes({ ARGOCD_GRPC_MAX_SIZE_MB: 'much' }), 200 * 2 ** 20)
  })

  test('answers pings and health checks', async () => {
    const pinged = Promise.withResolvers<Error | null>()
    session.ping((error) => pinged.resolve(error))
    assert.equal(await pinged.promise, null)
    const { body } = await call(session, { path: '/grpc.health.v1.Health/Check' })
    assert.deepEqual([...body], [0, 0, 0, 0, 2, 8, 1])
  })

  test('counts calls by method and code', () => {
    const text = metrics.text()
    assert.match(
      text,
      /grpc_server_handled_total\{grpc_method="Version",grpc_service="version\.VersionService",grpc_type="unary",grpc_code="OK"\} [1-9]/,
    )
    assert.doesNotMatch(text, /Nope/)
  })

  describe('over the web', () => {
    const post = async (
      path: string,
      body: Uint8Array | string,
      headers: Record<string, string> = {},
    ): Promise<Response> =>
      fetch(`${front.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/grpc-web+proto', ...headers },
        body: typeof body === 'string' ? body : Uint8Array.from(body),
      })

    test('answers with the trailers as the last frame', async () => {
      const response = await post(VERSION, framed(new Uint8Array()))
      const body = Buffer.from(await response.arrayBuffer())
      const length = body.readUInt32BE(1)
      const trailer = body.subarray(5 + length)
      assert.equal(response.headers.get('content-type'), 'application/grpc-web+proto')
      assert.deepEqual(decodeNamed('version', 'VersionMessage', body.subarray(5, 5 + length)), { Version: 'v1.2.3' })
      assert.equal(trailer[0], 0x80)
      assert.equal(trailer.subarray(5).toString(), 'grpc-status: 0\r\n')
    })

    test('tells a failure in headers, where the command looks for it', async () => {
      const response = await post(LIST, framed(new Uint8Array()))
      assert.equal(response.status, 200)
      assert.equal(response.headers.get('grpc-status'), '16')
      assert.equal(response.headers.get('grpc-message'), 'no session information')
    })

    test('speaks base64', async () => {
      const text = framed(new Uint8Array()).toString('base64')
      const response = await post(VERSION, text, { 'content-type': 'application/grpc-web-text' })
      const body = (await response.text()).match(/[^=]+=*/g)?.map((part) => Buffer.from(part, 'base64')) ?? []
      assert.match(Buffer.concat(body).toString('latin1'), /v1\.2\.3.*grpc-status: 0/s)
    })
  })

  test('what begins like HTTP/2 and goes on otherwise is cut off, and POST in pieces is not', async () => {
    const garbage = connectTcp(front.port, '127.0.0.1')
    garbage.on('error', () => undefined)
    garbage.end('PRI nonsense\r\n\r\n')
    garbage.resume()
    await once(garbage, 'close')

    const slow = connectTcp(front.port, '127.0.0.1')
    slow.setNoDelay()
    slow.write('P')
    await new Promise((resolve) => setImmediate(resolve))
    slow.end('OST /api/version HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
    let text = ''
    for await (const chunk of slow.setEncoding('utf8')) text += chunk
    assert.match(text, /^HTTP\/1\.1 4\d\d/)
  })

  test('a TLS handshake before there is a certificate ends the connection', async () => {
    const hello = connectTcp(front.port, '127.0.0.1')
    hello.on('error', () => undefined)
    hello.write(Buffer.from([0x16, 3, 1, 0, 1, 1]))
    hello.resume()
    await once(hello, 'close')
  })
})
