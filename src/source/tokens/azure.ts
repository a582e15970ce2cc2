// Access tokens of Microsoft Entra for Azure DevOps: by the workload identity of this process, or by a service principal.
import { readFile } from 'node:fs/promises'
import { CapstanError } from '../../base/errors.ts'
import type { Secret } from '../../base/secret.ts'
import { requestToken, type TokenContext, type TrustFor } from './token-endpoint.ts'
import type { AccessToken } from './token-cache.ts'

/** The application of Azure DevOps (argo-cd v3.5.1 util/git/creds.go). */
export const AZURE_DEVOPS_SCOPE = '499b84ac-1321-427f-aa17-267ca6975798/.default'

const AUTHORITY = 'https://login.microsoftonline.com'
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const WHAT = 'failed to get Azure access token'

export interface ServicePrincipal {
  readonly tenantId: string
  readonly clientId: string
  readonly clientSecret: Secret
  /** The authority; absent: that of Azure's public cloud. */
  readonly activeDirectoryEndpoint?: string
}

/** By AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_FEDERATED_TOKEN_FILE and AZURE_AUTHORITY_HOST. The file is read each time: it is renewed. */
export async function requestWorkloadToken(
  scope: string,
  trustFor: TrustFor,
  context: TokenContext,
): Promise<AccessToken> {
  const { environment } = context
  const file = required(environment, 'AZURE_FEDERATED_TOKEN_FILE')
  const form = {
    grant_type: 'client_credentials',
    client_id: required(environment, 'AZURE_CLIENT_ID'),
    scope,
    client_assertion_type: ASSERTION_TYPE,
    client_assertion: await readAssertion(file),
  }
  const url = tokenUrl(environment['AZURE_AUTHORITY_HOST'], required(environment, 'AZURE_TENANT_ID'))
  return requestToken(WHAT, url, form, { ...context, trustFor })
}

export async function requestPrincipalToken(
  principal: ServicePrincipal,
  trustFor: TrustFor,
  context: TokenContext,
): Promise<AccessToken> {
  const form = {
    grant_type: 'client_credentials',
    client_id: principal.clientId,
    client_secret: principal.clientSecret.reveal(),
    scope: AZURE_DEVOPS_SCOPE,
  }
  const url = tokenUrl(principal.activeDirectoryEndpoint, principal.tenantId)
  return requestToken(WHAT, url, form, { ...context, trustFor })
}

function tokenUrl(authority: string | undefined, tenant: string): string {
  const base = authority === undefined || authority === '' ? AUTHORITY : authority.replace(/\/+$/, '')
  return `${base}/${encodeURIComponent(tenant)}/oauth2/v2.0/token`
}

async function readAssertion(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    const text = `${WHAT}: ${file} (AZURE_FEDERATED_TOKEN_FILE) cannot be read; check the pod's workload identity`
    throw new CapstanError('precondition', text, { cause: error })
  }
}

function required(environment: TokenContext['environment'], name: string): string {
  const value = environment[name]
  if (value !== undefined && value !== '') return value
  const text = `${WHAT}: ${name} is not set; label the pod azure.workload.identity/use: "true" and annotate its service account`
  throw new CapstanError('precondition', text)
}
