// GET and POST of pods/<name>/exec, attach and portforward: the checks of the real server, then what the node says.
import type { ApiResponse } from '../../../kube/client/transport.ts'
import type { JsonObject } from '../../../kube/object.ts'
import { portOf } from '../../streaming/forward-session.ts'
import { isUpgradeRequest, textError } from '../../streaming/negotiate.ts'
import type { PodSession, UpgradeAnswer } from '../../streaming/session.ts'
import type { Call } from '../call.ts'
import { NodeRefusal, type CommandQuery, type PodBackend } from '../hooks.ts'
import { isTrue } from '../options.ts'
import { keyOf } from '../resource.ts'
import { ApiError, badRequest, notFound } from '../status.ts'
import { readStored } from '../write-object.ts'
import { containerOf, type PodWithContainers } from './pod-log.ts'

/**
 * Answers 101 with a session for whoever owns the socket. Throws 404 for a missing pod or node and 400 for a wrong container,
 * a pod without a node or a request that is no upgrade (`registry/core/pod/strategy.go`); what the node refuses is plain text.
 */
export async function connectToPod(call: Call): Promise<ApiResponse> {
  const { server, resource, route } = call
  const name = route.name ?? ''
  const stored = server.store.get(keyOf(resource, call.namespace, name))
  if (stored === undefined) throw notFound(resource, name)
  const pod = readStored(call, stored) as PodWithContainers // it was stored as a pod
  const container = route.subresource === 'portforward' ? '' : containerOf(pod, call.query.get('container') ?? '')
  const backend = nodeOf(call, pod)
  if (!isUpgradeRequest(call.request.headers)) throw badRequest('Upgrade request required')
  try {
    const session = await sessionOf(call, pod, { container, backend })
    const answer: UpgradeAnswer = { status: 101, headers: {}, body: '', podUid: pod.metadata.uid ?? '', session }
    return answer
  } catch (error) {
    if (error instanceof NodeRefusal) return textError(error.status, error.message)
    throw error
  }
}

function nodeOf(call: Call, pod: PodWithContainers): PodBackend {
  const { server, resource, route } = call
  const nodeName = pod.spec?.nodeName ?? ''
  if (nodeName === '') throw badRequest(`pod ${route.name ?? ''} does not have a host assigned`)
  const nodes = server.registry.find('', 'v1', 'nodes')
  // The real server tells the node's name as if it were a pod's.
  if (nodes === undefined || server.store.get(keyOf(nodes, '', nodeName)) === undefined)
    throw notFound(resource, nodeName)
  if (server.pods !== undefined) return server.pods
  const why = `no kubelet of this program runs node ${nodeName}: nothing runs in pod ${route.name ?? ''} that ${route.subresource ?? ''} could reach`
  throw new ApiError(501, 'NotImplemented', why)
}

async function sessionOf(
  call: Call,
  pod: PodWithContainers,
  { container, backend }: { readonly container: string; readonly backend: PodBackend },
): Promise<PodSession> {
  if (call.route.subresource === 'portforward') {
    const ports = portsOf(call)
    const { name = '', uid = '' } = pod.metadata
    return { kind: 'forward', ports, pod: { name, uid }, forward: await backend.forward(pod) }
  }
  const isExec = call.route.subresource === 'exec'
  const query = commandQuery(call.query, container, isExec ? undefined : specOf(pod, container))
  const run = isExec ? await backend.exec(pod, query) : await backend.attach(pod, query)
  return { kind: 'command', query, run }
}

/** Query of exec and attach (`PodExecOptions`, `PodAttachOptions`); the terminal of attach is the container's own. */
function commandQuery(query: URLSearchParams, container: string, attached: JsonObject | undefined): CommandQuery {
  const isSet = (name: string): boolean => query.has(name) && isTrue(query.get(name))
  const tty = attached === undefined ? isSet('tty') : attached['tty'] === true
  const wanted = { stdin: isSet('stdin'), stdout: isSet('stdout'), stderr: isSet('stderr') && !isSet('tty') }
  if (!wanted.stdin && !wanted.stdout && !wanted.stderr)
    throw new NodeRefusal(400, 'you must specify at least 1 of stdin, stdout, stderr')
  return { container, command: attached === undefined ? query.getAll('command') : [], ...wanted, tty }
}

function specOf(pod: PodWithContainers, name: string): JsonObject {
  const { containers = [], initContainers = [], ephemeralContainers = [] } = pod.spec ?? {}
  return [...containers, ...initContainers, ...ephemeralContainers].find((one) => one['name'] === name) ?? {}
}

/** Web sockets without a tunnel name the ports in the query (`NewV4Options`). */
function portsOf(call: Call): readonly string[] {
  const { headers } = call.request
  const isSocket = headers['upgrade']?.toLowerCase() === 'websocket'
  if (!isSocket || headers['sec-websocket-protocol']?.includes('SPDY/3.1+') === true) return []
  const given = call.query.getAll('ports')
  if (given.length === 0) throw new NodeRefusal(400, 'query parameter "port" is required')
  const ports = given.flatMap((one) => one.split(','))
  for (const port of ports) {
    if (port === '0') throw new NodeRefusal(400, `port "${port}" must be > 0`)
    if (portOf(port) === undefined) throw new NodeRefusal(400, `unable to parse "${port}" as a port: invalid syntax`)
  }
  return ports
}
