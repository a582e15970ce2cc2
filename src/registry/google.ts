// Access tokens for Google's registries: by a service account's key, or by the workload identity of this process.
import type { Clock } from '../base/clock.ts'
import { Secret } from '../base/secret.ts'
import type { GoogleLogin } from '../settings/registry-credential.ts'
import { type CloudAnswer, type CloudCalls, jsonFields, oauthRefusal, textField } from './cloud-calls.ts'
import type { IssuedLogin } from './issued-login.ts'
import { IssueError } from './issue-error.ts'

/** Goes with an access token, in whatever account it was issued. */
const USER = 'oauth2accesstoken'
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform'
const TOKEN_URL = 'https://oauth2.googleapis.com/token'
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const ASSERTION_LIFE_S = 3600
const METADATA_HOST = 'metadata.google.internal'
const METADATA_PATH = '/computeMetadata/v1/instance/service-accounts/default/token'
const METADATA_TIMEOUT_MS = 5_000
const DEFAULT_LIFE_S = 3600
const WHAT = 'Google'

export interface GoogleContext {
  readonly clock: Clock
  readonly env: Readonly<Record<string, string | undefined>>
  readonly calls: CloudCalls
  readonly signal: AbortSignal
}

/** Throws `IssueError`; nothing of the key is in its message. */
export async function issueGoogleLogin(
  { serviceAccountKey }: GoogleLogin,
  context: GoogleContext,
): Promise<IssuedLogin> {
  const issuedMs = context.clock.now()
  const { url, answer } =
    serviceAccountKey === undefined ? await askMetadata(context) : await exchangeKey(serviceAccountKey, context)
  if (answer.status !== 200) throw oauthRefusal(WHAT, url, answer)
  const fields = jsonFields(answer.text)
  const token = textField(fields, 'access_token')
  if (token === undefined || !/^[\x21-\x7e]+$/.test(token)) {
    throw new IssueError('temporary', `${WHAT}: ${url.host} sent an answer without a token`)
  }
  const seconds = Number(fields['expires_in'] ?? DEFAULT_LIFE_S)
  const lifeMs = (Number.isFinite(seconds) && seconds > 0 ? seconds : DEFAULT_LIFE_S) * 1000
  return {
    username: USER,
    password: new Secret(token),
    issuedAt: new Date(issuedMs),
    expiresAt: new Date(issuedMs + lifeMs),
  }
}

interface Asked {
  readonly url: URL
  readonly answer: CloudAnswer
}

/** GKE's workload identity, or the account of the machine. */
async function askMetadata({ env, calls, signal }: GoogleContext): Promise<Asked> {
  const url = URL.parse(METADATA_PATH, `http://${env['GCE_METADATA_HOST'] || METADATA_HOST}`)
  if (url === null) throw new IssueError('configuration', 'GCE_METADATA_HOST is no host')
  const headers = { 'metadata-flavor': 'Google' }
  const answer = await calls.send({ method: 'GET', url, headers, timeoutMs: METADATA_TIMEOUT_MS, signal })
  if (answer.headers['metadata-flavor'] === 'Google') return { url, answer }
  throw new IssueError('configuration', `${url.host} is no metadata server of Google: give a key, or run where one is`)
}

/** The JWT bearer grant (RFC 7523) with the key's own claims. */
async function exchangeKey(key: Secret, { clock, env, calls, signal }: GoogleContext): Promise<Asked> {
  const fields = jsonFields(key.reveal())
  const type = textField(fields, 'type')
  if (type !== undefined && type !== 'service_account') {
    throw new IssueError('configuration', `gcpServiceAccountKey: only keys of service accounts are supported`)
  }
  const [email, privateKey] = [required(fields, 'client_email'), required(fields, 'private_key')]
  const url = tokenUrl(textField(fields, 'token_uri'), env)
  const seconds = Math.floor(clock.now() / 1000)
  const keyId = textField(fields, 'private_key_id')
  const assertion = await sign({
    header: { alg: 'RS256', typ: 'JWT', ...(keyId === undefined ? {} : { kid: keyId }) },
    claims: { iss: email, scope: SCOPE, aud: url.href, iat: seconds, exp: seconds + ASSERTION_LIFE_S },
    privateKey,
  })
  const body = new URLSearchParams({ grant_type: GRANT, assertion }).toString()
  const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' }
  return { url, answer: await calls.send({ method: 'POST', url, headers, body, signal }) }
}

/** A key is text that anybody may have written: what it names is asked only where Google answers. */
function tokenUrl(named: string | undefined, env: GoogleContext['env']): URL {
  const override = URL.parse(env['CLOUDSDK_AUTH_TOKEN_HOST'] ?? '')
  if (override !== null) return override
  const url = URL.parse(named ?? TOKEN_URL)
  if (url?.protocol === 'https:' && url.port === '' && /(?:^|\.)googleapis\.com$/.test(url.hostname)) return url
  throw new IssueError('configuration', 'gcpServiceAccountKey: token_uri is no address of googleapis.com: refused')
}

interface Assertion {
  readonly header: { readonly alg: 'RS256'; readonly typ: 'JWT'; readonly kid?: string }
  readonly claims: Readonly<Record<string, string | number>>
  readonly privateKey: string
}

async function sign({ header, claims, privateKey }: Assertion): Promise<string> {
  const [{ SignJWT }, { createPrivateKey }] = await Promise.all([import('jose'), import('node:crypto')])
  try {
    return await new SignJWT({ ...claims }).setProtectedHeader(header).sign(createPrivateKey(privateKey))
  } catch {
    // The library's message may quote what it could not read.
    throw new IssueError('configuration', 'gcpServiceAccountKey: private_key is no RSA key in PEM')
  }
}

function required(fields: Readonly<Record<string, unknown>>, name: string): string {
  const value = textField(fields, name)
  if (value !== undefined) return value
  throw new IssueError(
    'configuration',
    `gcpServiceAccountKey: ${name} is missing: paste the whole JSON file of the key`,
  )
}
