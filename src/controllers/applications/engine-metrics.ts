// The engine's metrics under the names and labels of upstream's controller (argo-cd controller/metrics, v3.5).
import type { Clock } from '../../base/clock.ts'
import { messageOf } from '../../base/errors.ts'
import type { Labels, Metrics, Sample } from '../../base/metrics.ts'
import type { QueueStatistics } from '../../base/queue.ts'
import type { Application, OperationState } from '../../crds/application.ts'
import { KubeError, type KubeClient, type ResourceRef } from '../../kube/client/client.ts'
import { type Request } from '../../reconcile/request.ts'
import { isAutomated } from './auto-sync.ts'
import { projectOf, sourcesOf } from './application-name.ts'

export interface EngineMetrics {
  reconciled(application: Application, server: string, durationMs: number): void
  /** An operation has ended. */
  synced(application: Application, server: string, state: OperationState): void
  /** Changes of a cluster that came together were looked at, in so much time. */
  handled(server: string, changes: number, durationMs: number): void
  /** An object of a cluster has changed. */
  changed(server: string, kind: { readonly group: string; readonly kind: string }): void
  /** The client, its requests counted for the application. */
  counting(client: KubeClient, application: Application, server: string): KubeClient
  forget(application: Request): void
}

export interface ClusterFigures {
  readonly server: string
  readonly name: string
  /** Empty where it is not connected to. */
  readonly version: string
  readonly isConnected: boolean
  readonly kinds: number
  readonly objects: number
  /** Since the cluster was listed as a whole; undefined where it never was. */
  readonly ageMs: number | undefined
  /** Of its Secret. */
  readonly labels: Readonly<Record<string, string>>
}

/** What is read when somebody asks. */
export interface EngineFigures {
  readonly applications: () => readonly Application[]
  /** Labels of Applications to tell of. */
  readonly applicationLabels: readonly string[]
  /** Labels of clusters to tell of. */
  readonly clusterLabels: readonly string[]
  readonly serverOf: (application: Application) => string
  /** Objects of nobody in its namespace; undefined where it was not compared yet. */
  readonly orphansOf: (application: Application) => number | undefined
  readonly clusters: () => readonly ClusterFigures[]
  readonly queue: () => QueueStatistics
  /** Why the applications cannot be followed at the moment; undefined where they can. */
  readonly watchFault: () => unknown
  readonly clock: Clock
}

/** Seconds; upstream's. */
const RECONCILE_BUCKETS = [0.25, 0.5, 1, 2, 4, 8, 16]
const QUEUE = { name: 'app_reconciliation_queue' }

export function createEngineMetrics(metrics: Metrics, figures: EngineFigures): EngineMetrics {
  collectApplications(metrics, figures)
  collectLabels(metrics, figures)
  collectClusters(metrics, figures)
  collectClusterLabels(metrics, figures)
  collectQueue(metrics, figures)
  checkEngine(metrics, figures)
  const syncs = metrics.counter('argocd_app_sync_total', 'Number of application syncs.')
  const seconds = metrics.counter('argocd_app_sync_duration_seconds_total', 'Application sync performance in seconds total.') // prettier-ignore
  const reconciles = metrics.histogram('argocd_app_reconcile', 'Application reconciliation performance in seconds.', RECONCILE_BUCKETS) // prettier-ignore
  const events = metrics.counter('argocd_cluster_events_total', 'Number of processes k8s resource events.')
  const batch = metrics.histogram('argocd_resource_events_processing', 'Time to process resource events in seconds.', RECONCILE_BUCKETS) // prettier-ignore
  const batchSizes = new Map<string, number>()
  metrics.collect(
    'argocd_resource_events_processed_in_batch',
    'Number of resource events processed in batch',
    'gauge',
    () => [...batchSizes].map(([server, value]) => ({ labels: { server }, value })),
  )
  const requests = metrics.counter('argocd_app_k8s_request_total', 'Number of kubernetes requests executed during application reconciliation.') // prettier-ignore
  return {
    reconciled({ metadata }, server, durationMs) {
      reconciles({ namespace: metadata.namespace ?? '', dest_server: server }, durationMs / 1000)
    },
    synced(application, server, { phase, startedAt, finishedAt, operation }) {
      const labels = { ...labelsOf(application), dest_server: server }
      syncs({ ...labels, phase, dry_run: String(operation.sync?.dryRun === true) })
      const tookMs = Date.parse(finishedAt ?? '') - Date.parse(startedAt)
      if (tookMs >= 0) seconds(labels, tookMs / 1000)
    },
    handled(server, changes, durationMs) {
      batch({ server }, durationMs / 1000)
      batchSizes.set(server, changes)
    },
    changed: (server, { group, kind }) => events({ server, group, kind }),
    counting: (client, application, server) =>
      countingClient(client, (call) => requests({ ...labelsOf(application), server, ...call })),
    forget: ({ namespace, name }) => metrics.forget({ namespace, name }),
  }
}

