// Logins to EKS against an STS on loopback that checks signatures.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { temporaryFolder } from '../../../test/support/git.ts'
import { ManualClock } from '../../base/clock.ts'
import { Secret } from '../../base/secret.ts'
import { awsLogin, type AwsLoginOptions } from './aws-login.ts'
import { presignUrl, signPost, type AwsCredentials } from '../../base/aws-signature.ts'

const REGION = 'eu-west-1'
const OWN: AwsCredentials = { accessKeyId: 'AKIAOWN', secretAccessKey: new Secret('own-secret') }
const ROLE: AwsCredentials = {
  accessKeyId: 'ASIAROLE',
  secretAccessKey: new Secret('role/secret+'),
  sessionToken: new Secret('role/token='),
}
const ROLE_ARN = 'arn:aws:iam::1:role/deployer'

interface Sts {
  readonly env: Readonly<Record<string, string>>
  /** What was asked for, in order. */
  readonly asked: string[]
}

/** Gives the role's credentials to who signs with the own ones, or shows the right identity token. */
async function startSts(t: TestContext, clock: ManualClock): Promise<Sts> {
  const asked: string[] = []
  const server = createServer()
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await textOf(request)
    const action = new URLSearchParams(body).get('Action') ?? ''
    asked.push(action)
    const isAllowed =
      action === 'AssumeRole' ? isSigned(request, body, clock.now()) : body.includes('WebIdentityToken=jwt&')
    response.writeHead(isAllowed ? 200 : 403)
    response.end(
      isAllowed ? credentialsXml(clock.now() + 600_000) : '<Error><Message>signature does not match</Message></Error>',
    )
  }
  server.on('request', (request, response) => void answer(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  // A listening TCP server has an AddressInfo.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const home = temporaryFolder(t)
  return {
    env: { AWS_ENDPOINT_URL_STS: url, AWS_REGION: REGION, HOME: home, AWS_EC2_METADATA_DISABLED: 'true' },
    asked,
  }
}

function isSigned(request: IncomingMessage, body: string, nowMs: number): boolean {
  const url = new URL(`http://${request.headers.host}${request.url}`)
  const expected = signPost(url, body, { credentials: OWN, region: REGION, service: 'sts', nowMs })
  return request.headers.authorization === expected['authorization']
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  // A request without an encoding gives bytes.
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

function credentialsXml(expiresAtMs: number): string {
  return `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>${ROLE.accessKeyId}</AccessKeyId>
    <SecretAccessKey>${ROLE.secretAccessKey.reveal()}</SecretAccessKey><SessionToken>${ROLE.sessionToken?.reveal()}</SessionToken>
    <Expiration>${new Date(expiresAtMs).toISOString()}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`
}

/** Who a token is signed by, as the cluster's STS would find: its URL signed anew must be the same. */
function isTokenOf(token: string, credentials: AwsCredentials, nowMs: number): boolean {
  assert.ok(token.startsWith('k8s-aws-v1.'))
  const given = new URL(Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString())
  const bare = new URL(given)
  for (const name of given.searchParams.keys()) if (name.startsWith('X-Amz-')) bare.searchParams.delete(name)
  const scope = { credentials, region: REGION, service: 'sts', nowMs }
  const headers = { 'x-k8s-aws-id': 'prod' }
  return presignUrl(bare, scope, { expiresSeconds: 60, headers }).href === given.href
}

function loginWith(
  clock: ManualClock,
  env: Readonly<Record<string, string>>,
  more: Partial<AwsLoginOptions> = {},
): () => Promise<string> {
  const login = awsLogin({ clusterName: 'prod', clock, env, ...more })
  return async () => (await login.current()).token?.reveal() ?? ''
}

const OWN_ENV = { AWS_ACCESS_KEY_ID: OWN.accessKeyId, AWS_SECRET_ACCESS_KEY: OWN.secretAccessKey.reveal() }

test('a token is signed with the keys of the environment and lasts fourteen minutes', async (t) => {
  const clock = new ManualClock()
  const { env } = await startSts(t, clock)
  const token = loginWith(clock, { ...env, ...OWN_ENV })

  const first = await token()
  const signedAt = clock.now()
  clock.advance(13 * 60_000)
  const same = await token()
  clock.advance(60_000)
  const next = await token()

  assert.ok(isTokenOf(first, OWN, signedAt))
  assert.equal(same, first)
  assert.ok(isTokenOf(next, OWN, clock.now()))
})

test('a role is taken on with them, and its end is the end of the token', async (t) => {
  const clock = new ManualClock()
  const { env, asked } = await startSts(t, clock)
  const token = loginWith(clock, { ...env, ...OWN_ENV }, { roleARN: ROLE_ARN })

  assert.ok(isTokenOf(await token(), ROLE, clock.now()))
  clock.advance(601_000)
  assert.ok(isTokenOf(await token(), ROLE, clock.now()))

  assert.deepEqual(asked, ['AssumeRole', 'AssumeRole'])
})

test('a pod logs in with its web identity', async (t) => {
  const clock = new ManualClock()
  const { env, asked } = await startSts(t, clock)
  const file = join(env['HOME'] ?? '', 'token')
  writeFileSync(file, 'jwt\n')
  const token = loginWith(clock, { ...env, AWS_ROLE_ARN: ROLE_ARN, AWS_WEB_IDENTITY_TOKEN_FILE: file })

  assert.ok(isTokenOf(await token(), ROLE, clock.now()))
  assert.deepEqual(asked, ['AssumeRoleWithWebIdentity'])
})

test('a profile takes on its role with the keys of another', async (t) => {
  const clock = new ManualClock()
  const { env } = await startSts(t, clock)
  const [config, credentials] = ['config', 'credentials'].map((name) => join(env['HOME'] ?? '', name))
  writeFileSync(config ?? '', `[profile deploy]\nrole_arn = ${ROLE_ARN}\nsource_profile = base\n`)
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = OWN_ENV
  writeFileSync(credentials ?? '', `# keys\n[base]\naws_access_key_id=${id}\naws_secret_access_key = ${secret}\n`)
  const files = { AWS_CONFIG_FILE: config ?? '', AWS_SHARED_CREDENTIALS_FILE: credentials ?? '' }

  const token = await loginWith(clock, { ...env, ...files }, { profile: 'deploy' })()

  assert.ok(isTokenOf(token, ROLE, clock.now()))
})

test('what is missing or refused is told', async (t) => {
  const clock = new ManualClock()
  const { env } = await startSts(t, clock)
  const wrong = { ...OWN_ENV, AWS_SECRET_ACCESS_KEY: 'another' }

  await assert.rejects(
    loginWith(clock, env)(),
    /awsAuthConfig: there are no AWS credentials: environment, web identity/,
  )
  await assert.rejects(loginWith(clock, env, { profile: 'gone' })(), /profile gone is not in the shared files/)
  const refused = loginWith(clock, { ...env, ...wrong }, { roleARN: ROLE_ARN })()
  await assert.rejects(refused, /awsAuthConfig: 127\.0\.0\.1:\d+ answered 403: signature does not match/)
})
