// /healthz, /livez and /readyz with the checks of kube-apiserver 1.36.3 by name.
//
// What those checks stand for is done here before the port opens (roles, priority classes, namespaces, definitions read) or has no
// part of its own (informers of an aggregator); so a check holds from the moment the server answers until it closes.
import type { ApiResponse } from '../../kube/client/transport.ts'
import { notFoundText, TEXT_HEADERS, type PlainTarget } from './plain-answer.ts'

/** In the order in which `?verbose` lists them. */
const HOOKS = [
  'start-apiserver-admission-initializer',
  'generic-apiserver-start-informers',
  'priority-and-fairness-config-consumer',
  'priority-and-fairness-filter',
  'storage-object-count-tracker-hook',
  'start-apiextensions-informers',
  'start-apiextensions-controllers',
  'crd-informer-synced',
  'start-system-namespaces-controller',
  'peer-endpoint-reconciler-controller',
  'start-cluster-authentication-info-controller',
  'start-kube-apiserver-identity-lease-controller',
  'start-kube-apiserver-identity-lease-garbage-collector',
  'storage-readiness',
  'start-legacy-token-tracking-controller',
  'start-service-ip-repair-controllers',
  'rbac/bootstrap-roles',
  'scheduling/bootstrap-system-priority-classes',
  'priority-and-fairness-config-producer',
  'bootstrap-controller',
  'start-kubernetes-service-cidr-controller',
  'start-kube-aggregator-informers',
  'apiservice-status-local-available-controller',
  'apiservice-status-remote-available-controller',
  'apiservice-registration-controller',
  'apiservice-discovery-controller',
  'kube-apiserver-autoregistration',
  'autoregister-completion',
  'apiservice-openapi-controller',
  'apiservice-openapiv3-controller',
].map((hook) => (hook === 'autoregister-completion' ? hook : `poststarthook/${hook}`))

const ALIVE = ['ping', 'log', 'loopback-serving-certificate', 'etcd', ...HOOKS]
const READY = ['ping', 'log', 'etcd', 'etcd-readiness', 'informer-sync', ...HOOKS, 'shutdown']
const CHECKS: Readonly<Record<string, readonly string[]>> = { healthz: ALIVE, livez: ALIVE, readyz: READY }

/** The names of the checks behind /healthz and /readyz. */
export function checksByKind(): Readonly<Record<'healthz' | 'readyz', readonly string[]>> {
  return { healthz: ALIVE, readyz: READY }
}

/** The paths of all checks. */
export function healthPaths(): readonly string[] {
  return Object.entries(CHECKS).flatMap(([kind, names]) => [`/${kind}`, ...names.map((name) => `/${kind}/${name}`)])
}

/** Answers a health path; undefined for others, 404 for a check there is not. */
export function answerHealth({ path, query }: PlainTarget): ApiResponse | undefined {
  const [, kind = '', ...rest] = path.split('/')
  const names = Object.hasOwn(CHECKS, kind) ? CHECKS[kind] : undefined
  if (names === undefined) return undefined
  if (rest.length > 0 && !names.includes(rest.join('/'))) return notFoundText()
  const isList = rest.length === 0 && query.has('verbose')
  const body = isList ? listOf(kind, names, new Set(query.getAll('exclude'))) : 'ok'
  const headers = { ...TEXT_HEADERS, 'cache-control': 'no-cache, private', 'x-content-type-options': 'nosniff' }
  return { status: 200, headers, body }
}

function listOf(kind: string, names: readonly string[], excluded: ReadonlySet<string>): string {
  const lines = names.map((name) => `[+]${name}${excluded.has(name) ? ' excluded:' : ''} ok\n`)
  return `${lines.join('')}${kind} check passed\n`
}
