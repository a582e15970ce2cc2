// `capstan server`: the API and the page; what controllers know comes through Redis.
import { systemClock } from '../base/clock.ts'
import { CapstanError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { ServerRoleFlags } from '../cli/roles.ts'
import { Clusters } from '../controllers/applications/clusters.ts'
import { DEFAULT_SETTINGS } from '../controllers/applications/engine-settings.ts'
import { bootstrapRole } from './bootstrap-role.ts'
import { openFront, serveApi, serverParametersOf } from './control-plane.ts'
import { LuaHost } from './lua-host.ts'
import { createLogOf } from './process-log.ts'
import { redisMetrics } from './request-metrics.ts'
import { isSharedNamed, openRole, openShared } from './role.ts'
import { sharedClusters } from './served-clusters.ts'
import { runRole } from './run-role.ts'
import { sharedViews } from './shared-views.ts'
import { startStages } from './stages.ts'
import type { Started } from './started.ts'
import { untilAborted } from './until-aborted.ts'

/** Runs until the signal, then ends in order, in seconds. Throws `precondition` where no Redis is named: alone it would know nothing. */
export async function runServer(flags: ServerRoleFlags, signal: AbortSignal): Promise<void> {
  const log = createLogOf(flags)
  await runRole({
    clock: systemClock,
    log,
    signal,
    async work(started) {
      console.log(`ready at ${await start(flags, { signal, log, started })}`)
      await untilAborted(signal)
    },
  })
}

interface Run {
  readonly signal: AbortSignal
  readonly log: Log
  readonly started: Started
}

async function start(flags: ServerRoleFlags, { signal, log, started }: Run): Promise<string> {
  // Told before anything is asked of the cluster.
  if (!isSharedNamed(flags)) throw unnamedRedis()
  const { options, metrics, ready } = await openRole(flags, { signal, log, started })
  const shared = await openShared(flags, { log, onRequest: redisMetrics(metrics, 'server') })
  if (shared === undefined) throw unnamedRedis()
  started.add(shared, ({ store }) => store.close())
  const front = started.add(await openFront(options), (opened) => opened.close())
  await bootstrapRole(options)
  const stages = await startStages(options, started)
  const { state } = stages
  const clusters = started.add(
    new Clusters({
      ...options,
      settings: () => ({ ...DEFAULT_SETTINGS, inClusterEnabled: state.settings().inClusterEnabled }),
    }),
    (made) => made.stop(),
  )
  await clusters.start()
  const customizations = (): ReturnType<typeof state.settings>['resources']['customizations'] =>
    state.settings().resources.customizations
  const lua = started.add(new LuaHost({ log, customizations, onLoaded: () => undefined }), (made) => made.close())
  await lua.ready()
  const views = sharedViews(shared.state, options.namespace, options.clock)
  const serving = { ...options, serverParameters: serverParametersOf(flags) }
  serveApi(
    { options: serving, stages, started, front },
    { views, destinations: sharedClusters(clusters, shared.state), lua },
  )
  ready()
  return front.url
}

function unnamedRedis(): CapstanError {
  const why = 'a server without its controller reads what that knows from Redis or Valkey'
  return new CapstanError('precondition', `${why}: name it with --redis, or run "capstan up", which needs none`)
}
