// Wires the API server's services to the caches and stages of this process.
import type { Clock } from '../base/clock.ts'
import { messageOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Metrics } from '../base/metrics.ts'
import { rfc3339Seconds } from '../base/rfc3339.ts'
import type { Secret } from '../base/secret.ts'
import { connectCluster } from '../controllers/applications/cluster-client.ts'
import type { AppProject } from '../crds/app-project.ts'
import type { Application } from '../crds/application.ts'
import type { Desired } from '../desired/contract.ts'
import { describeSource, findApps } from '../desired/source-details.ts'
import type { KubeClient } from '../kube/client/client.ts'
import type { Informer } from '../kube/client/informer.ts'
import {
  createAuthenticator,
  type Account,
  type Authenticator,
  type FederatedLogins,
} from '../server/auth/authenticator.ts'
import type { ApplicationSets, ApplicationViews, Cluster, Repositories, ServerContext } from '../server/context.ts'
import { createRevocations } from '../server/auth/revocations.ts'
import { createRowReader } from '../server/services/page/application-row.ts'
import { ConnectionStates } from '../server/services/repositories/connection-states.ts'
import { SettingsStore } from '../server/settings-store.ts'
import { CLUSTER_REFRESH_ANNOTATION, IN_CLUSTER_SERVER, type Cluster as SettingsCluster } from '../settings/clusters.ts'
import { SECRET_TYPE_LABEL } from '../settings/repositories.ts'
import { effectiveProject } from '../policy/effective-project.ts'
import type { Plugins } from '../render/plugin/plugins.ts'
import type { RefLister, SourceProvider } from '../source/provider.ts'
import { isSameSecret } from '../source/webhooks/proof.ts'
import type { EventRecorder } from '../reconcile/events.ts'
import type { ControlPlaneState } from './control-plane-state.ts'
import type { GitAccessSources } from './git-access.ts'
import type { LuaHost } from './lua-host.ts'
import { createRegistryDesk } from './registry-desk.ts'
import { createRepositoryQuestions } from './repository-questions.ts'
import type { ClusterState, ServedClusters } from './served-clusters.ts'
import { VERSION } from './version.ts'
import type { MeasureTransport } from './request-metrics.ts'

/** Tells the page that the nodes of a cluster are simulated. */
const SIMULATED = { 'capstan.dev/simulated': 'true' }

export interface ServerContextOptions {
  readonly client: KubeClient
  readonly namespace: string
  /** In which namespaces besides the control plane's own Applications may stand; absent: in none. */
  readonly allowsNamespace?: (namespace: string) => boolean
  readonly clock: Clock
  readonly log: Log
  readonly applications: Informer<Application>
  readonly projects: Informer<AppProject>
  readonly applicationSets?: ApplicationSets
  readonly state: ControlPlaneState
  readonly git: SourceProvider & RefLister
  readonly desired: Desired
  readonly plugins?: Plugins
  readonly views: ApplicationViews
  readonly destinations: ServedClusters
  readonly lua: LuaHost
  readonly events: EventRecorder
  readonly isSimulated?: boolean
  readonly metrics?: Metrics
  readonly measure?: MeasureTransport
  readonly dataDir: string
  readonly federated?: FederatedLogins
  /** A token that counts as the admin's. */
  readonly letIn?: Secret
  /** Where access to repositories is looked up. */
  readonly access: GitAccessSources
}

export function createServerContext(options: ServerContextOptions): ServerContext {
  const { client, namespace, clock, log, applications, projects, state, desired, destinations, lua, events } = options
  const { measure } = options
  const store = new SettingsStore({ ...options, ...state })
  return {
    client,
    namespace,
    ...(options.allowsNamespace === undefined ? {} : { allowsNamespace: options.allowsNamespace }),
    clock,
    log,
    applications,
    applicationRow: createRowReader(),
    projects,
    effectiveProject: (name) => findEffective(options, name),
    desired,
    ...(options.applicationSets === undefined ? {} : { applicationSets: options.applicationSets }),
    accounts: () => state.accounts(),
    settings: () => state.settings(),
    store,
    version: VERSION,
    ...(options.metrics === undefined ? {} : { metrics: options.metrics }),
    views: options.views,
    authenticator: authenticatorOf(options, store),
    isAllowed: (identity, resource, action, object) =>
      state.accessPolicy().isAllowed(identity, { resource, action, object }),
    clusterOf: (destination) => destinations.access(destination),
    connectCluster: (cluster) =>
      connectCluster(cluster, { clock, env: process.env, ...(measure === undefined ? {} : { measure }) }),
    clusters: () => describeClusters(options),
    repositories: createRepositories(options),
    registries: createRegistryDesk(options),
    resourceActions: {
      list: (object) => lua.actions().discover(object),
      run: (object, action, parameters) => lua.actions().run(object, action, { parameters, now: clock.now() }),
    },
    recordEvent: (object, reason, message) => events.record(object, { type: 'Normal', reason, message }),
    pluginNames: async () => (await options.plugins?.names()) ?? [],
    publicSettings: () => ({
      url: state.settings().url,
      passwordPattern: state.settings().passwordPattern,
      trackingMethod: state.settings().tracking.method,
      appLabelKey: state.settings().tracking.labelKey,
      statusBadgeEnabled: state.settings().statusBadgeEnabled,
      statusBadgeRootUrl: state.settings().statusBadgeUrl,
      ...signOnSettings(state),
    }),
  }
}

