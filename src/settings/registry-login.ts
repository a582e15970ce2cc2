// How the login of a registry is come by, from the keys of its Secret and from its host.
import { CapstanError } from '../base/errors.ts'
import { Secret } from '../base/secret.ts'
import type { MapReader } from './map-reader.ts'
import { parseRegistryAddress } from './registry-address.ts'
import {
  type AwsIdentity,
  type AwsRole,
  type AzureLogin,
  type EcrLogin,
  REGISTRY_KINDS,
  type RegistryKind,
  type RegistryLogin,
  type StaticLogin,
} from './registry-credential.ts'
import { kindOfHost, parseEcrHost } from './registry-hosts.ts'

/** A role taken on with a role, and so on: STS itself knows no limit, people need two. */
export const MAX_ROLES = 5

/** Registries that take an access token alone want some user name beside it. */
const TOKEN_USER = 'token'
/** `argocd repo add <ECR host> --username <access key> --password <secret key>`: keys, not a token of twelve hours. */
const ACCESS_KEY = /^A(?:KIA|SIA)[A-Z0-9]{12,124}$/
const ROLE_ARN = /^arn:[a-z-]+:iam::\d{12}:role\/[\w+=,.@/-]+$/
const REGION = /^[a-z0-9][a-z0-9-]{1,31}$/

/** Throws `bad-input` naming the Secret and the key, never a value that may be secret. */
export function readLogin(reader: MapReader, address: string): RegistryLogin {
  const { host } = parseRegistryAddress(address)
  const kind = reader.choice('kind', REGISTRY_KINDS) ?? kindOf(reader, host)
  switch (kind) {
    case 'static':
      return staticLogin(reader)
    case 'ecr':
      return { kind, region: regionOf(reader, host), aws: awsIdentity(reader) } satisfies EcrLogin
    case 'ecr-public':
      return { kind, aws: awsIdentity(reader) }
    case 'google':
      return { kind, ...optional('serviceAccountKey', reader.secret('gcpServiceAccountKey')) }
    case 'azure':
      return azureLogin(reader)
  }
}

/** By what is given, then by whose host it is: a user and a password that are given are used as they are. */
function kindOf(reader: MapReader, host: string): RegistryKind {
  const isGiven = (...keys: readonly string[]): boolean => keys.some((key) => reader.text(key) !== undefined)
  const ofHost = kindOfHost(host)
  if (isGiven('gcpServiceAccountKey')) return 'google'
  if (isGiven('azureServicePrincipalClientId') || reader.boolean('useAzureWorkloadIdentity') === true) return 'azure'
  if (isGiven('awsAccessKeyId', 'awsRoleArn', 'awsRegion')) return ofHost === 'ecr-public' ? 'ecr-public' : 'ecr'
  if (!isGiven('password')) return ofHost
  const isKeyPair = ACCESS_KEY.test(reader.text('username') ?? '') && ofHost.startsWith('ecr')
  return isKeyPair ? ofHost : 'static'
}

function staticLogin(reader: MapReader): StaticLogin {
  const password = reader.secret('password')
  if (password === undefined) {
    throw new CapstanError('bad-input', `${reader.place}: has no password: add the keys username and password`)
  }
  const username = reader.text('username') ?? TOKEN_USER
  if (username.includes(':')) throw reader.wrong('username', 'holds a colon, which ends it: take it out')
  return { kind: 'static', username, password }
}

function regionOf(reader: MapReader, host: string): string {
  const [given, named] = [reader.text('awsRegion')?.trim(), parseEcrHost(host)?.region]
  if (given !== undefined && !REGION.test(given)) throw reader.wrong('awsRegion', 'is no region such as eu-central-1')
  if (given !== undefined && named !== undefined && given !== named) {
    throw reader.wrong('awsRegion', `is ${given}, but the registry stands in ${named}: take it out`)
  }
  const region = given ?? named
  if (region !== undefined) return region
  throw new CapstanError(
    'bad-input',
    `${reader.place}: the host says no region: add the key awsRegion, such as eu-central-1`,
  )
}

function awsIdentity(reader: MapReader): AwsIdentity {
  const isUser = ACCESS_KEY.test(reader.text('username') ?? '')
  const [idKey, secretKey] = isUser ? ['username', 'password'] : ['awsAccessKeyId', 'awsSecretAccessKey']
  const [accessKeyId, secretAccessKey] = [reader.text(idKey)?.trim(), reader.secret(secretKey)]
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
    throw reader.wrong(accessKeyId === undefined ? idKey : secretKey, 'is missing: keys come in pairs')
  }
  const roles = rolesOf(reader)
  if (accessKeyId === undefined || secretAccessKey === undefined) return { roles }
  const trimmed = new Secret(secretAccessKey.reveal().trim())
  return { accessKeyId, secretAccessKey: trimmed, ...optional('sessionToken', reader.secret('awsSessionToken')), roles }
}

/** A line a role, in the order in which they are taken on, each with its external id after a blank; `awsExternalId` is the last one's. */
function rolesOf(reader: MapReader): readonly AwsRole[] {
  const lines = (reader.text('awsRoleArn') ?? '').split(/\r?\n/).filter((line) => line.trim() !== '')
  if (lines.length > MAX_ROLES) throw reader.wrong('awsRoleArn', `names more than ${MAX_ROLES} roles`)
  const last = reader.text('awsExternalId')?.trim()
  return lines.map((line, index) => {
    const [arn = '', own, ...more] = line.trim().split(/\s+/)
    if (!ROLE_ARN.test(arn) || more.length > 0) {
      throw reader.wrong('awsRoleArn', 'has a line that is no role such as arn:aws:iam::123456789012:role/puller')
    }
    return { arn, ...optional('externalId', own ?? (index === lines.length - 1 ? last : undefined)) }
  })
}

function azureLogin(reader: MapReader): AzureLogin {
  const clientSecret = reader.secret('azureServicePrincipalClientSecret')
  const clientId = reader.text('azureServicePrincipalClientId')?.trim()
  const tenantId = reader.text('azureServicePrincipalTenantId')?.trim()
  const rest = {
    ...optional('clientId', clientId),
    ...optional('tenantId', tenantId),
    ...optional('authority', authorityOf(reader)),
  }
  if (reader.boolean('useAzureWorkloadIdentity') === true) {
    return { kind: 'azure', identity: 'workload-identity', ...rest }
  }
  if (clientSecret === undefined) return { kind: 'azure', identity: 'managed-identity', ...rest }
  if (clientId === undefined) throw reader.wrong('azureServicePrincipalClientId', 'is missing: add it')
  if (tenantId === undefined) throw reader.wrong('azureServicePrincipalTenantId', 'is missing: add it')
  return { kind: 'azure', identity: 'service-principal', ...rest, clientSecret }
}

function authorityOf(reader: MapReader): string | undefined {
  const authority = reader.text('azureActiveDirectoryEndpoint')?.trim()
  if (authority === undefined) return undefined
  const url = URL.parse(authority)
  if (url?.protocol === 'https:' && url.username === '' && url.password === '') return url.origin
  throw reader.wrong('azureActiveDirectoryEndpoint', 'is no https address')
}

function optional<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [Key in Name]?: Value } {
  // A computed name widens to string: this is the one field of that name, or none.
  return value === undefined ? {} : ({ [name]: value } as { readonly [Key in Name]?: Value })
}
