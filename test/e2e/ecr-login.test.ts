// Logins of ECR with signatures that botocore has checked: keys, roles and web identities, clocks that are off, tokens that end.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { ManualClock, systemClock } from '../../src/base/clock.ts'
import type { Secret } from '../../src/base/secret.ts'
import { dockerConfigJson } from '../../src/registry/docker-config.ts'
import { IssueError } from '../../src/registry/issue-error.ts'
import { createLoginIssuer, type Issuable, type LoginIssuer } from '../../src/registry/issue.ts'
import { parseRegistry } from '../../src/settings/registries.ts'
import { startEcr, type Ecr } from '../support/ecr.ts'
import { temporaryFolder } from '../support/git.ts'
import { run } from '../support/processes.ts'
import { startSignatureJudge } from '../support/sigv4-verifier.ts'

const KEY = 'AKIAIOSFODNN7EXAMPLE'
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
const ROLE = 'arn:aws:iam::123456789012:role/puller'
const never = new AbortController().signal

function credential(values: Readonly<Record<string, string>>): Issuable {
  const metadata = { name: 'one', namespace: 'argocd', labels: { 'argocd.argoproj.io/secret-type': 'registry' } }
  return parseRegistry({ apiVersion: 'v1', kind: 'Secret', metadata, stringData: values } as never) // a whole Secret
}

interface Scene {
  readonly ecr: Ecr
  readonly issuer: LoginIssuer
  readonly withKeys: (more?: Readonly<Record<string, string>>) => Issuable
}

async function scene(t: TestContext, more: { skewMs?: number; ttlSeconds?: number } = {}): Promise<Scene> {
  const judge = await startSignatureJudge(t)
  const ecr = await startEcr(t, { ttlSeconds: 600, judge, ...more })
  ecr.setKey(KEY, SECRET)
  const issuer = createLoginIssuer({ clock: systemClock, env: ecr.env })
  t.after(() => issuer.close())
  const keys = { url: ecr.host, awsRegion: ecr.region, awsAccessKeyId: KEY, awsSecretAccessKey: SECRET }
  return { ecr, issuer, withKeys: (others = {}) => credential({ ...keys, ...others }) }
}

