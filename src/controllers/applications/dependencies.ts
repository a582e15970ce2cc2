// What the engine is given by whoever starts it.
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Metrics } from '../../base/metrics.ts'
import type { Application } from '../../crds/application.ts'
import type { Desired } from '../../desired/contract.ts'
import type { KubeClient } from '../../kube/client/client.ts'
import type { Transport } from '../../kube/client/transport.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { EventRecorder } from '../../reconcile/events.ts'
import type { Request } from '../../reconcile/request.ts'
import type { ClusterRecord } from './cluster-client.ts'
import type { EngineSettings } from './engine-settings.ts'
import type { FollowedObjects } from './followed-objects.ts'

/** Brings the credentials of registries to where pods need them. */
export interface PullSecrets {
  /** Called before objects of a sync are applied. Never rejects but for an abort. */
  prepare(request: {
    readonly application: Application
    readonly server: string
    readonly objects: readonly KubeObject[]
    readonly signal: AbortSignal
  }): Promise<void>
  /** What keeps the images of an application from being pulled, for its conditions. */
  problemsOf(application: Request): readonly string[]
}

export interface EngineDependencies {
  /** The control plane's own cluster, where the Applications are. */
  readonly client: KubeClient
  readonly desired: Desired
  readonly events: EventRecorder
  readonly clock: Clock
  readonly log: Log
  /** Namespace of the control plane. */
  readonly namespace: string
  /** True for other namespaces that may hold Applications (`application.namespaces`). */
  readonly allowsNamespace?: (namespace: string) => boolean
  /** Applications and projects, where somebody follows them already and ends that. Default: the engine's own. */
  readonly followed?: FollowedObjects
  /** Read anew for every pass. */
  readonly settings: () => EngineSettings
  /** Makes a client for a cluster of a Secret. Default: HTTP. */
  readonly connect?: (record: ClusterRecord) => KubeClient
  /** Where the engine's figures are told. Default: nowhere. */
  readonly metrics?: Metrics
  /** Labels of Applications that are told as labels of `argocd_app_labels`. Default: none, and no such metric. */
  readonly metricsLabels?: readonly string[]
  /** Labels of clusters that are told as labels of `argocd_cluster_labels`. Default: none, and no such metric. */
  readonly clusterMetricsLabels?: readonly string[]
  /** Around the transport to a cluster of a Secret, so that its requests are told of. */
  readonly measure?: (transport: Transport, server: string) => Transport
  /** False for clusters other controllers look after, and with them their applications. Default: all are ours. */
  readonly isOurs?: (cluster: ClusterRecord | undefined) => boolean
  /** Default: nobody brings anything. */
  readonly pullSecrets?: PullSecrets
  /** 0 to 1; spreads the resync times. */
  readonly random: () => number
  /** How many applications are reconciled at a time. Default 20, as upstream's status processors. */
  readonly workers?: number
}
