// The form of a repository or credential template: its fields by kind, what they must hold, and the message they make.
import type { Repository, RepositoryCredentials } from '../api/repositories.ts'

export const REPOSITORY_KINDS = ['https', 'ssh', 'githubApp', 'google', 'azure', 'helm', 'oci'] as const
export type RepositoryKind = (typeof REPOSITORY_KINDS)[number]

export interface RepositoryForm {
  readonly kind: RepositoryKind
  readonly url: string
  readonly name: string
  readonly project: string
  readonly username: string
  readonly password: string
  readonly bearerToken: string
  readonly sshPrivateKey: string
  readonly tlsClientCertData: string
  readonly tlsClientCertKey: string
  readonly githubAppID: string
  readonly githubAppInstallationID: string
  readonly githubAppPrivateKey: string
  readonly githubAppEnterpriseBaseUrl: string
  readonly gcpServiceAccountKey: string
  /** Azure: the identity of the pod in place of a service principal. */
  readonly useAzureWorkloadIdentity: boolean
  readonly azureServicePrincipalClientId: string
  readonly azureServicePrincipalClientSecret: string
  readonly azureServicePrincipalTenantId: string
  readonly proxy: string
  readonly noProxy: string
  /** Neither certificate nor host key is checked. */
  readonly insecure: boolean
  readonly enableLfs: boolean
  readonly forceHttpBasicAuth: boolean
  readonly insecureOCIForceHttp: boolean
  readonly depth: string
}

export const emptyRepository: RepositoryForm = {
  kind: 'https',
  url: '',
  name: '',
  project: '',
  username: '',
  password: '',
  bearerToken: '',
  sshPrivateKey: '',
  tlsClientCertData: '',
  tlsClientCertKey: '',
  githubAppID: '',
  githubAppInstallationID: '',
  githubAppPrivateKey: '',
  githubAppEnterpriseBaseUrl: '',
  gcpServiceAccountKey: '',
  useAzureWorkloadIdentity: false,
  azureServicePrincipalClientId: '',
  azureServicePrincipalClientSecret: '',
  azureServicePrincipalTenantId: '',
  proxy: '',
  noProxy: '',
  insecure: false,
  enableLfs: false,
  forceHttpBasicAuth: false,
  insecureOCIForceHttp: false,
  depth: '',
}

type FieldName = keyof RepositoryForm

/** Credentials and options that belong to a kind; those of other kinds are not sent. */
const FIELDS: Readonly<Record<RepositoryKind, readonly FieldName[]>> = {
  https: [
    'username',
    'password',
    'bearerToken',
    'tlsClientCertData',
    'tlsClientCertKey',
    'proxy',
    'noProxy',
    'insecure',
    'enableLfs',
    'forceHttpBasicAuth',
    'depth',
  ],
  ssh: ['sshPrivateKey', 'insecure', 'enableLfs', 'proxy', 'depth'],
  githubApp: [
    'githubAppID',
    'githubAppInstallationID',
    'githubAppPrivateKey',
    'githubAppEnterpriseBaseUrl',
    'proxy',
    'noProxy',
    'insecure',
    'enableLfs',
    'depth',
  ],
  google: ['gcpServiceAccountKey', 'proxy', 'noProxy', 'depth'],
  azure: [
    'useAzureWorkloadIdentity',
    'azureServicePrincipalClientId',
    'azureServicePrincipalClientSecret',
    'azureServicePrincipalTenantId',
    'proxy',
    'noProxy',
    'insecure',
    'depth',
  ],
  helm: ['username', 'password', 'tlsClientCertData', 'tlsClientCertKey', 'proxy', 'noProxy', 'insecure', 'forceHttpBasicAuth'], // prettier-ignore
  oci: ['username', 'password', 'tlsClientCertData', 'tlsClientCertKey', 'proxy', 'noProxy', 'insecure', 'insecureOCIForceHttp'], // prettier-ignore
}

/** What a template has beside its URL; the rest belongs to one repository. */
const OF_REPOSITORY_ALONE: readonly FieldName[] = ['insecure', 'enableLfs', 'depth']

export function hasField(kind: RepositoryKind, field: FieldName): boolean {
  return FIELDS[kind].includes(field)
}

const TYPES: Readonly<Record<RepositoryKind, string>> = {
  https: 'git',
  ssh: 'git',
  githubApp: 'git',
  google: 'git',
  azure: 'git',
  helm: 'helm',
  oci: 'oci',
}

const NUMBERS: readonly FieldName[] = ['githubAppID', 'githubAppInstallationID', 'depth']

/** The message to send. Fields that are empty are left out: the server takes them away. */
export function toRepository(form: RepositoryForm): Repository {
  return {
    repo: form.url.trim(),
    type: TYPES[form.kind],
    ...(form.name.trim() === '' ? {} : { name: form.name.trim() }),
    ...(form.project.trim() === '' ? {} : { project: form.project.trim() }),
    ...valuesOf(form, FIELDS[form.kind]),
  }
}

