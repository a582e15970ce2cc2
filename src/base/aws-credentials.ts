// Where AWS credentials come from: environment, shared files, web identity, container and machine, in the order of AWS' own tools.
import { type AwsCredentials, signPost } from './aws-signature.ts'
import { CapstanError, messageOf } from './errors.ts'
import { Secret } from './secret.ts'

type Environment = Readonly<Record<string, string | undefined>>
type Profile = Readonly<Record<string, string>>

export interface AwsRequest {
  readonly method: 'GET' | 'POST' | 'PUT'
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly timeoutMs: number
}

export interface AwsAnswer {
  readonly status: number
  /** No more than `MAX_ANSWER_LENGTH` of it. */
  readonly text: string
  /** By the server's clock. */
  readonly dateMs?: number
}

/** What the place a program runs at gives: its files and its network. */
export interface AwsHost {
  /** Rejects where there is no answer. Redirects are not followed. */
  ask(url: URL, request: AwsRequest): Promise<AwsAnswer>
  /** Undefined where there is none that can be read. */
  readText(path: string): Promise<string | undefined>
}

export interface AwsSource {
  readonly env: Environment
  readonly profile?: string
  readonly region: string
  readonly now: () => number
  readonly host: AwsHost
  /** Begins the messages of errors. */
  readonly what: string
}

export interface AwsRoleToAssume {
  readonly arn: string
  readonly externalId?: string
}

/** STS or a metadata service has said no, or nothing. */
export class AwsError extends CapstanError {
  /** `AccessDenied`, `SignatureDoesNotMatch` …; empty where the answer named none. */
  readonly awsCode: string
  /** Absent: there was no answer. */
  readonly answer: AwsAnswer | undefined

  constructor(message: string, answer?: AwsAnswer, options?: ErrorOptions) {
    super('unauthenticated', message, options)
    this.name = 'AwsError'
    this.answer = answer
    this.awsCode = xmlText(answer?.text ?? '', 'Code') ?? ''
  }
}

/** One answer of STS or of a metadata service. */
const ANSWER_TIMEOUT_MS = 10_000
/** The machine's metadata service answers at once or is not there. */
const METADATA_TIMEOUT_MS = 2_000
export const MAX_ANSWER_LENGTH: number = 64 * 1024
/** Of a message of AWS': its first line says what is wrong, the others repeat the request. */
const MAX_REASON_LENGTH = 300
/** Profiles that name each other. */
const MAX_PROFILES = 5
const SESSION_NAME = 'capstan'
/** Where containers may be sent for credentials without TLS: ECS, EKS Pod Identity, and their own machine. */
const CONTAINER_HOSTS: ReadonlySet<string> = new Set(['169.254.170.2', '169.254.170.23', '[fd00:ec2::23]'])

/** Credentials, asked for anew. Throws `unauthenticated` with every place that was looked at. */
export async function awsCredentials(source: AwsSource): Promise<AwsCredentials> {
  const { env } = source
  const named = source.profile ?? env['AWS_PROFILE']
  if (named !== undefined && named !== '') {
    const found = await ofProfile(source, named, MAX_PROFILES)
    if (found === undefined)
      throw refused(source, `profile ${named} is not in the shared files, or holds no credentials`)
    return found
  }
  const found =
    ofEnvironment(env) ??
    (await ofWebIdentity(source, { role: env['AWS_ROLE_ARN'], file: env['AWS_WEB_IDENTITY_TOKEN_FILE'] })) ??
    (await ofProfile(source, 'default', MAX_PROFILES)) ??
    (await ofContainer(source)) ??
    (await ofMachine(source))
  if (found === undefined) {
    throw refused(
      source,
      'there are no AWS credentials: environment, web identity, shared files, container and machine have none',
    )
  }
  return found
}

/** `https://sts.<region>.amazonaws.com/`, or what AWS_ENDPOINT_URL_STS and AWS_ENDPOINT_URL name instead. */
export function stsUrl({ env, region }: Pick<AwsSource, 'env' | 'region'>): URL {
  const named = env['AWS_ENDPOINT_URL_STS'] ?? env['AWS_ENDPOINT_URL']
  if (named !== undefined && URL.canParse(named)) return new URL(named)
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
  return new URL(`https://sts.${region}.${suffix}/`)
}

