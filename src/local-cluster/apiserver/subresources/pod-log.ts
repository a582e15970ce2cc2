// GET of pods/<name>/log.
import type { ApiResponse } from '../../../kube/client/transport.ts'
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import type { Call } from '../call.ts'
import { NodeRefusal, type LogQuery } from '../hooks.ts'
import { textOf } from '../json-text.ts'
import { isTrue } from '../options.ts'
import { keyOf } from '../resource.ts'
import type { FieldFault } from '../../kinds/contract.ts'
import { forbiddenValue, invalidValue, notSupported } from '../../kinds/validation/faults.ts'
import { badRequest, invalid, notFound } from '../status.ts'
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
  const options = logQuery(query, name)
  const pod = readStored(call, stored) as PodWithContainers
  const container = containerOf(pod, query.get('container') ?? '')
  if ((pod.spec?.nodeName ?? '') === '') return { status: 204, headers: {}, body: '' }
  const wanted = { ...options, container, signal: call.request.signal }
  try {
    const body = (await server.pods?.log(pod, wanted)) ?? ''
    return { status: 200, headers: { 'content-type': 'text/plain' }, body }
  } catch (error) {
    // The node's text becomes a Status (`NewGenericHttpResponseChecker`).
    if (error instanceof NodeRefusal) throw badRequest(error.message)
    throw error
  }
}

function logQuery(query: URLSearchParams, pod: string): Omit<LogQuery, 'container' | 'signal'> {
  const isSet = (name: string): boolean => query.has(name) && isTrue(query.get(name))
  const options = {
    follow: isSet('follow'),
    previous: isSet('previous'),
    timestamps: isSet('timestamps'),
    tailLines: numberOf(query.get('tailLines')),
    sinceSeconds: numberOf(query.get('sinceSeconds')),
    sinceTime: timeOf(query.get('sinceTime')),
    limitBytes: numberOf(query.get('limitBytes')),
  }
  const faults = [...numberFaults(options), ...streamFaults(query.get('stream'), options.tailLines)]
  if (faults.length > 0) throw invalid({ group: '', kind: 'PodLogOptions' }, pod, faults)
  return options
}

type Numbers = Pick<LogQuery, 'tailLines' | 'sinceSeconds' | 'sinceTime' | 'limitBytes'>

/** `ValidatePodLogOptions` of kubernetes v1.36.3. */
function numberFaults({ tailLines, sinceSeconds, sinceTime, limitBytes }: Numbers): readonly FieldFault[] {
  const positive = (field: string, value: number | undefined): readonly FieldFault[] =>
    value !== undefined && value < 1 ? [invalidValue(field, value, 'must be greater than 0')] : []
  const isBoth = sinceSeconds !== undefined && sinceTime !== undefined
  return [
    ...(tailLines !== undefined && tailLines < 0
      ? [invalidValue('tailLines', tailLines, 'must be greater than or equal to 0')]
      : []),
    ...positive('limitBytes', limitBytes),
    ...(isBoth ? [forbiddenValue('', 'at most one of `sinceTime` or `sinceSeconds` may be specified')] : []),
    ...(isBoth ? [] : positive('sinceSeconds', sinceSeconds)),
  ]
}

const STREAMS = ['All', 'Stderr', 'Stdout']

/** One stream alone is refused by `PodLogsQuerySplitStreams` with a number of lines; else both come as one here. */
function streamFaults(stream: string | null, tailLines: number | undefined): readonly FieldFault[] {
  if (stream === null || stream === 'All') return []
  if (!STREAMS.includes(stream)) return [notSupported('stream', stream, STREAMS)]
  if (tailLines === undefined) return []
  return [forbiddenValue('', '`tailLines` and specific `stream` are mutually exclusive for now')]
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
  if (!/^-?\d{1,15}$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  return Number(text)
}

function timeOf(text: string | null): string | undefined {
  if (text === null || text === '') return undefined
  if (Number.isNaN(Date.parse(text)))
    throw badRequest(`parsing time ${JSON.stringify(text)} as "2006-01-02T15:04:05Z07:00": cannot parse`)
  return text
}
