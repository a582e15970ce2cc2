// Amazon ECR as its clients see it: signatures that are checked, tokens that end within seconds, and a registry that takes them alone.
import { randomBytes } from 'node:crypto'
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { startHtpasswdRegistry, type DockerRegistry } from './docker-registry.ts'
import type { SignatureJudge } from './sigv4-verifier.ts'

export interface EcrOptions {
  /** How long tokens are good, in seconds. AWS: twelve hours. */
  readonly ttlSeconds: number
  /** Who says whether a signature is right: `startSignatureJudge(t)`, or another. */
  readonly judge: SignatureJudge
  /** How far AWS' clock is ahead of this machine's. */
  readonly skewMs?: number
  /** Without: tokens are issued, and no registry takes them. */
  readonly hasRegistry?: boolean
}

export interface EcrCall {
  /** `GetAuthorizationToken`, `AssumeRole`, `AssumeRoleWithWebIdentity`. */
  readonly action: string
  /** Empty: not signed. */
  readonly accessKeyId: string
  readonly service: string
  readonly region: string
  /** What was answered: 200, or AWS' code. */
  readonly result: string
}

export interface Ecr {
  /** Of the API, for AWS_ENDPOINT_URL_ECR and AWS_ENDPOINT_URL_STS. */
  readonly url: string
  /** The registry: `127.0.0.1:40123`. Takes `AWS` and any token that has not expired. */
  readonly host: string
  readonly region: string
  /** For the process that logs in: the two endpoints, and no other place of credentials. */
  readonly env: Readonly<Record<string, string>>
  /** Every call of the API, in order. */
  readonly calls: readonly EcrCall[]
  /** Requests to the registry that were turned away for their token. */
  readonly refusals: readonly string[]
  /** Adds an access key, or gives it another secret. */
  setKey(accessKeyId: string, secret: string): void
  removeKey(accessKeyId: string): void
  /** A role that may be assumed; with the external id or the web identity that it wants. */
  setRole(arn: string, wants?: { readonly externalId?: string; readonly webIdentity?: string }): void
  /** Answers every call so until it is called without. */
  failWith(failure?: { readonly status: number; readonly type: string; readonly message: string }): void
  /** Ends all tokens now. */
  revoke(): void
  /** True while the registry takes this password for the user AWS. */
  accepts(password: string): boolean
  /** Pushes an image of one small layer; its digest. */
  push(repository: string, tag: string): Promise<string>
}

const REGION = 'eu-central-1'
const MAX_SKEW_MS = 300_000
const INNER = { user: 'inner', password: randomBytes(12).toString('hex') }
const CREDENTIAL = /Credential=(?<id>[^/]+)\/\d{8}\/(?<region>[^/]+)\/(?<service>[^/]+)\/aws4_request/

interface Role {
  readonly externalId?: string
  readonly webIdentity?: string
}

interface Answer {
  readonly status: number
  readonly body: string
  readonly type: string
  readonly result: string
}

class EcrState {
  readonly options: EcrOptions
  readonly keys = new Map<string, { readonly secret: string; readonly session?: string }>()
  readonly roles = new Map<string, Role>()
  /** When they end, by this machine's clock. */
  readonly tokens = new Map<string, number>()
  readonly calls: EcrCall[] = []
  readonly refusals: string[] = []
  failure: { readonly status: number; readonly type: string; readonly message: string } | undefined

  constructor(options: EcrOptions) {
    this.options = options
  }

  /** AWS' time. */
  now(): number {
    return Date.now() + (this.options.skewMs ?? 0)
  }

  accepts(password: string): boolean {
    return (this.tokens.get(password) ?? 0) > Date.now()
  }
}

/** Starts the API and, unless told otherwise, a docker-registry behind it; both end with the test. */
export async function startEcr(t: TestContext, options: EcrOptions): Promise<Ecr> {
  const state = new EcrState(options)
  const registry = options.hasRegistry === false ? undefined : await startHtpasswdRegistry(t)
  registry?.setPassword(INNER.user, INNER.password)
  const api = await listen(t, (request, response) => void answerCall(state, request, response))
  const front = await listen(t, (request, response) => passOn(state, registry, request, response))
  const url = `http://${api}/`
  return {
    url,
    host: front,
    region: REGION,
    env: {
      AWS_ENDPOINT_URL_ECR: url,
      AWS_ENDPOINT_URL_STS: url,
      AWS_EC2_METADATA_DISABLED: 'true',
      HOME: '/nonexistent',
    },
    calls: state.calls,
    refusals: state.refusals,
    setKey: (id, secret) => void state.keys.set(id, { secret }),
    removeKey: (id) => void state.keys.delete(id),
    setRole: (arn, wants = {}) => void state.roles.set(arn, wants),
    failWith: (failure) => (state.failure = failure),
    revoke: () => state.tokens.clear(),
    accepts: (password) => state.accepts(password),
    async push(repository, tag) {
      if (registry === undefined) throw new Error('this ECR has no registry')
      return registry.push(INNER, repository, tag)
    },
  }
}