export function toCredentials(form: RepositoryForm): RepositoryCredentials {
  const fields = FIELDS[form.kind].filter((field) => !OF_REPOSITORY_ALONE.includes(field))
  return { url: form.url.trim(), type: TYPES[form.kind], ...valuesOf(form, fields) }
}

function valuesOf(form: RepositoryForm, fields: readonly FieldName[]): object {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const value = form[field]
      if (value === false || (typeof value === 'string' && value.trim() === '')) return []
      // Keys end with a line end, which belongs to them.
      const sent = typeof value === 'string' && NUMBERS.includes(field) ? Number(value.trim()) : value
      return [[field, typeof sent === 'string' && !sent.includes('\n') ? sent.trim() : sent]]
    }),
  )
}

/** The form of what is registered; secrets are not told, so that their fields are empty. */
export function formOfRepository(repository: Repository): RepositoryForm {
  const own = repository.inheritedCreds === true ? {} : shownOf(repository)
  return {
    ...emptyRepository,
    ...own,
    kind: kindOf(repository),
    url: repository.repo ?? '',
    name: repository.name ?? '',
    project: repository.project ?? '',
    insecure: repository.insecure ?? false,
    enableLfs: repository.enableLfs ?? false,
    proxy: repository.proxy ?? '',
    noProxy: repository.noProxy ?? '',
    depth: textOf(repository.depth),
  }
}

function shownOf(repository: Repository): Partial<RepositoryForm> {
  return {
    username: repository.username ?? '',
    forceHttpBasicAuth: repository.forceHttpBasicAuth ?? false,
    githubAppID: textOf(repository.githubAppID),
    githubAppInstallationID: textOf(repository.githubAppInstallationID),
    githubAppEnterpriseBaseUrl: repository.githubAppEnterpriseBaseUrl ?? '',
    useAzureWorkloadIdentity: repository.useAzureWorkloadIdentity ?? false,
    azureServicePrincipalClientId: repository.azureServicePrincipalClientId ?? '',
    azureServicePrincipalTenantId: repository.azureServicePrincipalTenantId ?? '',
  }
}

export function formOfCredentials({ url = '', username = '', type, enableOCI }: RepositoryCredentials): RepositoryForm {
  const kind = kindOf({ repo: url, ...(type === undefined ? {} : { type }), ...(enableOCI === true ? { enableOCI } : {}) }) // prettier-ignore
  return { ...emptyRepository, kind, url, username }
}

function textOf(value: string | number | undefined): string {
  return value === undefined || Number(value) === 0 ? '' : String(value)
}

/** How a repository is reached, by what is told of it. */
export function kindOf(repository: Repository): RepositoryKind {
  const { repo = '', type, enableOCI } = repository
  if (type === 'oci' || repo.startsWith('oci://') || (type === 'helm' && enableOCI === true)) return 'oci'
  if (type === 'helm') return 'helm'
  if (Number(repository.githubAppID ?? 0) > 0) return 'githubApp'
  if (repository.useAzureWorkloadIdentity === true || repository.azureServicePrincipalClientId) return 'azure'
  return isSsh(repo) ? 'ssh' : 'https'
}

/** `ssh://` or the short form `git@host:path`. */
function isSsh(url: string): boolean {
  return url.startsWith('ssh://') || /^[^/:@]+@[^/:]+:/.test(url)
}

export type RepositoryFault = 'required' | 'ssh' | 'number' | 'both'
export type RepositoryFaults = Readonly<Partial<Record<FieldName, RepositoryFault>>>

/** What is wrong before the server is asked; it has the last word. */
export function repositoryFaults(form: RepositoryForm): RepositoryFaults {
  const { kind, url, username, bearerToken } = form
  const required = requiredOf(form).filter((field) => String(form[field]).trim() === '')
  const wrong = NUMBERS.filter((field) => hasField(kind, field) && !/^\d*$/.test(String(form[field]).trim()))
  return {
    ...Object.fromEntries(wrong.map((field) => [field, 'number'])),
    ...(kind === 'ssh' && url.trim() !== '' && !isSsh(url.trim()) ? { url: 'ssh' } : {}),
    ...(kind === 'https' && bearerToken !== '' && username !== '' ? { bearerToken: 'both' } : {}),
    ...Object.fromEntries(required.map((field) => [field, 'required'])),
  }
}

function requiredOf({ kind, username, useAzureWorkloadIdentity }: RepositoryForm): readonly FieldName[] {
  switch (kind) {
    case 'ssh':
      return ['url', 'sshPrivateKey']
    case 'githubApp':
      return ['url', 'githubAppID', 'githubAppPrivateKey']
    case 'google':
      return ['url', 'gcpServiceAccountKey']
    case 'azure':
      return useAzureWorkloadIdentity
        ? ['url']
        : ['url', 'azureServicePrincipalClientId', 'azureServicePrincipalClientSecret', 'azureServicePrincipalTenantId']
    case 'https':
    case 'helm':
    case 'oci':
      return username.trim() === '' ? ['url'] : ['url', 'password']
  }
}
