// What is passed on to pods and services, and what the real server would say of the rest.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { systemClock } from '../../../base/clock.ts'
import { silentLog } from '../../../base/log.ts'
import type { ApiRequest, ApiResponse } from '../../../kube/client/transport.ts'
import { startLocalCluster } from '../../start.ts'
import { NodeRefusal, type ForwardedConnection, type PodBackend } from '../hooks.ts'

const CORE = '/api/v1'
const HERE = `${CORE}/namespaces/default`

type Ask = (method: ApiRequest['method'], path: string, body?: unknown) => Promise<ApiResponse>

function textOf({ body }: ApiResponse): string {
  assert.ok(typeof body === 'string' || body instanceof Uint8Array)
  return Buffer.from(body).toString()
}

/** A node on which every pod says what it was asked. */
async function scene(t: TestContext, forward: PodBackend['forward'] = echo): Promise<Ask> {
  const away = (): never => {
    throw new NodeRefusal(500, 'not asked')
  }
  const backend = { log: away, exec: away, attach: away, forward, stop: async () => {} }
  const cluster = await startLocalCluster({ clock: systemClock, log: silentLog, kubelet: async () => backend })
  t.after(() => cluster.close())
  const transport = cluster.transport()
  const headers = { accept: 'application/json', authorization: 'Bearer secret', 'x-asked': 'yes' }
  const ask: Ask = (method, path, body) => {
    const isPatch = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
    const content = body === undefined ? {} : { body: JSON.stringify(body) }
    return transport.send({ method, path, headers: { ...headers, 'content-type': isPatch }, ...content })
  }
  await ask('POST', `${HERE}/serviceaccounts`, { metadata: { name: 'default' } })
  await ask('POST', `${CORE}/nodes`, { metadata: { name: 'n' } })
  const addresses = [{ type: 'InternalIP', address: '10.9.0.1' }]
  await ask('PATCH', `${CORE}/nodes/n/status`, { status: { addresses } })
  for (const name of ['a', 'b']) await ask('POST', `${HERE}/pods`, podObject(name))
  await ask('PATCH', `${HERE}/pods/a/status`, { status: { phase: 'Running', podIP: '10.1.0.1', podIPs: [{ ip: '10.1.0.1' }] } }) // prettier-ignore
  return ask
}

function podObject(name: string): object {
  const containers = [{ name: 'c', image: 'i', ports: [{ containerPort: 8080 }] }]
  return { metadata: { name }, spec: { nodeName: 'n', containers } }
}

const echo: PodBackend['forward'] = async () => async (port, connection) => {
  const asked = await wholeRequest(connection)
  const [line = ''] = asked.split('\r\n')
  const body = `${port} ${line} ${asked.includes('secret') ? 'with' : 'without'} credentials ${asked.split('\r\n\r\n')[1] ?? ''}`
  await connection.write(`HTTP/1.1 203 Fine\r\nX-From: pod\r\nConnection: close\r\n\r\n${body}`)
}

async function wholeRequest(connection: ForwardedConnection): Promise<string> {
  let text = ''
  for (let data = await connection.read(); data !== undefined; data = await connection.read())
    text += Buffer.from(data).toString()
  return text
}

async function service(ask: Ask, name: string, pods: readonly string[]): Promise<void> {
  await ask('POST', `${HERE}/services`, { metadata: { name }, spec: { ports: [{ name: 'web', port: 80 }] } })
  const addresses = pods.map((pod) => ({ ip: '10.1.0.1', targetRef: { kind: 'Pod', namespace: 'default', name: pod } }))
  const subsets = pods.length === 0 ? [] : [{ addresses, ports: [{ name: 'web', port: 8080 }] }]
  await ask('POST', `${HERE}/endpoints`, { metadata: { name }, subsets })
}

