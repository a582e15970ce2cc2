// The source hydrator on the stages of this process.
import { join } from 'node:path'
import type { ApplicationEngine } from '../controllers/applications/engine.ts'
import type { ClusterRecord } from '../controllers/applications/cluster-client.ts'
import type { Application } from '../crds/application.ts'
import { parseHydratorSettings } from '../settings/hydrator.ts'
import type { ControlPlaneOptions } from './control-plane-options.ts'
import { gitWriteAccessFor } from './git-access.ts'
import { isGpgEnabled } from './signature-keys.ts'
import type { Stages } from './stages.ts'
import type { Started } from './started.ts'
import { execTimeoutMs } from './tool-environment.ts'

export interface HydratorStages {
  readonly stages: Stages
  readonly engine: ApplicationEngine
  readonly isOurs?: ((cluster: ClusterRecord | undefined) => boolean) | undefined
}

/** Starts once an application asks for it: most installations have none that does. */
export function startHydrator(options: ControlPlaneOptions, given: HydratorStages, started: Started): void {
  const { applications } = given.stages.followed
  let running: Promise<() => Promise<void>> | undefined
  const unfollow = applications.onChange(({ object }) => {
    if (object.spec.sourceHydrator === undefined) return
    running ??= run(options, given)
    running.catch((error: unknown) => options.log.error('the source hydrator did not start', { error }))
  })
  started.add(unfollow, async (end) => {
    end()
    await (
      await running
    )?.()
  })
}

async function run(
  { client, clock, log, namespace, dataDir }: ControlPlaneOptions,
  { stages, engine, isOurs }: HydratorStages,
): Promise<() => Promise<void>> {
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
  hydrator.start()
  return () => hydrator.stop()
}

/** One whose destination is not known is looked after like any other of that kind. */
function clusterOf({ clusters }: ApplicationEngine, { spec }: Application): ClusterRecord | undefined {
  try {
    return clusters.find(spec.destination)
  } catch {
    return undefined
  }
}