describe('a login of ECR', () => {
  test('[003-09] opens the registry for skopeo until it expires, and the next one does again', async (t) => {
    const { ecr, issuer, withKeys } = await scene(t)
    await ecr.push('team/app', '1.0')
    const reads = async (password: Secret): Promise<boolean> => {
      const file = join(temporaryFolder(t), 'auth.json')
      const config = dockerConfigJson(ecr.host, { username: 'AWS', password, email: '' })
      writeFileSync(file, config.reveal(), { mode: 0o600 })
      const args = ['inspect', '--raw', '--tls-verify=false', '--authfile', file, `docker://${ecr.host}/team/app:1.0`]
      return (await run('skopeo', args)).code === 0
    }

    const first = await issuer.issue(withKeys(), never)
    assert.equal(first.username, 'AWS')
    assert.equal(first.proxyEndpoint, 'https://123456789012.dkr.ecr.eu-central-1.amazonaws.com')
    assert.equal(await reads(first.password), true)

    ecr.revoke()
    assert.equal(await reads(first.password), false)
    const second = await issuer.issue(withKeys(), never, { isFresh: true })
    assert.equal(await reads(second.password), true)
    assert.deepEqual(
      ecr.calls.map(({ action, service, region, result }) => [action, service, region, result]),
      Array.from({ length: 2 }, () => ['GetAuthorizationToken', 'ecr', 'eu-central-1', '200']),
    )
  })

  test('is asked for once by all credentials of a principal', async (t) => {
    const { ecr, issuer, withKeys } = await scene(t)
    const addresses = Array.from({ length: 20 }, (_, index) => `${ecr.host}/team${index}`)

    const logins = await Promise.all(addresses.map((url) => issuer.issue(withKeys({ url }), never)))

    assert.equal(new Set(logins.map(({ password }) => password.reveal())).size, 1)
    assert.equal(ecr.calls.length, 1)
  })

  test('is asked for by a chain of roles, the last with an external id', async (t) => {
    const { ecr, issuer, withKeys } = await scene(t)
    ecr.setRole(ROLE)
    ecr.setRole(`${ROLE}2`, { externalId: 'team=one,two' })
    const chained = withKeys({ awsRoleArn: `${ROLE}\n${ROLE}2`, awsExternalId: 'team=one,two' })

    assert.equal(ecr.accepts((await issuer.issue(chained, never)).password.reveal()), true)
    await issuer.issue(chained, never, { isFresh: true })

    const actions = ecr.calls.map(({ action }) => action)
    assert.deepEqual(actions, ['AssumeRole', 'AssumeRole', 'GetAuthorizationToken', 'GetAuthorizationToken'])
    const wrong = withKeys({ awsRoleArn: `${ROLE}2`, awsExternalId: 'other' })
    await assert.rejects(issuer.issue(wrong, never), {
      failure: 'configuration',
      message: /is not authorized to perform/,
    })
  })

  test('is asked for with the web identity of the pod', async (t) => {
    const { ecr } = await scene(t)
    ecr.setRole(ROLE, { webIdentity: 'jwt' })
    const file = join(temporaryFolder(t), 'token')
    writeFileSync(file, 'jwt\n')
    const env = { ...ecr.env, AWS_ROLE_ARN: ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: file }
    const issuer = createLoginIssuer({ clock: systemClock, env })
    t.after(() => issuer.close())

    const login = await issuer.issue(credential({ url: ecr.host, awsRegion: ecr.region }), never)

    assert.equal(ecr.accepts(login.password.reveal()), true)
  })

  for (const minutes of [-20, 20]) {
    test(`survives a clock that is ${minutes} minutes off, with roles too`, async (t) => {
      const { ecr, issuer, withKeys } = await scene(t, { skewMs: minutes * 60_000 })
      ecr.setRole(ROLE)

      for (const one of [withKeys(), withKeys({ awsRoleArn: ROLE })]) {
        const { expiresAt, password } = await issuer.issue(one, never)
        assert.equal(ecr.accepts(password.reveal()), true)
        const lifeMs = (expiresAt?.getTime() ?? 0) - Date.now()
        assert.ok(lifeMs > 500_000 && lifeMs < 610_000, `${lifeMs}`)
      }
    })
  }

  test('of ECR Public is asked for in its own region, as its own service', async (t) => {
    const { ecr } = await scene(t)
    const env = { ...ecr.env, AWS_ENDPOINT_URL_ECR_PUBLIC: ecr.url }
    const issuer = createLoginIssuer({ clock: new ManualClock(Date.now()), env })
    t.after(() => issuer.close())
    const values = { url: 'public.ecr.aws', awsAccessKeyId: KEY, awsSecretAccessKey: SECRET }

    const { password } = await issuer.issue(credential(values), never)

    assert.equal(ecr.accepts(password.reveal()), true)
    assert.partialDeepStrictEqual(ecr.calls, [{ service: 'ecr-public', region: 'us-east-1' }])
  })

  test('that is refused says why, and shows neither keys nor the request', async (t) => {
    const { ecr, issuer, withKeys } = await scene(t)
    const failing = (issuable: Issuable): Promise<unknown> => issuer.issue(issuable, never)

    await assert.rejects(failing(withKeys({ awsSecretAccessKey: 'hunter2' })), (error: Error) => {
      assert.ok(error instanceof IssueError && error.failure === 'configuration')
      assert.match(error.message, /^127\.0\.0\.1:\d+ answered 400 InvalidSignatureException: The request signature/)
      return !/hunter2|Canonical|authorization/i.test(error.message)
    })
    await assert.rejects(failing(withKeys({ awsAccessKeyId: 'AKIAOTHER' })), /UnrecognizedClientException/)
    ecr.failWith({ status: 400, type: 'ThrottlingException', message: 'Rate exceeded' })
    await assert.rejects(failing(withKeys()), { failure: 'temporary', message: /ThrottlingException: Rate exceeded$/ })
    ecr.failWith({ status: 503, type: 'x', message: '' })
    await assert.rejects(failing(withKeys()), { failure: 'temporary' })
    ecr.failWith()
    await failing(withKeys())
  })
})