test('a request reaches the pod with its path, method and body, and without the credentials', async (t) => {
  const ask = await scene(t)
  await service(ask, 'web', ['a'])
  const cases = [
    ['GET', 'pods/a/proxy/', '8080 GET / HTTP/1.1'],
    ['GET', 'pods/a:90/proxy/x%20y/z?q=1', '90 GET /x%20y/z?q=1 HTTP/1.1'],
    ['DELETE', 'pods/http:a:90/proxy/x/', '90 DELETE /x/ HTTP/1.1'],
    ['GET', 'services/web:web/proxy/', '8080 GET / HTTP/1.1'],
    ['PUT', 'services/http:web:80/proxy/p', '8080 PUT /p HTTP/1.1'],
  ] as const
  for (const [method, path, wanted] of cases) {
    const body = method === 'PUT' ? { a: 1 } : undefined
    const answer = await ask(method, `${HERE}/${path}`, body)
    const sent = body === undefined ? '' : JSON.stringify(body)
    assert.deepEqual(
      [answer.status, answer.headers['x-from'], answer.headers['connection'], textOf(answer)],
      [203, 'pod', undefined, `${wanted} without credentials ${sent}`],
      path,
    )
  }
})

test('a path without its slash is sent on to the one with it', async (t) => {
  const ask = await scene(t)

  const { status, headers } = await ask('GET', `${HERE}/pods/a/proxy?x=1`)

  assert.deepEqual([status, headers['location']], [301, `${HERE}/pods/a/proxy/?x=1`])
})

test('what cannot be reached is told in the words of the real server', async (t) => {
  const ask = await scene(t)
  await service(ask, 'empty', [])
  await service(ask, 'full', ['a'])
  const trouble = 'error trying to reach service:'
  const cases = [
    [`${HERE}/pods/none/proxy/`, 404, 'pods "none" not found'],
    [`${HERE}/pods/b/proxy/`, 400, 'address not allowed'],
    [`${HERE}/pods/x:y:a:80/proxy/`, 400, 'invalid pod request "x:y:a:80"'],
    [`${HERE}/pods/a:none/proxy/`, 503, `${trouble} dial tcp: lookup tcp/none: unknown port`],
    [`${HERE}/pods/https:a:80/proxy/`, 503, `${trouble} tls: first record does not look like a TLS handshake`],
    [`${HERE}/services/none/proxy/`, 404, 'services "none" not found'],
    [`${HERE}/services/ftp:full:80/proxy/`, 400, 'invalid service request "ftp:full:80"'],
    [`${HERE}/services/full:81/proxy/`, 503, 'no service port 81 found for service "full"'],
    [`${HERE}/services/empty/proxy/`, 503, 'no endpoints available for service "empty"'],
    [`${HERE}/services/full:other/proxy/`, 503, 'no endpoints available for service "full:other"'],
    [`${CORE}/nodes/n/proxy/stats`, 503, `${trouble} dial tcp 10.9.0.1:10250: connect: connection refused`],
    [`${CORE}/nodes/none/proxy/`, 404, 'nodes "none" not found'],
  ] as const
  for (const [path, status, message] of cases) {
    const answer = await ask('GET', path)
    const told = JSON.parse(textOf(answer)) as { readonly message: string }
    assert.deepEqual([answer.status, told.message], [status, message], path)
  }
})

test('a pod that its node does not serve, and one that answers no HTTP, count as out of reach', async (t) => {
  const refusing = await scene(t, async () => {
    throw new NodeRefusal(500, 'pod is not running')
  })
  const rambling = await scene(t, async () => async (_port, connection) => {
    await wholeRequest(connection)
    await connection.write('hello')
  })
  const messageOf = async (ask: Ask): Promise<string> =>
    (JSON.parse(textOf(await ask('GET', `${HERE}/pods/a/proxy/`))) as { readonly message: string }).message

  assert.deepEqual(
    [await messageOf(refusing), await messageOf(rambling)],
    [
      'error trying to reach service: dial tcp 10.1.0.1:8080: connect: connection refused',
      'error trying to reach service: malformed HTTP response',
    ],
  )
})