function authenticatorOf(options: ServerContextOptions, store: SettingsStore): Authenticator {
  const { state, projects, namespace, clock, letIn } = options
  const authenticator = createAuthenticator({
    clock,
    account: (name) => findAccount(state, name),
    project: (name) => projects.get(namespace, name),
    ...(options.federated === undefined ? {} : { federated: options.federated }),
    revocations: createRevocations(store, clock),
    signingKey: () => state.signingKey(),
    sessionMs: () => state.settings().sessionDurationMs,
  })
  if (letIn === undefined) return authenticator
  const admin = { subject: 'admin', username: 'admin', issuer: 'argocd', groups: [], issuedAt: 0 }
  return {
    ...authenticator,
    identify: async (token) => (isSameSecret(token, letIn.reveal()) ? admin : authenticator.identify(token)),
    renew: async (identity) => (identity === admin ? undefined : authenticator.renew(identity)),
  }
}

/** What a client needs to log in by the provider: upstream's message OIDCConfig. */
function signOnSettings(state: ControlPlaneState): object {
  const oidc = state.oidc()
  if (oidc === undefined) return {}
  const { name, issuer, clientId, cliClientId, scopes, idTokenClaims, isPkceEnabled } = oidc
  const client = { clientID: clientId, cliClientID: cliClientId, enablePKCEAuthentication: isPkceEnabled }
  return { oidcConfig: { name, issuer, ...client, scopes, idTokenClaims } }
}

/** The project as the engine holds applications against it. */
function findEffective({ projects, namespace, state }: ServerContextOptions, name: string): AppProject | undefined {
  const projectOf = (other: string): AppProject | undefined => projects.get(namespace, other)
  const project = projectOf(name)
  if (project === undefined) return undefined
  const isOwn = (registered: { readonly project: string }): boolean => registered.project === name
  return effectiveProject(project, {
    projectOf,
    globalProjects: state.settings().globalProjects,
    repositories: state
      .registered()
      .repositories.filter(isOwn)
      .map(({ url }) => url),
    clusters: state.clusters().filter(isOwn),
  })
}

/** An account of argocd-cm and argocd-secret as the authenticator asks for it. */
function findAccount(state: ControlPlaneState, name: string): Account | undefined {
  const account = state.accounts().get(name)
  if (account === undefined) return undefined
  const { enabled, capabilities, passwordHash, passwordMtime, tokens } = account
  return {
    name,
    enabled,
    capabilities,
    passwordHash: passwordHash?.reveal(),
    passwordChangedMs: passwordMtime === undefined ? undefined : Date.parse(passwordMtime),
    tokenIds: tokens.map(({ id }) => id),
  }
}

function createRepositories(options: ServerContextOptions): Repositories {
  const { state, git, plugins } = options
  const questions = createRepositoryQuestions(options)
  const states = new ConnectionStates({ ...options, test: (repository, signal) => questions.test(repository, signal) })
  return {
    ...questions,
    connection: (repository, isFresh, signal) => states.of(repository, isFresh, signal),
    registered: () => state.registered(),
    writable: () => state.writable(),
    refs: (repoURL, project, signal) => git.listRefs(repoURL, project, signal),
    async apps(location, project, signal) {
      const { tree } = await git.open(location, { project, freshness: 'cached', signal })
      return findApps(tree, signal)
    },
    async file(location, path, { project, signal }) {
      const { tree } = await git.open(location, { project, freshness: 'cached', signal })
      const file = await tree.readFile(path, signal)
      return file === undefined ? undefined : new TextDecoder().decode(file.bytes)
    },
    async details(source, project, signal) {
      const { tree, revision } = await git.open(source, { project, freshness: 'cached', signal })
      const application = { name: '', namespace: '', project, destinationNamespace: '' }
      const cluster = { kubeVersion: '', apiVersions: [] }
      const over = plugins?.over(tree, { application, source, revision, cluster })
      return describeSource(source, tree, { signal, ...(over === undefined ? {} : { plugins: over }) })
    },
  }
}

