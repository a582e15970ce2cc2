// GET of pods/<name>/log.
import type { ApiResponse } from '../../../kube/client/transport.ts'
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import type { Call } from '../call.ts'
import { NodeRefusal, type LogQuery } from '../hooks.ts'
import { textOf } from '../json-text.ts'
import { isTrue } from '../options.ts'
import { keyOf } from '../resource.ts'
import { badRequest, notFound } from '../status.ts'
import { readStored } from '../write-object.ts'

/** What is read of a pod to find a container. */
export type PodWithContainers = KubeObject & {
  readonly spec?: {
    readonly nodeName?: string
    readonly containers?: readonly JsonObject[]
    readonly initContainers?: readonly JsonObject[]
    readonly ephemeralContainers?: readonly JsonObject[]
  }
}

/** The log of one container as plain text; 204 for a pod without a node. */
export async function podLog(call: Call): Promise<ApiResponse> {
  const { server, resource, query } = call
  const name = call.route.name ?? ''
  const stored = server.store.get(keyOf(resource, call.namespace, name))
  if (stored === undefined) throw notFound(resource, name)
  const pod = readStored(call, stored) as PodWithContainers
  const container = containerOf(pod, query.get('container') ?? '')
  if ((pod.spec?.nodeName ?? '') === '') return { status: 204, headers: {}, body: '' }
  const wanted = { ...logQuery(query), container, signal: call.request.signal }
  try {
    const body = (await server.pods?.log(pod, wanted)) ?? ''
    return { status: 200, headers: { 'content-type': 'text/plain' }, body }
  } catch (error) {
    // The node's text becomes a Status (`NewGenericHttpResponseChecker`).
    if (error instanceof NodeRefusal) throw badRequest(error.message)
    throw error
  }
}

function logQuery(query: URLSearchParams): Omit<LogQuery, 'container' | 'signal'> {
  const isSet = (name: string): boolean => query.has(name) && isTrue(query.get(name))
  return {
    follow: isSet('follow'),
    previous: isSet('previous'),
    timestamps: isSet('timestamps'),
    tailLines: numberOf(query.get('tailLines')),
    sinceSeconds: numberOf(query.get('sinceSeconds')),
    sinceTime: query.get('sinceTime') ?? undefined,
    limitBytes: numberOf(query.get('limitBytes')),
  }
}

/** The container wanted, or the only one. Throws 400 for one the pod does not have, or where several leave a choice. */
export function containerOf(pod: PodWithContainers, wanted: string): string {
  const { containers = [], initContainers = [], ephemeralContainers = [] } = pod.spec ?? {}
  // In the order the real server visits them.
  const all = [...initContainers, ...containers, ...ephemeralContainers].map((one) => textOf(one['name']))
  const podName = pod.metadata.name ?? ''
  if (wanted !== '') {
    if (all.includes(wanted)) return wanted
    throw badRequest(`container ${wanted} is not valid for pod ${podName}`)
  }
  const [first, ...more] = containers
  if (more.length === 0) return textOf(first?.['name'])
  throw badRequest(`a container name must be specified for pod ${podName}, choose one of: [${all.join(' ')}]`)
}

function numberOf(text: string | null): number | undefined {
  if (text === null || text === '') return undefined
  if (!/^\d{1,15}$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  return Number(text)
}
