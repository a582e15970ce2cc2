// What a role of the control plane is started with.
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Metrics } from '../base/metrics.ts'
import type { Secret } from '../base/secret.ts'
import type { Application } from '../crds/application.ts'
import type { KubeClient } from '../kube/client/client.ts'
import type { Informer } from '../kube/client/informer.ts'
import type { MeasureTransport } from './request-metrics.ts'

export interface ControlPlaneOptions {
  readonly client: KubeClient
  /** Where repositories are cached. */
  readonly dataDir: string
  readonly namespace: string
  /** Other namespaces that may hold Applications, as a flag says; absent: as the environment or argocd-cmd-params-cm say. */
  readonly applicationNamespaces?: readonly string[]
  readonly port: number
  readonly address: string
  readonly adminPassword?: Secret
  /** A token that counts as the admin's, whatever the settings say of accounts: of a server that serves one command alone. */
  readonly letIn?: Secret
  /** Where config management plug-ins stand; absent: there are none. */
  readonly pluginFolder?: string
  /** The cluster's nodes are simulated; people are told wherever they could mistake them for real ones. */
  readonly isSimulated?: boolean
  /** Where figures are told; nowhere by default. */
  readonly metrics?: Metrics
  /** Labels of Applications that are told, too. */
  readonly metricsLabels?: readonly string[]
  /** Labels of clusters that are told, too. */
  readonly clusterMetricsLabels?: readonly string[]
  /** Around the transports to API servers, so that their requests are told of. */
  readonly measure?: MeasureTransport
  /** Settings of the server that its flags say, by upstream's names: `insecure`, `rootpath`. */
  readonly serverParameters?: Readonly<Record<string, string>>
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

export interface ControlPlane {
  readonly url: string
  readonly applications: Informer<Application>
  stop(): Promise<void>
}
