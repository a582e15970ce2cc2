// Logins of Google's and Azure's registries, and of ECR where its answers are hostile, against services of this process.
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { inspect } from 'node:util'
import { decodeJwt, jwtVerify, SignJWT } from 'jose'
import { temporaryFolder } from '../../test/support/git.ts'
import {
  serviceFixture,
  type FixtureAnswer,
  type Asked,
  type ServiceFixture,
} from '../../test/support/service-fixture.ts'
import { ManualClock } from '../base/clock.ts'
import { Secret } from '../base/secret.ts'
import type { AzureLogin, RegistryLogin } from '../settings/registry-credential.ts'
import { MAX_CLOUD_ANSWER_BYTES } from './cloud-calls.ts'
import { MAX_TOKEN_LENGTH } from './ecr.ts'
import { createLoginIssuer, type LoginIssuer } from './issue.ts'
import { IssueError } from './issue-error.ts'

const never = new AbortController().signal
const HOUR_MS = 3_600_000

interface Scene {
  readonly clock: ManualClock
  readonly service: ServiceFixture
  readonly host: string
  readonly issuerWith: (env?: Readonly<Record<string, string>>) => LoginIssuer
}

async function scene(t: TestContext, answer: (asked: Asked) => FixtureAnswer): Promise<Scene> {
  const clock = new ManualClock(Date.now())
  const service = await serviceFixture(t, answer)
  const issuerWith = (env: Readonly<Record<string, string>> = {}): LoginIssuer => {
    const issuer = createLoginIssuer({
      clock,
      env: { AWS_EC2_METADATA_DISABLED: 'true', HOME: '/nonexistent', ...env },
    })
    t.after(() => issuer.close())
    return issuer
  }
  return { clock, service, host: new URL(service.url).host, issuerWith }
}

function credential(address: string, login: RegistryLogin): Parameters<LoginIssuer['issue']>[0] {
  return { address, kind: login.kind, login }
}

function json(body: object): FixtureAnswer {
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

async function failureOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
  } catch (error) {
    if (!(error instanceof IssueError)) throw error
    assert.ok(!/hunter2|PRIVATE/.test(inspect(error)), inspect(error))
    return `${error.failure}: ${error.message.replaceAll(/127\.0\.0\.1:\d+/g, 'HOST')}`
  }
  return 'no failure'
}

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const PEM = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const KEY = { type: 'service_account', client_email: 'puller@team.example', private_key: PEM, private_key_id: 'k1' }

function googleKey(more: object = {}): RegistryLogin {
  return { kind: 'google', serviceAccountKey: new Secret(JSON.stringify({ ...KEY, ...more })) }
}

