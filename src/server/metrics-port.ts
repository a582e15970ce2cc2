// The port Prometheus asks: figures and whether the process is well, to whoever can reach it.
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Metrics, METRICS_CONTENT_TYPE } from '../base/metrics.ts'
import { listen } from './listen.ts'

export interface MetricsPortOptions {
  readonly metrics: Metrics
  readonly port: number
  readonly address: string
}

export interface MetricsPort {
  readonly port: number
  close(): Promise<void>
}

/** Nothing that asks here sends a body. */
const REQUEST_TIMEOUT_MS = 10_000

/** Serves `/metrics` and `/healthz`. Throws `precondition` naming the port where it is taken. */
export async function startMetricsPort({ metrics, ...place }: MetricsPortOptions): Promise<MetricsPort> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    const [path] = (request.url ?? '').split('?')
    if (request.method !== 'GET' && request.method !== 'HEAD') answer(response, 405, 'only GET is answered here\n')
    else if (path === '/metrics') answer(response, 200, metrics.text(), METRICS_CONTENT_TYPE)
    else if (path === '/healthz') answer(response, 200, 'ok')
    else answer(response, 404, 'there is /metrics and /healthz\n')
  })
  await listen(server, { ...place, flag: '--metrics-port' })
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const { promise, resolve } = Promise.withResolvers<void>()
      server.close(() => resolve())
      server.closeAllConnections()
      await promise
    },
  }
}

function answer(response: ServerResponse, status: number, text: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) }).end(text)
}
