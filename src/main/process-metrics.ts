// The process' own metrics, and those of Git, under the names Prometheus' clients and upstream's repo server give them.
import { Metrics } from '../base/metrics.ts'
import type { GitProviderOptions } from '../source/git/provider.ts'
import { VERSION } from './version.ts'

/** Seconds; upstream's (argo-cd reposerver/metrics). */
const GIT_BUCKETS = [0.1, 0.25, 0.5, 1, 2, 4]

export function createProcessMetrics(): Metrics {
  const metrics = new Metrics()
  const gauge = (name: string, help: string, read: () => number): void =>
    metrics.collect(name, help, 'gauge', () => [{ labels: {}, value: read() }])
  metrics.collect('argocd_info', 'ArgoCD version information', 'gauge', () => [
    { labels: { version: VERSION }, value: 1 },
  ])
  metrics.collect('process_cpu_seconds_total', 'Total user and system CPU time spent in seconds.', 'counter', () => {
    const { user, system } = process.cpuUsage()
    return [{ labels: {}, value: (user + system) / 1_000_000 }]
  })
  gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', () => process.memoryUsage.rss())
  gauge('process_start_time_seconds', 'Start time of the process since unix epoch in seconds.', () =>
    Math.round(performance.timeOrigin / 1000),
  )
  gauge('nodejs_heap_size_total_bytes', 'Process heap size from Node.js in bytes.', () => process.memoryUsage().heapTotal) // prettier-ignore
  gauge('nodejs_external_memory_bytes', 'Node.js external memory size in bytes.', () => process.memoryUsage().external)
  gauge('nodejs_heap_size_used_bytes', 'Process heap size used from Node.js in bytes.', () => process.memoryUsage().heapUsed) // prettier-ignore
  return metrics
}

/** What the Git provider is told to call; nothing without metrics. */
export function gitMetrics(metrics: Metrics | undefined): Pick<GitProviderOptions, 'onRequest'> {
  if (metrics === undefined) return {}
  const requests = metrics.counter('argocd_git_request_total', 'Number of git requests performed by repo server')
  const seconds = metrics.histogram('argocd_git_request_duration_seconds', 'Git requests duration seconds.', GIT_BUCKETS) // prettier-ignore
  const failures = {
    'ls-remote': metrics.counter('argocd_git_lsremote_fail_total', 'Number of git ls-remote requests failures by repo server'), // prettier-ignore
    fetch: metrics.counter('argocd_git_fetch_fail_total', 'Number of git fetch requests failures by repo server'),
  }
  return {
    onRequest({ repo, type, durationMs, hasFailed }) {
      requests({ repo, request_type: type })
      seconds({ repo, request_type: type }, durationMs / 1000)
      if (hasFailed) failures[type]({ repo })
    },
  }
}
