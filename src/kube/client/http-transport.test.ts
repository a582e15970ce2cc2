// The HTTP transport against a server on loopback.
import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { Secret } from '../../base/secret.ts'
import { createClient } from './create-client.ts'
import { httpTransport } from './http-transport.ts'
import type { ApiResponse } from './transport.ts'

async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  // A listening TCP server has an AddressInfo.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const pods = {
  group: '',
  version: 'v1',
  resource: 'pods',
  kind: 'Pod',
  namespaced: true,
  verbs: [],
  subresources: [],
} as const

test('sends the token, keeps the path prefix of the server, and reuses its connections', async (t) => {
  const seen: IncomingMessage[] = []
  const url = await serve(t, (request, response) => {
    seen.push(request)
    response.end('{"gitVersion":"v1.36.3"}')
  })
  const client = createClient(httpTransport({ server: `${url}/k8s/c1/`, token: new Secret('t0p') }))
  t.after(() => client.close())

  for (let sent = 0; sent < 6; sent++) await client.serverVersion()

  assert.deepEqual(
    [seen[0]?.url, seen[0]?.headers.authorization, seen[0]?.headers['user-agent']],
    ['/k8s/c1/version', 'Bearer t0p', 'capstan'],
  )
  // The next request may start before the pool has taken the last connection back.
  assert.ok(new Set(seen.map((request) => request.socket.remotePort)).size <= 2)
})

test('an aborted watch closes its connection', async (t) => {
  const closed = Promise.withResolvers<void>()
  const url = await serve(t, (request, response) => {
    request.on('close', () => closed.resolve())
    response.write('{"type":"ADDED","object":{"metadata":{"name":"a"}}}\n')
  })
  const client = createClient(httpTransport({ server: url }))
  t.after(() => client.close())
  const controller = new AbortController()
  const names: (string | undefined)[] = []

  await assert.rejects(async () => {
    for await (const event of client.watch(pods, { resourceVersion: '1', signal: controller.signal })) {
      names.push(event.object.metadata.name)
      controller.abort(new Error('seen enough'))
    }
  }, /seen enough/)

  await closed.promise
  assert.deepEqual(names, ['a'])
})

test('a server that cannot be reached is named in the error', async () => {
  const client = createClient(httpTransport({ server: 'http://127.0.0.1:1' }))

  await assert.rejects(client.serverVersion(), {
    code: 'unavailable',
    message: /^http:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/,
  })
  await client.close()
})

test('an address that is none is refused at once', () => {
  for (const server of ['', 'host:6443', 'ftp://host']) {
    assert.throws(() => httpTransport({ server }), /expected http:\/\/host or https:\/\/host/)
  }
})

test('many requests at once share a bounded number of connections, watches have their own', async (t) => {
  const connections = new Set<unknown>()
  const held: (() => void)[] = []
  const url = await serve(t, (request, response) => {
    connections.add(request.socket)
    if (request.url?.includes('watch=')) response.write('\n')
    else held.push(() => response.end('{}'))
  })
  const transport = httpTransport({ server: url })
  t.after(() => transport.close())
  const watches = Array.from({ length: 70 }, () => transport.send({ method: 'GET', path: '/x?watch=1', headers: {} }))
  await Promise.all(watches)

  const requests = Array.from({ length: 100 }, () => transport.send({ method: 'GET', path: '/x', headers: {} }))
  while (held.length < 64) await new Promise(setImmediate)
  const [atOnce, open] = [held.length, connections.size]
  const answers = Promise.all(requests.map(async (sent) => consume((await sent).body)))
  const finishing = setInterval(() => held.splice(0).forEach((answer) => answer()), 1)
  t.after(() => clearInterval(finishing))

  assert.deepEqual(new Set(await answers), new Set(['{}']))
  assert.deepEqual([atOnce, open], [64, 134])
})

async function consume(body: ApiResponse['body']): Promise<string> {
  if (typeof body === 'string' || body instanceof Uint8Array) return String(body)
  let text = ''
  for await (const chunk of body) text += String(chunk)
  return text
}
