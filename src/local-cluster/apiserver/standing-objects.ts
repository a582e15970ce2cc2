// Objects of the API server itself that every cluster begins with: its API services, flow schemas, priority levels, service range.
import type { JsonObject, KubeObject } from '../../kube/object.ts'
import type { Store } from '../storage/store.ts'
import { localApiService } from './crd/api-services.ts'
import { withRevision } from './objects.ts'
import { timeText } from './strategy.ts'

export interface StandingObjectsOptions {
  readonly store: Store
  /** Built-in groups and versions; the core group is the empty one. */
  readonly groupVersions: readonly { readonly group: string; readonly version: string }[]
  readonly newUid: () => string
  readonly nowMs: number
}

/** Stands in every cluster that has the others. */
const FIRST = 'networking.k8s.io/servicecidrs/kubernetes'
const FLOW = 'flowcontrol.apiserver.k8s.io/v1'

/** Writes them where they are missing altogether; what somebody changed or deleted later stays as it is. */
export async function bootstrapStandingObjects(options: StandingObjectsOptions): Promise<void> {
  const { store, newUid, nowMs } = options
  if (store.get(FIRST) !== undefined) return
  const time = timeText(nowMs)
  const rows = [
    ...serviceRange(time),
    ...apiServices(options.groupVersions, time),
    ...priorityLevels(),
    ...flowSchemas(time),
  ]
  // Writes of one turn share a transaction.
  await Promise.all(rows.map((row) => writeNew(store, row, { uid: newUid(), time })))
}

interface Row {
  readonly apiVersion: string
  readonly kind: string
  readonly resource: string
  readonly name: string
  readonly metadata?: JsonObject
  readonly parts: JsonObject
}

async function writeNew(store: Store, row: Row, given: { readonly uid: string; readonly time: string }): Promise<void> {
  const { apiVersion, kind, resource, name, parts } = row
  const key = `${apiVersion.split('/')[0] ?? ''}/${resource}/${name}`
  if (store.get(key) !== undefined) return
  const metadata = { name, uid: given.uid, ...row.metadata, creationTimestamp: given.time }
  const object = { kind, apiVersion, metadata, ...parts } as unknown as KubeObject // rows hold JSON
  await store.write({ key, expected: 0, encode: (revision) => JSON.stringify(withRevision(object, revision)) })
}

function condition(
  time: string,
  fields: { type: string; status: string; reason: string; message: string },
): JsonObject {
  const { type, status, reason, message } = fields
  return { conditions: [{ type, status, lastTransitionTime: time, reason, message }] }
}

function serviceRange(time: string): readonly Row[] {
  const message = 'Kubernetes default Service CIDR is ready'
  const status = condition(time, { type: 'Ready', status: 'True', reason: '', message })
  const parts = { spec: { cidrs: ['10.96.0.0/16'] }, status }
  return [
    { apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', resource: 'servicecidrs', name: 'kubernetes', parts },
  ]
}

/** Group and version → `groupPriorityMinimum`, `versionPriority` (kube-apiserver v1.36.3 `pkg/controlplane/apiserver/aggregator.go` and `pkg/controlplane/instance.go`). */
const PRIORITIES: Readonly<Record<string, readonly [group: number, version: number]>> = {
  '/v1': [18_000, 1],
  'admissionregistration.k8s.io/v1': [16_700, 15],
  'apiextensions.k8s.io/v1': [16_700, 15],
  'apps/v1': [17_800, 15],
  'authentication.k8s.io/v1': [17_700, 15],
  'authorization.k8s.io/v1': [17_600, 15],
  'autoscaling/v1': [17_500, 15],
  'autoscaling/v2': [17_500, 30],
  'batch/v1': [17_400, 15],
  'certificates.k8s.io/v1': [17_300, 15],
  'coordination.k8s.io/v1': [16_500, 15],
  'discovery.k8s.io/v1': [16_200, 15],
  'events.k8s.io/v1': [17_750, 15],
  'flowcontrol.apiserver.k8s.io/v1': [16_100, 21],
  'networking.k8s.io/v1': [17_200, 15],
  'node.k8s.io/v1': [16_300, 15],
  'policy/v1': [17_100, 15],
  'rbac.authorization.k8s.io/v1': [17_000, 15],
  'resource.k8s.io/v1': [16_200, 21],
  'scheduling.k8s.io/v1': [16_600, 15],
  'storage.k8s.io/v1': [16_800, 15],
}

function apiServices(groupVersions: StandingObjectsOptions['groupVersions'], time: string): readonly Row[] {
  const names = new Set(groupVersions.map(({ group, version }) => `${group}/${version}`))
  return [...names].flatMap((name) => {
    const priority = PRIORITIES[name]
    if (priority === undefined) return []
    const [group = '', version = ''] = name.split('/')
    const [groupPriorityMinimum, versionPriority] = priority
    const service = localApiService({ group, version, groupPriorityMinimum, versionPriority }, 'onstart', time)
    const { apiVersion, kind, metadata, ...parts } = service
    const { name: _name, creationTimestamp: _time, ...rest } = metadata
    return [
      {
        apiVersion,
        kind,
        resource: 'apiservices',
        name: `${version}.${group}`,
        metadata: rest as JsonObject, // labels and managed fields
        parts: parts as JsonObject, // spec and status
      },
    ]
  })
}

const AUTOUPDATE: JsonObject = { generation: 1, annotations: { 'apf.kubernetes.io/autoupdate-spec': 'true' } }

/** Name, shares, percentage that may be lent, queues, hand size (apiserver v0.36.3 `pkg/apis/flowcontrol/bootstrap/default.go`). */
const LEVELS: readonly (readonly [name: string, shares: number, lendable: number, queues: number, hand: number])[] = [
  ['catch-all', 5, 0, 0, 0],
  ['global-default', 20, 50, 128, 6],
  ['leader-election', 10, 0, 16, 4],
  ['node-high', 40, 25, 64, 6],
  ['system', 30, 33, 64, 6],
  ['workload-high', 40, 50, 128, 6],
  ['workload-low', 100, 90, 128, 6],
]

function priorityLevels(): readonly Row[] {
  const row = (name: string, spec: JsonObject): Row => ({
    apiVersion: FLOW,
    kind: 'PriorityLevelConfiguration',
    resource: 'prioritylevelconfigurations',
    name,
    metadata: AUTOUPDATE,
    parts: { spec, status: {} },
  })
  return [
    row('exempt', { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } }),
    ...LEVELS.map(([name, nominalConcurrencyShares, lendablePercent, queues, handSize]) => {
      const queuing = { queues, handSize, queueLengthLimit: 50 }
      const limitResponse = queues === 0 ? { type: 'Reject' } : { type: 'Queue', queuing }
      return row(name, { type: 'Limited', limited: { nominalConcurrencyShares, limitResponse, lendablePercent } })
    }),
  ]
}

