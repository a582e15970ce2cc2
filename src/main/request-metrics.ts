// Figures of requests to API servers and to Redis, under the names upstream's processes give them.
import { hostname } from 'node:os'
import { systemClock } from '../base/clock.ts'
import type { Labels, Metrics } from '../base/metrics.ts'
import { measuredTransport } from '../kube/client/measured-transport.ts'
import type { Transport } from '../kube/client/transport.ts'
import type { StoreRequest } from '../shared-cache/redis-store.ts'

/** Around the transport to a server. */
export type MeasureTransport = (transport: Transport, server: string) => Transport

/** Seconds and bytes; upstream's (argo-cd v3.5.1 `util/metrics/kubectl/kubectl_metrics.go`). */
const SECONDS = [0.005, 0.1, 0.5, 2, 8, 30]
const BYTES = [64, 512, 4096, 65_536, 1_048_576, 16_777_216]

/**
 * The `argocd_kubectl_*` families of what happens here: requests, their time and size, and those sent again. There is no rate
 * limiter, no cache of transports and no lookup of names apart from connecting: upstream's families of these do not appear.
 */
export function apiServerMetrics(metrics: Metrics): MeasureTransport {
  const seconds = metrics.histogram('argocd_kubectl_request_duration_seconds', 'Request latency in seconds', SECONDS)
  const sent = metrics.histogram('argocd_kubectl_request_size_bytes', 'Size of kubectl requests', BYTES)
  const received = metrics.histogram('argocd_kubectl_response_size_bytes', 'Size of kubectl responses', BYTES)
  const requests = metrics.counter('argocd_kubectl_requests_total', 'Number of kubectl request results')
  const retries = metrics.counter('argocd_kubectl_request_retries_total', 'Number of kubectl request retries')
  const observer = {
    asked({ host, method, verb, code, durationMs, requestBytes, isRetry }) {
      seconds({ host, verb }, durationMs / 1000)
      sent({ host, method }, requestBytes)
      requests({ host, method, code })
      if (isRetry) retries({ host, method, code })
    },
    answered: ({ host, method, bytes }) => received({ host, method }, bytes),
  } satisfies Parameters<typeof measuredTransport>[1]['observer']
  return (transport, server) => measuredTransport(transport, { server, clock: systemClock, observer })
}

interface RedisFamilies {
  readonly about: Labels
  readonly help: string
  /** Seconds. */
  readonly buckets: readonly number[]
}

/** As the two processes of upstream tell them, which differ (argo-cd v3.5.1 `controller/metrics`, `server/metrics`). */
const REDIS: Readonly<Record<'controller' | 'server', () => RedisFamilies>> = {
  controller: () => ({
    about: { hostname: hostname(), initiator: 'argocd-application-controller' },
    help: 'Number of redis requests executed during application reconciliation.',
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1],
  }),
  server: () => ({
    about: { initiator: 'argocd-server' },
    help: 'Number of kubernetes requests executed during application reconciliation.',
    buckets: [0.1, 0.25, 0.5, 1, 2],
  }),
}

/** What a store of the role is to call for each request. */
export function redisMetrics(metrics: Metrics, role: 'controller' | 'server'): (request: StoreRequest) => void {
  const { about, help, buckets } = REDIS[role]()
  const requests = metrics.counter('argocd_redis_request_total', help)
  const seconds = metrics.histogram('argocd_redis_request_duration', 'Redis requests duration.', buckets)
  return ({ command, hasFailed, durationMs }) => {
    requests({ ...about, command, failed: String(hasFailed) })
    seconds(about, durationMs / 1000)
  }
}
