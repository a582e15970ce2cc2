// /flagz, /statusz and /metrics/slis: what this server is set up as, how long it runs, and its checks as gauges (component-base `zpages`, v0.36.3).
import type { ApiResponse } from '../../kube/client/transport.ts'
import { checksByKind } from './health-checks.ts'
import { TEXT_HEADERS } from './plain-answer.ts'

const WARNING =
  'Warning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees and is for debugging purposes only.'
const PATHS = ['/flagz', '/healthz', '/livez', '/metrics', '/readyz', '/statusz', '/version']
export const Z_PATHS: readonly string[] = ['/flagz', '/metrics/slis', '/statusz']
/** The flags of kube-apiserver whose values hold here, whoever starts it how. */
const FLAGS: Readonly<Record<string, string>> = {
  'allow-privileged': 'true',
  'anonymous-auth': 'true',
  'authorization-mode': '[RBAC]',
  'enable-admission-plugins':
    '[NamespaceLifecycle,LimitRanger,ServiceAccount,PersistentVolumeClaimResize,DefaultStorageClass,ResourceQuota,StorageObjectInUseProtection]',
  'enable-aggregator-routing': 'false',
  'request-timeout': '1m0s',
  'service-cluster-ip-range': '10.96.0.0/16',
  'watch-cache': 'true',
}

/** Answers one of the three; undefined for other paths. `nowMs` is the time of the server's clock. */
export function answerZPage(path: string, nowMs: number): ApiResponse | undefined {
  switch (path) {
    case '/flagz':
      return text(page('flagz', Object.entries(FLAGS).map(([name, value]) => `${name}:${value}`))) // prettier-ignore
    case '/statusz':
      return text(page('statusz', ['', ...statusLines(nowMs)]))
    case '/metrics/slis':
      return { ...text(`${checkLines().join('\n')}\n`), headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } } // prettier-ignore
    default:
      return undefined
  }
}

function text(body: string): ApiResponse {
  return { status: 200, headers: TEXT_HEADERS, body }
}

function page(name: string, lines: readonly string[]): string {
  return ['', `apiserver ${name}`, WARNING, ...lines, ''].join('\n')
}

function statusLines(nowMs: number): readonly string[] {
  const upSeconds = Math.floor(process.uptime())
  return [
    `Started  ${new Date(nowMs - upSeconds * 1000).toUTCString()}`,
    `Up  ${Math.floor(upSeconds / 3600)} hr ${two(Math.floor(upSeconds / 60) % 60)} min ${two(upSeconds % 60)} sec`,
    'Go version  none: Capstan',
    'Binary version  1.36.3',
    'Emulation version  1.36',
    `Paths  ${PATHS.join(' ')}`,
  ]
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

function checkLines(): readonly string[] {
  const gauges = Object.entries(checksByKind()).flatMap(([type, names]) =>
    names.map((name) => `kubernetes_healthcheck{name="${name}",type="${type}"} 1`),
  )
  return [
    '# HELP kubernetes_healthcheck [STABLE] This metric records the result of a single healthcheck.',
    '# TYPE kubernetes_healthcheck gauge',
    ...gauges.sort(),
  ]
}
