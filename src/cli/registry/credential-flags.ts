// Flags that say how the login of a registry is come by, and the message they make.
import { CapstanError } from '../../base/errors.ts'
import type { CliContext } from '../context.ts'
import { file, text, truthFlag, type Flag, type Values } from '../verb-flags.ts'

type Texts =
  | 'kind'
  | 'username'
  | 'password'
  | 'awsRegion'
  | 'awsAccessKeyId'
  | 'awsSecretAccessKey'
  | 'awsSessionToken'
  | 'awsRoleArn'
  | 'awsExternalId'
  | 'gcpServiceAccountKeyPath'
  | 'azureServicePrincipalTenantId'
  | 'azureServicePrincipalClientId'
  | 'azureServicePrincipalClientSecret'
  | 'azureActiveDirectoryEndpoint'

export const credentialFlags: Readonly<
  Record<Texts, Flag<string>> & Record<'passwordStdin' | 'useAzureWorkloadIdentity', Flag<boolean>>
> = {
  kind: text('static, ecr, ecr-public, google or azure; else told by the host and what is given'),
  username: text('user name'),
  password: text(
    'password or token; others on this machine can see it: rather type it when asked, or --password-stdin',
  ),
  passwordStdin: truthFlag('read the password from standard input'),
  awsRegion: text('region of ECR, where the host does not say it'),
  awsAccessKeyId: text('access key of AWS; its secret is asked for'),
  awsSecretAccessKey: text('its secret; rather type it when asked, or --password-stdin'),
  awsSessionToken: text('session token of temporary keys'),
  awsRoleArn: text('role to take on'),
  awsExternalId: text('external id that the role wants'),
  gcpServiceAccountKeyPath: file('key of a service account of Google Cloud'),
  useAzureWorkloadIdentity: truthFlag('use the workload identity of Azure'),
  azureServicePrincipalTenantId: text('tenant of an Azure service principal'),
  azureServicePrincipalClientId: text('its client id; the secret is asked for'),
  azureServicePrincipalClientSecret: text('its client secret; rather type it when asked, or --password-stdin'),
  azureActiveDirectoryEndpoint: text('sign-in address of another Azure cloud'),
}

type Given = Values<typeof credentialFlags> & {
  readonly name?: string | undefined
  readonly project?: string | undefined
  readonly serviceAccounts?: string | undefined
  readonly tokenHosts?: readonly string[] | undefined
  readonly insecure?: boolean | undefined
  readonly disabled?: boolean | undefined
}

/** Whose secret is asked for, and by which field it goes. */
const PAIRS = [
  ['username', 'password', 'Password: '],
  ['awsAccessKeyId', 'awsSecretAccessKey', 'Secret access key: '],
  ['azureServicePrincipalClientId', 'azureServicePrincipalClientSecret', 'Client secret: '],
] as const

/** Our message RegistryInput, with files read and the secret asked for where its owner stands alone. */
export async function inputOf(address: string, given: Given, context: CliContext): Promise<object> {
  const { passwordStdin, gcpServiceAccountKeyPath, ...fields } = given
  const pair = PAIRS.find(([owner]) => (given[owner] ?? '') !== '')
  const secret = await secretOf(given, pair, { passwordStdin: passwordStdin === true, context })
  const key = gcpServiceAccountKeyPath === undefined ? {} : { gcpServiceAccountKey: await context.readText(gcpServiceAccountKeyPath) } // prettier-ignore
  const said = Object.entries(fields).filter(([, value]) => value !== undefined && value !== '' && value !== false)
  return { address, ...Object.fromEntries(said), ...secret, ...key }
}

async function secretOf(
  given: Given,
  pair: (typeof PAIRS)[number] | undefined,
  { passwordStdin, context }: { readonly passwordStdin: boolean; readonly context: CliContext },
): Promise<Readonly<Record<string, string>>> {
  const [, field, question] = pair ?? ['', 'password', '']
  const isGiven = (given[field] ?? '') !== ''
  if (passwordStdin && isGiven) {
    throw new CapstanError('bad-input', 'give the password either by a flag or with --password-stdin')
  }
  if (passwordStdin) return { [field]: (await context.readText('-')).replace(/\r?\n$/, '') }
  if (pair === undefined || isGiven || isFederated(given)) return {}
  return { [field]: (await context.ask(question, true)).reveal() }
}

/** A client id of Azure names an identity, too, that has no secret. */
function isFederated({ useAzureWorkloadIdentity, kind }: Given): boolean {
  return useAzureWorkloadIdentity === true || kind === 'azure'
}
