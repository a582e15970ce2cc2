// Registers, changes and forgets destinations: a cluster is asked for its version before its Secret is written.
import { CapstanError } from '../../../base/errors.ts'
import { rfc3339Seconds } from '../../../base/rfc3339.ts'
import { KubeError } from '../../../kube/client/client.ts'
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import {
  CLUSTER_REFRESH_ANNOTATION,
  clusterValues,
  IN_CLUSTER_SERVER,
  parseCluster,
} from '../../../settings/clusters.ts'
import { readSecret } from '../../../settings/map-reader.ts'
import { clusterSecretName } from '../../../settings/names.ts'
import { SECRET_TYPE_LABEL } from '../../../settings/repositories.ts'
import type { Call, Cluster } from '../../context.ts'
import type { StoredChange } from '../../settings-store.ts'
import { flagField, objectField, textField, textListField, type RequestFields } from '../fields.ts'
import { isAllowed, requireAllowed, wrapErrors, wrapLater } from '../permissions.ts'
import { denied, findClusters, objectOf, requireCluster } from './find.ts'

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

/** POST /api/v1/clusters (004-38). */
export async function createCluster(request: RequestFields, call: Call): Promise<Cluster> {
  const message = messageOf(request)
  wrapErrors('permission denied while creating cluster', () =>
    requireAllowed(call, 'clusters', 'create', objectOf(message)),
  )
  requireOwnCluster(message, call)
  await wrapLater('error getting server version', askVersion(message, call))
  const change = changeOf(message)
  try {
    // One made by hand has a name of its own.
    const known = secretOf(serverOf(message), call)
    if (known !== undefined) throw new KubeError(409, 'AlreadyExists', `cluster "${serverOf(message)}" already exists`)
    await call.context.store.createSecret(clusterSecretName(serverOf(message)), 'cluster', change, call.signal)
  } catch (error) {
    if (!(error instanceof KubeError && error.reason === 'AlreadyExists')) throw error
    const named = clusterSecretName(serverOf(message))
    const existing = secretOf(serverOf(message), call) ?? (await call.context.store.read('Secret', named, call.signal))
    if (existing === undefined || differs(existing, change)) {
      if (flagField(request, 'upsert') === true) return updateCluster({ cluster: message }, call)
      const text = 'existing cluster spec is different; use upsert flag to force update'
      throw new CapstanError('bad-input', text, { cause: error })
    }
  }
  return describe(serverOf(message), message, call)
}

const FIELDS = [
  'name',
  'namespaces',
  'config',
  'shard',
  'clusterResources',
  'labels',
  'annotations',
  'project',
] as const

/** PUT /api/v1/clusters/{id.value}: with `updatedFields` the rest stays as it is. */
export async function updateCluster(request: RequestFields, call: Call): Promise<Cluster> {
  const message = messageOf(request)
  const { id } = request
  const query = { server: message['server'], name: message['name'], ...(id === undefined ? {} : { id }) }
  const words = 'failed to verify access for updating cluster'
  const current = await requireCluster(call, query, { action: 'update', words })
  const server = current.server ?? ''
  const fields = textListField(request, 'updatedFields')
  if (fields.length === 0 || fields.includes('project')) requireTarget(server, message, call)
  const secret = secretOf(server, call)
  const held = secret === undefined ? { server, name: current.name ?? '' } : storedMessage(secret)
  const wanted = fields.length === 0 ? { ...message, server } : picked(held, message, fields)
  await wrapLater('failed to get server version', askVersion(wanted, call))
  await replace(secret, wanted, call)
  return describe(server, wanted, call)
}

/**
 * The control plane's own cluster is reached with its own rights, whatever is registered: to register it for a project that does
 * not permit all of it already, or to limit it for everybody, takes the right over it, not only over clusters of the project.
 * Upstream asks for the latter alone.
 */
function requireOwnCluster(message: JsonObject, call: Call): void {
  if (serverOf(message) !== IN_CLUSTER_SERVER || addsNothing(message, call)) return
  wrapErrors('permission denied while creating cluster', () =>
    requireAllowed(call, 'clusters', 'create', IN_CLUSTER_SERVER),
  )
}

function addsNothing(message: JsonObject, { context }: Call): boolean {
  if (textListField(message, 'namespaces').length > 0 || message['shard'] !== undefined) return false
  const project = context.effectiveProject(textField(message, 'project'))
  // Whoever makes the project later decides what it permits.
  if (project === undefined) return textField(message, 'project') !== ''
  return (project.spec.destinations ?? []).some(
    ({ server, namespace }) => (server === '*' || server === IN_CLUSTER_SERVER) && namespace === '*',
  )
}

/** Whoever moves a cluster into a project needs the right there too. */
function requireTarget(server: string, message: JsonObject, call: Call): void {
  const project = textField(message, 'project')
  if (!isAllowed(call, 'clusters', 'update', objectOf({ server, project }))) denied()
}

async function replace(secret: KubeObject | undefined, wanted: JsonObject, call: Call): Promise<void> {
  const change = changeOf(wanted)
  const { store } = call.context
  if (secret === undefined) {
    return store.createSecret(clusterSecretName(serverOf(wanted)), 'cluster', change, call.signal)
  }
  await store.change('Secret', secret.metadata.name ?? '', (object) => replaced(object, change), call.signal)
}

