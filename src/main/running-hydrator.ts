// The source hydrator on the stages of this process.
import { join } from 'node:path'
import type { ApplicationEngine } from '../controllers/applications/engine.ts'
import type { ClusterRecord } from '../controllers/applications/cluster-client.ts'
import type { Application } from '../crds/application.ts'
import { parseHydratorSettings } from '../settings/hydrator.ts'
import type { ControlPlaneOptions } from './control-plane-options.ts'
import { gitWriteAccessFor } from './git-access.ts'
import { keepAtWork } from './keep-at-work.ts'
import { isGpgEnabled } from './signature-keys.ts'
import type { Stages } from './stages.ts'
import type { Started } from './started.ts'
import { execTimeoutMs } from './tool-environment.ts'
import { untilAborted } from './until-aborted.ts'

export interface HydratorStages {
  readonly stages: Stages
  readonly engine: ApplicationEngine
  readonly isOurs?: ((cluster: ClusterRecord | undefined) => boolean) | undefined
}

/** Starts once an application asks for it, as most installations have none that does; what fails begins anew. */
export function startHydrator(options: ControlPlaneOptions, given: HydratorStages, started: Started): void {
  const { applications } = given.stages.followed
  const stopping = new AbortController()
  const { signal } = stopping
  const atWork = { clock: options.clock, log: options.log.with({ work: 'source hydrator' }), signal }
  let running: Promise<void> | undefined
  const unfollow = applications.onChange(({ object }) => {
    if (object.spec.sourceHydrator === undefined) return
    running ??= keepAtWork(atWork, () => run(options, given, signal))
  })
  started.add(unfollow, async (end) => {
    end()
    stopping.abort(new Error('the hydrator is stopped'))
    await running
  })
}

/** Runs until the signal. */
async function run(
  { client, clock, log, namespace, dataDir }: ControlPlaneOptions,
  { stages, engine, isOurs }: HydratorStages,
  signal: AbortSignal,
): Promise<void> {
  const [{ Hydrator }, { writeToBranch }] = await Promise.all([
    import('../controllers/hydration/hydrator.ts'),
    import('../source/git/branch-writer.ts'),
  ])
  const { state, followed, desired, access } = stages
  const timeoutMs = execTimeoutMs()
  const hydrator = new Hydrator({
    client,
    clock,
    log,
    namespace,
    applications: followed.applications,
    projects: followed.projects,
    desired,
    settings: () => parseHydratorSettings(state.configMaps.get(namespace, 'argocd-cm')),
    resyncMs: () => state.settings().reconciliation.timeoutMs,
    gpgEnabled: isGpgEnabled(process.env),
    clusterOf: (destination) => engine.clusters.cacheOf(engine.clusters.find(destination)).version(),
    write: (url, project, change) =>
      writeToBranch(
        {
          url,
          cacheFolder: join(dataDir, 'repositories'),
          clock,
          access: () => gitWriteAccessFor(access, url, project),
          ...(timeoutMs === undefined ? {} : { timeoutMs }),
        },
        change,
      ),
    ...(isOurs === undefined ? {} : { isOurs: (application) => isOurs(clusterOf(engine, application)) }),
  })
  try {
    hydrator.start()
    await untilAborted(signal)
  } finally {
    await hydrator.stop()
  }
}

/** One whose destination is not known is looked after like any other of that kind. */
function clusterOf({ clusters }: ApplicationEngine, { spec }: Application): ClusterRecord | undefined {
  try {
    return clusters.find(spec.destination)
  } catch {
    return undefined
  }
}
