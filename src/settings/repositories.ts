// Repositories and their credentials as typed values from Secrets (argo-cd v3.5.1 `util/db/repository_secrets.go`).
import { CapstanError } from '../base/errors.ts'
import type { Secret } from '../base/secret.ts'
import type { KubeObject } from '../kube/object.ts'
import { isSameRepository, normalizeGitUrl } from './git-url.ts'
import { type MapReader, readSecret } from './map-reader.ts'

export const SECRET_TYPE_LABEL = 'argocd.argoproj.io/secret-type'

const REPOSITORY_TYPES = ['git', 'helm', 'oci'] as const
export type RepositoryType = (typeof REPOSITORY_TYPES)[number]

/** How to get into a repository. Values that must not be shown are `Secret`s. */
export interface RepositoryCredentials {
  readonly username?: string
  readonly password?: Secret
  readonly bearerToken?: Secret
  readonly sshPrivateKey?: Secret
  /** PEM. */
  readonly tlsClientCertData?: string
  readonly tlsClientCertKey?: Secret
  readonly githubAppID?: number
  readonly githubAppInstallationID?: number
  readonly githubAppPrivateKey?: Secret
  readonly githubAppEnterpriseBaseUrl?: string
  readonly gcpServiceAccountKey?: Secret
  readonly useAzureWorkloadIdentity?: boolean
  readonly azureServicePrincipalClientId?: string
  readonly azureServicePrincipalClientSecret?: Secret
  readonly azureServicePrincipalTenantId?: string
  readonly azureActiveDirectoryEndpoint?: string
  readonly forceHttpBasicAuth?: boolean
  readonly enableOCI?: boolean
  readonly insecureOCIForceHttp?: boolean
  readonly proxy?: string
  readonly noProxy?: string
}

export interface Repository extends RepositoryCredentials {
  readonly url: string
  readonly type: RepositoryType
  readonly name?: string
  /** Empty: any project may use it. */
  readonly project: string
  readonly insecure?: boolean
  readonly insecureIgnoreHostKey?: boolean
  readonly enableLfs?: boolean
  readonly depth?: number
  readonly webhookManifestCacheWarmDisabled?: boolean
  /** True where the credentials come from a template. */
  readonly inheritedCreds?: boolean
}

export interface CredentialTemplate extends RepositoryCredentials {
  /** The beginning of the URLs it is for. */
  readonly url: string
  readonly type: RepositoryType
}

type Kind = 'text' | 'secret' | 'boolean' | 'integer'

const CREDENTIAL_KEYS: Readonly<Record<keyof RepositoryCredentials, Kind>> = {
  username: 'text',
  password: 'secret',
  bearerToken: 'secret',
  sshPrivateKey: 'secret',
  tlsClientCertData: 'text',
  tlsClientCertKey: 'secret',
  githubAppID: 'integer',
  githubAppInstallationID: 'integer',
  githubAppPrivateKey: 'secret',
  githubAppEnterpriseBaseUrl: 'text',
  gcpServiceAccountKey: 'secret',
  useAzureWorkloadIdentity: 'boolean',
  azureServicePrincipalClientId: 'text',
  azureServicePrincipalClientSecret: 'secret',
  azureServicePrincipalTenantId: 'text',
  azureActiveDirectoryEndpoint: 'text',
  forceHttpBasicAuth: 'boolean',
  enableOCI: 'boolean',
  insecureOCIForceHttp: 'boolean',
  proxy: 'text',
  noProxy: 'text',
}

const REPOSITORY_KEYS: Readonly<Record<string, Kind>> = {
  ...CREDENTIAL_KEYS,
  name: 'text',
  insecure: 'boolean',
  insecureIgnoreHostKey: 'boolean',
  enableLfs: 'boolean',
  depth: 'integer',
  webhookManifestCacheWarmDisabled: 'boolean',
}

/** Templates spell two keys otherwise than repositories do. */
const TEMPLATE_SPELLING: Readonly<Record<string, string>> = {
  azureServicePrincipalClientId: 'azureServicePrincipalClientID',
  azureServicePrincipalTenantId: 'azureServicePrincipalTenantID',
}

/** Fields that say that a repository brings credentials of its own. */
const OWN_CREDENTIALS: readonly (keyof RepositoryCredentials)[] = [
  'username',
  'password',
  'bearerToken',
  'sshPrivateKey',
  'tlsClientCertData',
  'githubAppPrivateKey',
  'gcpServiceAccountKey',
  'useAzureWorkloadIdentity',
  'azureServicePrincipalClientSecret',
]

/** Reads a Secret labelled `repository` or `repository-write`. Throws `bad-input` naming the Secret and the key. */
export function parseRepository(secret: KubeObject): Repository {
  const reader = readSecret(secret)
  return {
    ...readKeys(reader, REPOSITORY_KEYS),
    url: reader.requiredText('url'),
    type: reader.choice('type', REPOSITORY_TYPES) ?? 'git',
    project: reader.text('project') ?? '',
  }
}

