// A cluster in the process with the application engine on it, and the few words stories are told in.
import type { TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import { type Log, silentLog } from '../../src/base/log.ts'
import type { Metrics } from '../../src/base/metrics.ts'
import type { ClusterRecord } from '../../src/controllers/applications/cluster-client.ts'
import { ApplicationEngine } from '../../src/controllers/applications/engine.ts'
import { DEFAULT_SETTINGS, type EngineSettings } from '../../src/controllers/applications/engine-settings.ts'
import { followObjects } from '../../src/controllers/applications/followed-objects.ts'
import { type Application, parseApplication } from '../../src/crds/application.ts'
import { applicationCrd, appProjectCrd } from '../../src/crds/crd.ts'
import { createDesired } from '../../src/desired/generate.ts'
import { KubeError, type KubeClient, type ResourceRef } from '../../src/kube/client/client.ts'
import { type JsonObject, type JsonValue, kindOf, type KubeObject } from '../../src/kube/object.ts'
import { Informer } from '../../src/kube/client/informer.ts'
import { createJqDeletion } from '../../src/lang/jq/delete.ts'
import { convertBuiltin } from '../../src/local-cluster/apiserver/conversion.ts'
import { rulesFor } from '../../src/local-cluster/kinds/rules.ts'
import type { VerifyImages } from '../../src/local-cluster/kubelet/start-kubelet.ts'
import {
  createPullSecrets,
  lazyIssuer,
  type PullSecretsOptions,
  type RunningPullSecrets,
} from '../../src/main/pull-secrets.ts'
import { createEventRecorder } from '../../src/reconcile/events.ts'
import { type MemoryRepository, memoryRepository } from './memory-repository.ts'
import { openStoryCluster, type StoryCluster } from './story-cluster.ts'

export const CONTROL_NAMESPACE = 'argocd'
/** Ends only what will never come: a busy machine may take its time. */
const PATIENCE_MS = 45_000

/** `apps/v1/Deployment`, `v1/ConfigMap`. */
export type KindName = string

export interface DeliveryOptions {
  readonly files?: Readonly<Record<string, string>>
  readonly settings?: Partial<EngineSettings>
  /** Where the engine tells its figures. */
  readonly metrics?: Metrics
  /** The engine's. Default: the machine's. */
  readonly clock?: Clock
  /** Other namespaces that may hold Applications. */
  readonly allowsNamespace?: (namespace: string) => boolean
  /** Nodes that ask registries for images, and all controllers. Default: neither. */
  readonly nodes?: VerifyImages
  /** Registry credentials are propagated, as this says. Default: not. */
  readonly pullSecrets?: Pick<Partial<PullSecretsOptions>, 'issuer' | 'times'>
  /** Makes a client for the cluster of a Secret. */
  readonly connect?: (record: ClusterRecord) => KubeClient
  readonly log?: Log
}

export class DeliveryCluster {
  readonly client: KubeClient
  readonly repository: MemoryRepository
  readonly #cluster: StoryCluster
  readonly #settings: EngineSettings
  readonly #metrics: Metrics | undefined
  readonly #clock: Clock
  readonly #options: DeliveryOptions
  readonly #ends: (() => Promise<unknown>)[] = []
  #engine: ApplicationEngine | undefined
  #engineClient: KubeClient | undefined

  constructor(cluster: StoryCluster, options: DeliveryOptions) {
    this.#cluster = cluster
    this.client = cluster.client('story')
    this.repository = memoryRepository(options.files ?? {})
    this.#metrics = options.metrics
    this.#clock = options.clock ?? systemClock
    this.#options = options
    this.#settings = {
      ...DEFAULT_SETTINGS,
      resyncMs: 0,
      diff: {
        applyDefaults: (object) => rulesFor(kindOf(object))?.setDefaults?.(object) ?? object,
        deleteByJq: createJqDeletion(),
        convert: convertBuiltin,
      },
      ...options.settings,
    }
  }

  get engine(): ApplicationEngine {
    if (this.#engine === undefined) throw new Error('the engine is not running')
    return this.#engine
  }

  /** Starts a process' worth of engine; `through` may get between it and the cluster. */
  async startEngine(through: (client: KubeClient) => KubeClient = (client) => client): Promise<void> {
    this.#engineClient = this.#cluster.client('engine')
    const client = through(this.#engineClient)
    const { allowsNamespace, connect, log = silentLog } = this.#options
    const common = { client, clock: this.#clock, log, namespace: CONTROL_NAMESPACE }
    const events = createEventRecorder({ ...common, component: 'argocd-application-controller' })
    const followed = await followObjects({ ...common, ...(allowsNamespace === undefined ? {} : { allowsNamespace }) })
    this.#ends.push(() => followed.stop())
    const pullSecrets = await this.#pullSecrets({ ...common, events, followed })
    this.#engine = new ApplicationEngine({
      ...common,
      followed,
      desired: createDesired({ sources: this.repository.provider }),
      events,
      settings: () => this.#settings,
      random: () => 0,
      ...(this.#metrics === undefined ? {} : { metrics: this.#metrics }),
      ...(allowsNamespace === undefined ? {} : { allowsNamespace }),
      ...(connect === undefined ? {} : { connect }),
      ...(pullSecrets === undefined ? {} : { pullSecrets: pullSecrets.port }),
    })
    await this.#engine.start()
    pullSecrets?.start(this.#engine)
  }

  /** What the control plane has around it: its Secrets and ConfigMaps, and logins as they are issued. */
  async #pullSecrets(
    common: Pick<PullSecretsOptions, 'client' | 'clock' | 'log' | 'namespace' | 'events' | 'followed'>,
  ): Promise<RunningPullSecrets | undefined> {
    const { pullSecrets } = this.#options
    if (pullSecrets === undefined) return undefined
    const informers = await Promise.all(
      ['Secret', 'ConfigMap'].map(async (kind) => {
        const { type } = await this.ref(`v1/${kind}`, '')
        const informer = new Informer({ ...common, type })
        this.#ends.push(() => informer.stop())
        informer.start()
        await informer.hasSynced
        return informer
      }),
    )
    const [secrets, configMaps] = informers
    if (secrets === undefined || configMaps === undefined) throw new Error('two kinds are followed')
    const issuer = pullSecrets.issuer ?? lazyIssuer({ clock: common.clock, env: {} })
    const metrics = this.#metrics === undefined ? {} : { metrics: this.#metrics }
    const made = createPullSecrets({ ...common, ...pullSecrets, ...metrics, issuer, secrets, configMaps })
    this.#ends.push(() => made.stop())
    return made
  }

  async stopEngine(): Promise<void> {
    await this.#engine?.stop()
    for (let end = this.#ends.pop(); end !== undefined; end = this.#ends.pop()) await end()
    await this.#engineClient?.close()
    this.#engine = undefined
  }

  async ref(kind: KindName, name: string, namespace?: string): Promise<ResourceRef> {
    const slash = kind.lastIndexOf('/')
    const type = await this.client.resourceOf(kindOf({ apiVersion: kind.slice(0, slash), kind: kind.slice(slash + 1) }))
    if (type === undefined) throw new Error(`the cluster serves no ${kind}`)
    return { type, name, ...(namespace === undefined ? {} : { namespace }) }
  }

  async create(object: KubeObject & Readonly<Record<string, unknown>>): Promise<KubeObject> {
    const { type } = await this.ref(`${object.apiVersion}/${object.kind}`, '')
    return this.client.create(type, object)
  }

  /** Creates what a shared cluster may have already. */
  async ensure(object: KubeObject & Readonly<Record<string, unknown>>): Promise<void> {
    try {
      await this.create(object)
    } catch (error) {
      if (!(error instanceof KubeError && error.reason === 'AlreadyExists')) throw error
    }
  }

  async get(kind: KindName, name: string, namespace?: string): Promise<(KubeObject & JsonObject) | undefined> {
    // Objects are JSON as the server sent it.
    return (await this.client.get(await this.ref(kind, name, namespace))) as (KubeObject & JsonObject) | undefined
  }

  async patch(
    kind: KindName,
    name: string,
    patch: JsonValue,
    at: { namespace?: string; subresource?: string } = {},
  ): Promise<void> {
    const ref = await this.ref(kind, name, at.namespace)
    await this.client.patch(
      at.subresource === undefined ? ref : { ...ref, subresource: at.subresource },
      'merge',
      patch,
    )
  }

  async delete(kind: KindName, name: string, namespace?: string): Promise<void> {
    await this.client.delete(await this.ref(kind, name, namespace))
  }

  /** Creates an Application of this repository's path `name`, to namespace `name` of the same cluster. */
  async createApplication(name: string, spec: JsonObject = {}, metadata: KubeObject['metadata'] = {}): Promise<void> {
    await this.create({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name, namespace: CONTROL_NAMESPACE, ...metadata },
      spec: {
        project: 'default',
        source: { repoURL: this.repository.url, path: name, targetRevision: 'HEAD' },
        destination: { server: 'https://kubernetes.default.svc', namespace: name },
        ...spec,
      },
    })
  }

  async application(name: string): Promise<Application> {
    const found = await this.get('argoproj.io/v1alpha1/Application', name, CONTROL_NAMESPACE)
    if (found === undefined) throw new Error(`there is no application ${name}`)
    return parseApplication(found)
  }

  /** Waits until an application is as wanted; the error shows its status. */
  async until(name: string, isWanted: (application: Application) => boolean): Promise<Application> {
    let last: Application | undefined
    try {
      return await this.eventually(async () => {
        last = await this.application(name)
        return isWanted(last) ? last : undefined
      })
    } catch (error) {
      throw new Error(`application ${name} stays ${JSON.stringify(last?.status, undefined, 1)}`, { cause: error })
    }
  }

  untilSynced(name: string, revision?: string): Promise<Application> {
    return this.until(
      name,
      ({ status, operation }) =>
        status?.sync?.status === 'Synced' &&
        operation === undefined &&
        (revision === undefined || status.sync.revision === revision),
    )
  }

  /** Waits until something is found. */
  async eventually<T>(find: () => Promise<T | undefined>): Promise<T> {
    const endMs = Date.now() + PATIENCE_MS
    for (;;) {
      const found = await find()
      if (found !== undefined) return found
      if (Date.now() > endMs) throw new Error('waited in vain')
      await pause(5)
    }
  }

  async untilGone(kind: KindName, name: string, namespace?: string): Promise<void> {
    await this.eventually(async () => ((await this.get(kind, name, namespace)) === undefined ? true : undefined))
  }

  /** Asks for a sync as the CLI does. */
  async sync(name: string, sync: JsonObject = {}): Promise<void> {
    const operation = { sync: { prune: true, ...sync }, initiatedBy: { username: 'admin' } }
    const patch = { operation, status: { operationState: null } }
    await this.patch('argoproj.io/v1alpha1/Application', name, patch, { namespace: CONTROL_NAMESPACE })
  }

  async refresh(name: string, how: 'normal' | 'hard' = 'normal'): Promise<void> {
    const patch = { metadata: { annotations: { 'argocd.argoproj.io/refresh': how } } }
    await this.patch('argoproj.io/v1alpha1/Application', name, patch, { namespace: CONTROL_NAMESPACE })
  }

  /** Waits for the operation to end and gives its state. */
  async operationEnd(name: string): Promise<NonNullable<NonNullable<Application['status']>['operationState']>> {
    const ended = await this.until(name, ({ operation, status }) => {
      const phase = status?.operationState?.phase
      return operation === undefined && phase !== undefined && phase !== 'Running' && phase !== 'Terminating'
    })
    const state = ended.status?.operationState
    if (state === undefined) throw new Error('no operation has ended')
    return state
  }

  /** Asks the running operation to end, as the CLI does. */
  async terminate(name: string): Promise<void> {
    const patch = { status: { operationState: { phase: 'Terminating' } } }
    await this.patch('argoproj.io/v1alpha1/Application', name, patch, { namespace: CONTROL_NAMESPACE })
  }

  /** Waits until a hook's finalizer is off. */
  async untilReleased(name: string, namespace: string): Promise<void> {
    await this.eventually(async () => {
      const live = await this.get('batch/v1/Job', name, namespace)
      return (live?.metadata.finalizers ?? []).length === 0 ? true : undefined
    })
  }

  /** Reports a Deployment as rolled out, as its controller and a kubelet would. */
  async reportAvailable(name: string, namespace: string): Promise<void> {
    await this.eventually(async () => {
      const live = await this.get('apps/v1/Deployment', name, namespace)
      if (live === undefined) return undefined
      const counts = { replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 }
      const status = { ...counts, observedGeneration: live.metadata.generation ?? 1 }
      await this.patch('apps/v1/Deployment', name, { status }, { namespace, subresource: 'status' })
      return live
    })
  }

  /** Reports a Job as a job controller would. */
  async finishJob(name: string, namespace: string, how: 'Complete' | 'Failed'): Promise<void> {
    await this.eventually(() => this.get('batch/v1/Job', name, namespace))
    const time = '2026-01-01T00:00:00Z'
    const before = { type: how === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget', status: 'True' }
    const condition = { type: how, status: 'True', lastProbeTime: time, lastTransitionTime: time }
    const status = {
      conditions: [{ ...before, lastProbeTime: time, lastTransitionTime: time }, condition],
      startTime: time,
      ...(how === 'Complete' ? { completionTime: time, succeeded: 1 } : { failed: 1 }),
    }
    await this.patch('batch/v1/Job', name, { status }, { namespace, subresource: 'status' })
  }
}

/** A cluster with our CRDs, the default project and a running engine; everything ends with the test. */
export async function startDeliveryCluster(t: TestContext, options: DeliveryOptions = {}): Promise<DeliveryCluster> {
  // Foreground deletion needs the collector; no other controller gets between a story and its cluster.
  const { nodes } = options
  const opened = await openStoryCluster(
    nodes === undefined
      ? { hasNodes: false, controllers: ['garbage-collector'] }
      : { hasNodes: true, verifyImages: nodes },
  )
  const cluster = new DeliveryCluster(opened, options)
  for (const crd of [applicationCrd(), appProjectCrd()]) await cluster.ensure({ ...crd })
  await cluster.ensure({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: CONTROL_NAMESPACE } })
  await cluster.eventually(() => cluster.client.resourceOf({ group: 'argoproj.io', kind: 'AppProject' }))
  t.after(async () => {
    await cluster.stopEngine()
    await opened.close()
  })
  await cluster.create({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AppProject',
    metadata: { name: 'default', namespace: CONTROL_NAMESPACE },
    spec: {
      sourceRepos: ['*'],
      destinations: [{ server: '*', namespace: '*' }],
      clusterResourceWhitelist: [{ group: '*', kind: '*' }],
    },
  })
  await cluster.startEngine()
  return cluster
}
