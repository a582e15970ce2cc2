// `capstan controller`: applications are compared, synced and watched here; the API is served elsewhere.
import { randomUUID } from 'node:crypto'
import { systemClock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { Metrics } from '../base/metrics.ts'
import type { ControllerFlags } from '../cli/roles.ts'
import { createViews } from '../controllers/applications/views.ts'
import { runAsLeader } from '../reconcile/leader-election.ts'
import { leadApplicationSets } from './application-sets.ts'
import { bootstrapRole } from './bootstrap-role.ts'
import type { ControlPlaneOptions } from './control-plane-options.ts'
import { keepAtWork } from './keep-at-work.ts'
import { createLogOf } from './process-log.ts'
import { publishState } from './publish-state.ts'
import { notifyOnDemand } from './notify-on-demand.ts'
import { redisMetrics } from './request-metrics.ts'
import { openRole, openShared, type Shared } from './role.ts'
import { runRole } from './run-role.ts'
import { startEngine } from './running-engine.ts'
import { shardSettings, startShards, withDeployedReplicas, type Shards, type ShardSettings } from './shards.ts'
import { startStages, type Stages } from './stages.ts'
import { Started } from './started.ts'
import { untilAborted } from './until-aborted.ts'

const LEASE = 'argocd-application-controller'

/** Runs until the signal, then ends in order, in seconds. */
export async function runController(flags: ControllerFlags, signal: AbortSignal): Promise<void> {
  const log = createLogOf(flags)
  await runRole({ clock: systemClock, log, signal, work: (started) => start(flags, { signal, log, started }) })
}

interface Run {
  readonly signal: AbortSignal
  readonly log: Log
  readonly started: Started
}

async function start(flags: ControllerFlags, { signal, log, started }: Run): Promise<void> {
  // What is wrong in flags and variables is told before anything is asked of the cluster.
  shardSettings(flags, process.env)
  const { options, metrics, ready } = await openRole(flags, { signal, log, started })
  const settings = shardSettings(flags, await withDeployedReplicas(flags, process.env, options))
  await bootstrapRole(options)
  const shared = await openShared(flags, { log, onRequest: redisMetrics(metrics, 'controller') })
  if (shared !== undefined) started.add(shared, ({ store }) => store.close())
  const stages = await startStages(options, started)
  const isInClusterEnabled = (): boolean => stages.state.settings().inClusterEnabled
  const shards = started.add(startShards(settings, { ...options, isInClusterEnabled }), (running) => running.stop())
  ready()
  console.log('ready')
  const duty = new Duty({ options, metrics, stages, shards, shared })
  const isElected = flags.leaderElection && !settings.isDynamic
  const identity = `${settings.identity}_${randomUUID()}`
  await keepAtWork(options, () => (isElected ? standForLeader(duty, identity, settings, options) : duty.run(signal)))
}

/** Waits for the lead and leads until it is lost. Replicas of one shard stand against each other, those of others do not. */
async function standForLeader(
  duty: Duty,
  identity: string,
  { replicas, shard }: ShardSettings,
  options: ControlPlaneOptions,
): Promise<void> {
  const { client, clock, log, namespace, signal } = options
  const name = replicas > 1 ? `${LEASE}-${shard}` : LEASE
  await runAsLeader({ client, clock, log, namespace, name, identity, signal, lead: (leading) => duty.run(leading) })
}

interface DutyOptions {
  readonly options: ControlPlaneOptions
  readonly metrics: Metrics
  readonly stages: Stages
  readonly shards: Shards
  readonly shared: Shared | undefined
}

/** What only one controller of a shard may do. */
class Duty {
  readonly #given: DutyOptions

  constructor(given: DutyOptions) {
    this.#given = given
  }

  async run(signal: AbortSignal): Promise<void> {
    const { options, stages, shards, shared } = this.#given
    const { clock, log, namespace } = options
    const started = new Started()
    try {
      // Each lead counts for itself: the figures of the last one are not this one's.
      const metrics = new Metrics()
      const ownMetrics = this.#given.metrics.include(metrics)
      started.add(ownMetrics, async (leave) => leave())
      const { engine } = await startEngine({ ...options, metrics, signal }, stages, started, shards.isOurs)
      shards.follow(engine)
      started.add(shards, async (followed) => followed.follow(undefined))
      engine.onShards()
      started.add(leadSets({ ...options, metrics, signal }, stages), (stop) => stop())
      started.add(notifyOnDemand({ ...options, metrics, signal }, stages, false), (stop) => stop())
      if (shared !== undefined) {
        const maskedAnnotations = (): ReadonlySet<string> =>
          new Set(stages.state.settings().resources.maskedAnnotations)
        const publishing = publishState({
          ...shared,
          engine,
          views: createViews(engine, { maskedAnnotations }),
          applications: stages.followed.applications,
          clock,
          log,
          namespace,
          isOurs: shards.isOurs,
        })
        started.add(publishing, (stop) => stop())
      }
      await untilAborted(signal)
    } finally {
      await started.stop()
    }
  }
}

/** One controller of all shards looks after ApplicationSets; the result ends that. */
function leadSets(options: ControlPlaneOptions, stages: Stages): () => Promise<void> {
  const stopping = new AbortController()
  const leading = leadApplicationSets(
    { ...options, signal: AbortSignal.any([options.signal, stopping.signal]) },
    stages,
  )
  return async () => {
    stopping.abort(new Error('the controller stops'))
    await leading
  }
}