const user = (name: string): JsonObject => ({ kind: 'User', user: { name } })
const group = (name: string): JsonObject => ({ kind: 'Group', group: { name } })
const KUBE_SYSTEM: JsonObject = { kind: 'ServiceAccount', serviceAccount: { namespace: 'kube-system', name: '*' } }
const EVERYBODY: readonly JsonObject[] = [group('system:unauthenticated'), group('system:authenticated')]

function resources(
  verbs: readonly string[],
  apiGroup: string,
  names: readonly string[],
  clusterScope = false,
): JsonObject {
  return {
    verbs: [...verbs],
    apiGroups: [apiGroup],
    resources: [...names],
    ...(clusterScope ? { clusterScope } : {}),
    namespaces: ['*'],
  }
}

const EVERYTHING: JsonObject = {
  resourceRules: [resources(['*'], '*', ['*'], true)],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
}
const LEASES: readonly string[] = ['leases']

interface Flow {
  readonly name: string
  readonly level: string
  readonly precedence: number
  /** What tells flows apart; absent where they are all one. */
  readonly by?: 'ByUser' | 'ByNamespace'
  readonly subjects: readonly JsonObject[]
  /** Default: everything. */
  readonly rules?: JsonObject
}

const FLOWS: readonly Flow[] = [
  { name: 'exempt', level: 'exempt', precedence: 1, subjects: [group('system:masters')] },
  {
    name: 'probes',
    level: 'exempt',
    precedence: 2,
    subjects: EVERYBODY,
    rules: { nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }] },
  },
  {
    name: 'system-leader-election',
    level: 'leader-election',
    precedence: 100,
    by: 'ByUser',
    subjects: [user('system:kube-controller-manager'), user('system:kube-scheduler'), KUBE_SYSTEM],
    rules: { resourceRules: [resources(['get', 'create', 'update'], 'coordination.k8s.io', LEASES)] },
  },
  {
    name: 'system-node-high',
    level: 'node-high',
    precedence: 400,
    by: 'ByUser',
    subjects: [group('system:nodes')],
    rules: {
      resourceRules: [
        resources(['*'], '', ['nodes', 'nodes/status'], true),
        resources(['*'], 'coordination.k8s.io', LEASES),
      ],
    },
  },
  { name: 'system-nodes', level: 'system', precedence: 500, by: 'ByUser', subjects: [group('system:nodes')] },
  {
    name: 'kube-controller-manager',
    level: 'workload-high',
    precedence: 800,
    by: 'ByNamespace',
    subjects: [user('system:kube-controller-manager')],
  },
  {
    name: 'kube-scheduler',
    level: 'workload-high',
    precedence: 800,
    by: 'ByNamespace',
    subjects: [user('system:kube-scheduler')],
  },
  {
    name: 'kube-system-service-accounts',
    level: 'workload-high',
    precedence: 900,
    by: 'ByNamespace',
    subjects: [KUBE_SYSTEM],
  },
  {
    name: 'service-accounts',
    level: 'workload-low',
    precedence: 9000,
    by: 'ByUser',
    subjects: [group('system:serviceaccounts')],
  },
  { name: 'global-default', level: 'global-default', precedence: 9900, by: 'ByUser', subjects: EVERYBODY },
  { name: 'catch-all', level: 'catch-all', precedence: 10_000, by: 'ByUser', subjects: EVERYBODY },
]

function flowSchemas(time: string): readonly Row[] {
  return FLOWS.map(({ name, level, precedence, by, subjects, rules = EVERYTHING }) => {
    const message = `This FlowSchema references the PriorityLevelConfiguration object named "${level}" and it exists`
    const status = condition(time, { type: 'Dangling', status: 'False', reason: 'Found', message })
    const spec = {
      priorityLevelConfiguration: { name: level },
      matchingPrecedence: precedence,
      ...(by === undefined ? {} : { distinguisherMethod: { type: by } }),
      rules: [{ subjects: [...subjects], ...rules }],
    }
    const parts = { spec, status }
    return { apiVersion: FLOW, kind: 'FlowSchema', resource: 'flowschemas', name, metadata: AUTOUPDATE, parts }
  })
}
