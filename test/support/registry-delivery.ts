// A control plane with registry credentials on a cluster whose nodes ask registries for images: registries, applications, what became of them.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { JsonObject, KubeObject } from '../../src/kube/object.ts'
import type { Pod } from '../../src/local-cluster/workloads/kit/model.ts'
import {
  CONTROL_NAMESPACE,
  type DeliveryCluster,
  type DeliveryOptions,
  startDeliveryCluster,
} from './delivery-cluster.ts'
import { type OciRegistry, startOciRegistry } from './oci-registry.ts'

export const PREFIX = 'argocd-image-pull-secret-'
/** A pod that was refused is tried again after a fiftieth of the kubelet's time. */
const BACKOFF = { 'capstan.dev/image-pull-backoff': '200ms' }

export interface RegistryDelivery {
  readonly cluster: DeliveryCluster
  readonly registry: OciRegistry
  /** Of the private repository `team/app`. */
  readonly image: string
}

/** Short enough for a test to wait for, long enough for a busy machine. */
const TIMES = { graceMs: 500, retryMs: 1000, settleMs: 20, usageMs: 50 }

/** A registry with Ann, a control plane that propagates, and no credential yet. */
export async function startRegistryDelivery(
  t: TestContext,
  options: DeliveryOptions & { readonly hasNodes?: boolean } = {},
): Promise<RegistryDelivery> {
  const registry = await startOciRegistry(t, { login: 'basic', users: { ann: { password: 'first-secret' } } })
  registry.addImage('team/app', '1')
  const { hasNodes = true, ...rest } = options
  const cluster = await startDeliveryCluster(t, {
    ...(hasNodes ? { nodes: {} } : {}),
    ...rest,
    pullSecrets: { times: TIMES, ...rest.pullSecrets },
  })
  return { cluster, registry, image: `${registry.host}/team/app:1` }
}

/** Registers a credential, or writes its password anew. */
export async function register(
  cluster: DeliveryCluster,
  name: string,
  fields: Readonly<Record<string, string>>,
): Promise<void> {
  const data = Object.fromEntries(
    Object.entries(fields).map(([key, text]) => [key, Buffer.from(text).toString('base64')]),
  )
  if ((await cluster.get('v1/Secret', name, CONTROL_NAMESPACE)) !== undefined) {
    await cluster.patch('v1/Secret', name, { data }, { namespace: CONTROL_NAMESPACE })
    return
  }
  const labels = { 'argocd.argoproj.io/secret-type': 'registry' }
  await cluster.create({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: CONTROL_NAMESPACE, labels },
    data,
  })
}

/** A Deployment of one pod with an image, as YAML. */
export function deployment(image: string, name = 'web', more: object = {}): string {
  const template = {
    metadata: { labels: { app: name }, annotations: BACKOFF },
    spec: { containers: [{ name, image }], ...more },
  }
  const spec = { replicas: 1, selector: { matchLabels: { app: name } }, template }
  return JSON.stringify({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec })
}

/** Propagated Secrets of a namespace. */
export async function pullSecretsIn(cluster: DeliveryCluster, namespace: string): Promise<readonly KubeObject[]> {
  const { type } = await cluster.ref('v1/Secret', '')
  const { items } = await cluster.client.list(type, { namespace })
  return items.filter(({ metadata }) => metadata.name?.startsWith(PREFIX))
}

/** User and password of a propagated Secret, by its registry. */
export function loginsIn(secret: KubeObject): Readonly<Record<string, string>> {
  const { data = {} } = secret as KubeObject & { readonly data?: Readonly<Record<string, string>> }
  const { auths } = JSON.parse(Buffer.from(data['.dockerconfigjson'] ?? '', 'base64').toString())
  const entries = Object.entries<{ auth: string }>(auths)
  return Object.fromEntries(entries.map(([host, { auth }]) => [host, Buffer.from(auth, 'base64').toString()]))
}