/** The credentials of a role, taken on with others. */
export async function assumeRole(
  source: AwsSource,
  base: AwsCredentials,
  { arn, externalId }: AwsRoleToAssume,
): Promise<AwsCredentials> {
  const fields = { Action: 'AssumeRole', RoleArn: arn, RoleSessionName: SESSION_NAME, Version: '2011-06-15' }
  const body = new URLSearchParams({
    ...fields,
    ...(externalId === undefined ? {} : { ExternalId: externalId }),
  }).toString()
  const scope = { credentials: base, region: source.region, service: 'sts', nowMs: source.now() }
  const url = stsUrl(source)
  const { host: _host, ...headers } = signPost(url, body, scope)
  return credentialsOfXml(source, await ask(source, url, { method: 'POST', headers, body }))
}

function ofEnvironment(env: Environment): AwsCredentials | undefined {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = env
  return keyPair({ id, secret, token })
}

function keyPair(pair: {
  readonly id: string | undefined
  readonly secret: string | undefined
  readonly token: string | undefined
}): AwsCredentials | undefined {
  const { id = '', secret = '', token = '' } = pair
  if (id === '' || secret === '') return undefined
  const session = token === '' ? {} : { sessionToken: new Secret(token) }
  return { accessKeyId: id, secretAccessKey: new Secret(secret), ...session }
}

async function ofWebIdentity(
  source: AwsSource,
  { role = '', file = '' }: { readonly role: string | undefined; readonly file: string | undefined },
): Promise<AwsCredentials | undefined> {
  if (role === '' || file === '') return undefined
  const token = await source.host.readText(file)
  if (token === undefined) throw refused(source, `the web identity token file ${file} cannot be read`)
  const body = new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity',
    RoleArn: role,
    RoleSessionName: source.env['AWS_ROLE_SESSION_NAME'] ?? SESSION_NAME,
    WebIdentityToken: token.trim(),
    Version: '2011-06-15',
  }).toString()
  const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
  return credentialsOfXml(source, await ask(source, stsUrl(source), { method: 'POST', headers, body }))
}

async function ofProfile(source: AwsSource, name: string, depth: number): Promise<AwsCredentials | undefined> {
  if (depth === 0) throw refused(source, `profile ${name}: more than ${MAX_PROFILES} profiles name each other`)
  const profile = await readProfile(source, name)
  const { role_arn: role, source_profile: other, web_identity_token_file: file } = profile
  if (role !== undefined && file !== undefined) return ofWebIdentity(source, { role, file })
  if (role !== undefined && other !== undefined && other !== name) {
    const base = await ofProfile(source, other, depth - 1)
    if (base === undefined) throw refused(source, `profile ${name}: its source_profile ${other} has no credentials`)
    return assumeRole(source, base, { arn: role })
  }
  const { aws_access_key_id: id, aws_secret_access_key: secret, aws_session_token: token } = profile
  return keyPair({ id, secret, token })
}

/** A profile of both shared files; the credentials file wins. */
export async function readProfile({ env, host }: Pick<AwsSource, 'env' | 'host'>, name: string): Promise<Profile> {
  const folder = `${env['HOME'] ?? ''}/.aws`
  const [config, credentials] = await Promise.all([
    host.readText(env['AWS_CONFIG_FILE'] ?? `${folder}/config`),
    host.readText(env['AWS_SHARED_CREDENTIALS_FILE'] ?? `${folder}/credentials`),
  ])
  const heading = name === 'default' ? ['default', 'profile default'] : [`profile ${name}`]
  return { ...sectionOf(config ?? '', heading), ...sectionOf(credentials ?? '', [name]) }
}

