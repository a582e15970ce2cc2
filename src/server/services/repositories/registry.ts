// The Secrets repositories are registered in: one set to read from, one to write hydrated manifests to (util/db/repository_secrets.go, v3.5.1).
import { CapstanError } from '../../../base/errors.ts'
import { KubeError } from '../../../kube/client/client.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { isSameRepository } from '../../../settings/git-url.ts'
import { readSecret } from '../../../settings/map-reader.ts'
import type { RepositorySecretPrefix } from '../../../settings/names.ts'
import type { RegisteredRepositories } from '../../../settings/repositories.ts'
import { SECRET_TYPE_LABEL } from '../../../settings/repositories.ts'
import type { Call } from '../../context.ts'

export interface Registry {
  /** What RBAC calls them. */
  readonly resource: 'repositories' | 'write-repositories'
  readonly secretType: string
  readonly prefix: RepositorySecretPrefix
  /** As errors name one. */
  readonly noun: string
  registered(call: Call): RegisteredRepositories
}

export const READ: Registry = {
  resource: 'repositories',
  secretType: 'repository',
  prefix: 'repo',
  noun: 'repository',
  registered: (call) => call.context.repositories.registered(),
}

export const WRITE: Registry = {
  resource: 'write-repositories',
  secretType: 'repository-write',
  prefix: 'repo-write',
  noun: 'write repository',
  registered: (call) => call.context.repositories.writable(),
}

/** What is kept in a Secret: its key, and its value or null. */
export type Values = Readonly<Record<string, string | null>>

/** A Secret of its kind, or one that is to be made. */
export interface Entry {
  readonly secretType: string
  readonly name: string
  readonly values: Values
}

/** The Secret of a repository: of this project, or (with `orShared`) the one for all projects. */
export function findSecret(
  call: Call,
  { secretType }: Pick<Registry, 'secretType'>,
  { url, project, orShared }: { readonly url: string; readonly project: string; readonly orShared?: boolean },
): KubeObject | undefined {
  const same = call.context.store.secretsOfType(secretType).filter((secret) => {
    return isSameRepository(readSecret(secret).text('url') ?? '', url)
  })
  const projectOf = (secret: KubeObject): string => readSecret(secret).text('project') ?? ''
  const own = same.find((secret) => projectOf(secret) === project)
  return own ?? (orShared === true ? same.find((secret) => projectOf(secret) === '') : undefined)
}

/**
 * Registers, or says in upstream's words why not: an entry that is there already is right where it says the same, replaced with
 * `upsert`, and otherwise refused with the fields that differ.
 */
export async function register(
  call: Call,
  entry: Entry,
  { noun, upsert }: { readonly noun: string; readonly upsert: (() => Promise<void>) | undefined },
): Promise<void> {
  const { secretType, name, values } = entry
  try {
    await call.context.store.createSecret(name, secretType, { values }, call.signal)
  } catch (error) {
    if (!(error instanceof KubeError && error.reason === 'AlreadyExists')) throw error
    const existing = await call.context.store.read('Secret', name, call.signal)
    if (existing?.metadata.labels?.[SECRET_TYPE_LABEL] === undefined) {
      const label = `doesn't have the proper "${SECRET_TYPE_LABEL}" label: please fix the secret or delete it`
      throw new CapstanError('bad-input', `secret "${name}" ${label}`)
    }
    const differing = differences(existing, values)
    if (differing.length === 0) return
    if (upsert !== undefined) return upsert()
    throw specDiffers(noun, differing)
  }
}

/** `GenerateSpecIsDifferentErrorMessage` of util/argo/argo.go: the fields by their names in Go. */
export function specDiffers(noun: string, fields: readonly string[]): CapstanError {
  const base = `existing ${noun} spec is different; use upsert flag to force update`
  const keys = fields.length === 0 ? '' : `; difference in keys "${fields.join(',')}"`
  return new CapstanError('bad-input', `${base}${keys}`)
}

function differences(existing: KubeObject, values: Values): readonly string[] {
  const held = readSecret(existing)
  return Object.entries(values)
    .filter(([key, value]) =>
      key === 'type' ? (held.text(key) ?? 'git') !== (value ?? 'git') : (held.text(key) ?? null) !== value,
    ) // prettier-ignore
    .map(([key]) => goName(key))
}

/** Where Go's name of a field is not its key with a capital. */
const GO_NAMES: Readonly<Record<string, string>> = {
  url: 'Repo',
  sshPrivateKey: 'SSHPrivateKey',
  enableLfs: 'EnableLFS',
  tlsClientCertData: 'TLSClientCertData',
  tlsClientCertKey: 'TLSClientCertKey',
  githubAppID: 'GithubAppId',
  githubAppInstallationID: 'GithubAppInstallationId',
  githubAppEnterpriseBaseUrl: 'GitHubAppEnterpriseBaseURL',
  gcpServiceAccountKey: 'GCPServiceAccountKey',
  azureServicePrincipalClientID: 'AzureServicePrincipalClientId',
  azureServicePrincipalTenantID: 'AzureServicePrincipalTenantId',
  insecureOCIForceHttp: 'InsecureOCIForceHttp',
}

function goName(key: string): string {
  return GO_NAMES[key] ?? key.charAt(0).toUpperCase() + key.slice(1)
}

/** `project/url`, as RBAC names a repository. */
export function objectOf(project: string, url: string): string {
  return project === '' ? url : `${project}/${url}`
}
