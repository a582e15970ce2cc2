// What the propagation of registry credentials is given by whoever starts it.
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Metrics } from '../../base/metrics.ts'
import type { AppProject } from '../../crds/app-project.ts'
import type { Application } from '../../crds/application.ts'
import type { KubeClient } from '../../kube/client/client.ts'
import type { PullSecretAuthor } from '../../pull-secrets/authorship.ts'
import type { EventRecorder } from '../../reconcile/events.ts'
import type { Request } from '../../reconcile/request.ts'
import type { LoginIssuer } from '../../registry/issue.ts'
import type { PullSecretSettings } from '../../settings/pull-secrets.ts'
import type { Registries } from '../../settings/registries.ts'

/** A cluster that applications go to, by its own credentials. */
export interface TargetCluster {
  readonly server: string
  readonly client: KubeClient
  /** Where the cluster is limited to these; empty: all. */
  readonly namespaces: readonly string[]
}

/** A pod of an Application that waits for an image. */
export interface StuckPod {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly images: readonly string[]
}

/** What an Application uses, as its last comparison has it. */
export interface ApplicationUses {
  readonly server: string
  /** Images by namespace. */
  readonly images: ReadonlyMap<string, ReadonlySet<string>>
  readonly stuck: readonly StuckPod[]
}

export interface PullSecretsDependencies {
  /** The control plane's own cluster. */
  readonly client: KubeClient
  readonly events: EventRecorder
  readonly clock: Clock
  readonly log: Log
  /** Namespace of the control plane. */
  readonly namespace: string
  readonly issuer: LoginIssuer
  /** The control plane as it signs its Secrets; the same object until it is another one. */
  readonly author: () => PullSecretAuthor
  /** The same object until a Secret changes. */
  readonly registries: () => Registries
  readonly settings: () => PullSecretSettings
  /** Those whose cluster is looked after here. */
  readonly applications: () => readonly Application[]
  /** Any, whoever looks after it; undefined where there is none. */
  readonly application: (request: Request) => Application | undefined
  readonly projectOf: (name: string) => AppProject | undefined
  /** Whether an Application's cluster is looked after here. */
  readonly isOurs: (application: Application) => boolean
  /** The server of an Application's destination; empty where it names none that is known. */
  readonly serverOf: (application: Application) => string
  /** Undefined where it could not be compared yet. */
  readonly usesOf: (application: Application) => ApplicationUses | undefined
  /** Servers of all clusters that are known. */
  readonly servers: () => readonly string[]
  /** Undefined where the cluster is not known or not ours. */
  readonly clusterOf: (server: string) => TargetCluster | undefined
  /** Asks for the conditions of an Application to be written anew. */
  readonly tell: (request: Request) => void
  readonly metrics?: Metrics
  /** Names this controller among several that share the clusters; default: there is one. */
  readonly shard?: string
  /** 0 to 1; spreads renewals. */
  readonly random: () => number
  readonly times?: Partial<PullSecretTimes>
}

export interface PullSecretTimes {
  /** A Secret that nobody uses any more is kept for so long: what uses it may just be on its way. */
  readonly graceMs: number
  /** Between two attempts to issue a login that failed. */
  readonly retryMs: number
  /** Changes of an Application that come together are looked at together. */
  readonly settleMs: number
  /** Usage is written at most so often. */
  readonly usageMs: number
}

export const DEFAULT_TIMES: PullSecretTimes = { graceMs: 10_000, retryMs: 60_000, settleMs: 300, usageMs: 5_000 }
