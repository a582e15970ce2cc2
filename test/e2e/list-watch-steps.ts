// Lists, watches and deletions of collections, as a script for two servers: writes first, then every combination of options.
import type { Ask } from '../support/two-servers.ts'

export type Step = readonly [name: string, ask: Ask]

const NS = '/api/v1/namespaces/lw'
const CM = `${NS}/configmaps`
const TABLE = { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' }
const METADATA = { accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1' }

function configMap(name: string, labels: Readonly<Record<string, string>>): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels }, data: { a: '1' } }
}

function create(name: string, labels: Readonly<Record<string, string>> = {}): Step {
  return [`create ${name}`, { method: 'POST', path: CM, body: configMap(name, labels) }]
}

function patch(step: string, name: string, body: object): Step {
  const headers = { 'content-type': 'application/merge-patch+json' }
  return [step, { method: 'PATCH', path: `${CM}/${name}`, body, headers }]
}

/** What the lists and watches below show. */
export const WRITES: readonly Step[] = [
  [
    'namespace',
    {
      method: 'POST',
      path: '/api/v1/namespaces',
      body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'lw' } },
    },
  ],
  [
    'account',
    {
      method: 'POST',
      path: `${NS}/serviceaccounts`,
      body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } },
    },
  ],
  ...['a', 'b', 'c', 'd', 'e'].map((name) => create(name, { app: name < 'c' ? 'x' : 'y' })),
  patch('a joins y', 'a', { metadata: { labels: { app: 'y' } } }),
  patch('b is changed', 'b', { data: { a: '2' } }),
  ['delete e', { method: 'DELETE', path: `${CM}/e` }],
  patch('d is changed', 'd', { data: { a: '3' } }),
]

function get(query: string, headers: Readonly<Record<string, string>> = {}, path = CM): Step {
  const form = headers === TABLE ? ' as a table' : headers === METADATA ? ' as metadata' : ''
  return [`${path.replace(CM, '')}?${query}${form}`, { path: `${path}?${query}`, headers }]
}

function watch(query: string, headers: Readonly<Record<string, string>> = {}, path = CM): Step {
  return get(`watch=1&timeoutSeconds=1&${query}`, headers, path)
}

const VERSIONS = ['', '0', '1', '${rv:create c}', '999999999', 'x', '-1']
const MATCHES = ['', 'Exact', 'NotOlderThan', 'Nope']