function labelsOf({ metadata, spec }: Application): Labels {
  return { namespace: metadata.namespace ?? '', name: metadata.name ?? '', project: projectOf(spec) }
}

function collectApplications(metrics: Metrics, { applications, serverOf, orphansOf }: EngineFigures): void {
  const info = (application: Application): Sample => ({ labels: infoOf(application, serverOf(application)), value: 1 })
  metrics.collect('argocd_app_info', 'Information about application.', 'gauge', () => applications().map(info))
  metrics.collect('argocd_app_condition', 'Report application conditions.', 'gauge', () =>
    applications().flatMap((application) => {
      const types = (application.status?.conditions ?? []).map(({ type }) => type)
      return [...new Set(types)].map((condition): Sample => ({
        labels: { ...labelsOf(application), condition },
        value: types.filter((type) => type === condition).length,
      }))
    }),
  )
  metrics.collect('argocd_app_orphaned_resources_count', 'Number of orphaned resources per application', 'gauge', () =>
    applications().flatMap((application) => {
      const value = orphansOf(application)
      return value === undefined ? [] : [{ labels: labelsOf(application), value }]
    }),
  )
}

function collectLabels(metrics: Metrics, { applications, applicationLabels }: EngineFigures): void {
  if (applicationLabels.length === 0) return
  const own = toldLabels(applicationLabels)
  const told = (application: Application): Sample => {
    return { labels: { ...labelsOf(application), ...own(application.metadata.labels ?? {}) }, value: 1 }
  }
  metrics.collect('argocd_app_labels', 'Argo Application labels converted to Prometheus labels', 'gauge', () =>
    applications().map(told),
  )
}

function collectClusterLabels(metrics: Metrics, { clusters, clusterLabels }: EngineFigures): void {
  if (clusterLabels.length === 0) return
  const own = toldLabels(clusterLabels)
  metrics.collect('argocd_cluster_labels', 'Argo Cluster labels converted to Prometheus labels', 'gauge', () =>
    clusters().map(({ server, name, labels }) => ({ labels: { server, name, ...own(labels) }, value: 1 })),
  )
}

/** Each as `label_<name>`, empty where it is lacking; what Prometheus allows in no name is `_`. */
function toldLabels(wanted: readonly string[]): (labels: Labels) => Labels {
  const names = wanted.map((label) => [`label_${label.replaceAll(/\W/g, '_')}`, label] as const)
  return (labels) => Object.fromEntries(names.map(([name, label]) => [name, labels[label] ?? '']))
}

function infoOf(application: Application, server: string): Labels {
  const { spec, status, metadata, operation } = application
  const isLeaving = metadata.deletionTimestamp !== undefined
  return {
    ...labelsOf(application),
    autosync_enabled: String(isAutomated(application)),
    repo: repositoryOf(application),
    dest_server: server,
    dest_namespace: spec.destination.namespace ?? '',
    sync_status: status?.sync?.status ?? 'Unknown',
    health_status: status?.health?.status ?? 'Unknown',
    operation: isLeaving ? 'delete' : operation?.sync === undefined ? '' : 'sync',
  }
}

/** As upstream writes addresses of repositories: small letters, no `.git`, no user. */
function repositoryOf({ spec }: Application): string {
  const url = sourcesOf(spec)[0]?.repoURL ?? ''
  return url
    .trim()
    .toLowerCase()
    .replace(/\.git$/, '')
    .replace(/^(?<scheme>[a-z]+:\/\/)[^/@]*@/, '$<scheme>')
}

