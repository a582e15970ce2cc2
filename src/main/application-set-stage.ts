// What ApplicationSets are generated with in this process: what generators may ask, and ApplicationSets as the cluster has them.
import { Secret } from '../base/secret.ts'
import { CapstanError } from '../base/errors.ts'
import { type FollowedSets, followSets } from '../controllers/application-sets/followed-sets.ts'
import { API_GROUP } from '../crds/application.ts'
import type { GeneratorServices, ObjectQuery, SecretContent, SetGeneration } from '../generators/contract.ts'
import { createHttpClient } from '../generators/http-client.ts'
import type { AppProject } from '../crds/app-project.ts'
import type { KubeClient } from '../kube/client/client.ts'
import type { Informer } from '../kube/client/informer.ts'
import type { KubeObject } from '../kube/object.ts'
import { IN_CLUSTER_NAME, IN_CLUSTER_SERVER } from '../settings/clusters.ts'
import { SECRET_TYPE_LABEL } from '../settings/repositories.ts'
import type { SourceProvider } from '../source/provider.ts'
import type { RepositoryLogins } from '../source/tokens/repository-login.ts'
import {
  allowsNamespaceOf,
  type ApplicationSetSettings,
  applicationSetSettings,
  warnOnce,
} from './application-set-settings.ts'
import type { ControlPlaneOptions } from './control-plane-options.ts'
import type { ControlPlaneState } from './control-plane-state.ts'
import type { ForgeParts } from './forges.ts'
import { openGeneratorTree } from './generator-trees.ts'
import { isGpgEnabled } from './signature-keys.ts'
import type { Started } from './started.ts'
import { untilServed } from './until-served.ts'

/** What generators ask is answered from these. */
export interface GeneratorSources {
  readonly state: ControlPlaneState
  readonly sources: SourceProvider
  readonly projects: Informer<AppProject>
  readonly logins: Pick<RepositoryLogins, 'githubToken'>
}

/** What both the controller and the API server generate with. */
export interface ApplicationSetStage {
  /** Loads everything that generates; by default with the services of this stage. */
  readonly loadGeneration: (services?: GeneratorServices) => Promise<SetGeneration>
  readonly services: GeneratorServices
  readonly settings: () => ApplicationSetSettings
  readonly followed: FollowedSets
  /** True for other namespaces whose ApplicationSets count; undefined where none do. */
  readonly allowsNamespace: ((namespace: string) => boolean) | undefined
}

/** Resolves when ApplicationSets are read; nothing else is asked of anybody before somebody generates. */
export async function startApplicationSetStage(
  options: ControlPlaneOptions,
  stages: GeneratorSources,
  started: Started,
): Promise<ApplicationSetStage> {
  const { namespace, log, clock } = options
  const { state, logins } = stages
  const warn = warnOnce(log)
  const settings = settingsReader(() => state.configMaps.get(namespace, 'argocd-cmd-params-cm'), warn)
  const client = started.add(createHttpClient(), (made) => made.close())
  await untilServed(options.client, { group: API_GROUP, version: 'v1alpha1', kind: 'ApplicationSet' }, options)
  const allowsNamespace = allowsNamespaceOf(settings().namespaces)
  const permitted = allowsNamespace === undefined ? {} : { allowsNamespace }
  const followed = started.add(await followSets({ ...options, ...permitted }), (sets) => sets.stop())
  const services: GeneratorServices = {
    controlNamespace: namespace,
    http: client.http,
    get scm() {
      return settings().scm
    },
    get git() {
      return settings().git
    },
    ...readers(options, stages),
  }
  return {
    loadGeneration: (own = services) => loadGeneration(own, { clock, state, logins, scm: () => settings().scm }),
    services,
    settings,
    followed,
    allowsNamespace,
  }
}

/** Templates, generators and forges are code that a control plane without ApplicationSets never needs. */
async function loadGeneration(services: GeneratorServices, parts: ForgeParts): Promise<SetGeneration> {
  const [{ createGeneration }, { forgeGenerators }] = await Promise.all([
    import('../generators/generation.ts'),
    import('./forges.ts'),
  ])
  return createGeneration({ forges: forgeGenerators(parts), services, nowMs: () => parts.clock.now() })
}

