// Tests of the HTTP client of generators against a server of its own.
import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import type { HttpClient, HttpRequest } from './contract.ts'
import { createHttpClient } from './http-client.ts'

async function served(
  t: TestContext,
  listener: RequestListener,
): Promise<{ readonly url: string; readonly http: HttpClient }> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = createHttpClient()
  t.after(async () => {
    await client.close()
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, http: client.http } // it listens on a port
}

function get(url: string, more: Partial<HttpRequest> = {}): HttpRequest {
  return { method: 'GET', url, signal: new AbortController().signal, ...more }
}

test('gives any status as an answer, with its headers in lower case', async (t) => {
  const { url, http } = await served(t, (request, response) => {
    response.writeHead(429, { 'Retry-After': '7', Link: ['<a>', '<b>'] })
    response.end(`${request.method} ${request.headers['authorization'] ?? ''}`)
  })

  const answer = await http(get(`${url}/x`, { headers: { authorization: 'Bearer t' } }))

  assert.equal(answer.status, 429)
  assert.equal(answer.headers['retry-after'], '7')
  assert.equal(answer.headers['link'], '<a>, <b>')
  assert.equal(answer.text, 'GET Bearer t')
})

test('follows redirects within the host only, and not for ever', async (t) => {
  const { url, http } = await served(t, (request, response) => {
    const to: Readonly<Record<string, string>> = { '/a': '/b', '/loop': '/loop', '/away': 'http://elsewhere.invalid/' }
    const location = to[request.url ?? '']
    if (location === undefined) response.end('here')
    else response.writeHead(302, { location }).end('moved')
  })

  assert.equal((await http(get(`${url}/a`))).text, 'here')
  assert.equal((await http(get(`${url}/away`))).status, 302)
  await assert.rejects(http(get(`${url}/loop`)), { code: 'unavailable', message: /redirects more than 5 times$/ })
})

test('stops at a long answer, at the deadline, and when it is told to', async (t) => {
  const { url, http } = await served(t, (request, response) => {
    if (request.url === '/long') response.end('x'.repeat(2000))
  })
  const stopping = new AbortController()

  await assert.rejects(http(get(`${url}/long`, { maxBytes: 1000 })), { code: 'limit' })
  await assert.rejects(http(get(`${url}/never`, { timeoutMs: 50 })), {
    code: 'timeout',
    message: /did not answer within 0.05 s$/,
  })
  const asked = http(get(`${url}/never`, { signal: stopping.signal }))
  stopping.abort(new Error('enough'))
  await assert.rejects(asked, /enough/)
})

test('says which host cannot be asked, without its path', async () => {
  const client = createHttpClient()
  const { http } = client

  await assert.rejects(http(get('http://127.0.0.1:1/secret?token=x')), (error) => {
    const text = String(Object(error).message)
    return text.startsWith('127.0.0.1:1 cannot be asked: ') && !text.includes('token')
  })
  await assert.rejects(http(get('ftp://example.com')), { code: 'bad-input' })
  await client.close()
})

test('requests that come together share their connections, all of which close ends', async (t) => {
  const arrived = Promise.withResolvers<void>()
  let waiting = 0
  const server = createServer(() => {
    if (++waiting === 5) arrived.resolve()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const client = createHttpClient()
  const { port } = server.address() as AddressInfo // it listens on a port
  const asked = Array.from({ length: 5 }, () => client.http(get(`http://127.0.0.1:${port}/`)))
  // Answered by nobody: what is left open goes on until its deadline.
  const ended = Promise.allSettled(asked)
  await arrived.promise

  await client.close()

  for (const one of await ended) {
    assert.equal(one.status === 'rejected' && Object(one.reason).code, 'unavailable')
  }
})

test('hosts that noProxy names as Go reads it are asked without the proxy', async (t) => {
  const { url } = await served(t, (_, response) => response.end('directly'))
  const { url: proxyUrl } = await served(t, (_, response) => response.end('by proxy'))
  const client = createHttpClient()
  t.after(() => client.close())
  const { port } = new URL(url)
  const cases: readonly [string, string][] = [
    ['', 'by proxy'],
    ['127.0.0.0/8', 'directly'],
    ['10.0.0.0/8', 'by proxy'],
    ['*', 'directly'],
    [`127.0.0.1:${port}`, 'directly'],
    ['127.0.0.1:1', 'by proxy'],
    ['other, 127.0.0.1', 'directly'],
    ['0.1', 'by proxy'],
  ]
  for (const [noProxy, expected] of cases) {
    assert.equal((await client.http(get(url, { proxyUrl, noProxy }))).text, expected, noProxy)
  }
})

test('a proxy that is no address is told with each request', async () => {
  const client = createHttpClient()
  for (let times = 0; times < 2; times++) {
    await assert.rejects(client.http(get('http://127.0.0.1:1/', { proxyUrl: 'no address' })))
  }
  await client.close()
})
