// A cluster whose nodes ask registries for images, and what stories do with it: secrets, pods, waiting, events.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { Secret } from '../../src/base/secret.ts'
import type { KubeClient, ResourceType } from '../../src/kube/client/client.ts'
import type { JsonObject, KubeObject } from '../../src/kube/object.ts'
import type { VerifyImages } from '../../src/local-cluster/kubelet/start-kubelet.ts'
import type { ContainerStatus, Pod } from '../../src/local-cluster/workloads/kit/model.ts'
import { dockerConfigJson } from '../../src/registry/docker-config.ts'
import { openStoryCluster } from './story-cluster.ts'

const PATIENCE_MS = 60_000
const POLL_MS = 20
/** A fiftieth of the kubelet's times: 200 ms after the first failed pull. */
const BACKOFF = { 'capstan.dev/image-pull-backoff': '200ms' }

export interface PullScene {
  readonly client: KubeClient
  readonly namespace: string
  /** Creates an object of a core or named group in the story's namespace. */
  create(
    apiVersion: string,
    kind: string,
    object: { readonly name: string; readonly [field: string]: unknown },
  ): Promise<void>
  patch(kind: string, name: string, patch: JsonObject): Promise<void>
  /** A pull secret for one registry, or one with the content given. */
  pullSecret(name: string, content: RegistryLogin | string): Promise<void>
  /** Writes the content of a Secret anew, in place. */
  changeSecret(name: string, content: RegistryLogin | string): Promise<void>
  pod(name: string, spec: PodWish): Promise<void>
  until(name: string, isWanted: (pod: Pod) => boolean): Promise<Pod>
  /** `reason message` of all events about a pod, in their order. */
  events(name: string): Promise<readonly string[]>
  untilEvent(name: string, pattern: RegExp): Promise<string>
  /** Pods by a label `app`. */
  podsOf(app: string): Promise<readonly Pod[]>
}

export interface RegistryLogin {
  readonly registry: string
  readonly username: string
  readonly password: string
}

export interface PodWish {
  readonly image: string
  readonly pullSecrets?: readonly string[]
  readonly policy?: string
  readonly spec?: JsonObject
}

/** Starts the cluster and a namespace; both end with the test. */
export async function startPullScene(t: TestContext, verifyImages?: VerifyImages): Promise<PullScene> {
  const cluster = await openStoryCluster({
    hasNodes: true,
    ...(verifyImages === undefined ? {} : { verifyImages }),
  })
  t.after(() => cluster.close())
  const scene = new Scene(cluster.client('story'))
  await scene.begin()
  return scene
}

class Scene implements PullScene {
  readonly client: KubeClient
  readonly namespace = 'pulls'

  constructor(client: KubeClient) {
    this.client = client
  }

  /** Resolves once the namespace's service account is there, which pods need. */
  async begin(): Promise<void> {
    await this.client.create(await this.#type('v1', 'Namespace'), {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: this.namespace },
    })
    const type = await this.#type('v1', 'ServiceAccount')
    await eventually(
      () => this.client.get({ type, namespace: this.namespace, name: 'default' }),
      (account) => account !== undefined,
    )
  }

  async create(
    apiVersion: string,
    kind: string,
    object: { readonly name: string; readonly [field: string]: unknown },
  ): Promise<void> {
    const { name, ...fields } = object
    const metadata = { name, namespace: this.namespace }
    const written = { apiVersion, kind, metadata, ...fields }
    await this.client.create(await this.#type(apiVersion, kind), written)
  }

  async patch(kind: string, name: string, patch: JsonObject): Promise<void> {
    const type = await this.#type('v1', kind)
    await this.client.patch({ type, namespace: this.namespace, name }, 'merge', patch)
  }

  async pullSecret(name: string, content: RegistryLogin | string): Promise<void> {
    await this.create('v1', 'Secret', { name, type: 'kubernetes.io/dockerconfigjson', data: dataOf(content) })
  }

  async changeSecret(name: string, content: RegistryLogin | string): Promise<void> {
    await this.patch('Secret', name, { data: dataOf(content) })
  }

  async pod(name: string, { image, pullSecrets = [], policy, spec = {} }: PodWish): Promise<void> {
    const container = { name: 'main', image, ...(policy === undefined ? {} : { imagePullPolicy: policy }) }
    const secrets = pullSecrets.map((secret) => ({ name: secret }))
    const { containers = [container], ...others } = spec
    const podSpec = { containers, ...(secrets.length === 0 ? {} : { imagePullSecrets: secrets }), ...others }
    const metadata = { name, namespace: this.namespace, annotations: BACKOFF }
    const written = { apiVersion: 'v1', kind: 'Pod', metadata, spec: podSpec }
    await this.client.create(await this.#type('v1', 'Pod'), written)
  }

  async until(name: string, isWanted: (pod: Pod) => boolean): Promise<Pod> {
    const type = await this.#type('v1', 'Pod')
    const pod = await eventually(
      // A v1 Pod, as the server gives it.
      async () => (await this.client.get({ type, namespace: this.namespace, name })) as Pod | undefined,
      (found) => found !== undefined && isWanted(found),
    )
    assert.ok(pod)
    return pod
  }

  async events(name: string): Promise<readonly string[]> {
    const type = await this.#type('v1', 'Event')
    const fieldSelector = `involvedObject.name=${name}`
    const { items } = await this.client.list(type, { namespace: this.namespace, fieldSelector })
    // core/v1 Events.
    const events = items as readonly (KubeObject & { readonly reason: string; readonly message: string })[]
    return events
      .toSorted((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))
      .map(({ reason, message }) => `${reason} ${message}`)
  }

  async untilEvent(name: string, pattern: RegExp): Promise<string> {
    const events = await eventually(
      () => this.events(name),
      (found) => found.some((event) => pattern.test(event)),
    )
    return events.find((event) => pattern.test(event)) ?? ''
  }

  async podsOf(app: string): Promise<readonly Pod[]> {
    const type = await this.#type('v1', 'Pod')
    const { items } = await this.client.list(type, { namespace: this.namespace, labelSelector: `app=${app}` })
    return items as readonly Pod[]
  }

  async #type(apiVersion: string, kind: string): Promise<ResourceType> {
    const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : ''
    const type = await this.client.resourceOf({ group, kind })
    assert.ok(type, `the cluster serves no ${kind}`)
    return type
  }
}

function dataOf(content: RegistryLogin | string): { readonly '.dockerconfigjson': string } {
  const text = typeof content === 'string' ? content : configOf(content)
  return { '.dockerconfigjson': Buffer.from(text).toString('base64') }
}

function configOf({ registry, username, password }: RegistryLogin): string {
  return dockerConfigJson(registry, { username, password: new Secret(password), email: '' }).reveal()
}

/** Reads again and again until it is as wanted; says what it saw last where it never is. */
export async function eventually<T>(read: () => Promise<T>, isWanted: (value: T) => boolean): Promise<T> {
  const endMs = Date.now() + PATIENCE_MS
  for (;;) {
    const value = await read()
    if (isWanted(value)) return value
    if (Date.now() > endMs) assert.fail(`not as expected in time: ${JSON.stringify(value)}`)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

/** All containers run and are ready. */
export function isReady({ status }: Pod): boolean {
  return (status?.conditions ?? []).some((one) => one.type === 'Ready' && one.status === 'True')
}

/** The status of a pod's only container. */
export function statusOf({ status }: Pod): ContainerStatus | undefined {
  return status?.containerStatuses?.[0]
}

export function isWaiting(reason: string): (pod: Pod) => boolean {
  return (pod) => statusOf(pod)?.state?.waiting?.reason === reason
}