function sectionOf(text: string, names: readonly string[]): Profile {
  const found: Record<string, string> = {}
  let isInside = false
  for (const line of text.split(/\r?\n/)) {
    const heading = /^\[(?<name>[^\]]*)\]/.exec(line)?.groups?.['name']
    if (heading !== undefined) isInside = names.includes(heading.trim().replace(/\s+/g, ' '))
    const equals = line.indexOf('=')
    if (!isInside || equals < 0 || /^[\s#;]/.test(line)) continue
    found[line.slice(0, equals).trim()] = line.slice(equals + 1).trim()
  }
  return found
}

/** ECS and EKS Pod Identity. */
async function ofContainer(source: AwsSource): Promise<AwsCredentials | undefined> {
  const { env, host } = source
  const relative = env['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI']
  const full = env['AWS_CONTAINER_CREDENTIALS_FULL_URI']
  const url = URL.parse(relative === undefined ? (full ?? '') : `http://169.254.170.2${relative}`)
  if (url === null) return undefined
  if (url.protocol !== 'https:' && !CONTAINER_HOSTS.has(url.hostname) && !isLoopback(url)) {
    throw refused(source, `AWS_CONTAINER_CREDENTIALS_FULL_URI names ${url.host}, which is not https: refused`)
  }
  const file = env['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE']
  const token = file === undefined ? env['AWS_CONTAINER_AUTHORIZATION_TOKEN'] : await host.readText(file)
  const headers: Record<string, string> = token === undefined ? {} : { authorization: token.trim() }
  return credentialsOfJson(source, await ask(source, url, { method: 'GET', headers }))
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}

/** The role of an EC2 machine (IMDSv2). */
async function ofMachine(source: AwsSource): Promise<AwsCredentials | undefined> {
  const { env } = source
  if (env['AWS_EC2_METADATA_DISABLED']?.toLowerCase() === 'true') return undefined
  const base = env['AWS_EC2_METADATA_SERVICE_ENDPOINT'] ?? 'http://169.254.169.254/'
  const roles = URL.parse('/latest/meta-data/iam/security-credentials/', base)
  if (roles === null) return undefined
  try {
    const get = (url: URL, headers: AwsRequest['headers']): Promise<string> =>
      ask(source, url, { method: 'GET', headers, timeoutMs: METADATA_TIMEOUT_MS })
    const token = await ask(source, new URL('/latest/api/token', base), {
      method: 'PUT',
      headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '300' },
      timeoutMs: METADATA_TIMEOUT_MS,
    })
    const headers = { 'x-aws-ec2-metadata-token': token.trim() }
    const role = (await get(roles, headers)).split('\n')[0]?.trim() ?? ''
    return role === '' ? undefined : credentialsOfJson(source, await get(new URL(role, roles), headers))
  } catch {
    // No such service: this is no machine of AWS, and the caller names all places that were looked at.
    return undefined
  }
}

async function ask(
  source: AwsSource,
  url: URL,
  request: Omit<AwsRequest, 'timeoutMs'> & Partial<AwsRequest>,
): Promise<string> {
  let answer: AwsAnswer
  try {
    answer = await source.host.ask(url, { timeoutMs: ANSWER_TIMEOUT_MS, ...request })
  } catch (error) {
    const text = `${source.what}: ${url.host} cannot be asked: ${messageOf(error)}`
    throw new AwsError(text, undefined, { cause: error })
  }
  if (answer.status >= 200 && answer.status < 300) return answer.text
  throw new AwsError(`${source.what}: ${url.host} answered ${answer.status}: ${reasonOf(answer)}`, answer)
}

function reasonOf({ status, text }: AwsAnswer): string {
  const reason = xmlText(text, 'Message')?.split('\n')[0] ?? ''
  return reason === '' ? `status ${status}` : reason.slice(0, MAX_REASON_LENGTH)
}

function xmlText(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>(?<text>[^<]*)</${name}>`).exec(xml)?.groups?.['text']?.trim()
}

function credentialsOfXml(source: AwsSource, xml: string): AwsCredentials {
  const pair = {
    id: xmlText(xml, 'AccessKeyId'),
    secret: xmlText(xml, 'SecretAccessKey'),
    token: xmlText(xml, 'SessionToken'),
  }
  return lasting(source, keyPair(pair), xmlText(xml, 'Expiration'))
}

function credentialsOfJson(source: AwsSource, text: string): AwsCredentials {
  let answer: Readonly<Record<string, unknown>>
  try {
    // Fields that are no text count as absent.
    answer = Object(JSON.parse(text)) as Readonly<Record<string, unknown>>
  } catch {
    throw refused(source, 'the metadata service answered no JSON')
  }
  const field = (name: string): string | undefined => (typeof answer[name] === 'string' ? answer[name] : undefined)
  const pair = { id: field('AccessKeyId'), secret: field('SecretAccessKey'), token: field('Token') }
  return lasting(source, keyPair(pair), field('Expiration'))
}

function lasting(
  source: AwsSource,
  credentials: AwsCredentials | undefined,
  expiration: string | undefined,
): AwsCredentials {
  if (credentials === undefined) throw refused(source, 'the answer holds no credentials')
  const expiresAtMs = Date.parse(expiration ?? '')
  return Number.isNaN(expiresAtMs) ? credentials : { ...credentials, expiresAtMs }
}

function refused({ what }: Pick<AwsSource, 'what'>, why: string): CapstanError {
  return new CapstanError('unauthenticated', `${what}: ${why}`)
}
