// What the services stand on: caches, clients and stages, handed in by main/.
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Metrics } from '../base/metrics.ts'
import type { Secret } from '../base/secret.ts'
import type { ApplicationDestination, Application } from '../crds/application.ts'
import type { AppProject } from '../crds/app-project.ts'
import type { ApplicationSet } from '../crds/application-set.ts'
import type { Message } from '../crds/message-type.ts'
import type { ApplicationTree, ResourceDiff } from '../crds/tree.ts'
import type { Desired } from '../desired/contract.ts'
import type { ChangePlan } from '../generators/plan.ts'
import type { KubeClient } from '../kube/client/client.ts'
import type { Informer } from '../kube/client/informer.ts'
import type { KubeObject } from '../kube/object.ts'
import type { ImageCheck, ImageQuestion } from '../registry/check-image.ts'
import type { LocalAccount } from '../settings/accounts.ts'
import type { Cluster as RegisteredCluster } from '../settings/clusters.ts'
import type { ControlPlaneSettings } from '../settings/control-plane.ts'
import type { Registries } from '../settings/registries.ts'
import type { RegistryCredential } from '../settings/registry-credential.ts'
import type { RegisteredRepositories, Repository } from '../settings/repositories.ts'
import type { SourceLocation } from '../source/provider.ts'
import type { Authenticator } from './auth/authenticator.ts'
import type { Identity } from './auth/identity.ts'
import type { ApplicationRow } from './services/page/application-row.ts'
import type { SettingsStore } from './settings-store.ts'

export interface ApplicationRef {
  readonly namespace: string
  readonly name: string
}

/** What the controller knows of an application beyond its resource; computed on demand. */
export interface ApplicationViews {
  resourceTree(application: ApplicationRef): Promise<ApplicationTree>
  /** Wanted, live and predicted states as JSON text; secrets masked. */
  managedResources(application: ApplicationRef): Promise<readonly ResourceDiff[]>
  /** A live object of the application's tree without what was filled into its manifests; absent: nothing ever is. */
  hideSecrets?(application: ApplicationRef, object: KubeObject): KubeObject | Promise<KubeObject>
  /** Calls `listener` when the tree may have changed; the result stops it. */
  onTreeChange(application: ApplicationRef, listener: () => void): () => void
}

/** A destination cluster as the services need it. */
export interface ClusterAccess {
  readonly server: string
  readonly name: string
  /** The project it is registered for alone; empty: any may use it. */
  readonly project: string
  readonly client: KubeClient
  readonly kubeVersion: string
  readonly apiVersions: readonly string[]
}

/** A destination as clients see it. */
export type Cluster = Message<'Cluster'>

/** What can be asked about repositories, registered or not. */
export interface Repositories {
  registered(): RegisteredRepositories
  /** Those that hydrated manifests are written to. */
  writable(): RegisteredRepositories
  /** Throws, with what to do about it, where a repository with these credentials does not answer. */
  test(repository: Repository, signal: AbortSignal): Promise<void>
  /** Whether it lets us in: as it was up to a minute ago, or now. */
  connection(repository: Repository, isFresh: boolean, signal: AbortSignal): Promise<Message<'ConnectionState'>>
  /** Names and versions of a repository of charts. */
  charts(
    repository: Repository,
    signal: AbortSignal,
  ): Promise<readonly { readonly name: string; readonly versions: readonly string[] }[]>
  /** Tags of an OCI repository. */
  tags(repository: Repository, signal: AbortSignal): Promise<readonly string[]>
  refs(
    repoURL: string,
    project: string,
    signal: AbortSignal,
  ): Promise<{ readonly branches: readonly string[]; readonly tags: readonly string[] }>
  /** Folders of a revision that hold a chart, a kustomization or manifests. */
  apps(
    location: SourceLocation,
    project: string,
    signal: AbortSignal,
  ): Promise<readonly { readonly type: string; readonly path: string }[]>
  /** The text of a file of a source; undefined where there is none. */
  file(
    location: SourceLocation,
    path: string,
    options: { readonly project: string; readonly signal: AbortSignal },
  ): Promise<string | undefined>
  /** Upstream's message RepoAppDetailsResponse for a source. */
  details(
    source: Readonly<Record<string, unknown>> & SourceLocation,
    project: string,
    signal: AbortSignal,
  ): Promise<unknown>
}

/** What the controllers have written down of a registry credential. */
export interface RegistryUse {
  readonly secretName: string
  /** `namespace/name` */
  readonly applications: readonly string[]
  readonly places: readonly { readonly server: string; readonly namespace: string }[]
  readonly applicationCount: number
  readonly namespaceCount: number
  /** RFC 3339 */
  readonly issuedAt?: string
  readonly expiresAt?: string
  readonly errors: readonly string[]
}