/** Reads a Secret labelled `repo-creds` or `repo-write-creds`. Throws `bad-input` naming the Secret and the key. */
export function parseCredentialTemplate(secret: KubeObject): CredentialTemplate {
  const reader = readSecret(secret)
  return {
    ...readKeys(reader, CREDENTIAL_KEYS, TEMPLATE_SPELLING),
    url: reader.requiredText('url'),
    type: reader.choice('type', REPOSITORY_TYPES) ?? 'git',
  }
}

function readKeys(
  reader: MapReader,
  keys: Readonly<Record<string, Kind>>,
  spelling: Readonly<Record<string, string>> = {},
): RepositoryCredentials {
  const found: Record<string, unknown> = {}
  for (const [name, kind] of Object.entries(keys)) {
    const value = reader[kind](spelling[name] ?? name)
    if (value !== undefined) found[name] = value
  }
  return found
}

/** A host with its scheme, user and port, if any: nothing says where the host ends. */
const HOST_ALONE = /^(?:[a-z][a-z0-9+.-]*:\/\/)?[^/]*$/

/**
 * The template whose URL is the longest beginning of this one, both normalised. One of a host alone is for that host: upstream's
 * would send its login to any whose name begins so.
 */
export function templateFor(url: string, templates: readonly CredentialTemplate[]): CredentialTemplate | undefined {
  const normalized = normalizeGitUrl(url)
  let best: CredentialTemplate | undefined
  let bestLength = 0
  for (const template of templates) {
    const prefix = normalizeGitUrl(template.url)
    if (prefix.length > bestLength && isBeginning(prefix, normalized)) {
      best = template
      bestLength = prefix.length
    }
  }
  return best
}

function isBeginning(prefix: string, url: string): boolean {
  if (!url.startsWith(prefix)) return false
  const next = url.at(prefix.length)
  return next === undefined || next === '/' || !HOST_ALONE.test(prefix)
}

/** All that is registered: input of `repositoryFor`. */
export interface RegisteredRepositories {
  readonly repositories: readonly Repository[]
  readonly templates: readonly CredentialTemplate[]
}

/**
 * The repository to use for a URL on behalf of a project: its own registration, else one for all projects, else an unregistered
 * one; where it has no credentials, those of the template that fits. A registration of another project is not used.
 */
export function repositoryFor(url: string, project: string, registered: RegisteredRepositories): Repository {
  const same = registered.repositories.filter((repository) => isSameRepository(repository.url, url))
  const own = same.find((repository) => repository.project === project && project !== '')
  const found = own ?? same.find((repository) => repository.project === '')
  const repository = found ?? { url, type: 'git' as const, project: '' }
  return withTemplate(repository, registered.templates)
}

/** The repository registered under a name (`name` of its Secret), which Helm sources of some applications use. */
export function repositoryNamed(name: string, registered: RegisteredRepositories): Repository {
  const found = registered.repositories.find((repository) => repository.name === name)
  if (found === undefined)
    throw new CapstanError('not-found', `repository ${JSON.stringify(name)} is not registered: add it`)
  return withTemplate(found, registered.templates)
}

/** With the credentials of the template that fits, where it brings none of its own. */
export function withTemplate(repository: Repository, templates: readonly CredentialTemplate[]): Repository {
  if (OWN_CREDENTIALS.some((key) => repository[key] !== undefined && repository[key] !== false)) return repository
  const template = templateFor(repository.url, templates)
  if (template === undefined) return repository
  const { url: _, type: __, ...credentials } = template
  return { ...credentials, ...repository, inheritedCreds: true }
}

type Fields = Readonly<Record<string, unknown>>

/** What the Secret of a repository holds for upstream's message Repository; null for what the message leaves out or has empty. */
export function repositoryValues(message: Fields): Readonly<Record<string, string | null>> {
  const { repo, type, project } = message
  return { url: textOf(repo), type: textOf(type), project: textOf(project), ...valuesOf(message, REPOSITORY_KEYS) }
}

/** The same for upstream's message RepoCreds. */
export function templateValues(message: Fields): Readonly<Record<string, string | null>> {
  const { url, type } = message
  return { url: textOf(url), type: textOf(type), ...valuesOf(message, CREDENTIAL_KEYS, TEMPLATE_SPELLING) }
}

function valuesOf(
  message: Fields,
  keys: Readonly<Record<string, Kind>>,
  spelling: Readonly<Record<string, string>> = {},
): Record<string, string | null> {
  return Object.fromEntries(Object.keys(keys).map((name) => [spelling[name] ?? name, textOf(message[name])]))
}

/** False, zero and empty text are absent, as Go's writers have it. */
function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value === '' ? null : value
  return (typeof value === 'number' && value !== 0) || value === true ? String(value) : null
}

/** Whether it brings a login of its own, so that no template is asked (`HasCredentials` of repository_types.go, v3.5.1). */
export function hasOwnCredentials(repository: RepositoryCredentials): boolean {
  return OWN_CREDENTIALS.some((key) => repository[key] !== undefined)
}