async function listen(
  t: TestContext,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  // Listening on TCP: the address is an object.
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** The registry's door: what comes with a token that is good now goes on with a password of its own. */
function passOn(
  state: EcrState,
  registry: DockerRegistry | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const encoded = /^Basic (?<encoded>.+)$/.exec(request.headers.authorization ?? '')?.groups?.['encoded'] ?? ''
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  if (!text.startsWith('AWS:') || !state.accepts(text.slice('AWS:'.length))) {
    if (encoded !== '') state.refusals.push(`${request.method ?? ''} ${request.url ?? ''}`)
    response.writeHead(401, { 'www-authenticate': 'Basic realm="ECR, of tests",service="ecr.amazonaws.com"' })
    response.end('Your authorization token has expired. Reauthenticate and try again.')
    return
  }
  if (registry === undefined) {
    response.writeHead(200).end('{}')
    return
  }
  const authorization = `Basic ${Buffer.from(`${INNER.user}:${INNER.password}`).toString('base64')}`
  const [host, port] = registry.host.split(':')
  const inner = forward({
    host,
    port,
    path: request.url,
    method: request.method,
    headers: { ...request.headers, authorization },
  })
  inner.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  inner.on('error', () => response.writeHead(502).end())
  request.pipe(inner)
}

async function answerCall(state: EcrState, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  // A request without an encoding gives bytes.
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks).toString('utf8')
  const { id = '', region = '', service = '' } = CREDENTIAL.exec(request.headers.authorization ?? '')?.groups ?? {}
  const target = String(request.headers['x-amz-target'] ?? '')
  const action = target === '' ? (new URLSearchParams(body).get('Action') ?? '') : (target.split('.')[1] ?? '')
  const answer = await decide(state, { request, body, action, id })
  state.calls.push({ action, accessKeyId: id, service, region, result: answer.result })
  response.writeHead(answer.status, { 'content-type': answer.type, date: new Date(state.now()).toUTCString() })
  response.end(answer.body)
}

interface Call {
  readonly request: IncomingMessage
  readonly body: string
  readonly action: string
  readonly id: string
}

async function decide(state: EcrState, call: Call): Promise<Answer> {
  const refuse = call.action === 'GetAuthorizationToken' ? refuseJson : refuseXml
  if (state.failure !== undefined) return refuse(state.failure.status, state.failure.type, state.failure.message)
  if (call.action !== 'AssumeRoleWithWebIdentity') {
    const refusal = await signatureRefusal(state, call)
    if (refusal !== undefined) return refuse(400, ...refusal)
  }
  return call.action === 'GetAuthorizationToken' ? tokenAnswer(state, call) : assumed(state, call)
}

function assumed(state: EcrState, { action, id, body }: Call): Answer {
  const form = new URLSearchParams(body)
  const role = state.roles.get(form.get('RoleArn') ?? '')
  const { externalId = '', webIdentity = '' } = role ?? {}
  const isRight = externalId === (form.get('ExternalId') ?? '') && webIdentity === (form.get('WebIdentityToken') ?? '')
  if (role !== undefined && isRight) return roleAnswer(state, action)
  return refuseXml(403, 'AccessDenied', `User ${id} is not authorized to perform: sts:${action}`)
}

/** AWS' code and message where a request is not signed as it should be. */
async function signatureRefusal(
  state: EcrState,
  { request, body, id }: Call,
): Promise<readonly [string, string] | undefined> {
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
  const key = state.keys.get(id)
  if (id === '') return ['MissingAuthenticationTokenException', 'Missing Authentication Token']
  if (key === undefined || key.session !== headers['x-amz-security-token']) {
    return ['UnrecognizedClientException', 'The security token included in the request is invalid.']
  }
  const date = headers['x-amz-date'] ?? ''
  const atMs = Date.parse(date.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  if (!(Math.abs(atMs - state.now()) <= MAX_SKEW_MS)) {
    return ['InvalidSignatureException', `Signature expired: ${date} is now earlier than the time allowed`]
  }
  const url = `http://${headers['host'] ?? ''}${request.url ?? ''}`
  const verdict = await state.options.judge({ method: 'POST', url, headers, body, secret: key.secret })
  if (verdict.ok) return undefined
  const canonical = `\n\nThe Canonical String for this request should have been\n'POST\n/\n\n${JSON.stringify(headers)}'`
  return [
    'InvalidSignatureException',
    `The request signature we calculated does not match (${verdict.why}).${canonical}`,
  ]
}

function tokenAnswer(state: EcrState, { request }: Call): Answer {
  const password = randomBytes(600).toString('base64')
  const endsMs = Date.now() + state.options.ttlSeconds * 1000
  state.tokens.set(password, endsMs)
  const data = {
    authorizationToken: Buffer.from(`AWS:${password}`).toString('base64'),
    expiresAt: (endsMs + (state.options.skewMs ?? 0)) / 1000,
  }
  const isPublic = String(request.headers['x-amz-target']).startsWith('SpencerFrontendService.')
  const proxyEndpoint = `https://123456789012.dkr.ecr.${REGION}.amazonaws.com`
  const body = isPublic ? { authorizationData: data } : { authorizationData: [{ ...data, proxyEndpoint }] }
  return { status: 200, type: 'application/x-amz-json-1.1', body: JSON.stringify(body), result: '200' }
}

function roleAnswer(state: EcrState, action: string): Answer {
  const id = `ASIA${randomBytes(8).toString('hex').toUpperCase()}`
  const [secret, session] = [randomBytes(20).toString('base64'), randomBytes(100).toString('base64')]
  state.keys.set(id, { secret, session })
  const ends = new Date(state.now() + 3_600_000).toISOString()
  const fields = { AccessKeyId: id, SecretAccessKey: secret, SessionToken: session, Expiration: ends }
  const xml = Object.entries(fields)
    .map(([name, value]) => `<${name}>${value}</${name}>`)
    .join('')
  const body = `<${action}Response><${action}Result><Credentials>${xml}</Credentials></${action}Result></${action}Response>`
  return { status: 200, type: 'text/xml', body, result: '200' }
}

function refuseJson(status: number, type: string, message: string): Answer {
  const body = JSON.stringify({ __type: type, message })
  return { status, type: 'application/x-amz-json-1.1', body, result: type }
}

function refuseXml(status: number, type: string, message: string): Answer {
  const code = type.replace(/Exception$/, '')
  const body = `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`
  return { status, type: 'text/xml', body, result: type }
}
