// Tokens of Amazon's registries: private ones by region, the public one in us-east-1.
import { signPost } from '../base/aws-signature.ts'
import { Secret } from '../base/secret.ts'
import type { AwsIdentity, EcrLogin, EcrPublicLogin } from '../settings/registry-credential.ts'
import { parseEcrHost } from '../settings/registry-hosts.ts'
import { type AwsAccess, isPassing, isTimeRefusal } from './aws-access.ts'
import { type CloudAnswer, type CloudCalls, jsonFields, plainReason, textField } from './cloud-calls.ts'
import type { IssuedLogin } from './issued-login.ts'
import { IssueError } from './issue-error.ts'

/** A longer password is no token of a registry's: Kubernetes keeps no Secret much larger. */
export const MAX_TOKEN_LENGTH: number = 32 * 1024
/** What tokens live where the answer does not say. */
const DEFAULT_LIFE_MS = 12 * 3_600_000
/** A clock that was off, credentials that had expired: each is put right once. */
const MAX_TRIES = 3
const EXPIRED = /^(?:ExpiredToken|ExpiredTokenException)$/

/** What is asked of one of the two services. */
export interface EcrQuestion {
  readonly service: 'ecr' | 'ecr-public'
  readonly target: string
  readonly region: string
  readonly url: URL
  readonly identity: AwsIdentity
}

type Environment = Readonly<Record<string, string | undefined>>

/** `AWS_ENDPOINT_URL_ECR` and `AWS_ENDPOINT_URL` of the process name another address, as for AWS' own tools. */
export function ecrQuestion(login: EcrLogin | EcrPublicLogin, host: string, env: Environment): EcrQuestion {
  if (login.kind === 'ecr-public') {
    const url = endpoint(env, 'AWS_ENDPOINT_URL_ECR_PUBLIC', 'https://api.ecr-public.us-east-1.amazonaws.com/')
    const target = 'SpencerFrontendService.GetAuthorizationToken'
    return { service: 'ecr-public', target, region: 'us-east-1', url, identity: login.aws }
  }
  const { region } = login
  const url = endpoint(env, 'AWS_ENDPOINT_URL_ECR', `https://${apiHost(host, region)}/`)
  const target = 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken'
  return { service: 'ecr', target, region, url, identity: login.aws }
}

/** Where the API of a region answers, in the cloud that the registry's host belongs to. */
function apiHost(host: string, region: string): string {
  const parsed = parseEcrHost(host)
  const isChina = region.startsWith('cn-')
  const suffix = parsed?.suffix ?? (isChina ? 'amazonaws.com.cn' : 'amazonaws.com')
  if (parsed?.isFips === true) return `ecr-fips.${region}.${suffix === 'on.aws' ? 'api.aws' : suffix}`
  if (suffix === 'on.aws') return `ecr.${region}.api.aws`
  if (suffix === 'on.amazonwebservices.com.cn') return `ecr.${region}.api.amazonwebservices.com.cn`
  return `api.ecr.${region}.${suffix}`
}

function endpoint(env: Environment, name: string, fallback: string): URL {
  const named = env[name] || env['AWS_ENDPOINT_URL']
  const url = URL.parse(named || fallback)
  if (url !== null) return url
  throw new IssueError('configuration', `${name}: ${JSON.stringify(named)} is no address`)
}

/** Throws `IssueError` with AWS' code and the first line of its message. */
export async function issueEcrLogin(
  question: EcrQuestion,
  { aws, calls, signal }: { readonly aws: AwsAccess; readonly calls: CloudCalls; readonly signal: AbortSignal },
): Promise<IssuedLogin> {
  const { identity, region } = question
  for (let attempt = 1; ; attempt++) {
    const answer = await ask(question, { aws, calls, signal })
    if (answer.status === 200) {
      aws.learnTime(answer.dateMs)
      return loginOf(question, answer, aws)
    }
    const { code, message } = refusalOf(answer)
    const mayHelp = attempt < MAX_TRIES
    if (mayHelp && isTimeRefusal(code, message) && aws.learnTime(answer.dateMs)) continue
    if (mayHelp && EXPIRED.test(code) && identity.sessionToken === undefined) {
      aws.forget(identity, region)
      continue
    }
    const text = `${question.url.host} answered ${answer.status} ${code}${message === '' ? '' : `: ${message}`}`
    throw new IssueError(isPassing(answer.status, code) ? 'temporary' : 'configuration', text)
  }
}

async function ask(
  { service, target, region, url, identity }: EcrQuestion,
  { aws, calls, signal }: { readonly aws: AwsAccess; readonly calls: CloudCalls; readonly signal: AbortSignal },
): Promise<CloudAnswer> {
  const credentials = await aws.credentials(identity, region)
  const body = '{}'
  const scope = { credentials, region, service, nowMs: aws.now() }
  const more = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target }
  const { host: _host, ...headers } = signPost(url, body, scope, more)
  return calls.send({ method: 'POST', url, headers, body, signal })
}

/** `com.amazonaws…#AccessDeniedException` becomes the word after the sign; the message's other lines repeat the request. */
function refusalOf({ status, text }: CloudAnswer): { readonly code: string; readonly message: string } {
  const fields = jsonFields(text)
  const type = textField(fields, '__type') ?? ''
  const code = /^[A-Za-z]{1,100}$/.exec(type.slice(type.lastIndexOf('#') + 1))?.[0] ?? `status ${status}`
  return { code, message: plainReason(textField(fields, 'message') ?? textField(fields, 'Message') ?? '') }
}

function loginOf({ url }: EcrQuestion, { text }: CloudAnswer, aws: AwsAccess): IssuedLogin {
  const { authorizationData } = jsonFields(text)
  const data: unknown = Array.isArray(authorizationData) ? authorizationData[0] : authorizationData
  const fields: Readonly<Record<string, unknown>> = typeof data === 'object' && data !== null ? { ...data } : {}
  const token = textField(fields, 'authorizationToken')
  if (token === undefined) throw new IssueError('temporary', `${url.host} sent an answer without a token`)
  if (token.length > MAX_TOKEN_LENGTH) {
    throw new IssueError('temporary', `${url.host} sent a token of more than ${MAX_TOKEN_LENGTH} characters`)
  }
  const decoded = Buffer.from(token, 'base64').toString('utf8')
  const colon = decoded.indexOf(':')
  if (colon < 1 || !/^[\x21-\x7e]+$/.test(decoded)) {
    throw new IssueError('temporary', `${url.host} sent a token that is no user and password`)
  }
  const issuedMs = aws.now() - aws.skewMs
  const expiresMs = expiryOf(fields['expiresAt'], aws.skewMs) ?? issuedMs + DEFAULT_LIFE_MS
  if (expiresMs <= issuedMs) {
    throw new IssueError('temporary', `${url.host} sent a token that has expired already; check this machine's clock`)
  }
  const proxyEndpoint = textField(fields, 'proxyEndpoint')
  return {
    username: decoded.slice(0, colon),
    password: new Secret(decoded.slice(colon + 1)),
    issuedAt: new Date(issuedMs),
    expiresAt: new Date(expiresMs),
    ...(proxyEndpoint === undefined ? {} : { proxyEndpoint }),
  }
}

/** Seconds since the epoch, with a fraction, by AWS' clock. */
function expiryOf(value: unknown, skewMs: number): number | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined
  const ms = value * 1000 - skewMs
  // Further off is no date that JavaScript knows.
  return Math.abs(ms) < 8.64e15 ? ms : undefined
}
