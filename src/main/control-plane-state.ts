// The control plane's Secrets and ConfigMaps, watched and read into settings: what everything else asks for credentials and switches.
import type { Clock } from '../base/clock.ts'
import { CapstanError, messageOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { Secret } from '../base/secret.ts'
import type { AppProject } from '../crds/app-project.ts'
import type { KubeClient } from '../kube/client/client.ts'
import { Informer } from '../kube/client/informer.ts'
import type { KubeObject } from '../kube/object.ts'
import { createAccessPolicy, parseRbacSettings, type AccessPolicy } from '../policy/rbac/access.ts'
import { parseAccounts, type LocalAccount } from '../settings/accounts.ts'
import { IN_CLUSTER, parseCluster, type Cluster } from '../settings/clusters.ts'
import { parseControlPlaneSettings, resolveReference, type ControlPlaneSettings } from '../settings/control-plane.ts'
import { readConfigMap, readSecret } from '../settings/map-reader.ts'
import { parseOidcSettings, type OidcSettings } from '../settings/oidc.ts'
import { parseTlsCertificates } from '../settings/known-hosts.ts'
import {
  parseDecryptionKeys,
  parseVaultSettings,
  type DecryptionKeys,
  type VaultSettings,
} from '../settings/secret-keys.ts'
import { isRegistrySecret, readRegistries, type Registries } from '../settings/registries.ts'
import {
  parseCredentialTemplate,
  parseRepository,
  SECRET_TYPE_LABEL,
  type RegisteredRepositories,
} from '../settings/repositories.ts'

export interface ControlPlaneState {
  readonly secrets: Informer
  readonly configMaps: Informer
  settings(): ControlPlaneSettings
  accounts(): ReadonlyMap<string, LocalAccount>
  signingKey(): Secret
  registered(): RegisteredRepositories
  /** What hydrated manifests are written with. */
  writable(): RegisteredRepositories
  /** Registries of images, and what was meant as one. */
  registries(): Registries
  /** Keys of encrypted files; the same list until a Secret changes. */
  decryptionKeys(): readonly DecryptionKeys[]
  vaults(): readonly VaultSettings[]
  /** The in-cluster one, where it is enabled, and every registered one. */
  clusters(): readonly Cluster[]
  accessPolicy(): AccessPolicy
  /** Single sign-on; the same object until the setting changes. */
  oidc(): OidcSettings | undefined
  /** Lines of a known_hosts file. */
  knownHosts(): string
  /** PEM certificates by host name. */
  tlsCertificates(): ReadonlyMap<string, string>
  stop(): Promise<void>
}

export interface ControlPlaneStateOptions {
  readonly client: KubeClient
  readonly namespace: string
  readonly clock: Clock
  readonly log: Log
  readonly projectOf: (name: string) => AppProject | undefined
}

/** Starts watching and resolves when both caches are filled. */
export async function watchControlPlane(options: ControlPlaneStateOptions): Promise<ControlPlaneState> {
  const { namespace, log, projectOf } = options
  const [secrets, configMaps] = await Promise.all([
    startInformer(options, 'Secret'),
    startInformer(options, 'ConfigMap'),
  ])
  const reader = new Reader(secrets, configMaps, namespace, log)
  const configMap = (name: string): KubeObject | undefined => configMaps.get(namespace, name)
  const emptyMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'argocd-cm', namespace } }
  const emptySecret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'argocd-secret', namespace } }
  const settings = reader.of(
    'configMaps',
    () => parseControlPlaneSettings(configMap('argocd-cm'), (message) => log.warn(message)),
    parseControlPlaneSettings(undefined),
  )
  return {
    secrets,
    configMaps,
    settings,
    accounts: reader.of(
      'both',
      () => parseAccounts(configMap('argocd-cm') ?? emptyMap, secrets.get(namespace, 'argocd-secret') ?? emptySecret),
      new Map(),
    ),
    signingKey: () => signingKeyOf(secrets.get(namespace, 'argocd-secret')),
    registered: reader.of('secrets', () => readRegistered(reader, READING), { repositories: [], templates: [] }),
    writable: reader.of('secrets', () => readRegistered(reader, WRITING), { repositories: [], templates: [] }),
    registries: reader.of('secrets', () => readRegistries(secrets.list()), { credentials: [], problems: [] }),
    decryptionKeys: reader.of('secrets', () => reader.parsed('decryption', parseDecryptionKeys), []),
    vaults: reader.of('secrets', () => reader.parsed('vault', parseVaultSettings), []),
    clusters: reader.of('both', () => readClusters(reader, settings().inClusterEnabled), [IN_CLUSTER]),
    accessPolicy: reader.of(
      'configMaps',
      () => createAccessPolicy(parseRbacSettings(configMap('argocd-rbac-cm')), projectOf),
      createAccessPolicy(parseRbacSettings(undefined), projectOf),
    ),
    oidc: reader.of('both', () => readOidc(configMap('argocd-cm'), (name) => secrets.get(namespace, name)), undefined),
    knownHosts: () => textOf(configMap('argocd-ssh-known-hosts-cm'), 'ssh_known_hosts'),
    tlsCertificates: reader.of('configMaps', () => parseTlsCertificates(configMap('argocd-tls-certs-cm')), new Map()),
    async stop() {
      await Promise.all([secrets.stop(), configMaps.stop()])
    },
  }
}