/** DELETE /api/v1/clusters/{id.value}: by name every cluster of that name. Its applications stay and say what is missing. */
export async function deleteCluster(request: RequestFields, call: Call): Promise<object> {
  for (const cluster of await findClusters(call, request)) {
    if (!isAllowed(call, 'clusters', 'delete', objectOf(cluster))) {
      wrapErrors('failed to enforce and delete cluster server', () => denied())
    }
    const secret = secretOf(cluster.server ?? '', call)
    if (secret === undefined) {
      throw new CapstanError(
        'not-found',
        `failed to enforce and delete cluster server: cluster "${cluster.server}" not found`,
      )
    }
    await call.context.store.deleteSecret(secret, call.signal)
  }
  return {}
}

/** POST /api/v1/clusters/{id.value}/invalidate-cache: whoever looks after the cluster reads it anew. */
export async function invalidateCache(request: RequestFields, call: Call): Promise<Cluster> {
  const words = 'failed to verify access for cluster'
  const cluster = await requireCluster(call, request, { action: 'update', words })
  const at = rfc3339Seconds(call.context.clock.now())
  const annotations = { [CLUSTER_REFRESH_ANNOTATION]: at }
  const secret = secretOf(cluster.server ?? '', call)
  if (secret === undefined) {
    const change = changeOf({ server: cluster.server ?? '', name: cluster.name ?? '' })
    const name = clusterSecretName(cluster.server ?? '')
    await call.context.store.createSecret(name, 'cluster', { ...change, annotations }, call.signal)
  } else await call.context.store.change('Secret', secret.metadata.name ?? '', () => ({ annotations }), call.signal)
  return cluster
}

/** The Secret of a cluster by its server; the control plane's own may have none. */
export function secretOf(server: string, call: Call): KubeObject | undefined {
  return call.context.store.secretsOfType('cluster').find((secret) => {
    return (readSecret(secret).text('server') ?? '').replace(/\/+$/, '') === server.replace(/\/+$/, '')
  })
}

/** A stored cluster in the form of the message. */
export function storedMessage(secret: KubeObject): JsonObject {
  const reader = readSecret(secret)
  const { labels = {}, annotations = {} } = secret.metadata
  const config = reader.text('config')
  const shard = reader.integer('shard')
  return {
    server: reader.text('server') ?? '',
    name: reader.text('name') ?? '',
    namespaces: [...reader.list('namespaces')],
    config: config === undefined ? {} : (JSON.parse(config) as JsonObject), // parseCluster has read it, or it is not listed
    ...(shard === undefined ? {} : { shard }),
    clusterResources: reader.boolean('clusterResources') ?? false,
    project: reader.text('project') ?? '',
    labels: { ...labels },
    annotations: { ...annotations },
  }
}

function picked(held: JsonObject, message: JsonObject, fields: readonly string[]): JsonObject {
  const taken = FIELDS.filter((field) => fields.includes(field)).map(
    (field) => [field, message[field] ?? null] as const,
  )
  return { ...held, ...Object.fromEntries(taken) }
}

/** Throws what the cluster, or the way to it, says. */
async function askVersion(message: JsonObject, call: Call): Promise<void> {
  if (serverOf(message) === IN_CLUSTER_SERVER) return
  const stringData = Object.fromEntries(Object.entries(clusterValues(message)).filter(([, value]) => value !== null))
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'request' }, stringData }
  const client = call.context.connectCluster(parseCluster(secret))
  try {
    await client.serverVersion(call.signal)
  } finally {
    await client.close()
  }
}

function changeOf(message: JsonObject): StoredChange {
  const annotations = textsAt(message, 'annotations')
  if (annotations[LAST_APPLIED] !== undefined) {
    throw new CapstanError('bad-input', `annotation ${LAST_APPLIED} cannot be set`)
  }
  return { values: clusterValues(message), labels: textsAt(message, 'labels'), annotations }
}

/** Labels and annotations that the message leaves out are taken away, but for those the API itself writes. */
function replaced({ metadata }: KubeObject, change: StoredChange): StoredChange {
  const kept = new Set([SECRET_TYPE_LABEL, 'managed-by'])
  const gone = (held: Readonly<Record<string, string>> = {}): Record<string, null> =>
    Object.fromEntries(Object.keys(held).filter((key) => !kept.has(key)).map((key) => [key, null])) // prettier-ignore
  return {
    ...change,
    labels: { ...gone(metadata.labels), ...change.labels },
    annotations: { ...gone(metadata.annotations), ...change.annotations },
  }
}

function differs(secret: KubeObject, { values = {} }: StoredChange): boolean {
  const reader = readSecret(secret)
  return Object.entries(values).some(([key, value]) => (reader.text(key) ?? null) !== value)
}

/** As the list tells it; the cache of clusters may be a moment behind. */
async function describe(server: string, message: JsonObject, call: Call): Promise<Cluster> {
  const known = (await call.context.clusters()).find((cluster) => cluster.server === server)
  return known ?? { server, name: textField(message, 'name') || server }
}

function messageOf(request: RequestFields): JsonObject {
  const message = objectField(request, 'cluster')
  if (message === undefined) throw new CapstanError('bad-input', 'missing payload in request')
  return message
}

function serverOf(message: JsonObject): string {
  return textField(message, 'server').replace(/\/+$/, '')
}

function textsAt(message: JsonObject, field: string): Readonly<Record<string, string>> {
  const map = objectField(message, field) ?? {}
  return Object.fromEntries(Object.keys(map).map((key) => [key, textField(map, key)]))
}
