// What the ApplicationSet controller is given by whoever starts it.
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Metrics } from '../../base/metrics.ts'
import type { AppProject } from '../../crds/app-project.ts'
import type { Application } from '../../crds/application.ts'
import type { DeleteByJq } from '../../diff/contract.ts'
import type { GeneratorServices, SetGeneration } from '../../generators/contract.ts'
import type { PolicySettings } from '../../generators/policy.ts'
import type { KubeClient } from '../../kube/client/client.ts'
import type { Informer } from '../../kube/client/informer.ts'
import type { EventRecorder } from '../../reconcile/events.ts'
import type { FollowedSets } from './followed-sets.ts'

/** `applicationsetcontroller.*` of argocd-cmd-params-cm, as far as it concerns the controller itself. */
export interface SetSettings extends PolicySettings {
  readonly areProgressiveSyncsEnabled: boolean
  readonly preservedAnnotations: readonly string[]
  readonly preservedLabels: readonly string[]
  /** Applications a status lists at most; 0: all. */
  readonly maxResourcesStatusCount: number
  /** How many Applications of one set are written at a time. */
  readonly concurrentApplicationUpdates: number
}

export interface SetDependencies {
  /** The control plane's own cluster. */
  readonly client: KubeClient
  readonly clock: Clock
  readonly log: Log
  readonly events: EventRecorder
  /** Namespace of the control plane. */
  readonly namespace: string
  /** ApplicationSets as somebody else follows them. */
  readonly followed: FollowedSets
  /** Applications and projects as somebody else follows them. */
  readonly applications: Informer<Application>
  readonly projects: Informer<AppProject>
  /** Called with each change of a cluster Secret; the result ends it. */
  readonly onClusterChange: (listener: () => void) => () => void
  /** What generates; loaded when the first ApplicationSet is looked at. */
  readonly generation: () => Promise<SetGeneration>
  /** The clusters applications can go to. */
  readonly clusters: GeneratorServices['clusters']
  /** Read anew for every pass. */
  readonly settings: () => SetSettings
  readonly deleteByJq?: DeleteByJq
  readonly metrics?: Metrics
  /** Labels of ApplicationSets that are told as labels of `argocd_appset_labels`. */
  readonly metricsLabels?: readonly string[]
  /** How many sets are reconciled at a time. Default 10, as upstream. */
  readonly workers?: number
}