/** Registered registries, and what can be asked about them. */
export interface RegistryDesk {
  registered(): Registries
  /** Logs in as pods would. Throws, with the registry's or the cloud's words, where that fails. */
  test(credential: RegistryCredential, signal: AbortSignal): Promise<void>
  /** Whether it takes its login: asked at most once a minute while the credential is the same, or now with `isFresh`. */
  connection(credential: RegistryCredential, isFresh: boolean, signal: AbortSignal): Promise<Message<'ConnectionState'>>
  /** Undefined where no controller has looked at it. */
  use(credential: RegistryCredential): RegistryUse | undefined
  /** Which credential an image would be pulled with, and whether the registry takes it. */
  check(question: ImageQuestion, signal: AbortSignal): Promise<ImageCheck>
}

/** An action as clients see it: upstream's message ResourceAction. */
export type ListedAction = Message<'ResourceAction'>

/** What an action does to the cluster; `patch` holds the whole object as it should become. */
export interface ActionChange {
  readonly operation: 'create' | 'patch'
  readonly object: KubeObject
}

/** What may be done to live objects; errors are CapstanErrors for the caller. */
export interface ResourceActions {
  list(object: KubeObject): readonly ListedAction[]
  run(object: KubeObject, action: string, parameters: Readonly<Record<string, string>>): readonly ActionChange[]
}

/** ApplicationSets as the services need them. */
export interface ApplicationSets {
  readonly sets: Informer<ApplicationSet>
  /** Whether ApplicationSets of a namespace count. */
  readonly isNamespaceEnabled: (namespace: string) => boolean
  /** What an ApplicationSet would generate now. Throws with what went wrong. */
  readonly generate: (set: ApplicationSet, signal: AbortSignal) => Promise<readonly Application[]>
  /** What the controller would do with what was generated. */
  readonly plan: (set: ApplicationSet, generated: readonly Application[]) => ChangePlan
}

export interface ServerContext {
  /** The control plane's namespace: `argocd`. */
  readonly namespace: string
  /** In which namespaces besides the control plane's own Applications may stand; absent: in none. */
  readonly allowsNamespace?: (namespace: string) => boolean
  readonly client: KubeClient
  readonly applications: Informer<Application>
  /** What the list looks at of an application, computed once for each of its states. */
  readonly applicationRow: (application: Application) => ApplicationRow
  readonly projects: Informer<AppProject>
  /** Absent: there are none. */
  readonly applicationSets?: ApplicationSets
  /** A project with its global projects and what is registered for it alone; undefined where there is none. */
  readonly effectiveProject: (name: string) => AppProject | undefined
  readonly views: ApplicationViews
  readonly desired: Desired
  readonly authenticator: Authenticator
  /** Local accounts by name; `admin` is always there. */
  readonly accounts: () => ReadonlyMap<string, LocalAccount>
  readonly settings: () => ControlPlaneSettings
  /** Where calls change the control plane's Secrets and ConfigMaps. */
  readonly store: SettingsStore
  /** RBAC: may this identity do it? Objects are written as RBAC has them: `project/application`. */
  readonly isAllowed: (identity: Identity, resource: string, action: string, object: string) => boolean
  /** Throws `bad-input` naming a destination that is no registered cluster. */
  readonly clusterOf: (destination: ApplicationDestination) => Promise<ClusterAccess>
  /** A client for a cluster that may not be registered; the caller closes it. Throws `bad-input` naming what is wrong. */
  readonly connectCluster: (cluster: RegisteredCluster) => KubeClient
  /** Every registered cluster with the state of its connection. */
  readonly clusters: () => Promise<readonly Cluster[]>
  readonly repositories: Repositories
  readonly registries: RegistryDesk
  readonly resourceActions: ResourceActions
  /** Writes an Event about an object, in upstream's words: `<user> <text>`. */
  readonly recordEvent: (object: KubeObject, reason: string, message: string) => void
  /** Names of the config management plug-ins; absent: there are none. */
  readonly pluginNames?: () => Promise<readonly string[]>
  /** What argocd-cm says that clients may know: upstream's fields of the message Settings. */
  readonly publicSettings: () => Readonly<Record<string, unknown>>
  readonly clock: Clock
  readonly log: Log
  /** Where figures of calls are told; nowhere by default. */
  readonly metrics?: Metrics
  /** Capstan's version, `v0.1.0`. */
  readonly version: string
}

/** One call being answered. */
export interface Call {
  readonly context: ServerContext
  /** Undefined where nobody is logged in. */
  readonly identity: Identity | undefined
  /** The token the caller came with. */
  readonly token: Secret | undefined
  readonly signal: AbortSignal
  /** The requests of a call whose client streams. */
  readonly messages?: AsyncIterable<Readonly<Record<string, unknown>>>
}

/** A handler gives the answer message, or a stream of them for calls that stream. Requests are read against the message tables. */
export type Handler = (request: Readonly<Record<string, unknown>>, call: Call) => Promise<unknown>

/** Handlers by method name, of one service. */
export type ServiceHandlers = Readonly<Record<string, Handler>>

/** Marks an answer that is a stream of messages. */
export class StreamAnswer {
  readonly messages: AsyncIterable<unknown>

  constructor(messages: AsyncIterable<unknown>) {
    this.messages = messages
  }
}
