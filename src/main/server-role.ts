// `capstan server`: the API and the page; what controllers know comes through Redis.
import { mkdir } from 'node:fs/promises'
import { systemClock } from '../base/clock.ts'
import { CapstanError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { ServerRoleFlags } from '../cli/roles.ts'
import { Clusters } from '../controllers/applications/clusters.ts'
import { DEFAULT_SETTINGS } from '../controllers/applications/engine-settings.ts'
import { createEventRecorder } from '../reconcile/events.ts'
import { startMetricsPort } from '../server/metrics-port.ts'
import { requireGit } from '../source/git/require-git.ts'
import { bootstrapRole } from './bootstrap-role.ts'
import { openFront } from './control-plane.ts'
import { LuaHost } from './lua-host.ts'
import { createLogOf } from './process-log.ts'
import { createProcessMetrics } from './process-metrics.ts'
import { openRoleCluster, openShared, roleOptions } from './role.ts'
import { sharedClusters } from './served-clusters.ts'
import { runRole } from './run-role.ts'
import { createServerContext } from './server-context.ts'
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
  await requireGit(signal)
  await mkdir(flags.dataDir, { recursive: true, mode: 0o700 })
  const shared = await openShared(flags, log)
  if (shared === undefined) {
    const why = 'a server without its controller reads what that knows from Redis or Valkey'
    throw new CapstanError('precondition', `${why}: name it with --redis, or run "capstan up", which needs none`)
  }
  started.add(shared, ({ store }) => store.close())
  const metrics = createProcessMetrics()
  let isReady = false
  if (flags.metricsPort !== 0) {
    const place = { port: flags.metricsPort, address: flags.address }
    started.add(await startMetricsPort({ metrics, ...place, isReady: () => isReady }), (port) => port.close())
  }
  const client = started.add(await openRoleCluster(flags, signal), (opened) => opened.close())
  const options = roleOptions(flags, { client, log, signal, metrics })
  const { clock, namespace } = options
  const front = started.add(await openFront(options), (opened) => opened.close())
  await bootstrapRole(options)
  const stages = await startStages(options, started)
  const { followed, state, plugins } = stages
  const clusters = started.add(new Clusters({ ...options, settings: () => DEFAULT_SETTINGS }), (made) => made.stop())
  await clusters.start()
  const customizations = (): ReturnType<typeof state.settings>['resources']['customizations'] =>
    state.settings().resources.customizations
  const lua = started.add(new LuaHost({ log, customizations, onLoaded: () => undefined }), (made) => made.close())
  await lua.ready()
  const events = started.add(createEventRecorder({ client, clock, log, component: 'argocd-server' }), (made) =>
    made.flush(),
  )
  front.serve(
    createServerContext({
      ...options,
      applications: followed.applications,
      projects: followed.projects,
      state,
      git: stages.sources,
      desired: stages.desired,
      views: sharedViews(shared.state, namespace, clock),
      destinations: sharedClusters(clusters, shared.state),
      lua,
      events,
      ...(plugins === undefined ? {} : { plugins }),
    }),
  )
  isReady = true
  return front.url
}
