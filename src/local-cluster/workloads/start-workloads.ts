// The controller manager and scheduler of the embedded cluster: starts the controllers on shared caches.
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { KubeClient } from '../../kube/client/client.ts'
import { InformerSet } from '../../kube/client/informer-set.ts'
import type { Controller } from '../../reconcile/controller.ts'
import { createEventRecorder, type EventRecorder } from '../../reconcile/events.ts'
import { createDeploymentController } from './apps/deployment.ts'
import { createReplicaSetController } from './apps/replica-set.ts'
import { createScheduler } from './core/scheduler.ts'
import type { WorkloadContext, WorkloadFactory } from './kit/context.ts'

export type WorkloadName = 'deployment' | 'replicaset' | 'scheduler'

/** One line a controller. */
const CONTROLLERS: Readonly<Record<WorkloadName, WorkloadFactory>> = {
  deployment: createDeploymentController,
  replicaset: createReplicaSetController,
  scheduler: createScheduler,
}

export interface WorkloadsOptions {
  readonly client: KubeClient
  readonly clock: Clock
  readonly log: Log
  /** Ends everything, like `stop`. */
  readonly signal?: AbortSignal
  /** Which controllers run. Default: all. */
  readonly enabled?: readonly WorkloadName[]
  /** Shared caches; own ones by default. */
  readonly informers?: InformerSet
}

export interface Workloads {
  /** Resolves when no controller has anything to do right now. */
  idle(): Promise<void>
  stop(): Promise<void>
}

/** Starts the controllers; resolves once their caches are filled and they work. */
export async function startWorkloads(options: WorkloadsOptions): Promise<Workloads> {
  const { client, clock, log } = options
  const informers = options.informers ?? new InformerSet({ client, clock, log })
  const recorders = new Map<string, EventRecorder>()
  const events = (component: string): EventRecorder => {
    const known = recorders.get(component) ?? createEventRecorder({ client, clock, log, component })
    recorders.set(component, known)
    return known
  }
  const context: WorkloadContext = { client, clock, log, informers, events }
  // Object.keys knows only strings; these are the table's own.
  const names = options.enabled ?? (Object.keys(CONTROLLERS) as WorkloadName[])
  const controllers = await Promise.all(names.map((name): Promise<Controller> => CONTROLLERS[name](context)))
  informers.start()
  await informers.hasSynced()
  for (const controller of controllers) controller.start()
  const workloads: Workloads = {
    async idle() {
      for (const controller of controllers) await controller.idle()
    },
    async stop() {
      await Promise.all(controllers.map((controller) => controller.stop()))
      if (options.informers === undefined) await informers.stop()
      await Promise.all([...recorders.values()].map((recorder) => recorder.flush()))
    },
  }
  options.signal?.addEventListener('abort', () => void workloads.stop(), { once: true })
  return workloads
}