describe('a login of Google', () => {
  test('is exchanged for an assertion that the key has signed', async (t) => {
    const { service, issuerWith, clock } = await scene(t, () => json({ access_token: 'ya29.x', expires_in: 3599 }))
    const issuer = issuerWith({ CLOUDSDK_AUTH_TOKEN_HOST: '' })
    const overridden = issuerWith({ CLOUDSDK_AUTH_TOKEN_HOST: `${service.url}/token` })

    const login = await overridden.issue(credential('europe-docker.pkg.dev', googleKey()), never)

    assert.deepEqual([login.username, login.password.reveal()], ['oauth2accesstoken', 'ya29.x'])
    assert.equal(login.expiresAt?.getTime(), clock.now() + 3_599_000)
    const form = new URLSearchParams(service.asked[0]?.body)
    assert.equal(form.get('grant_type'), 'urn:ietf:params:oauth:grant-type:jwt-bearer')
    const audience = `${service.url}/token`
    const { payload, protectedHeader } = await jwtVerify(form.get('assertion') ?? '', publicKey, { audience })
    assert.equal(payload.iss, 'puller@team.example')
    assert.equal(protectedHeader.kid, 'k1')
    const elsewhere = credential(
      'europe-docker.pkg.dev',
      googleKey({ token_uri: 'https://googleapis.com.evil.example/' }),
    )
    assert.match(
      await failureOf(issuer.issue(elsewhere, never)),
      /^configuration: .*token_uri is no address of googleapis/,
    )
  })

  test('is the workload’s own where there is no key, from Google’s metadata server alone', async (t) => {
    const { service, host, issuerWith } = await scene(t, ({ headers }) => ({
      ...json({ access_token: 'ya29.y', expires_in: 300 }),
      headers: { 'metadata-flavor': String(headers['metadata-flavor']) },
    }))
    const other = await scene(t, () => json({ access_token: 'x' }))
    const ambient = credential('gcr.io', { kind: 'google' })

    const login = await issuerWith({ GCE_METADATA_HOST: host }).issue(ambient, never)

    assert.equal(login.password.reveal(), 'ya29.y')
    assert.match(service.asked[0]?.path ?? '', /^\/computeMetadata\/v1\/instance\/service-accounts\/default\/token$/)
    const failure = await failureOf(other.issuerWith({ GCE_METADATA_HOST: other.host }).issue(ambient, never))
    assert.match(failure, /^configuration: HOST is no metadata server/)
  })

  const broken: readonly (readonly [string, object | string, RegExp])[] = [
    ['no JSON', 'PRIVATE', /client_email is missing/],
    ['no service account', { ...KEY, type: 'authorized_user' }, /only keys of service accounts/],
    ['no key in PEM', { ...KEY, private_key: 'hunter2' }, /private_key is no RSA key in PEM$/],
  ]
  for (const [what, key, message] of broken) {
    test(`is refused without a request where the key is ${what}`, async (t) => {
      const { service, issuerWith } = await scene(t, () => ({}))
      const text = typeof key === 'string' ? key : JSON.stringify(key)
      const login = credential('gcr.io', { kind: 'google', serviceAccountKey: new Secret(text) })

      assert.match(await failureOf(issuerWith().issue(login, never)), message)
      assert.equal(service.asked.length, 0)
    })
  }
})