function collectClusters(metrics: Metrics, { clusters }: EngineFigures): void {
  const gauge = (name: string, help: string, sample: (cluster: ClusterFigures) => Sample): void =>
    metrics.collect(name, help, 'gauge', () => clusters().map(sample))
  gauge('argocd_cluster_info', 'Information about cluster.', ({ server, name, version }) => ({
    labels: { server, k8s_version: version, name },
    value: 1,
  }))
  gauge('argocd_cluster_connection_status', 'The k8s cluster current connection status.', (cluster) => ({
    labels: { server: cluster.server, k8s_version: cluster.version },
    value: cluster.isConnected ? 1 : 0,
  }))
  gauge('argocd_cluster_api_resources', 'Number of monitored kubernetes API resources.', ({ server, kinds }) => ({
    labels: { server },
    value: kinds,
  }))
  gauge('argocd_cluster_api_resource_objects', 'Number of k8s resource objects in the cache.', (cluster) => ({
    labels: { server: cluster.server },
    value: cluster.objects,
  }))
  gauge('argocd_cluster_cache_age_seconds', 'Cluster cache age in seconds.', ({ server, ageMs }) => ({
    labels: { server },
    value: ageMs === undefined ? -1 : Math.floor(ageMs / 1000),
  }))
}

/** client-go's names (util/workqueue/metrics.go). */
function collectQueue(metrics: Metrics, { queue }: EngineFigures): void {
  const one = (value: number): readonly Sample[] => [{ labels: QUEUE, value }]
  metrics.collect('workqueue_depth', 'Current depth of workqueue', 'gauge', () => one(queue().depth))
  metrics.collect('workqueue_adds_total', 'Total number of adds handled by workqueue', 'counter', () =>
    one(queue().adds),
  )
  metrics.collect('workqueue_retries_total', 'Total number of retries handled by workqueue', 'counter', () =>
    one(queue().retries),
  )
}

/** An application that waits so long for a worker waits for one that will not come back: no pass takes longer than its render. */
const STUCK_MS = 5 * 60_000
/** A watch that has failed this long does not recover by itself. */
const DEAD_WATCH_MS = 2 * 60_000

function checkEngine(metrics: Metrics, { queue, watchFault, clock }: EngineFigures): void {
  metrics.check(() => {
    const { oldestAgeMs, processing } = queue()
    if (oldestAgeMs < STUCK_MS) return undefined
    const seconds = Math.round(oldestAgeMs / 1000)
    return `the applications controller is stuck: one waits for ${seconds} s while ${processing} are worked on`
  })
  let sinceMs: number | undefined
  metrics.check(() => {
    const fault = watchFault()
    if (fault === undefined) sinceMs = undefined
    else sinceMs ??= clock.now()
    if (sinceMs === undefined || clock.now() - sinceMs < DEAD_WATCH_MS) return undefined
    return `applications are not followed for ${Math.round((clock.now() - sinceMs) / 1000)} s: ${messageOf(fault)}`
  })
}

type Verb = 'get' | 'create' | 'update' | 'patch' | 'delete'

const VERBS: Readonly<Record<Verb, string>> = {
  get: 'Get',
  create: 'Create',
  update: 'Update',
  patch: 'Patch',
  delete: 'Delete',
}

function countingClient(client: KubeClient, count: (labels: Labels) => void): KubeClient {
  return new Proxy(client, {
    get(target, name: keyof KubeClient) {
      const method: unknown = target[name]
      if (typeof method !== 'function') return method
      const call = (...args: unknown[]): unknown => Reflect.apply(method, target, args)
      return isVerb(name) ? (...args: unknown[]) => counted(call(...args), labelsOfCall(name, args), count) : call
    },
  })
}

function isVerb(name: string): name is Verb {
  return Object.hasOwn(VERBS, name)
}

async function counted(answer: unknown, labels: Labels, count: (labels: Labels) => void): Promise<unknown> {
  let code = '200'
  try {
    const answered = await answer
    if (answered === undefined || answered === false) code = '404'
    return answered
  } catch (error) {
    code = error instanceof KubeError ? String(error.status) : ''
    throw error
  } finally {
    count({ ...labels, response_code: code })
  }
}

/** `create` takes a type and an object, the others a reference; options come last. */
function labelsOfCall(verb: Verb, args: readonly unknown[]): Labels {
  const [first, second] = args
  const options = args.at(-1)
  const isDryRun = typeof options === 'object' && options !== null && 'dryRun' in options && options.dryRun === true
  const { kind, namespace } = verb === 'create' ? ofObject(second) : ofReference(first as ResourceRef) // by the client's contract
  return { verb: VERBS[verb], resource_kind: kind, resource_namespace: namespace, dry_run: String(isDryRun) }
}

interface Place {
  readonly kind: string
  readonly namespace: string
}

function ofObject(object: unknown): Place {
  const { kind = '', metadata } = object as {
    readonly kind?: string
    readonly metadata?: { readonly namespace?: string }
  } // by the client's contract
  return { kind, namespace: metadata?.namespace ?? '' }
}

function ofReference({ type, namespace = '' }: ResourceRef): Place {
  return { kind: type.kind, namespace }
}
