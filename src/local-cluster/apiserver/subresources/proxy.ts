// Requests passed on to pods, services and nodes (`proxy`): pods of simulated nodes answer with their echo, nothing else can be reached.
import type { ApiResponse } from '../../../kube/client/transport.ts'
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import type { Call } from '../call.ts'
import { NodeRefusal } from '../hooks.ts'
import { keyOf, type Resource } from '../resource.ts'
import { ApiError, badRequest, notFound } from '../status.ts'
import { readStored } from '../write-object.ts'
import { askOverConnection } from './proxied-request.ts'

const KUBELET_PORT = 10_250
const SCHEMES = ['', 'http', 'https']
const HTTP_PORT = 80

interface Target {
  readonly scheme: string
  readonly name: string
  readonly port: string
}

interface ProxiedPod extends KubeObject {
  readonly spec?: {
    readonly nodeName?: string
    readonly containers?: readonly { readonly ports?: readonly { readonly containerPort?: number }[] }[]
  }
  readonly status?: { readonly phase?: string; readonly podIP?: string }
}

/** A pod by `[scheme:]name[:port]`; without a port its first one (registry/core/pod ResourceLocation, v1.36.3). */
export async function proxyToPod(call: Call): Promise<ApiResponse> {
  const { scheme, name, port } = targetOf(call, 'pod')
  const pod = readPod(call, call.namespace, name)
  if (pod === undefined) throw notFound(call.resource, name)
  if (!isAddress(pod.status?.podIP)) throw badRequest('address not allowed')
  const first = pod.spec?.containers?.find(({ ports = [] }) => ports.length > 0)?.ports?.[0]?.containerPort
  return passOn(call, pod, { scheme, port: port === '' ? String(first ?? HTTP_PORT) : port })
}

/** A service by `[scheme:]name[:port]`, its port by name or number (registry/core/service ResourceLocation). */
export async function proxyToService(call: Call): Promise<ApiResponse> {
  const { scheme, name, port } = targetOf(call, 'service')
  const portName = /^\d+$/.test(port) ? namedPort(call, name, Number(port)) : port
  const subsets = subsetsOf(call, name)
  if (subsets.length === 0) throw unavailable(`no endpoints available for service ${JSON.stringify(name)}`)
  for (const { addresses = [], ports = [] } of subsets) {
    const found = ports.find((one) => (one.name ?? '') === portName)
    const pods = addresses.flatMap(({ targetRef }) =>
      targetRef?.kind === 'Pod' ? [readPod(call, targetRef.namespace ?? call.namespace, targetRef.name ?? '')] : [],
    )
    const reachable = pods.filter((pod) => pod !== undefined)
    const pod = reachable[Math.floor(Math.random() * reachable.length)]
    if (found !== undefined && pod !== undefined) return passOn(call, pod, { scheme, port: String(found.port) })
  }
  throw unavailable(`no endpoints available for service ${JSON.stringify(call.route.name ?? '')}`)
}

/** Simulated nodes listen nowhere: what a client of the real server is told of a kubelet that is away. */
export async function proxyToNode(call: Call): Promise<ApiResponse> {
  const { name, port } = targetOf(call, 'node')
  const stored = call.server.store.get(keyOf(call.resource, '', name))
  if (stored === undefined) throw notFound(call.resource, name)
  const { status } = readStored(call, stored) as KubeObject & {
    readonly status?: { readonly addresses?: readonly { readonly type?: string; readonly address?: string }[] }
  }
  const address = status?.addresses?.find(({ type }) => type === 'InternalIP')?.address
  if (!isAddress(address)) throw badRequest('address not allowed')
  throw unreachable(`dial tcp ${address}:${port === '' ? KUBELET_PORT : port}: connect: connection refused`)
}

function targetOf(call: Call, kind: string): Target {
  const id = call.route.name ?? ''
  const parts = id.split(':')
  const [scheme = '', name = '', port = ''] = parts.length === 3 ? parts : ['', ...parts]
  if (parts.length > 3 || name === '' || !SCHEMES.includes(scheme))
    throw badRequest(`invalid ${kind} request ${JSON.stringify(id)}`)
  return { scheme, name, port }
}