/** Names in the list of a ServiceAccount. */
export async function entriesOf(
  cluster: DeliveryCluster,
  namespace: string,
  name = 'default',
): Promise<readonly string[]> {
  const account = await cluster.get('v1/ServiceAccount', name, namespace)
  const { imagePullSecrets = [] } = (account ?? {}) as {
    readonly imagePullSecrets?: readonly { readonly name: string }[]
  }
  return imagePullSecrets.map((entry) => entry.name)
}

/** Waits until one pod of a namespace at least runs, and all do. */
export async function untilRunning(cluster: DeliveryCluster, namespace: string): Promise<readonly Pod[]> {
  return cluster.eventually(async () => {
    const pods = await podsIn(cluster, namespace)
    return pods.length > 0 && pods.every(({ status }) => status?.phase === 'Running') ? pods : undefined
  })
}

export async function podsIn(cluster: DeliveryCluster, namespace: string): Promise<readonly Pod[]> {
  const { type } = await cluster.ref('v1/Pod', '')
  const { items } = await cluster.client.list(type, { namespace })
  // v1 Pods, as the server gives them.
  return items as readonly Pod[]
}

/** `reason message` of the events of a namespace. */
export async function eventsIn(cluster: DeliveryCluster, namespace: string): Promise<readonly string[]> {
  const { type } = await cluster.ref('v1/Event', '')
  const { items } = await cluster.client.list(type, { namespace })
  const events = items as readonly (KubeObject & { readonly reason?: string; readonly message?: string })[]
  return events.map(({ reason = '', message = '' }) => `${reason} ${message}`)
}

/** Not one pod of a namespace was ever refused its image. */
export async function assertNeverRefused(cluster: DeliveryCluster, namespace: string): Promise<void> {
  const events = await eventsIn(cluster, namespace)
  assert.deepEqual(
    events.filter((event) => /ErrImagePull|ImagePullBackOff|^Failed /.test(event)),
    [],
  )
}

/** An Application that is synced by itself into a namespace that it makes. */
export const AUTOMATED: JsonObject = {
  syncPolicy: { automated: { prune: true, selfHeal: true }, syncOptions: ['CreateNamespace=true'] },
}

/** Waits until the warnings of an Application about images fit, or there are none; all its conditions. */
export async function untilConditions(
  cluster: DeliveryCluster,
  name: string,
  pattern: RegExp | undefined,
): Promise<string> {
  const found = await cluster.until(name, ({ status }) => {
    const told = (status?.conditions ?? []).filter(({ type }) => type === 'ImagePullSecretWarning')
    return pattern === undefined ? told.length === 0 : told.some(({ message }) => pattern.test(message))
  })
  return (found.status?.conditions ?? []).map(({ message }) => message).join('\n')
}

/** Waits until a namespace has so many propagated Secrets. */
export async function untilSecrets(
  cluster: DeliveryCluster,
  namespace: string,
  count: number,
): Promise<readonly KubeObject[]> {
  return cluster.eventually(async () => {
    const found = await pullSecretsIn(cluster, namespace)
    return found.length === count ? found : undefined
  })
}

/** Without controllers nobody makes the account. */
export async function withAccount(cluster: DeliveryCluster, namespace: string): Promise<void> {
  await cluster.ensure({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  await cluster.ensure({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } })
}

/** One Application `shop` that runs, its credential registered before. */
export async function startShop(t: TestContext): Promise<RegistryDelivery> {
  const scene = await startRegistryDelivery(t, { hasNodes: false })
  const { cluster, registry, image } = scene
  await register(cluster, 'reg', { url: registry.host, username: 'ann', password: 'first-secret' })
  cluster.repository.commit({ 'shop/web.yaml': deployment(image) })
  await withAccount(cluster, 'shop')
  await cluster.createApplication('shop', AUTOMATED)
  await cluster.untilSynced('shop')
  await untilSecrets(cluster, 'shop', 1)
  return scene
}
