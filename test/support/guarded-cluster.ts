// An API server on loopback that can be cut off, asks for a token and remembers what it was asked: the embedded cluster behind a small front.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import type { KubeClient } from '../../src/kube/client/client.ts'
import type { ApiRequest, Transport } from '../../src/kube/client/transport.ts'
import { startLocalCluster, type LocalCluster } from '../../src/local-cluster/start.ts'

export interface GuardedCluster {
  readonly url: string
  /** Past the front, as an administrator. */
  readonly client: KubeClient
  /** Who asks with another is refused; undefined: anybody may ask. */
  token: string | undefined
  /** `down`: connections end as they come; `silent`: nothing is answered. */
  state: 'up' | 'down' | 'silent'
  /** While this is set, the first watch of each path that is not in it is answered with 410. */
  expired: Set<string> | undefined
  /** Paths with queries, in order. */
  readonly asked: string[]
  /** Ends every connection there is. */
  cut(): void
}

/** The embedded cluster in memory, without controllers and nodes; with a port where one is named. */
export async function startMemoryCluster(
  t: TestContext,
  place: { readonly port?: number } = {},
): Promise<LocalCluster> {
  const cluster = await startLocalCluster({ clock: systemClock, log: silentLog, ...place })
  t.after(() => cluster.close())
  return cluster
}

export async function startGuardedCluster(t: TestContext): Promise<GuardedCluster> {
  const local = await startLocalCluster({ clock: systemClock, log: silentLog })
  const transport = local.transport()
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A listening TCP server has an AddressInfo.
  const { port } = server.address() as AddressInfo
  const cluster: GuardedCluster = {
    url: `http://127.0.0.1:${port}`,
    client: local.client('test'),
    token: undefined,
    state: 'up',
    expired: undefined,
    asked: [],
    cut: () => server.closeAllConnections(),
  }
  server.on('request', (request, response) => void answer(cluster, transport, { request, response }))
  t.after(async () => {
    server.closeAllConnections()
    server.close()
    await local.close()
  })
  return cluster
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

async function answer(cluster: GuardedCluster, transport: Transport, { request, response }: Exchange): Promise<void> {
  const path = request.url ?? '/'
  cluster.asked.push(path)
  if (cluster.state === 'silent') return
  if (cluster.state === 'down') {
    request.socket.destroy()
    return
  }
  if (cluster.token !== undefined && request.headers.authorization !== `Bearer ${cluster.token}`) {
    status(response, 401, 'Unauthorized')
    return
  }
  const [bare = ''] = path.split('?')
  if (path.includes('watch=') && cluster.expired !== undefined && !cluster.expired.has(bare)) {
    cluster.expired.add(bare)
    status(response, 410, 'Expired')
    return
  }
  await pass(transport, { request, response })
}

async function pass(transport: Transport, { request, response }: Exchange): Promise<void> {
  const gone = new AbortController()
  response.on('close', () => gone.abort(new Error('the client has gone')))
  try {
    const chunks: Buffer[] = []
    // A request without an encoding gives bytes.
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const answered = await transport.send({
      method: (request.method ?? 'GET') as ApiRequest['method'], // clients send no others
      path: request.url ?? '/',
      headers: plain(request),
      ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
      signal: gone.signal,
    })
    response.writeHead(answered.status, answered.headers)
    response.flushHeaders()
    const { body } = answered
    if (typeof body === 'string' || body instanceof Uint8Array) response.write(body)
    else for await (const chunk of body) response.write(chunk)
    response.end()
  } catch {
    response.destroy()
  }
}

function plain({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  )
}

function status(response: ServerResponse, code: number, reason: string): void {
  response.writeHead(code, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message: reason }))
}
