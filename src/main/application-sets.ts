// The ApplicationSet controller on the stages of this process.
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { ApplicationSetController } from '../controllers/application-sets/set-controller.ts'
import type { SetGeneration } from '../generators/contract.ts'
import { createJqDeletion } from '../lang/jq/delete.ts'
import { createEventRecorder } from '../reconcile/events.ts'
import { runAsLeader } from '../reconcile/leader-election.ts'
import { SECRET_TYPE_LABEL } from '../settings/repositories.ts'
import type { ControlPlaneOptions } from './control-plane-options.ts'
import { keepAtWork } from './keep-at-work.ts'
import type { Stages } from './stages.ts'
import { Started } from './started.ts'
import { untilAborted } from './until-aborted.ts'

/** Every ApplicationSet is looked after from now on. */
export function startApplicationSets(
  options: Pick<ControlPlaneOptions, 'client' | 'namespace' | 'clock' | 'log' | 'metrics'>,
  stages: Stages,
  started: Started,
): ApplicationSetController {
  const { client, namespace, clock, log, metrics } = options
  const { loadGeneration, services, settings, followed } = stages.applicationSets
  let loading: Promise<SetGeneration> | undefined
  const events = started.add(
    createEventRecorder({ client, clock, log, component: 'applicationset-controller' }),
    (made) => made.flush(),
  )
  const controller = started.add(
    new ApplicationSetController({
      client,
      clock,
      log,
      events,
      namespace,
      followed,
      applications: stages.followed.applications,
      projects: stages.followed.projects,
      onClusterChange: (listener) => onClusterChange(stages, listener),
      generation: () => (loading ??= loadGeneration()),
      clusters: () => services.clusters(),
      settings,
      deleteByJq: createJqDeletion(),
      workers: settings().workers,
      ...(metrics === undefined ? {} : { metrics }),
    }),
    (made) => made.stop(),
  )
  controller.start()
  const ends = [
    onSettingsChange(stages, () => controller.onSettings()),
    stages.sources.onRefsMoved((repoURL) => controller.onSourceMoved(repoURL)),
  ]
  started.add(ends, async (all) => {
    for (const end of all) end()
  })
  return controller
}

const LEASE = 'argocd-applicationset-controller'

/**
 * The same where several controllers share the applications: one of them looks after ApplicationSets, until the signal. What
 * fails begins anew; never rejects.
 */
export async function leadApplicationSets(options: ControlPlaneOptions, stages: Stages): Promise<void> {
  const { client, clock, log, namespace, signal } = options
  const identity = `${hostname()}_${randomUUID()}`
  const lead = async (leading: AbortSignal): Promise<void> => {
    const started = new Started()
    try {
      startApplicationSets(options, stages, started)
      await untilAborted(leading)
    } finally {
      await started.stop()
    }
  }
  await keepAtWork({ clock, signal, log: log.with({ work: 'ApplicationSets' }) }, () =>
    runAsLeader({ client, clock, log, namespace, name: LEASE, identity, signal, lead }),
  )
}

function onSettingsChange({ state, applicationSets }: Stages, listener: () => void): () => void {
  let known = JSON.stringify(applicationSets.settings())
  return state.configMaps.onChange(() => {
    const now = JSON.stringify(applicationSets.settings())
    if (now === known) return
    known = now
    listener()
  })
}

function onClusterChange({ state }: Stages, listener: () => void): () => void {
  return state.secrets.onChange(({ object }) => {
    if (object.metadata.labels?.[SECRET_TYPE_LABEL] === 'cluster') listener()
  })
}
