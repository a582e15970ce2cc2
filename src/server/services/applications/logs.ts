// Logs of an application's pods, as a stream of lines (server/application/application.go and logs.go, v3.5.1).
import { CapstanError, messageOf } from '../../../base/errors.ts'
import { rfc3339Seconds } from '../../../base/rfc3339.ts'
import type { ResourceNode, ResourceRef } from '../../../crds/tree.ts'
import type { ResourceType } from '../../../kube/client/client.ts'
import { StreamAnswer, type Call, type ClusterAccess } from '../../context.ts'
import { readConfigMap } from '../../../settings/map-reader.ts'
import { flagField, numberField, textField, type RequestFields } from '../fields.ts'
import { requireAllowed } from '../permissions.ts'
import { actingCluster } from './acting-cluster.ts'
import { findApplication, rbacName } from './find.ts'
import { mergeLogLines, readLogLines, ZERO_TIME, type LogLine } from './log-lines.ts'

/** argocd-cm `server.maxPodLogsToRender`, its default. */
const MAX_PODS = 10

/** GET ~/applications/{name}/logs and …/pods/{podName}/logs. */
export async function podLogs(request: RequestFields, call: Call): Promise<StreamAnswer> {
  const application = findApplication(call, request, 'get')
  requireAllowed(call, 'logs', 'get', rbacName(application, call.context.namespace))
  const until = untilOf(request)
  const { name = '', namespace = '' } = application.metadata
  const tree = await call.context.views.resourceTree({ name, namespace })
  const pods = selectPods(tree.nodes ?? [], request)
  if (pods.length > maxPods(call)) {
    throw new CapstanError('bad-input', 'max pods to view logs are reached. Please provide more granular query')
  }
  if (pods.length === 0) return new StreamAnswer(nothing())
  const cluster = await actingCluster(application, call)
  return new StreamAnswer(entries({ request, call, pods, cluster, until }))
}

async function* nothing(): AsyncGenerator<unknown> {}

interface LogQuery {
  readonly request: RequestFields
  readonly call: Call
  readonly pods: readonly ResourceNode[]
  readonly cluster: ClusterAccess
  readonly until: number | undefined
}

async function* entries(query: LogQuery): AsyncGenerator<object> {
  const { request, call, pods, cluster, until } = query
  const type = await cluster.client.resourceOf({ group: '', kind: 'Pod', version: 'v1' }, call.signal)
  if (type === undefined) throw new CapstanError('not-found', 'the cluster serves no pods')
  const logs = pods.map((pod) => linesOf(pod, query, type))
  const isWanted = filterOf(request)
  for await (const line of mergeLogLines(logs, call.signal)) {
    if (!isWanted(line.content)) continue
    const isLast = until !== undefined && Date.parse(line.time) > until
    yield entryOf(line, isLast)
    if (isLast) return
  }
  const now = new Date(call.context.clock.now()).toISOString()
  yield entryOf({ podName: '', content: '', time: now }, true)
}

function entryOf({ podName, content, time }: LogLine, last: boolean): object {
  const timeStamp = time === ZERO_TIME ? {} : { timeStamp: secondsOf(time) }
  // Go's RFC3339Nano ends with the last digit that says something.
  const timeStampStr = time.replace(/(?<fraction>\.\d*?)0+(?=\D)/, '$<fraction>').replace(/\.(?=\D)/, '')
  return { content, ...timeStamp, last, timeStampStr, podName }
}

/** As Go writes a metav1.Time. */
function secondsOf(time: string): string {
  return rfc3339Seconds(Date.parse(time))
}

/** A pod whose log cannot be read says why in the place of its log: it may just not have started. */
async function* linesOf(
  { name = '', namespace = '' }: ResourceNode,
  query: LogQuery,
  type: ResourceType,
): AsyncGenerator<LogLine> {
  const { request, call, cluster } = query
  const parameters = {
    container: textField(request, 'container'),
    follow: flagField(request, 'follow') === true ? 'true' : undefined,
    previous: flagField(request, 'previous') === true ? 'true' : undefined,
    timestamps: 'true',
    sinceSeconds: positive(request, 'sinceSeconds'),
    sinceTime: textField(request, 'sinceTime'),
    tailLines: positive(request, 'tailLines'),
  }
  let log: AsyncIterable<string | Uint8Array>
  try {
    log = await cluster.client.read({ type, namespace, name, subresource: 'log' }, parameters, call.signal)
  } catch (error) {
    if (call.signal.aborted) return
    yield { podName: '', content: messageOf(error), time: ZERO_TIME }
    return
  }
  yield* readLogLines(name, log)
}

function positive(request: RequestFields, name: string): number | undefined {
  const value = numberField(request, name) ?? 0
  return value > 0 ? value : undefined
}

function untilOf(request: RequestFields): number | undefined {
  const text = textField(request, 'untilTime')
  if (text === '') return undefined
  const until = Date.parse(text)
  if (Number.isNaN(until))
    throw new CapstanError('bad-input', `invalid untilTime parameter value: ${JSON.stringify(text)}`)
  return until
}

/** A line that holds the filter's text, or none that does where it begins with `!`; upper and lower case count where the request says so. */
function filterOf(request: RequestFields): (content: string) => boolean {
  const filter = textField(request, 'filter')
  if (filter === '') return () => true
  const isInverse = filter.startsWith('!')
  const literal = isInverse ? filter.slice(1) : filter
  if (flagField(request, 'matchCase') === true) return (content) => content.includes(literal) !== isInverse
  const lower = literal.toLowerCase()
  return (content) => content.toLowerCase().includes(lower) !== isInverse
}

function maxPods({ context }: Call): number {
  const configMap = context.store.find('ConfigMap', 'argocd-cm')
  const told = configMap === undefined ? undefined : readConfigMap(configMap).integer('server.maxPodLogsToRender')
  return told ?? MAX_PODS
}

/** The pods of the tree that the request names, or whose owners it names. */
function selectPods(nodes: readonly ResourceNode[], request: RequestFields): readonly ResourceNode[] {
  const podName = textField(request, 'podName')
  const wanted: Readonly<Record<string, string>> = {
    kind: podName === '' ? textField(request, 'kind') : 'Pod',
    name: podName === '' ? textField(request, 'resourceName') : podName,
    group: textField(request, 'group'),
    namespace: textField(request, 'namespace'),
  }
  const byKey = new Map(nodes.map((node) => [keyOf(node), node]))
  const known = new Map<string, boolean>()
  const isSelected = (node: ResourceNode): boolean => {
    const key = keyOf(node)
    const before = known.get(key)
    if (before !== undefined) return before
    // Owners that own each other are no pod's.
    known.set(key, false)
    const isNamed = (['kind', 'name', 'group', 'namespace'] as const).every(
      (field) => wanted[field] === '' || (node[field] ?? '') === wanted[field],
    )
    const parents = (node.parentRefs ?? []).map((parent) => byKey.get(keyOf(parent)))
    const found = isNamed || parents.some((parent) => parent !== undefined && isSelected(parent))
    known.set(key, found)
    return found
  }
  return nodes.filter(
    (node) => node.kind === 'Pod' && (node.group ?? '') === '' && (node.uid ?? '') !== '' && isSelected(node),
  )
}

function keyOf({ group = '', kind = '', namespace = '', name = '' }: ResourceRef): string {
  return [group, kind, namespace, name].join('/')
}
