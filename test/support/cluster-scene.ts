// The embedded cluster with its controllers and nodes, for tests: create things and wait until they are as expected.
import type { TestContext } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import type { KubeClient, ResourceRef, ResourceType } from '../../src/kube/client/client.ts'
import { InformerSet } from '../../src/kube/client/informer-set.ts'
import { kindOf, type KubeObject } from '../../src/kube/object.ts'
import { startKubelet } from '../../src/local-cluster/kubelet/start-kubelet.ts'
import { startLocalCluster } from '../../src/local-cluster/start.ts'
import type { Condition, Container, Pod } from '../../src/local-cluster/workloads/kit/model.ts'
import { startWorkloads } from '../../src/local-cluster/workloads/start-workloads.ts'

/** Longer than any healthy wait by far; what fails says what it saw last. */
const PATIENCE_MS = 30_000

/** Any object as a test writes and reads it. */
export type Loose = KubeObject & {
  readonly spec?: Readonly<Record<string, unknown>>
  readonly status?: Readonly<Record<string, unknown>>
}

export interface ClusterScene {
  readonly client: KubeClient
  type(group: string, kind: string): Promise<ResourceType>
  /** Creates an object, in namespace `default` unless it names one. */
  create(object: Loose): Promise<Loose>
  ref(group: string, kind: string, name: string, namespace?: string): Promise<ResourceRef>
  get(group: string, kind: string, name: string): Promise<Loose | undefined>
  list(group: string, kind: string): Promise<readonly Loose[]>
  /** Resolves with the object once it meets the condition; undefined stands for absence. */
  until(ref: ResourceRef, condition: (object: Loose | undefined) => boolean): Promise<Loose | undefined>
  /** Resolves once an event of that reason about an object of that name is written. */
  untilEvent(name: string, reason: string): Promise<void>
}

/** Starts a cluster in memory and closes it after the test. */
export async function startScene(t: Pick<TestContext, 'after'>): Promise<ClusterScene> {
  const clock = systemClock
  const cluster = await startLocalCluster({ clock, log: silentLog, controllers: startWorkloads, kubelet: startKubelet })
  const client = cluster.client('test')
  const informers = new InformerSet({ client, clock, log: silentLog })
  informers.start()
  t.after(async () => {
    await informers.stop()
    await cluster.close()
  })
  const scene: ClusterScene = {
    client,
    async type(group, kind) {
      const type = await client.resourceOf({ group, kind })
      if (type === undefined) throw new Error(`no ${kind} in ${group}`)
      return type
    },
    async create(object) {
      const type = await scene.type(kindOf(object).group, object.kind)
      const namespace = type.namespaced ? { namespace: object.metadata.namespace ?? 'default' } : {}
      return client.create(type, { ...object, metadata: { ...object.metadata, ...namespace } })
    },
    async ref(group, kind, name, namespace = 'default') {
      const type = await scene.type(group, kind)
      return { type, name, ...(type.namespaced ? { namespace } : {}) }
    },
    async get(group, kind, name) {
      return client.get(await scene.ref(group, kind, name))
    },
    async list(group, kind) {
      return (await client.list(await scene.type(group, kind))).items
    },
    async until(ref, condition) {
      const informer = informers.ofType<Loose>(ref.type)
      await informer.hasSynced
      const read = (): Loose | undefined => informer.get(ref.namespace, ref.name)
      return waitFor(read, condition, (check) => informer.onChange(check))
    },
    async untilEvent(name, reason) {
      const informer = informers.ofType<Loose>(await scene.type('', 'Event'))
      await informer.hasSynced
      const isIt = (event: Loose): boolean => eventKey(event) === `${name} ${reason}`
      const find = (): Loose | undefined => [...informer.list()].find(isIt)
      const isFound = (event: Loose | undefined): boolean => event !== undefined
      await waitFor(find, isFound, (check) => informer.onChange(check))
    },
  }
  return scene
}

function eventKey(event: object): string {
  // core/v1 Event.
  const { reason, involvedObject } = event as {
    readonly reason: string
    readonly involvedObject: { readonly name: string }
  }
  return `${involvedObject.name} ${reason}`
}

async function waitFor(
  read: () => Loose | undefined,
  condition: (object: Loose | undefined) => boolean,
  onChange: (check: () => void) => () => void,
): Promise<Loose | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Loose | undefined>()
  const check = (): void => {
    const object = read()
    if (condition(object)) resolve(object)
  }
  const giveUp = (): void => reject(new Error(`not as expected in time: ${JSON.stringify(read()?.status ?? read())}`))
  // The cluster's own timers keep no process alive: this one does.
  const timer = setTimeout(giveUp, PATIENCE_MS)
  const stop = onChange(check)
  check()
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    stop()
  }
}

/** A pod template with one container and the label `app`. */
export function template(
  app: string,
  container: Partial<Container> = {},
  spec: object = {},
): Readonly<Record<string, unknown>> {
  return {
    metadata: { labels: { app } },
    spec: { containers: [{ name: 'main', image: 'nginx:1.27', ...container }], ...spec },
  }
}

/** A pod of one container. */
export function pod(
  name: string,
  container: Partial<Container> = {},
  more: { spec?: object; annotations?: Readonly<Record<string, string>> } = {},
): Loose {
  const { annotations } = more
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name }, ...(annotations === undefined ? {} : { annotations }) },
    spec: { containers: [{ name: 'main', image: 'nginx:1.27', ...container }], ...more.spec },
  }
}

/** A workload of apps/v1. */
export function workload(kind: string, name: string, spec: Readonly<Record<string, unknown>> = {}): Loose {
  const selector = { matchLabels: { app: name } }
  return { apiVersion: 'apps/v1', kind, metadata: { name }, spec: { selector, template: template(name), ...spec } }
}

/** The state of a pod's only container. */
export function stateOf(
  object: Loose | undefined,
): NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number] | undefined {
  return (object as Pod | undefined)?.status?.containerStatuses?.[0]
}

/** The conditions in an object's status. */
export function conditionsOf(object: Loose | undefined): readonly Condition[] {
  const conditions = object?.status?.['conditions']
  return Array.isArray(conditions) ? conditions : []
}
