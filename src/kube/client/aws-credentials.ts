// Where AWS credentials come from: environment, shared files, web identity, container and machine, in the order of AWS' own tools.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CapstanError, messageOf } from '../../base/errors.ts'
import { Secret } from '../../base/secret.ts'
import { type AwsCredentials, signPost } from './aws-signature.ts'

type Environment = Readonly<Record<string, string | undefined>>
type Profile = Readonly<Record<string, string>>

export interface AwsSource {
  readonly env: Environment
  readonly profile?: string
  readonly region: string
  readonly now: () => number
}

/** One answer of STS or of a metadata service. */
const ANSWER_TIMEOUT_MS = 10_000
/** The machine's metadata service answers at once or is not there. */
const METADATA_TIMEOUT_MS = 2_000
const MAX_ANSWER_BYTES = 64 * 1024
/** Profiles that name each other. */
const MAX_PROFILES = 5
const SESSION_NAME = 'capstan'

/** Credentials, asked for anew. Throws `unauthenticated` with every place that was looked at. */
export async function awsCredentials(source: AwsSource): Promise<AwsCredentials> {
  const { env } = source
  const named = source.profile ?? env['AWS_PROFILE']
  if (named !== undefined && named !== '') {
    const found = await ofProfile(source, named, MAX_PROFILES)
    if (found === undefined) throw refused(`profile ${named} is not in the shared files, or holds no credentials`)
    return found
  }
  const found =
    ofEnvironment(env) ??
    (await ofWebIdentity(source, { role: env['AWS_ROLE_ARN'], file: env['AWS_WEB_IDENTITY_TOKEN_FILE'] })) ??
    (await ofProfile(source, 'default', MAX_PROFILES)) ??
    (await ofContainer(env)) ??
    (await ofMachine(env))
  if (found === undefined) {
    throw refused(
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
export async function assumeRole(source: AwsSource, base: AwsCredentials, roleArn: string): Promise<AwsCredentials> {
  const fields = { Action: 'AssumeRole', RoleArn: roleArn, RoleSessionName: SESSION_NAME }
  const body = new URLSearchParams({ ...fields, Version: '2011-06-15' }).toString()
  const scope = { credentials: base, region: source.region, service: 'sts', nowMs: source.now() }
  const url = stsUrl(source)
  const { host: _host, ...headers } = signPost(url, body, scope)
  return credentialsOfXml(await ask(url, { method: 'POST', headers, body }))
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
  const token = await readText(file)
  if (token === undefined) throw refused(`the web identity token file ${file} cannot be read`)
  const body = new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity',
    RoleArn: role,
    RoleSessionName: source.env['AWS_ROLE_SESSION_NAME'] ?? SESSION_NAME,
    WebIdentityToken: token.trim(),
    Version: '2011-06-15',
  }).toString()
  const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
  return credentialsOfXml(await ask(stsUrl(source), { method: 'POST', headers, body }))
}

async function ofProfile(source: AwsSource, name: string, depth: number): Promise<AwsCredentials | undefined> {
  if (depth === 0) throw refused(`profile ${name}: more than ${MAX_PROFILES} profiles name each other`)
  const profile = await readProfile(source.env, name)
  const { role_arn: role, source_profile: other, web_identity_token_file: file } = profile
  if (role !== undefined && file !== undefined) return ofWebIdentity(source, { role, file })
  if (role !== undefined && other !== undefined && other !== name) {
    const base = await ofProfile(source, other, depth - 1)
    if (base === undefined) throw refused(`profile ${name}: its source_profile ${other} has no credentials`)
    return assumeRole(source, base, role)
  }
  const { aws_access_key_id: id, aws_secret_access_key: secret, aws_session_token: token } = profile
  return keyPair({ id, secret, token })
}

/** A profile of both shared files; the credentials file wins. */
export async function readProfile(env: Environment, name: string): Promise<Profile> {
  const folder = join(env['HOME'] ?? '', '.aws')
  const [config, credentials] = await Promise.all([
    readText(env['AWS_CONFIG_FILE'] ?? join(folder, 'config')),
    readText(env['AWS_SHARED_CREDENTIALS_FILE'] ?? join(folder, 'credentials')),
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
async function ofContainer(env: Environment): Promise<AwsCredentials | undefined> {
  const relative = env['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI']
  const full = env['AWS_CONTAINER_CREDENTIALS_FULL_URI']
  const address = relative === undefined ? full : `http://169.254.170.2${relative}`
  if (address === undefined || !URL.canParse(address)) return undefined
  const file = env['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE']
  const token = file === undefined ? env['AWS_CONTAINER_AUTHORIZATION_TOKEN'] : await readText(file)
  const headers: Record<string, string> = token === undefined ? {} : { authorization: token.trim() }
  return credentialsOfJson(await ask(new URL(address), { headers }))
}

/** The role of an EC2 machine (IMDSv2). */
async function ofMachine(env: Environment): Promise<AwsCredentials | undefined> {
  if (env['AWS_EC2_METADATA_DISABLED']?.toLowerCase() === 'true') return undefined
  const base = env['AWS_EC2_METADATA_SERVICE_ENDPOINT'] ?? 'http://169.254.169.254/'
  if (!URL.canParse(base)) return undefined
  const roles = new URL('/latest/meta-data/iam/security-credentials/', base)
  try {
    const wanted = { 'x-aws-ec2-metadata-token-ttl-seconds': '300' }
    const token = await ask(new URL('/latest/api/token', base), { method: 'PUT', headers: wanted }, METADATA_TIMEOUT_MS)
    const headers = { 'x-aws-ec2-metadata-token': token }
    const role = (await ask(roles, { headers }, METADATA_TIMEOUT_MS)).split('\n')[0]?.trim() ?? ''
    return role === ''
      ? undefined
      : credentialsOfJson(await ask(new URL(role, roles), { headers }, METADATA_TIMEOUT_MS))
  } catch {
    // No such service: this is no machine of AWS, and the caller names all places that were looked at.
    return undefined
  }
}

async function ask(url: URL, request: RequestInit, timeoutMs: number = ANSWER_TIMEOUT_MS): Promise<string> {
  try {
    const answer = await fetch(url, { ...request, redirect: 'error', signal: AbortSignal.timeout(timeoutMs) })
    const text = (await answer.text()).slice(0, MAX_ANSWER_BYTES)
    if (answer.ok) return text
    const reason = /<Message>(?<text>[^<]*)/.exec(text)?.groups?.['text'] ?? answer.statusText
    throw refused(`${url.host} answered ${answer.status}: ${reason}`)
  } catch (error) {
    if (error instanceof CapstanError) throw error
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    throw refused(`${url.host} cannot be asked: ${messageOf(cause)}`)
  }
}

function credentialsOfXml(xml: string): AwsCredentials {
  const text = (name: string): string | undefined =>
    new RegExp(`<${name}>(?<text>[^<]*)</${name}>`).exec(xml)?.groups?.['text']?.trim()
  const pair = { id: text('AccessKeyId'), secret: text('SecretAccessKey'), token: text('SessionToken') }
  return lasting(keyPair(pair), text('Expiration'))
}

function credentialsOfJson(text: string): AwsCredentials {
  let answer: Readonly<Record<string, unknown>>
  try {
    // Fields that are no text count as absent.
    answer = JSON.parse(text) as Readonly<Record<string, unknown>>
  } catch {
    throw refused('the metadata service answered no JSON')
  }
  const field = (name: string): string | undefined => (typeof answer[name] === 'string' ? answer[name] : undefined)
  const pair = { id: field('AccessKeyId'), secret: field('SecretAccessKey'), token: field('Token') }
  return lasting(keyPair(pair), field('Expiration'))
}

function lasting(credentials: AwsCredentials | undefined, expiration: string | undefined): AwsCredentials {
  if (credentials === undefined) throw refused('the answer holds no credentials')
  const expiresAtMs = Date.parse(expiration ?? '')
  return Number.isNaN(expiresAtMs) ? credentials : { ...credentials, expiresAtMs }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    // A shared file that is not there is the usual case; whoever needs the file says so.
    return undefined
  }
}

function refused(why: string): CapstanError {
  return new CapstanError('unauthenticated', `awsAuthConfig: ${why}`)
}