async function startInformer(
  { client, namespace, clock, log }: ControlPlaneStateOptions,
  kind: string,
): Promise<Informer> {
  const type = await client.resourceOf({ group: '', kind })
  if (type === undefined) throw new CapstanError('unavailable', `the cluster serves no ${kind}s`)
  const informer = new Informer({ client, type, namespace, clock, log })
  informer.start()
  await informer.hasSynced
  return informer
}

type Sources = 'secrets' | 'configMaps' | 'both'

/** Reads again only after something has changed; a value that can no longer be read is reported and the last good one kept. */
class Reader {
  readonly secrets: Informer
  readonly configMaps: Informer
  readonly namespace: string
  readonly log: Log
  #secretsVersion = 0
  #configMapsVersion = 0

  constructor(secrets: Informer, configMaps: Informer, namespace: string, log: Log) {
    this.secrets = secrets
    this.configMaps = configMaps
    this.namespace = namespace
    this.log = log
    secrets.onChange(() => this.#secretsVersion++)
    configMaps.onChange(() => this.#configMapsVersion++)
  }

  of<T>(sources: Sources, read: () => T, fallback: T): () => T {
    let value = fallback
    let readAt = ''
    return () => {
      const version = this.#versionOf(sources)
      if (version === readAt) return value
      readAt = version
      try {
        value = read()
      } catch (error) {
        this.log.error('settings cannot be read; the last good ones stay in force', { error: messageOf(error) })
      }
      return value
    }
  }

  #versionOf(sources: Sources): string {
    if (sources === 'secrets') return `s${this.#secretsVersion}`
    if (sources === 'configMaps') return `c${this.#configMapsVersion}`
    return `s${this.#secretsVersion}c${this.#configMapsVersion}`
  }

  /** Secrets of a type, each parsed by itself: a broken one is reported and leaves the others alone. */
  parsed<T>(type: string, parse: (secret: KubeObject) => T): T[] {
    return [...this.secrets.list()]
      .filter(({ metadata }) => metadata.labels?.[SECRET_TYPE_LABEL] === type)
      .flatMap((secret) => {
        try {
          return [parse(secret)]
        } catch (error) {
          this.log.error('a secret is left out', { secret: secret.metadata.name, error: messageOf(error) })
          return []
        }
      })
  }
}

/** Types of the Secrets of repositories and of credential templates. */
const READING = ['repository', 'repo-creds'] as const
const WRITING = ['repository-write', 'repo-write-creds'] as const

function readRegistered(
  reader: Reader,
  [repositories, templates]: typeof READING | typeof WRITING,
): RegisteredRepositories {
  return {
    // A registry of images is no repository: no application gets its login for a source.
    repositories: reader
      .parsed(repositories, (secret) => (isRegistrySecret(secret) ? [] : [parseRepository(secret)]))
      .flat(),
    templates: reader.parsed(templates, parseCredentialTemplate),
  }
}

function readClusters(reader: Reader, isInClusterEnabled: boolean): readonly Cluster[] {
  const registered = reader.parsed('cluster', parseCluster)
  const isOverridden = registered.some(({ server }) => server === IN_CLUSTER.server)
  return isInClusterEnabled && !isOverridden ? [IN_CLUSTER, ...registered] : registered
}

function readOidc(
  configMap: KubeObject | undefined,
  secretOf: (name: string) => KubeObject | undefined,
): OidcSettings | undefined {
  if (configMap === undefined) return undefined
  return parseOidcSettings(readConfigMap(configMap), (text) =>
    resolveReference(text, (name) => {
      const secret = secretOf(name)
      return secret && { reader: readSecret(secret), labels: secret.metadata.labels ?? {} }
    }),
  )
}

function textOf(configMap: KubeObject | undefined, key: string): string {
  const data: unknown = configMap !== undefined && 'data' in configMap ? configMap.data : undefined
  const value: unknown = typeof data === 'object' && data !== null ? Object(data)[key] : undefined
  return typeof value === 'string' ? value : ''
}

function signingKeyOf(secret: KubeObject | undefined): Secret {
  const encoded = textOf(secret, 'server.secretkey')
  if (encoded === '') {
    throw new CapstanError(
      'precondition',
      'Secret argocd-secret has no server.secretkey; restart Capstan, which makes one',
    )
  }
  return new Secret(Buffer.from(encoded, 'base64').toString('utf8'))
}