/** Read again only when the ConfigMap has changed: each change of an Application asks. */
function settingsReader(
  parameters: () => KubeObject | undefined,
  warn: (message: string) => void,
): () => ApplicationSetSettings {
  let madeOf = parameters()
  let known = applicationSetSettings(madeOf, process.env, warn)
  return () => {
    const current = parameters()
    if (current === madeOf) return known
    madeOf = current
    known = applicationSetSettings(current, process.env, warn)
    return known
  }
}

type Readers = Omit<GeneratorServices, 'controlNamespace' | 'http' | 'scm' | 'git'>

function readers(
  { client, namespace }: Pick<ControlPlaneOptions, 'client' | 'namespace'>,
  { state, sources, projects }: GeneratorSources,
): Readers {
  const projectOf = (name: string): AppProject | undefined => projects.get(namespace, name)
  const trees = { sources, projectOf, isGpgEnabled: isGpgEnabled(process.env) }
  const find = async (
    kind: 'Secret' | 'ConfigMap',
    place: Place,
    signal: AbortSignal,
  ): Promise<KubeObject | undefined> => {
    const informer = kind === 'Secret' ? state.secrets : state.configMaps
    return place.namespace === namespace ? informer.get(namespace, place.name) : read(client, kind, place, signal)
  }
  return {
    readSecret: async (own, name, signal) => secretContent(await find('Secret', { namespace: own, name }, signal)),
    readConfigMap: async (own, name, signal) => textsOf(await find('ConfigMap', { namespace: own, name }, signal)),
    clusterSecrets: () =>
      [...state.secrets.list()].filter(({ metadata }) => metadata.labels?.[SECRET_TYPE_LABEL] === 'cluster'),
    clusters: () => withInCluster(state.clusters()),
    listObjects: (query, signal) => listObjects(client, namespace, { query, signal }),
    openTree: (query, signal) => openGeneratorTree(trees, query, signal),
  }
}

interface Place {
  readonly namespace: string
  readonly name: string
}

async function read(
  client: KubeClient,
  kind: string,
  { namespace, name }: Place,
  signal: AbortSignal,
): Promise<KubeObject | undefined> {
  const type = await client.resourceOf({ group: '', kind }, signal)
  return type === undefined ? undefined : client.get({ type, namespace, name }, signal)
}

function secretContent(secret: KubeObject | undefined): SecretContent | undefined {
  if (secret === undefined) return undefined
  const data = Object.entries(dataOf(secret)).map(
    ([key, value]) => [key, new Secret(Buffer.from(value, 'base64').toString('utf8'))] as const,
  )
  return { labels: secret.metadata.labels ?? {}, data: new Map(data) }
}

function textsOf(configMap: KubeObject | undefined): Readonly<Record<string, string>> | undefined {
  return configMap === undefined ? undefined : dataOf(configMap)
}

function dataOf(object: KubeObject): Readonly<Record<string, string>> {
  const data: unknown = 'data' in object ? object.data : undefined
  if (typeof data !== 'object' || data === null) return {}
  return Object.fromEntries(
    Object.entries(data).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

/** Upstream counts the control plane's own cluster always. */
function withInCluster<T extends Named>(clusters: readonly T[]): readonly Named[] {
  const hasOwn = clusters.some(({ server }) => server === IN_CLUSTER_SERVER)
  return hasOwn ? clusters : [...clusters, { name: IN_CLUSTER_NAME, server: IN_CLUSTER_SERVER }]
}

interface Named {
  readonly name: string
  readonly server: string
}

async function listObjects(
  client: KubeClient,
  namespace: string,
  { query, signal }: { readonly query: ObjectQuery; readonly signal: AbortSignal },
): Promise<readonly KubeObject[]> {
  const { group, version, resource, name, labelSelector } = query
  const served = await client.resources(signal)
  const type = served.find(
    (one) => one.group === group && (one.resource === resource || one.kind.toLowerCase() === resource.toLowerCase()),
  )
  if (type === undefined) throw new CapstanError('not-found', 'the server could not find the requested resource')
  const { items } = await client.list(
    { ...type, version },
    {
      namespace,
      signal,
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(name === undefined ? {} : { fieldSelector: `metadata.name=${name}` }),
    },
  )
  return items
}