function readPod(call: Call, namespace: string, name: string): ProxiedPod | undefined {
  const pods = coreResource(call, 'pods')
  const stored = call.server.store.get(keyOf(pods, namespace, name))
  return stored === undefined ? undefined : (readStored({ ...call, resource: pods }, stored) as ProxiedPod)
}

function coreResource({ server }: Call, name: string): Resource {
  const resource = server.registry.find('', 'v1', name)
  if (resource === undefined) throw new TypeError(`${name} is not served`)
  return resource
}

/** Neither this machine nor what cannot be reached by one address. */
function isAddress(address: string | undefined): address is string {
  return address !== undefined && address !== '' && !address.startsWith('127.') && address !== '::1'
}

function namedPort(call: Call, name: string, port: number): string {
  const stored = call.server.store.get(keyOf(call.resource, call.namespace, name))
  if (stored === undefined) throw notFound(call.resource, name)
  const { spec } = readStored(call, stored) as KubeObject & {
    readonly spec?: { readonly ports?: readonly { readonly name?: string; readonly port?: number }[] }
  }
  const found = spec?.ports?.find((one) => one.port === port)
  if (found === undefined) throw unavailable(`no service port ${port} found for service ${JSON.stringify(name)}`)
  return found.name ?? ''
}

interface Subset {
  readonly addresses?: readonly {
    readonly targetRef?: { readonly kind?: string; readonly namespace?: string; readonly name?: string }
  }[]
  readonly ports?: readonly { readonly name?: string; readonly port?: number }[]
}

function subsetsOf(call: Call, name: string): readonly Subset[] {
  const endpoints = coreResource(call, 'endpoints')
  const stored = call.server.store.get(keyOf(endpoints, call.namespace, name))
  if (stored === undefined) throw notFound(call.resource, name)
  const { subsets } = readStored({ ...call, resource: endpoints }, stored) as KubeObject & {
    readonly subsets?: readonly Subset[]
  }
  return subsets ?? []
}

async function passOn(
  call: Call,
  pod: ProxiedPod,
  to: { readonly scheme: string; readonly port: string },
): Promise<ApiResponse> {
  const { request, route } = call
  const { path, query } = remainder(request.path, route.namespace !== undefined)
  if (path === '') {
    const { pathname } = new URL(request.path, 'http://server')
    return { status: 301, headers: { location: `${pathname}/${query}` }, body: '' }
  }
  const host = `${pod.status?.podIP ?? ''}:${to.port}`
  const port = Number(to.port)
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw unreachable(`dial tcp: lookup tcp/${to.port}: unknown port`)
  if (to.scheme === 'https') throw unreachable('tls: first record does not look like a TLS handshake')
  const refused = `dial tcp ${host}: connect: connection refused`
  if (call.server.pods === undefined) throw unreachable(refused)
  try {
    const forward = await call.server.pods.forward(pod)
    return await askOverConnection(request, { target: path + query, host }, (connection) => forward(port, connection))
  } catch (error) {
    throw error instanceof NodeRefusal ? unreachable(refused) : error
  }
}

/** What follows `proxy`, as it was sent: empty without so much as a slash. */
function remainder(raw: string, isNamespaced: boolean): { readonly path: string; readonly query: string } {
  const mark = raw.indexOf('?')
  const path = mark < 0 ? raw : raw.slice(0, mark)
  // /api/v1/namespaces/<namespace>/<resource>/<name>/proxy, or without the namespace.
  const rest = path.split('/').slice(isNamespaced ? 8 : 6)
  return { path: rest.length === 0 ? '' : `/${rest.join('/')}`, query: mark < 0 ? '' : raw.slice(mark) }
}

function unreachable(why: string): ApiError {
  return unavailable(`error trying to reach service: ${why}`)
}

function unavailable(message: string, details?: JsonObject): ApiError {
  return new ApiError(503, 'ServiceUnavailable', message, details === undefined ? {} : { details })
}