/** Upstream's message Cluster, without credentials. */
async function describeClusters(options: ServerContextOptions): Promise<readonly Cluster[]> {
  const { state, destinations, applications } = options
  const used = [...applications.list()]
  // Those whose Secrets cannot be read are told too, each with its reason.
  const all = [...state.clusters(), ...destinations.broken()]
  return Promise.all(
    all.map(async (cluster) => {
      const { server, name } = cluster
      const isOf = ({ spec }: Application): boolean =>
        spec.destination.server === server || spec.destination.name === name
      const count = used.filter(isOf).length
      const told = await destinations.stateOf(server, count > 0)
      const state = server === IN_CLUSTER_SERVER ? await ownState(told, options) : told
      return describeCluster(cluster, { ...options, count, state })
    }),
  )
}

/** The control plane's own cluster is talked to all the time, be it a destination or not. */
async function ownState(told: ClusterState, { client }: ServerContextOptions): Promise<ClusterState> {
  if (told.connection.status !== 'Unknown') return told
  try {
    const { gitVersion } = await client.serverVersion()
    return { ...told, connection: { status: 'Successful', message: '' }, version: gitVersion }
  } catch (error) {
    return { ...told, connection: { status: 'Failed', message: messageOf(error) } }
  }
}

/** Kept by the API itself: no business of those who read labels and annotations of a cluster (`SecretToCluster`). */
const OWN_KEYS: ReadonlySet<string> = new Set([
  SECRET_TYPE_LABEL,
  'managed-by',
  'kubectl.kubernetes.io/last-applied-configuration',
  CLUSTER_REFRESH_ANNOTATION,
])

function foreignTexts(texts: Readonly<Record<string, string>>): Readonly<Record<string, string>> | undefined {
  const entries = Object.entries(texts).filter(([key]) => !OWN_KEYS.has(key))
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

/** What may be shown of how a cluster is logged in to (`Cluster.Sanitized`). */
function shownConfig({ connection }: SettingsCluster): NonNullable<Cluster['config']> {
  const { insecure, tlsServerName, proxyUrl, disableCompression, aws } = connection
  return {
    tlsClientConfig: {
      insecure: insecure === true,
      ...(tlsServerName === undefined ? {} : { serverName: tlsServerName }),
    },
    ...(proxyUrl === undefined ? {} : { proxyUrl }),
    ...(disableCompression === true ? { disableCompression } : {}),
    ...(aws === undefined ? {} : { awsAuthConfig: aws }),
  }
}

function describeCluster(
  cluster: SettingsCluster,
  more: Pick<ServerContextOptions, 'clock' | 'isSimulated'> & { readonly count: number; readonly state: ClusterState },
): Cluster {
  const { connection: told, version = '', kinds = 0, objects = 0 } = more.state
  const connectionState = { ...told, attemptedAt: rfc3339Seconds(more.clock.now()) }
  const serverVersion = version === '' ? {} : { serverVersion: version }
  return {
    ...registeredFields(cluster, more.isSimulated === true),
    connectionState,
    ...serverVersion,
    info: {
      connectionState,
      applicationsCount: more.count,
      ...serverVersion,
      cacheInfo: kinds === 0 ? {} : { apisCount: kinds, resourcesCount: objects },
    },
  }
}

function registeredFields(cluster: SettingsCluster, isSimulated: boolean): Cluster {
  const { server, name, namespaces, project, clusterResources, shard } = cluster
  const marks = isSimulated && server === IN_CLUSTER_SERVER ? SIMULATED : {}
  const annotations = foreignTexts({ ...cluster.annotations, ...marks })
  const labels = foreignTexts(cluster.labels)
  return {
    server,
    name,
    ...(annotations === undefined ? {} : { annotations }),
    ...(labels === undefined ? {} : { labels }),
    config: shownConfig(cluster),
    ...(clusterResources ? { clusterResources } : {}),
    ...(shard === undefined ? {} : { shard }),
    ...(namespaces.length === 0 ? {} : { namespaces }),
    ...(project === '' ? {} : { project }),
  }
}
