// Logins of Azure's registries: a token of Microsoft Entra is exchanged for the registry's own.
import type { Clock } from '../base/clock.ts'
import { Secret } from '../base/secret.ts'
import type { AzureLogin } from '../settings/registry-credential.ts'
import { kindOfHost } from '../settings/registry-hosts.ts'
import { type CloudCalls, jsonFields, oauthRefusal, readText, textField } from './cloud-calls.ts'
import type { IssuedLogin } from './issued-login.ts'
import { IssueError } from './issue-error.ts'
import { isLoopback } from './registry-address.ts'

/** Goes with a refresh token of the registry, which is written as its password. */
const USER = '00000000-0000-0000-0000-000000000000'
const AUTHORITY = 'https://login.microsoftonline.com'
const RESOURCE = 'https://management.core.windows.net'
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const METADATA = 'http://169.254.169.254'
const METADATA_TIMEOUT_MS = 5_000
/** What the registry's tokens live where they do not say. */
const DEFAULT_LIFE_MS = 3_600_000
const FORM = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' }
const WHAT = 'Azure'

export interface AzureContext {
  /** The registry: `name.azurecr.io`. */
  readonly host: string
  readonly clock: Clock
  readonly env: Readonly<Record<string, string | undefined>>
  readonly calls: CloudCalls
  readonly signal: AbortSignal
}

/** Throws `IssueError`; an identity of Azure is shown to a registry of Azure's alone. */
export async function issueAzureLogin(login: AzureLogin, context: AzureContext): Promise<IssuedLogin> {
  const { host, clock, calls, signal } = context
  if (kindOfHost(host) !== 'azure' && !isLoopback(host)) {
    throw new IssueError('configuration', `${host} is no registry of Azure's, and is shown no token of an identity`)
  }
  const identity = await identityToken(login, context)
  const url = new URL('/oauth2/exchange', `${isLoopback(host) ? 'http' : 'https'}://${host}`)
  const tenant = login.tenantId ?? context.env['AZURE_TENANT_ID']
  const form = {
    grant_type: 'access_token',
    service: host,
    access_token: identity.reveal(),
    ...(tenant === undefined ? {} : { tenant }),
  }
  const answer = await calls.send({ method: 'POST', url, headers: FORM, body: encoded(form), signal })
  if (answer.status !== 200) throw oauthRefusal(WHAT, url, answer)
  const token = checkedToken(textField(jsonFields(answer.text), 'refresh_token'), url)
  const issuedMs = clock.now()
  return {
    username: USER,
    password: token,
    issuedAt: new Date(issuedMs),
    expiresAt: new Date(endOf(token) ?? issuedMs + DEFAULT_LIFE_MS),
  }
}

function identityToken(login: AzureLogin, context: AzureContext): Promise<Secret> {
  switch (login.identity) {
    case 'service-principal':
      return principalToken(login, context)
    case 'workload-identity':
      return workloadToken(login, context)
    case 'managed-identity':
      return managedToken(login, context)
  }
}

function principalToken(login: AzureLogin, context: AzureContext): Promise<Secret> {
  const { clientId = '', tenantId = '', clientSecret, authority } = login
  const proof = { client_secret: clientSecret?.reveal() ?? '' }
  return entraToken({ authority, tenantId, clientId, proof }, context)
}

/** The file is read each time: it is renewed. */
async function workloadToken(login: AzureLogin, context: AzureContext): Promise<Secret> {
  const { env } = context
  const file = required(env, 'AZURE_FEDERATED_TOKEN_FILE')
  const assertion = (await readText(file))?.trim()
  if (assertion === undefined || assertion === '') {
    throw new IssueError('configuration', `${WHAT}: ${file} (AZURE_FEDERATED_TOKEN_FILE) cannot be read`)
  }
  const clientId = login.clientId ?? required(env, 'AZURE_CLIENT_ID')
  const tenantId = login.tenantId ?? required(env, 'AZURE_TENANT_ID')
  const proof = { client_assertion_type: ASSERTION_TYPE, client_assertion: assertion }
  return entraToken({ authority: undefined, tenantId, clientId, proof }, context)
}

/** The identity of the machine, or of the container where Azure runs it. */
async function managedToken({ clientId }: AzureLogin, { env, calls, signal }: AzureContext): Promise<Secret> {
  const own = URL.parse(env['IDENTITY_ENDPOINT'] ?? '')
  const metadata = new URL('/metadata/identity/oauth2/token', env['AZURE_POD_IDENTITY_AUTHORITY_HOST'] || METADATA)
  const url = own ?? metadata
  url.searchParams.set('api-version', own === null ? '2018-02-01' : '2019-08-01')
  url.searchParams.set('resource', resourceOf(env))
  if (clientId !== undefined) url.searchParams.set('client_id', clientId)
  const headers: Record<string, string> =
    own === null ? { metadata: 'true' } : { 'x-identity-header': env['IDENTITY_HEADER'] ?? '' }
  const answer = await calls.send({ method: 'GET', url, headers, timeoutMs: METADATA_TIMEOUT_MS, signal })
  if (answer.status !== 200) throw oauthRefusal(WHAT, url, answer)
  return checkedToken(textField(jsonFields(answer.text), 'access_token'), url)
}

interface EntraQuestion {
  readonly authority: string | undefined
  readonly tenantId: string
  readonly clientId: string
  readonly proof: Readonly<Record<string, string>>
}

async function entraToken(
  { authority, tenantId, clientId, proof }: EntraQuestion,
  { env, calls, signal }: AzureContext,
): Promise<Secret> {
  const base = authority ?? (env['AZURE_AUTHORITY_HOST'] || AUTHORITY)
  const url = URL.parse(`${base.replace(/\/+$/, '')}/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`)
  if (url === null) throw new IssueError('configuration', `${WHAT}: AZURE_AUTHORITY_HOST is no address`)
  const scope = `${resourceOf(env)}/.default`
  const form = { grant_type: 'client_credentials', client_id: clientId, scope, ...proof }
  const answer = await calls.send({ method: 'POST', url, headers: FORM, body: encoded(form), signal })
  if (answer.status !== 200) throw oauthRefusal(WHAT, url, answer)
  return checkedToken(textField(jsonFields(answer.text), 'access_token'), url)
}

function resourceOf(env: AzureContext['env']): string {
  return env['AZURE_ARM_TOKEN_RESOURCE'] || RESOURCE
}

function encoded(form: Readonly<Record<string, string>>): string {
  return new URLSearchParams({ ...form }).toString()
}

function checkedToken(token: string | undefined, url: URL): Secret {
  if (token !== undefined && /^[\x21-\x7e]+$/.test(token)) return new Secret(token)
  throw new IssueError('temporary', `${WHAT}: ${url.host} sent an answer without a token`)
}

/** The `exp` of a JSON Web Token. */
function endOf(token: Secret): number | undefined {
  const { exp } = jsonFields(Buffer.from(token.reveal().split('.')[1] ?? '', 'base64url').toString('utf8'))
  return typeof exp === 'number' && exp > 0 && exp < 8.64e12 ? exp * 1000 : undefined
}

function required(env: AzureContext['env'], name: string): string {
  const value = env[name]
  if (value !== undefined && value !== '') return value
  throw new IssueError('configuration', `${WHAT}: ${name} is not set: check the workload identity of the pod`)
}