describe('a token of the control plane’s own identity', () => {
  const elsewhere: readonly (readonly [string, RegistryLogin])[] = [
    ['registry.evil.example', { kind: 'google' }],
    ['gcr.io.evil.example', { kind: 'google' }],
    ['pull.evil.example', { kind: 'ecr', region: 'eu-west-1', aws: { roles: [] } }],
    ['public.ecr.aws.evil.example', { kind: 'ecr-public', aws: { roles: [] } }],
    ['gcr.io', { kind: 'ecr', region: 'eu-west-1', aws: { roles: [] } }],
  ]
  for (const [address, login] of elsewhere) {
    test(`of kind ${login.kind} is asked for no registry at ${address}`, async (t) => {
      const { service, host, issuerWith } = await scene(t, () => json({ access_token: 'ya29.x' }))
      const issuer = issuerWith({ GCE_METADATA_HOST: host, AWS_ENDPOINT_URL: service.url })

      const failure = await failureOf(issuer.issue(credential(address, login), never))

      assert.match(failure, /^configuration: .* is shown no token of the control plane's own identity: give keys$/)
      assert.equal(service.asked.length, 0)
    })
  }
})

describe('a login of Azure', () => {
  const principal: AzureLogin = {
    kind: 'azure',
    identity: 'service-principal',
    clientId: 'client',
    tenantId: 'tenant',
    clientSecret: new Secret('hunter2'),
  }

  async function refreshToken(expires: number): Promise<string> {
    const token = new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setExpirationTime(expires)
    return token.sign(Buffer.alloc(32))
  }

  async function azure(t: TestContext): Promise<Scene & { readonly refresh: string }> {
    const refresh = await refreshToken(Math.floor(Date.now() / 1000) + 10_800)
    const made = await scene(t, ({ path, body }) => {
      if (path === '/oauth2/exchange') {
        const isRight = new URLSearchParams(body).get('access_token') === 'entra'
        return isRight ? json({ refresh_token: refresh }) : { status: 401, body: '{"errors":[]}' }
      }
      return json({ access_token: 'entra', expires_in: 3600 })
    })
    return { ...made, refresh }
  }

  const identities: readonly (readonly [string, AzureLogin, (asked: Asked, folder: string) => boolean])[] = [
    [
      'a service principal',
      principal,
      ({ path, body }) => path === '/tenant/oauth2/v2.0/token' && body.includes('client_secret=hunter2'),
    ],
    [
      'a federated token of the pod',
      { kind: 'azure', identity: 'workload-identity' },
      ({ body }) => body.includes('client_assertion=federated') && body.includes('client_id=own'),
    ],
    [
      'the identity of the machine',
      { kind: 'azure', identity: 'managed-identity', clientId: 'user-assigned' },
      ({ path, headers }) =>
        path.startsWith('/metadata/identity/oauth2/token?') &&
        path.includes('user-assigned') &&
        headers['metadata'] === 'true',
    ],
  ]
  for (const [what, login, isRight] of identities) {
    test(`is exchanged for a token of ${what}, and ends when the registry’s token says`, async (t) => {
      const { service, host, refresh, issuerWith } = await azure(t)
      const file = join(temporaryFolder(t), 'token')
      writeFileSync(file, 'federated\n')
      const issuer = issuerWith({
        AZURE_AUTHORITY_HOST: service.url,
        AZURE_POD_IDENTITY_AUTHORITY_HOST: service.url,
        AZURE_FEDERATED_TOKEN_FILE: file,
        AZURE_CLIENT_ID: 'own',
        AZURE_TENANT_ID: 'tenant',
      })

      const { username, password, expiresAt } = await issuer.issue(credential(host, login), never)

      assert.equal(username, '00000000-0000-0000-0000-000000000000')
      assert.equal(password.reveal(), refresh)
      assert.equal(expiresAt?.getTime(), (decodeJwt(refresh).exp ?? 0) * 1000)
      const [first] = service.asked
      assert.ok(first !== undefined && isRight(first, file), inspect(first))
    })
  }

  test('shows no token to a registry that is not Azure’s', async (t) => {
    const { service, issuerWith } = await azure(t)
    const issuer = issuerWith({ AZURE_AUTHORITY_HOST: service.url })

    const failure = await failureOf(issuer.issue(credential('azurecr.io.evil.example', principal), never))

    assert.match(failure, /^configuration: .* is no registry of Azure's/)
    assert.equal(service.asked.length, 0)
  })

  test('tells what Entra said, and no secret', async (t) => {
    const answer = {
      status: 401,
      body: JSON.stringify({ error: 'invalid_client', error_description: 'AADSTS7000215: wrong\r\nTrace' }),
    }
    const { service, host, issuerWith } = await scene(t, () => answer)
    const issuer = issuerWith({ AZURE_AUTHORITY_HOST: service.url })

    const failure = await failureOf(issuer.issue(credential(host, principal), never))

    assert.equal(failure, 'configuration: Azure: HOST answered 401: invalid_client: AADSTS7000215: wrong')
  })
})

describe('a login of ECR', () => {
  const login: RegistryLogin = {
    kind: 'ecr',
    region: 'eu-central-1',
    aws: { accessKeyId: 'AKIA', secretAccessKey: new Secret('hunter2'), roles: [] },
  }
  const token = (text: string): string => Buffer.from(text).toString('base64')
  const answers: readonly (readonly [string, FixtureAnswer, RegExp])[] = [
    ['no JSON', { body: '<html>hunter2' }, /^temporary: HOST sent an answer without a token$/],
    ['no token', json({ authorizationData: [] }), /^temporary: HOST sent an answer without a token$/],
    [
      'a token that is no user and password',
      json({ authorizationData: [{ authorizationToken: token('AWS') }] }),
      /^temporary: HOST sent a token that is no user and password$/,
    ],
    [
      'a token with a line break',
      json({ authorizationData: [{ authorizationToken: token('AWS:a\nb') }] }),
      /no user and password$/,
    ],
    [
      'a huge token',
      json({ authorizationData: [{ authorizationToken: 'A'.repeat(MAX_TOKEN_LENGTH + 1) }] }),
      /sent a token of more than 32768 characters$/,
    ],
    [
      'a huge answer',
      { body: 'A'.repeat(MAX_CLOUD_ANSWER_BYTES + 1) },
      /^temporary: HOST cannot be asked: .*larger than 65536 bytes$/,
    ],
    [
      'a token that has expired',
      json({ authorizationData: [{ authorizationToken: token('AWS:p'), expiresAt: 1_420_070_400 }] }),
      /^temporary: HOST sent a token that has expired already/,
    ],
    [
      'a redirect',
      { status: 307, headers: { location: 'http://127.0.0.1:1/' } },
      /^configuration: HOST answered 307 status 307$/,
    ],
    [
      'a reason with lines that repeat the request',
      {
        status: 400,
        body: JSON.stringify({ __type: 'x#InvalidSignatureException', message: 'does not match\n\nhunter2' }),
      },
      /^configuration: HOST answered 400 InvalidSignatureException: does not match$/,
    ],
  ]
  for (const [what, answer, message] of answers) {
    test(`is refused in plain words where the answer is ${what}`, async (t) => {
      const { service, issuerWith } = await scene(t, () => answer)
      const issuer = issuerWith({ AWS_ENDPOINT_URL_ECR: service.url })

      assert.match(
        await failureOf(issuer.issue(credential('123456789012.dkr.ecr.eu-central-1.amazonaws.com', login), never)),
        message,
      )
    })
  }

  test('is kept for others in the first quarter of its life, asked for again after it, and not after a failure', async (t) => {
    let answer: FixtureAnswer = { status: 503 }
    const { service, clock, issuerWith } = await scene(t, () => answer)
    const issuer = issuerWith({ AWS_ENDPOINT_URL_ECR: service.url })
    const ask = (address: string): Promise<string> =>
      issuer.issue(credential(address, login), never).then(({ password }) => password.reveal())
    const issue = (name: string): void => {
      const expiresAt = (clock.now() + 12 * HOUR_MS) / 1000
      answer = json({ authorizationData: [{ authorizationToken: token(`AWS:${name}`), expiresAt }] })
    }

    assert.match(await failureOf(ask('a.example')), /^temporary: HOST answered 503/)
    issue('first')
    assert.deepEqual(await Promise.all([ask('a.example'), ask('b.example')]), ['first', 'first'])
    issue('second')
    clock.advance(2 * HOUR_MS)
    assert.equal(await ask('c.example'), 'first')
    clock.advance(4 * HOUR_MS)
    assert.equal(await ask('a.example'), 'second')
    assert.equal(service.asked.length, 3)
  })

  test('that nobody has credentials for names every place that was looked at', async (t) => {
    const { issuerWith } = await scene(t, () => ({}))
    const ambient = credential('123456789012.dkr.ecr.eu-central-1.amazonaws.com', { ...login, aws: { roles: [] } })

    const failure = await failureOf(issuerWith().issue(ambient, never))

    assert.match(failure, /^configuration: AWS: there are no AWS credentials: environment, web identity/)
  })

  test('comes with the identity of an EKS pod, whose token is read anew', async (t) => {
    const file = join(temporaryFolder(t), 'token')
    writeFileSync(file, 'pod token\n')
    const Expiration = new Date(Date.now() + HOUR_MS).toISOString()
    const { service, issuerWith } = await scene(t, ({ path }) =>
      path === '/v1/credentials'
        ? json({ AccessKeyId: 'ASIA1', SecretAccessKey: 's', Token: 'session', Expiration })
        : json({ authorizationData: [{ authorizationToken: token('AWS:p') }] }),
    )
    const issuer = issuerWith({
      AWS_ENDPOINT_URL_ECR: service.url,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${service.url}/v1/credentials`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file,
    })

    await issuer.issue(
      credential('123456789012.dkr.ecr.eu-central-1.amazonaws.com', { ...login, aws: { roles: [] } }),
      never,
    )

    assert.deepEqual(
      service.asked.map(({ path, headers }) => [
        path,
        headers['authorization']?.slice(0, 25),
        headers['x-amz-security-token'],
      ]),
      [
        ['/v1/credentials', 'pod token', undefined],
        ['/', 'AWS4-HMAC-SHA256 Credenti', 'session'],
      ],
    )
    const elsewhere = issuerWith({ AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://evil.example/' })
    const ambient = credential('123456789012.dkr.ecr.eu-central-1.amazonaws.com', { ...login, aws: { roles: [] } })
    assert.match(await failureOf(elsewhere.issue(ambient, never)), /names evil\.example, which is not https: refused$/)
  })
})
