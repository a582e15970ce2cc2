// /metrics: a few figures of the process and the store in the text format of Prometheus.
import type { ApiResponse } from '../../kube/client/transport.ts'
import type { ServerParts } from './call.ts'

/** Under the names that client_golang and kube-apiserver use. Counters of requests are not kept. */
export function metricsAnswer(server: ServerParts): ApiResponse {
  const { user, system } = process.cpuUsage()
  const memory = process.memoryUsage()
  const started = server.clock.now() / 1000 - process.uptime()
  const lines = [
    ...metric('kubernetes_build_info', 'gauge', 'The version this server answers as.', [
      ['{git_version="v1.36.3",major="1",minor="36"}', 1],
    ]),
    ...metric('process_cpu_seconds_total', 'counter', 'User and system CPU time of the process in seconds.', [
      ['', (user + system) / 1e6],
    ]),
    ...metric('process_resident_memory_bytes', 'gauge', 'Resident memory of the process in bytes.', [['', memory.rss]]),
    ...metric('process_start_time_seconds', 'gauge', 'Start of the process since the epoch in seconds.', [
      ['', Math.round(started)],
    ]),
    ...metric('apiserver_storage_objects', 'gauge', 'Stored objects by resource.', objectCounts(server)),
  ]
  const headers = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }
  return { status: 200, headers, body: `${lines.join('\n')}\n` }
}

type Sample = readonly [labels: string, value: number]

function metric(name: string, type: 'gauge' | 'counter', help: string, samples: readonly Sample[]): readonly string[] {
  const lines = samples.map(([labels, value]) => `${name}${labels} ${value}`)
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines]
}

function objectCounts({ registry, store }: ServerParts): readonly Sample[] {
  const counts = new Map<string, Sample>()
  for (const { group, resource, keyPrefix, verbs } of registry.all()) {
    if (!verbs.includes('list') || counts.has(keyPrefix)) continue
    const count = store.count(keyPrefix)
    counts.set(keyPrefix, [`{group="${group}",resource="${resource}"}`, count])
  }
  return [...counts.values()]
}
