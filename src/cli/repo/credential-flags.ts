// Flags that say how a repository is reached, shared by `repo add` and `repocreds add` (cmd/util/repo.go, v3.5.1).
import { CapstanError } from '../../base/errors.ts'
import type { CliContext } from '../context.ts'
import { file, number, text, truthFlag, type Flag, type Values } from '../verb-flags.ts'

type Texts = 'type' | 'username' | 'password' | 'bearerToken' | 'githubAppEnterpriseBaseUrl' | Azure
type Azure = 'azureServicePrincipalTenantId' | 'azureServicePrincipalClientId' | 'azureServicePrincipalClientSecret' | 'azureActiveDirectoryEndpoint' // prettier-ignore
type Paths = 'sshPrivateKeyPath' | 'tlsClientCertPath' | 'tlsClientCertKeyPath' | 'githubAppPrivateKeyPath' | 'gcpServiceAccountKeyPath' // prettier-ignore
type Truths = 'enableOci' | 'insecureOciForceHttp' | 'forceHttpBasicAuth' | 'useAzureWorkloadIdentity'

export const credentialFlags: Readonly<
  Record<Texts | Paths, Flag<string>> &
    Record<Truths, Flag<boolean>> &
    Record<'githubAppId' | 'githubAppInstallationId', Flag<number>>
> = {
  type: text('git, oci or helm', { initial: 'git' }),
  username: text('user name'),
  password: text('password; better left out and typed when asked'),
  bearerToken: text('token for Bitbucket Data Center'),
  sshPrivateKeyPath: file('private SSH key'),
  tlsClientCertPath: file('TLS client certificate (PEM)'),
  tlsClientCertKeyPath: file('its key (PEM)'),
  enableOci: truthFlag('a Helm repository in an OCI registry'),
  insecureOciForceHttp: truthFlag('reach an OCI registry without TLS'),
  forceHttpBasicAuth: truthFlag('send the password before it is asked for'),
  githubAppId: number('id of a GitHub App'),
  githubAppInstallationId: number('id of its installation; else the one found'),
  githubAppPrivateKeyPath: file('private key of the GitHub App'),
  githubAppEnterpriseBaseUrl: text('API of a GitHub Enterprise'),
  gcpServiceAccountKeyPath: file('service account key of Google Cloud'),
  useAzureWorkloadIdentity: truthFlag('use the workload identity of Azure'),
  azureServicePrincipalTenantId: text('tenant of an Azure service principal'),
  azureServicePrincipalClientId: text('its client id'),
  azureServicePrincipalClientSecret: text('its client secret'),
  azureActiveDirectoryEndpoint: text('sign-in address of another Azure cloud'),
}

export type CredentialFlags = Values<typeof credentialFlags>

/** Fields that repositories and credential templates share. */
export type Credentials = Readonly<Record<string, string | number | boolean>>

/** Which address a file's credential is for, and the field it goes to. */
const FILES: readonly (readonly [flag: Paths, name: string, scheme: 'SSH' | 'HTTPS', field: string])[] = [
  ['sshPrivateKeyPath', '--ssh-private-key-path', 'SSH', 'sshPrivateKey'],
  ['tlsClientCertPath', '--tls-client-cert-path', 'HTTPS', 'tlsClientCertData'],
  ['tlsClientCertKeyPath', '--tls-client-cert-path', 'HTTPS', 'tlsClientCertKey'],
  ['githubAppPrivateKeyPath', '--github-app-private-key-path', 'HTTPS', 'githubAppPrivateKey'],
  ['gcpServiceAccountKeyPath', '--gcp-service-account-key-path', 'HTTPS', 'gcpServiceAccountKey'],
]

/** The fields the flags set, with files read and the password asked for where a user name stands alone. */
export async function credentialsOf(url: string, flags: CredentialFlags, context: CliContext): Promise<Credentials> {
  requirePair(flags)
  const files = await filesOf(url, flags, context)
  const { username = '', bearerToken = '' } = flags
  const password = await passwordOf(flags, context)
  const { type = '', enableOci: enableOCI, insecureOciForceHttp: insecureOCIForceHttp } = flags
  requireToken(url, { bearerToken, password, type })
  if (insecureOCIForceHttp === true && type !== 'oci' && (type !== 'helm' || enableOCI !== true))
    throw new CapstanError('bad-input', '--insecure-oci-force-http requires --type oci or --enable-oci')
  const given = {
    type,
    username,
    password,
    bearerToken,
    enableOCI,
    insecureOCIForceHttp,
    forceHttpBasicAuth: flags.forceHttpBasicAuth,
    githubAppID: flags.githubAppId,
    githubAppInstallationID: flags.githubAppInstallationId,
    githubAppEnterpriseBaseUrl: flags.githubAppEnterpriseBaseUrl,
    useAzureWorkloadIdentity: flags.useAzureWorkloadIdentity,
    azureServicePrincipalTenantId: flags.azureServicePrincipalTenantId,
    azureServicePrincipalClientId: flags.azureServicePrincipalClientId,
    azureServicePrincipalClientSecret: flags.azureServicePrincipalClientSecret,
    azureActiveDirectoryEndpoint: flags.azureActiveDirectoryEndpoint,
  }
  return { ...withoutEmpty(given), ...files }
}

/** What stands in the files that flags name. */
async function filesOf(url: string, flags: CredentialFlags, context: CliContext): Promise<Credentials> {
  const fields: Record<string, string> = {}
  for (const [flag, name, scheme, field] of FILES) {
    const path = flags[flag] ?? ''
    if (path === '') continue
    if (!(scheme === 'SSH' ? isSshUrl(url) : isHttpsUrl(url)))
      throw new CapstanError('bad-input', `${name} is only supported for ${scheme} repositories.`)
    fields[field] = await context.readText(path)
  }
  return fields
}

/** Only what says something. */
export function withoutEmpty(fields: Readonly<Record<string, string | number | boolean | undefined>>): Credentials {
  const said = Object.entries(fields).filter((entry): entry is [string, string | number | boolean] => Boolean(entry[1]))
  return Object.fromEntries(said)
}

async function passwordOf({ username = '', password = '' }: CredentialFlags, context: CliContext): Promise<string> {
  return username !== '' && password === '' ? (await context.ask('Password: ', true)).reveal() : password
}

function requirePair({ tlsClientCertPath = '', tlsClientCertKeyPath = '' }: CredentialFlags): void {
  if ((tlsClientCertPath === '') !== (tlsClientCertKeyPath === ''))
    throw new CapstanError(
      'bad-input',
      '--tls-client-cert-path and --tls-client-cert-key-path must be specified together',
    )
}

function requireToken(
  url: string,
  { bearerToken, password, type }: Readonly<Record<'bearerToken' | 'password' | 'type', string>>,
): void {
  // prettier-ignore
  if (bearerToken === '') return
  if (password !== '') throw new CapstanError('bad-input', 'only --bearer-token or --password is allowed, not both')
  if (type !== 'git') throw new CapstanError('bad-input', '--bearer-token is only supported for Git repositories')
  if (!isHttpsUrl(url)) throw new CapstanError('bad-input', '--bearer-token is only supported for HTTPS repositories')
}

function isHttpsUrl(url: string): boolean {
  return url.startsWith('https://')
}

/** util/git IsSSHURL, v3.5.1: with a scheme of its own, or user@host. */
function isSshUrl(url: string): boolean {
  return /^(?:ssh:\/\/)?[^/:]*@[^@]+$/.test(url)
}
