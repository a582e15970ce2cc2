// The port Prometheus asks: figures and whether the process is well, to whoever can reach it.
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Metrics, METRICS_CONTENT_TYPE } from '../base/metrics.ts'
import { listen } from './listen.ts'

export interface MetricsPortOptions {
  readonly metrics: Metrics
  readonly port: number
  readonly address: string
  /** Whether everything has been started; default: yes. */
  readonly isReady?: () => boolean
}

export interface MetricsPort {
  readonly port: number
  close(): Promise<void>
}

/** Nothing that asks here sends a body. */
const REQUEST_TIMEOUT_MS = 10_000

/**
 * Serves `/metrics`, `/healthz` (200, or 503 with what is wrong) and `/readyz` (the same, and 503 until all is started).
 * Throws `precondition` naming the port where it is taken.
 */
export async function startMetricsPort(options: MetricsPortOptions): Promise<MetricsPort> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    const [path] = (request.url ?? '').split('?')
    if (request.method !== 'GET' && request.method !== 'HEAD') answer(response, 405, 'only GET is answered here\n')
    else if (path === '/metrics') answer(response, 200, options.metrics.text(), METRICS_CONTENT_TYPE)
    else if (path === '/healthz') answerFaults(response, options.metrics.faults())
    else if (path === '/readyz') answerFaults(response, [...options.metrics.faults(), ...unready(options)])
    else answer(response, 404, 'there is /metrics, /healthz and /readyz\n')
  })
  const { port, address } = options
  await listen(server, { port, address, flag: '--metrics-port' })
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

function unready({ isReady }: MetricsPortOptions): readonly string[] {
  return isReady === undefined || isReady() ? [] : ['not everything is started yet']
}

function answerFaults(response: ServerResponse, faults: readonly string[]): void {
  if (faults.length === 0) answer(response, 200, 'ok')
  else answer(response, 503, `${faults.join('\n')}\n`)
}

function answer(response: ServerResponse, status: number, text: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) }).end(text)
}
