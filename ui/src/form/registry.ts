// The form of a registry credential: its fields by kind, what they must hold, and the message they make.
import type { Registry } from '../api/registries.ts'

export const REGISTRY_KINDS = ['static', 'ecr', 'google', 'azure'] as const
export type RegistryFormKind = (typeof REGISTRY_KINDS)[number]

export interface RegistryForm {
  readonly kind: RegistryFormKind
  readonly address: string
  readonly name: string
  readonly project: string
  readonly username: string
  readonly password: string
  readonly insecure: boolean
  readonly awsRegion: string
  readonly awsAccessKeyId: string
  readonly awsSecretAccessKey: string
  readonly awsRoleArn: string
  readonly gcpServiceAccountKey: string
  readonly useAzureWorkloadIdentity: boolean
  readonly azureServicePrincipalTenantId: string
  readonly azureServicePrincipalClientId: string
  readonly azureServicePrincipalClientSecret: string
  /** Kept, but given to no namespace. */
  readonly disabled: boolean
  readonly serviceAccounts: string
  /** Not on the form: as they are stored. */
  readonly tokenHosts: readonly string[]
}

export const emptyRegistry: RegistryForm = {
  kind: 'static',
  address: '',
  name: '',
  project: '',
  username: '',
  password: '',
  insecure: false,
  awsRegion: '',
  awsAccessKeyId: '',
  awsSecretAccessKey: '',
  awsRoleArn: '',
  gcpServiceAccountKey: '',
  useAzureWorkloadIdentity: false,
  azureServicePrincipalTenantId: '',
  azureServicePrincipalClientId: '',
  azureServicePrincipalClientSecret: '',
  disabled: false,
  serviceAccounts: '',
  tokenHosts: [],
}

const FIELDS: Readonly<Record<RegistryFormKind, readonly (keyof RegistryForm)[]>> = {
  static: ['username', 'password', 'insecure'],
  ecr: ['awsRegion', 'awsAccessKeyId', 'awsSecretAccessKey', 'awsRoleArn'],
  google: ['gcpServiceAccountKey'],
  azure: [
    'useAzureWorkloadIdentity',
    'azureServicePrincipalTenantId',
    'azureServicePrincipalClientId',
    'azureServicePrincipalClientSecret',
  ],
}

const OF_ALL: readonly (keyof RegistryForm)[] = [
  'address',
  'name',
  'project',
  'disabled',
  'serviceAccounts',
  'tokenHosts',
]

/** What is empty is left out; with an upsert the server keeps a secret that is left out. */
export function toRegistry(form: RegistryForm): object {
  const fields = [...OF_ALL, ...FIELDS[form.kind]]
  const values = fields.flatMap((field) => {
    const value = form[field]
    if (value === false || value === '' || (Array.isArray(value) && value.length === 0)) return []
    return [[field, typeof value === 'string' && field !== 'password' ? value.trim() : value]]
  })
  // The server tells Amazon's public registry from the private ones by its address.
  const isPublic = form.kind === 'ecr' && form.address.includes('public.ecr.aws')
  return { ...Object.fromEntries(values), kind: isPublic ? 'ecr-public' : form.kind }
}

export function formOfRegistry(registry: Registry): RegistryForm {
  const { kind = 'static', username = '' } = registry
  return {
    ...emptyRegistry,
    kind: kind === 'ecr-public' ? 'ecr' : kind,
    address: registry.address,
    name: registry.name ?? '',
    project: registry.project ?? '',
    username,
    insecure: registry.insecure ?? false,
    disabled: registry.disabled ?? false,
    serviceAccounts: registry.serviceAccounts ?? '',
    tokenHosts: registry.tokenHosts ?? [],
    ...cloudFields(registry),
  }
}

/** The server keeps a secret only for the key or client it was given with. */
function cloudFields({
  kind = 'static',
  username = '',
  identity,
  region = '',
  roleArns = [],
}: Registry): Partial<RegistryForm> {
  if (kind === 'ecr' || kind === 'ecr-public') {
    return { awsRegion: kind === 'ecr' ? region : '', awsAccessKeyId: username, awsRoleArn: roleArns.join('\n') }
  }
  if (kind !== 'azure') return {}
  const useAzureWorkloadIdentity = identity === 'workload-identity' || identity === 'managed-identity'
  return { azureServicePrincipalClientId: username, useAzureWorkloadIdentity }
}

/** The kind an address is of, where its host tells. */
export function kindOfAddress(address: string): RegistryFormKind | undefined {
  const host = address.replace(/^https?:\/\//, '').split('/')[0] ?? ''
  if (/\.dkr\.ecr\..*amazonaws\.com/.test(host) || host === 'public.ecr.aws') return 'ecr'
  if (host === 'gcr.io' || host.endsWith('.gcr.io') || host.endsWith('-docker.pkg.dev')) return 'google'
  return host.endsWith('.azurecr.io') ? 'azure' : undefined
}

export type RegistryFaults = Readonly<Partial<Record<keyof RegistryForm, 'required'>>>

/** Of one that is stored, secrets may stay empty. */
export function registryFaults(form: RegistryForm, isNew: boolean): RegistryFaults {
  const needed: readonly (keyof RegistryForm)[] = [
    'address',
    ...(form.kind === 'static' && isNew ? (['username', 'password'] as const) : []),
    // Half a key is of no use; none at all means the identity of the control plane.
    ...(form.kind === 'ecr' && isNew && form.awsAccessKeyId !== '' ? (['awsSecretAccessKey'] as const) : []),
    ...(form.kind === 'azure' && isNew && form.azureServicePrincipalClientId !== ''
      ? (['azureServicePrincipalClientSecret', 'azureServicePrincipalTenantId'] as const)
      : []),
  ]
  return Object.fromEntries(
    needed.filter((field) => String(form[field]).trim() === '').map((field) => [field, 'required' as const]),
  )
}
