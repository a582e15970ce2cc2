// The controller manager and scheduler of the embedded cluster: starts the controllers on shared caches.
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { KubeClient } from '../../kube/client/client.ts'
import { InformerSet } from '../../kube/client/informer-set.ts'
import type { Controller } from '../../reconcile/controller.ts'
import { createEventRecorder, type EventRecorder } from '../../reconcile/events.ts'
import { createAutoscalerController } from './autoscaling/horizontal.ts'
import { createDeploymentController } from './apps/deployment.ts'
import { createDaemonSetController } from './apps/daemon-set.ts'
import { createReplicaSetController, createReplicationController } from './apps/replica-set.ts'
import { createStatefulSetController } from './apps/stateful-set.ts'
import { createCronJobController } from './batch/cron-job.ts'
import { createJobController } from './batch/job.ts'
import { createGarbageCollector } from './core/garbage-collector.ts'
import { createNamespaceController } from './core/namespace.ts'
import { createRoleAggregationController } from './core/role-aggregation.ts'
import { createServiceAccountController } from './core/service-account.ts'
import { createTaintEvictionController } from './core/taint-eviction.ts'
import { createTokenSecretController } from './core/token-secret.ts'
import { createEndpointsController } from './network/endpoints.ts'
import { createLoadBalancerController } from './network/load-balancer.ts'
import { createDisruptionController } from './policy/disruption-budget.ts'
import { createResourceQuotaController } from './policy/resource-quota.ts'
import { createScheduler } from './scheduling/scheduler.ts'
import { createEphemeralClaims } from './storage/ephemeral-claims.ts'
import { createStorageProtection } from './storage/protection.ts'
import { createSimulatedProvisioner } from './storage/simulated-provisioner.ts'
import { createVolumeBinder } from './storage/volume-binder.ts'
import type { WorkloadContext, WorkloadFactory } from './kit/context.ts'

export type WorkloadName =
  | 'deployment'
  | 'replicaset'
  | 'replicationcontroller'
  | 'statefulset'
  | 'daemonset'
  | 'job'
  | 'cronjob'
  | 'endpoints'
  | 'garbage-collector'
  | 'namespace'
  | 'service-account'
  | 'service-account-tokens'
  | 'persistentvolume-binder'
  | 'storage-protection'
  | 'ephemeral-volume'
  | 'simulated-provisioner'
  | 'load-balancer'
  | 'role-aggregation'
  | 'scheduler'
  | 'resource-quota'
  | 'disruption'
  | 'autoscaler'
  | 'taint-eviction'

/** One line a controller. */
const CONTROLLERS: Readonly<Record<WorkloadName, WorkloadFactory>> = {
  deployment: createDeploymentController,
  replicaset: createReplicaSetController,
  replicationcontroller: createReplicationController,
  statefulset: createStatefulSetController,
  daemonset: createDaemonSetController,
  job: createJobController,
  cronjob: createCronJobController,
  endpoints: createEndpointsController,
  'garbage-collector': createGarbageCollector,
  namespace: createNamespaceController,
  'service-account': createServiceAccountController,
  'service-account-tokens': createTokenSecretController,
  'persistentvolume-binder': createVolumeBinder,
  'storage-protection': createStorageProtection,
  'ephemeral-volume': createEphemeralClaims,
  'simulated-provisioner': createSimulatedProvisioner,
  'load-balancer': createLoadBalancerController,
  'role-aggregation': createRoleAggregationController,
  scheduler: createScheduler,
  'resource-quota': createResourceQuotaController,
  disruption: createDisruptionController,
  autoscaler: createAutoscalerController,
  'taint-eviction': createTaintEvictionController,
}

/** They follow every kind, and share the caches of those that others follow already. */
const LAST: ReadonlySet<WorkloadName> = new Set<WorkloadName>(['resource-quota', 'garbage-collector'])

export interface WorkloadsOptions {
  readonly client: KubeClient
  readonly clock: Clock
  readonly log: Log
  /** Ends everything, like `stop`. */
  readonly signal?: AbortSignal
  /** Which controllers run. Default: all. */
  readonly enabled?: readonly WorkloadName[]
  /** PEM of the cluster's own authority, for `kube-root-ca.crt` in every namespace. */
  readonly rootCertificate?: string
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
  const stopping = new AbortController()
  const { rootCertificate } = options
  const { signal } = stopping
  const context: WorkloadContext = {
    client,
    clock,
    log,
    informers,
    events,
    signal,
    ...(rootCertificate === undefined ? {} : { rootCertificate }),
  }
  // Object.keys knows only strings; these are the table's own.
  const names = options.enabled ?? (Object.keys(CONTROLLERS) as WorkloadName[])
  const isLast = (name: WorkloadName): boolean => LAST.has(name)
  const make = (name: WorkloadName): Promise<Controller> => CONTROLLERS[name](context)
  const controllers = await Promise.all(names.filter((name) => !isLast(name)).map(make))
  controllers.push(...(await Promise.all(names.filter(isLast).map(make))))
  informers.start()
  await informers.hasSynced()
  for (const controller of controllers) controller.start()
  const workloads: Workloads = {
    async idle() {
      for (const controller of controllers) await controller.idle()
    },
    async stop() {
      stopping.abort(new Error('workloads stopped'))
      await Promise.all(controllers.map((controller) => controller.stop()))
      if (options.informers === undefined) await informers.stop()
      await Promise.all([...recorders.values()].map((recorder) => recorder.flush()))
    },
  }
  options.signal?.addEventListener('abort', () => void workloads.stop(), { once: true })
  return workloads
}
