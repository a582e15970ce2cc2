// What is looked at of an application to find, count and sort it; computed once for each of its states.
import { FACETS, type Facet } from '../../../api/found-applications.ts'
import type { Application, ApplicationSource } from '../../../crds/application.ts'

export interface ApplicationRow {
  readonly application: Application
  readonly key: string
  readonly name: string
  /** Values by facet; of labels and repositories there may be several. */
  readonly values: Readonly<Record<Facet, readonly string[]>>
  /** Everything a word is looked for in, in lower case. */
  readonly words: string
  /** The lower, the more it needs somebody. */
  readonly urgency: number
  /** When it was last operated on, in milliseconds. */
  readonly changedAt: number
}

const IN_CLUSTER = 'https://kubernetes.default.svc'
/** Worst first, as Kubernetes people fix things. */
const HEALTH_URGENCY = ['Degraded', 'Missing', 'Unknown', 'Progressing', 'Suspended', 'Healthy']

/** Remembers rows as long as the informer keeps the application's state. */
export function createRowReader(): (application: Application) => ApplicationRow {
  const rows = new WeakMap<Application, ApplicationRow>()
  return (application) => {
    const known = rows.get(application)
    if (known !== undefined) return known
    const row = readRow(application)
    rows.set(application, row)
    return row
  }
}

function readRow(application: Application): ApplicationRow {
  const { metadata, spec } = application
  const name = metadata.name ?? ''
  const values = valuesOf(application)
  const sources = sourcesOf(application)
  const told = [
    name,
    metadata.namespace ?? '',
    ...FACETS.flatMap((facet) => values[facet]),
    spec.destination.server ?? '',
    ...sources.flatMap(({ path = '', chart = '', targetRevision = '' }) => [path, chart, targetRevision]),
  ]
  return {
    application,
    key: `${metadata.namespace ?? ''}/${name}`,
    name,
    values,
    words: told.join('\n').toLowerCase(),
    urgency: urgencyOf(values),
    changedAt: changedAt(application),
  }
}

function valuesOf(application: Application): ApplicationRow['values'] {
  const { metadata, spec } = application
  return {
    ...statesOf(application),
    autoSync: [isAutomated(application) ? 'Automatic' : 'Manual'],
    project: [spec.project === '' ? 'default' : spec.project],
    cluster: [clusterOf(application)],
    namespace: [spec.destination.namespace ?? ''].filter(Boolean),
    label: Object.entries(metadata.labels ?? {}).map(([name, value]) => `${name}=${value}`),
    repo: [...new Set(sourcesOf(application).map(({ repoURL }) => repoURL))].filter(Boolean),
  }
}

function statesOf({ status, operation }: Application): Pick<ApplicationRow['values'], 'sync' | 'health' | 'operation'> {
  return {
    sync: [status?.sync?.status ?? 'Unknown'],
    health: [status?.health?.status ?? 'Unknown'],
    operation: [operation === undefined ? (status?.operationState?.phase ?? 'None') : 'Running'],
  }
}

function clusterOf({ spec: { destination } }: Application): string {
  const { name = '', server = '' } = destination
  if (name !== '') return name
  return server === IN_CLUSTER ? 'in-cluster' : server
}

function isAutomated({ spec: { syncPolicy } }: Application): boolean {
  return syncPolicy?.automated !== undefined && syncPolicy.automated.enabled !== false
}

function sourcesOf({ spec: { source, sources = [] } }: Application): readonly ApplicationSource[] {
  if (sources.length > 0) return sources
  return source === undefined ? [] : [source]
}

function urgencyOf({ health, sync }: ApplicationRow['values']): number {
  return HEALTH_URGENCY.indexOf(health[0] ?? '') * 2 + (sync[0] === 'Synced' ? 1 : 0)
}

function changedAt({ metadata, status }: Application): number {
  const { finishedAt, startedAt } = status?.operationState ?? {}
  return Date.parse(finishedAt ?? startedAt ?? metadata.creationTimestamp ?? '') || 0
}

/** What the list shows of an application. */
export function slimApplication({ apiVersion, kind, metadata, spec, status, operation }: Application): Application {
  const { name, namespace, uid, resourceVersion, labels, creationTimestamp, deletionTimestamp } = metadata
  const { project, source, sources, destination, syncPolicy } = spec
  const automated = syncPolicy?.automated
  const shownMetadata = { name, namespace, uid, resourceVersion, labels, creationTimestamp, deletionTimestamp }
  return {
    apiVersion,
    kind,
    // JSON leaves out what is undefined.
    metadata: shownMetadata as Application['metadata'],
    spec: {
      project,
      destination,
      ...(source === undefined ? {} : { source: slimSource(source) }),
      ...(sources === undefined ? {} : { sources: sources.map(slimSource) }),
      ...(automated === undefined ? {} : { syncPolicy: { automated } }),
    },
    ...(operation === undefined ? {} : { operation: {} }),
    ...(status === undefined ? {} : { status: slimStatus(status) }),
  }
}

function slimSource({ repoURL, path, chart, targetRevision }: ApplicationSource): ApplicationSource {
  return {
    repoURL,
    ...(path === undefined ? {} : { path }),
    ...(chart === undefined ? {} : { chart }),
    ...(targetRevision === undefined ? {} : { targetRevision }),
  }
}

type Status = NonNullable<Application['status']>

function slimStatus({ sync, health, operationState, conditions }: Status): Status {
  const { phase, startedAt, finishedAt, message } = operationState ?? {}
  const state = { phase, startedAt, finishedAt, message } as Status['operationState'] // JSON leaves out what is undefined
  return {
    ...(sync === undefined ? {} : { sync: { status: sync.status, ...(sync.revision === undefined ? {} : { revision: sync.revision }) } }), // prettier-ignore
    ...(health === undefined ? {} : { health }),
    ...(operationState === undefined || state === undefined ? {} : { operationState: state }),
    ...(conditions === undefined ? {} : { conditions: conditions.map(({ type }) => ({ type, message: '' })) }),
  }
}
