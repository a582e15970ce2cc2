// `capstan server`: the API and the page; what controllers know comes through Redis.
import { mkdir } from 'node:fs/promises'
import { CapstanError } from '../base/errors.ts'
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
import { createServerContext } from './server-context.ts'
import { sharedViews } from './shared-views.ts'
import { startStages } from './stages.ts'
import { Started } from './started.ts'
import { untilAborted } from './until-aborted.ts'

/** Runs until the signal, then ends in order. Throws `precondition` where no Redis is named: alone it would know nothing. */
export async function runServer(flags: ServerRoleFlags, signal: AbortSignal): Promise<void> {
  const started = new Started()
  try {
    console.log(`ready at ${await start(flags, signal, started)}`)
    await untilAborted(signal)
  } finally {
    await started.stop()
  }
}

async function start(flags: ServerRoleFlags, signal: AbortSignal, started: Started): Promise<string> {
  const log = createLogOf(flags)
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