export const LISTS: readonly Step[] = [
  ...VERSIONS.flatMap((version) =>
    MATCHES.flatMap((match) =>
      ['', '&limit=2'].map((limit) => get(`resourceVersion=${version}&resourceVersionMatch=${match}${limit}`)),
    ),
  ),
  ['first page', { path: `${CM}?limit=2` }],
  ['second page', { path: `${CM}?limit=2&continue=\${continue:first page}` }],
  ['third page', { path: `${CM}?limit=2&continue=\${continue:second page}` }],
  ['second page of selected', { path: `${CM}?limit=1&labelSelector=app%3Dy` }],
  get('limit=2&continue=${continue:first page}&resourceVersion=0'),
  get('limit=2&continue=${continue:first page}&resourceVersion=5'),
  get('limit=2&continue=${continue:first page}&resourceVersionMatch=Exact'),
  get('limit=2&continue=nope'),
  get('limit=2&continue=e30'),
  get('limit='),
  get('limit=x'),
  get('timeoutSeconds='),
  get('limit=-1'),
  get('limit=0'),
  get('timeoutSeconds=x'),
  get('labelSelector=app%3Dx'),
  get('labelSelector=app%20in%20(x,y),app!%3Dx'),
  get('labelSelector=app%20in%20x'),
  get('labelSelector=%21app'),
  get('fieldSelector=metadata.name%3Da'),
  get('fieldSelector=metadata.name!%3Da,metadata.namespace%3Dlw'),
  get('fieldSelector=metadata.namespace%3Dother'),
  get('fieldSelector=metadata.name%3Da&limit=1'),
  get('fieldSelector=metadata.name%3Dnope'),
  get('fieldSelector=metadata.labels%3Da'),
  get('fieldSelector=data.a%3D1'),
  get('fieldSelector=metadata.name'),
  get('sendInitialEvents=true'),
  get('sendInitialEvents=false'),
  get('watch=0'),
  get('watch=nope'),
  get('limit=2', TABLE),
  get('', { accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' }),
  get('', METADATA),
]

const FIELDS: readonly (readonly [path: string, fields: readonly string[]])[] = [
  [
    '/api/v1/pods',
    [
      'spec.nodeName',
      'spec.restartPolicy',
      'spec.schedulerName',
      'spec.serviceAccountName',
      'spec.hostNetwork',
      'status.phase',
      'status.podIP',
      'status.podIPs',
      'status.nominatedNodeName',
      'status.reason',
    ],
  ],
  [
    '/api/v1/events',
    [
      'involvedObject.kind',
      'involvedObject.namespace',
      'involvedObject.name',
      'involvedObject.uid',
      'involvedObject.apiVersion',
      'involvedObject.resourceVersion',
      'involvedObject.fieldPath',
      'reason',
      'reportingComponent',
      'source',
      'type',
      'count',
      'regarding.kind',
    ],
  ],
  [
    '/apis/events.k8s.io/v1/events',
    ['regarding.kind', 'regarding.name', 'reason', 'reportingController', 'involvedObject.kind', 'type', 'source'],
  ],
  ['/api/v1/secrets', ['type', 'data']],
  ['/api/v1/namespaces', ['status.phase', 'name', 'metadata.namespace']],
  ['/api/v1/services', ['spec.clusterIP', 'spec.type', 'spec.ports']],
  ['/api/v1/nodes', ['spec.unschedulable', 'spec.podCIDR', 'metadata.namespace']],
  ['/apis/batch/v1/jobs', ['status.successful', 'status.active']],
  ['/api/v1/replicationcontrollers', ['status.replicas', 'spec.replicas']],
  ['/apis/certificates.k8s.io/v1/certificatesigningrequests', ['spec.signerName', 'spec.username']],
  ['/apis/apps/v1/deployments', ['status.replicas', 'spec.replicas']],
  ['/apis/apps/v1/replicasets', ['status.replicas']],
  ['/api/v1/persistentvolumes', ['name', 'status.phase']],
  ['/api/v1/persistentvolumeclaims', ['name', 'status.phase']],
  ['/api/v1/serviceaccounts', ['name']],
  ['/api/v1/endpoints', ['name']],
  ['/apis/rbac.authorization.k8s.io/v1/roles', ['name']],
  ['/apis/storage.k8s.io/v1/storageclasses', ['provisioner']],
  ['/apis/networking.k8s.io/v1/ingresses', ['spec.rules']],
  ['/apis/apiextensions.k8s.io/v1/customresourcedefinitions', ['spec.group']],
  ['/apis/apiregistration.k8s.io/v1/apiservices', ['spec.group']],
  ['/apis/resource.k8s.io/v1/resourceslices', ['spec.nodeName', 'spec.driver']],
  ['/apis/certificates.k8s.io/v1beta1/clustertrustbundles', ['spec.signerName']],
]

/** Nothing has the value asked for, so that only what is refused, and how, tells servers apart. */
export const FIELD_SELECTORS: readonly Step[] = FIELDS.flatMap(([path, fields]) =>
  ['metadata.name', 'metadata.namespace', 'spec.absent', ...fields].map((field) =>
    get(`fieldSelector=${field}%3Dnope`, {}, path),
  ),
)

export const WATCHES: readonly Step[] = [
  watch(''),
  watch('resourceVersion=0'),
  watch('resourceVersion=${rv:create c}'),
  watch('resourceVersion=${rv:d is changed}'),
  watch('resourceVersion=1'),
  watch('resourceVersion=x'),
  watch('resourceVersion=${rv:create c}&labelSelector=app%3Dx'),
  watch('resourceVersion=${rv:create e}&labelSelector=app%3Dy'),
  watch('resourceVersion=${rv:create e}&labelSelector=app%3Dx'),
  watch('resourceVersion=${rv:create e}&fieldSelector=metadata.name%3De'),
  watch('labelSelector=app%3Dx'),
  watch('resourceVersion=${rv:create e}&labelSelector=app%3Dx', TABLE),
  watch('resourceVersion=${rv:create e}&labelSelector=app%3Dx', METADATA),
  watch('', TABLE),
  watch('resourceVersionMatch=NotOlderThan'),
  watch('resourceVersionMatch=Exact&resourceVersion=0'),
  watch('sendInitialEvents=true'),
  watch('sendInitialEvents=true&resourceVersionMatch=NotOlderThan'),
  watch('sendInitialEvents=true&resourceVersionMatch=Exact'),
  watch('sendInitialEvents=false&resourceVersionMatch=NotOlderThan'),
  watch('sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'),
  watch('sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&resourceVersion=0'),
  watch(
    'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&resourceVersion=${rv:create c}',
  ),
  watch('sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&labelSelector=app%3Dx'),
  watch(
    'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&labelSelector=app%3Dx',
    TABLE,
  ),
  watch('sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true', METADATA),
  watch('sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&resourceVersion=999999999'),
  watch(
    'sendInitialEvents=false&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&resourceVersion=${rv:create e}',
  ),
  watch('sendInitialEvents=false'),
  watch('resourceVersion=999999999'),
  watch('labelSelector=app%20in%20x'),
  watch('fieldSelector=data.a%3D1'),
  watch('limit=1'),
  watch('continue=${continue:first page}'),
  [
    'bookmark before the end',
    { path: `${CM}?watch=1&timeoutSeconds=3&allowWatchBookmarks=true&resourceVersion=\${rv:d is changed}` },
  ],
  ['timeoutSeconds=x', { path: `${CM}?watch=1&timeoutSeconds=x` }],
  ['one object', { path: `${CM}/a?watch=1&timeoutSeconds=1` }],
  ['old path', { path: `/api/v1/watch/namespaces/lw/configmaps?timeoutSeconds=1` }],
  ['old path of one', { path: `/api/v1/watch/namespaces/lw/configmaps/a?timeoutSeconds=1` }],
  ['old path of all namespaces', { path: `/api/v1/watch/configmaps?timeoutSeconds=1&fieldSelector=metadata.name%3Da` }],
]

function remove(query: string, body?: object): Step {
  const text = body === undefined ? '' : ` ${JSON.stringify(body)}`
  return [
    `DELETE ?${query}${text}`,
    { method: 'DELETE', path: `${CM}?${query}`, ...(body === undefined ? {} : { body }) },
  ]
}

const LEFT = (after: string): Step => [`left after ${after}`, { path: CM }]

export const DELETIONS: readonly Step[] = [
  remove('dryRun=All'),
  LEFT('dryRun'),
  remove('labelSelector=app%3Dnope'),
  remove('fieldSelector=metadata.name%3Da', {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    preconditions: { uid: 'other' },
  }),
  remove('fieldSelector=metadata.name%3Da', {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    preconditions: { resourceVersion: '1' },
  }),
  remove('fieldSelector=metadata.name%3Da', { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: -1 }),
  remove('fieldSelector=metadata.name%3Da', { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Nope' }),
  remove('fieldSelector=data%3Da'),
  remove('resourceVersion=1&resourceVersionMatch=Exact'),
  remove('limit=1'),
  LEFT('limit'),
  remove('fieldSelector=metadata.name%3Dc', {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    propagationPolicy: 'Foreground',
  }),
  LEFT('foreground'),
  remove('labelSelector=app%3Dx'),
  LEFT('selector'),
  remove(''),
  LEFT('all'),
]
