// Tells servers elsewhere what the engine of this process knows: trees, compared resources, clusters.
import { createHash } from 'node:crypto'
import { sleep, type Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { rfc3339Seconds } from '../base/rfc3339.ts'
import type { ClusterRecord } from '../controllers/applications/cluster-client.ts'
import { markedName } from '../controllers/applications/application-name.ts'
import type { ApplicationEngine } from '../controllers/applications/engine.ts'
import type { Views } from '../controllers/applications/views.ts'
import type { Application } from '../crds/application.ts'
import type { Informer } from '../kube/client/informer.ts'
import { keyText } from '../kube/object.ts'
import { createController } from '../reconcile/controller.ts'
import type { ReconcileResult } from '../reconcile/outcome.ts'
import { type Request, requestFor, requestKey } from '../reconcile/request.ts'
import { APP_STATE_TTL_MS, type AppState, type SharedResource } from '../shared-cache/app-state.ts'
import type { SharedStore } from '../shared-cache/redis-store.ts'
import { stateOf } from './served-clusters.ts'

export interface PublishOptions {
  readonly engine: ApplicationEngine
  readonly views: Views
  readonly applications: Informer<Application>
  readonly store: SharedStore
  readonly state: AppState
  readonly clock: Clock
  readonly log: Log
  readonly namespace: string
  /** Whether this process looks after a cluster. */
  readonly isOurs: (cluster: ClusterRecord) => boolean
}

/** Changes of a tree are gathered for so long. */
const GATHER_MS = 100
/** Written again before it is forgotten. */
const RENEW_MS = APP_STATE_TTL_MS / 2
/** Upstream's cluster information lives ten minutes. */
const CLUSTERS_MS = 10_000

/** Publishes until the result is called. While the store is away nothing waits for it; when it is back, all is told anew. */
export function publishState(options: PublishOptions): () => Promise<void> {
  const { engine, applications, store, clock, log } = options
  const ended = new AbortController()
  const told = new Map<string, { readonly digest: string; readonly untilMs: number }>()
  const controller = createController({
    name: 'shared-cache',
    reconcile: (request) => publishOne(options, told, request),
    clock,
    log,
    workers: 2,
    backoff: { baseMs: 100, maxMs: 30_000 },
  })
  const ends = [
    engine.onTreeChange((request) => controller.enqueueAfter(request, GATHER_MS)),
    applications.onChange(({ type, object }) => {
      if (type === 'DELETED') controller.enqueue(requestFor(object))
    }),
    store.onConnected(() => {
      told.clear()
      for (const application of applications.list()) controller.enqueue(requestFor(application))
    }),
  ]
  controller.start()
  const clusters = publishClusters(options, ended.signal)
  return async () => {
    ended.abort(new Error('publishing ended'))
    for (const end of ends) end()
    await controller.stop()
    await clusters
  }
}

type Told = Map<string, { readonly digest: string; readonly untilMs: number }>

async function publishOne(options: PublishOptions, told: Told, request: Request): Promise<ReconcileResult> {
  const { engine, views, store, state, clock, namespace } = options
  if (!store.isConnected) return 'done'
  const key = requestKey(request)
  const name = markedName(request, namespace)
  if (engine.application(request) === undefined) {
    told.delete(key)
    await state.forget(name)
    return 'done'
  }
  const comparison = engine.memories.get(key)?.comparison
  // To look at a cluster that others look after now would mean to follow it anew.
  if (comparison === undefined || !options.isOurs(comparison.cluster)) return 'done'
  const [tree, managed] = await Promise.all([views.resourceTree(request), views.managedResources(request)])
  const resources = managed.map((resource): SharedResource => {
    const { group = '', kind = '', namespace: place = '', name: own = '' } = resource
    const isFilled = comparison.secrets.places.has(keyText({ group, kind, namespace: place, name: own }))
    return isFilled ? { ...resource, filled: true } : resource
  })
  const digest = createHash('sha256')
    .update(JSON.stringify([tree, resources]))
    .digest('base64')
  const known = told.get(key)
  if (known?.digest === digest && known.untilMs > clock.now()) return 'done'
  await Promise.all([state.setTree(name, tree), state.setManagedResources(name, resources)])
  await state.notify(name)
  told.set(key, { digest, untilMs: clock.now() + RENEW_MS })
  return { retryAfterMs: RENEW_MS + 1 }
}

async function publishClusters(options: PublishOptions, signal: AbortSignal): Promise<void> {
  const { engine, store, state, clock, log, isOurs } = options
  while (!signal.aborted) {
    try {
      const told = store.isConnected ? engine.clusters.list().filter(isOurs) : []
      for (const { server } of told) await state.setClusterInfo(server, infoOf(engine, server, clock))
    } catch (error) {
      log.debug('clusters not told', { error })
    }
    await sleep(clock, CLUSTERS_MS, signal).catch(() => undefined)
  }
}

function infoOf(engine: ApplicationEngine, server: string, clock: Clock): Parameters<AppState['setClusterInfo']>[1] {
  const count = engine.applications().filter(({ spec }) => engine.clusters.serverOf(spec.destination) === server).length
  const { connection, version = '', kinds = 0, objects = 0 } = stateOf(engine.clusters, server, count > 0)
  const attemptedAt = rfc3339Seconds(clock.now())
  return {
    connectionState: { ...connection, attemptedAt },
    serverVersion: version,
    cacheInfo: { resourcesCount: objects, apisCount: kinds },
    applicationsCount: count,
  }
}
