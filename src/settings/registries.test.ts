// Registry credentials: how their Secrets are read, what is refused, and that no value is shown.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import type { KubeObject } from '../kube/object.ts'
import { isBareRegistryHost, MAX_ADDRESS_LENGTH, normalizeRegistryAddress } from './registry-address.ts'
import { isRegistrySecret, parseRegistry, readRegistries } from './registries.ts'
import { configurationHash, identityOf } from './registry-identity.ts'
import { MAX_ROLES } from './registry-login.ts'

type Values = Readonly<Record<string, string>>

function secret(values: Values, more: { readonly type?: string; readonly annotations?: Values } = {}): KubeObject {
  const { type = 'registry', annotations = {} } = more
  const labels = { 'argocd.argoproj.io/secret-type': type }
  const metadata = { name: 'one', namespace: 'argocd', uid: 'u', resourceVersion: '7', labels, annotations }
  return { apiVersion: 'v1', kind: 'Secret', metadata, stringData: values } as KubeObject
}

const ECR = '123456789012.dkr.ecr.eu-central-1.amazonaws.com'
const PASSWORD = { username: 'u', password: 'hunter2' }
const ROLE = 'arn:aws:iam::123456789012:role/puller'

describe('the address of a registry', () => {
  const addresses: readonly (readonly [string, string])[] = [
    ['registry.example.com', 'registry.example.com'],
    ['HTTPS://Registry.Example.com/v2/', 'registry.example.com'],
    ['oci://registry.example.com:5000/team/', 'registry.example.com:5000/team'],
    ['registry.example.com/v2/team', 'registry.example.com/team'],
    ['localhost', 'localhost'],
    ['[::1]:5000', '[::1]:5000'],
    ['https://index.docker.io/v1/', 'docker.io'],
    ['registry-1.docker.io', 'docker.io'],
    ['docker.io/team', 'docker.io/team'],
  ]
  for (const [text, normal] of addresses) {
    test(`[003-07] ${text} is ${normal}`, () => {
      assert.equal(normalizeRegistryAddress(text), normal)
    })
  }

  const refusals: readonly string[] = [
    '',
    'registry',
    'git@github.com:team/app.git',
    'user:hunter2@registry.example.com',
    'ssh://registry.example.com',
    'registry.example.com:0',
    'registry.example.com:65536',
    'registry.example.com:app',
    'registry.example.com/Team',
    'registry.example.com?x',
    '*.example.com',
    '-a.example.com',
    'a..example.com',
    'registry.example.com\nX-Header: 1',
    `${'a.'.repeat(MAX_ADDRESS_LENGTH)}com`,
  ]
  for (const text of refusals) {
    test(`refuses ${JSON.stringify(text.slice(0, 40))}`, () => {
      assert.throws(
        () => normalizeRegistryAddress(text),
        (error) =>
          error instanceof Error && /the address of the registry/.test(error.message) && !/hunter2/.test(error.message),
      )
    })
  }

  test('[000-03] a bare host is a registry, what Git can read is none', () => {
    for (const text of ['my-private-registry.io', 'registry:5000', 'localhost', '10.0.0.1:5000']) {
      assert.equal(isBareRegistryHost(text), true, text)
    }
    for (const text of [
      'https://a.io',
      'git@a.io:b',
      'a.io:team/b.git',
      'a.io/b',
      'a.io:b',
      './repo',
      '../x',
      'repo',
    ]) {
      assert.equal(isBareRegistryHost(text), false, text)
    }
  })
})

describe('the Secrets of registries', () => {
  test('[000-03] are those labelled so, repositories of that type and repositories that are a bare host', () => {
    assert.equal(isRegistrySecret(secret({})), true)
    assert.equal(isRegistrySecret(secret({ url: 'a.io/x', type: 'registry' }, { type: 'repository' })), true)
    assert.equal(isRegistrySecret(secret({ url: 'a.io' }, { type: 'repository' })), true)
    assert.equal(isRegistrySecret(secret({ url: 'https://a.io/x.git' }, { type: 'repository' })), false)
    assert.equal(isRegistrySecret(secret({ url: 'a.io', type: 'helm' }, { type: 'repository' })), false)
    assert.equal(isRegistrySecret(secret({ url: 'a.io' }, { type: 'cluster' })), false)
  })

  test('lend a chart registry’s login only where they say so', () => {
    const values = { url: 'oci://a.io/charts', type: 'helm', enableOCI: 'true', ...PASSWORD }
    const annotations = { 'capstan.dev/registry': 'true' }

    assert.deepEqual(readRegistries([secret(values, { type: 'repo-creds' })]).credentials, [])
    const [adopted] = readRegistries([secret(values, { type: 'repo-creds', annotations })]).credentials
    assert.equal(adopted?.address, 'a.io/charts')
    assert.equal(adopted.source.isAdopted, true)
    const { problems } = readRegistries([secret({ ...values, enableOCI: '' }, { type: 'repo-creds', annotations })])
    assert.match(problems[0]?.message ?? '', /is no registry/)
  })

  const kinds: readonly (readonly [string, Values, object])[] = [
    ['a user and a password', { url: 'a.io', ...PASSWORD }, { kind: 'static', username: 'u' }],
    ['a token alone', { url: 'ghcr.io', password: 'hunter2' }, { kind: 'static', username: 'token' }],
    ['ECR by its host', { url: ECR }, { kind: 'ecr', region: 'eu-central-1', aws: { roles: [] } }],
    [
      'ECR with a token made by hand',
      { url: ECR, username: 'AWS', password: 'hunter2' },
      { kind: 'static', username: 'AWS' },
    ],
    [
      'ECR with keys as user and password',
      { url: ECR, username: 'AKIAIOSFODNN7EXAMPLE', password: 'hunter2' },
      { kind: 'ecr', region: 'eu-central-1' },
    ],
    [
      'ECR behind another host',
      { url: 'pull.example.com', awsRegion: 'eu-west-1' },
      { kind: 'ecr', region: 'eu-west-1' },
    ],
    ['ECR Public', { url: 'public.ecr.aws' }, { kind: 'ecr-public' }],
    ['Google by its host', { url: 'europe-docker.pkg.dev' }, { kind: 'google' }],
    [
      'Google’s key as a password',
      { url: 'eu.gcr.io', username: '_json_key', password: '{}' },
      { kind: 'static', username: '_json_key' },
    ],
    ['Azure by its host', { url: 'team.azurecr.io' }, { kind: 'azure', identity: 'managed-identity' }],
    [
      'Azure with a federated token',
      { url: 'team.azurecr.io', useAzureWorkloadIdentity: 'true' },
      { kind: 'azure', identity: 'workload-identity' },
    ],
    [
      'Azure with a service principal',
      {
        url: 'team.azurecr.io',
        azureServicePrincipalClientId: 'c',
        azureServicePrincipalTenantId: 't',
        azureServicePrincipalClientSecret: 'hunter2',
      },
      { kind: 'azure', identity: 'service-principal', clientId: 'c', tenantId: 't' },
    ],
    [
      'a chain of roles',
      { url: ECR, awsRoleArn: `${ROLE}\n${ROLE}2`, awsExternalId: 'x' },
      { kind: 'ecr', aws: { roles: [{ arn: ROLE }, { arn: `${ROLE}2`, externalId: 'x' }] } },
    ],
  ]
  for (const [what, values, login] of kinds) {
    test(`are read: ${what}`, () => {
      const credential = parseRegistry(secret(values))

      assert.partialDeepStrictEqual(credential.login, login)
      assert.ok(!inspect(credential, { depth: 9 }).includes('hunter2'))
    })
  }

  const broken: readonly (readonly [Values, RegExp])[] = [
    [{ url: 'a.io' }, /has no password/],
    [{ url: 'a.io', username: 'a:b', password: 'p' }, /key username holds a colon/],
    [{ url: 'nonsense' }, /key url cannot be used/],
    [PASSWORD, /key url is missing/],
    [{ url: 'a.io', kind: 'ecr' }, /add the key awsRegion/],
    [{ url: ECR, awsRegion: 'us-east-1' }, /stands in eu-central-1/],
    [{ url: 'a.io', awsRegion: 'evil.example.com/?' }, /is no region/],
    [{ url: ECR, awsAccessKeyId: 'AKIA' }, /awsSecretAccessKey is missing/],
    [{ url: ECR, awsRoleArn: 'puller' }, /is no role/],
    [{ url: ECR, awsRoleArn: `${ROLE}\n`.repeat(MAX_ROLES + 1) }, /more than 5 roles/],
    [
      { url: 'a.azurecr.io', azureServicePrincipalClientId: 'c', azureServicePrincipalClientSecret: 's' },
      /TenantId is missing/,
    ],
    [{ url: 'a.azurecr.io', azureActiveDirectoryEndpoint: 'http://a' }, /is no https address/],
    [{ url: 'a.io', kind: 'quay', ...PASSWORD }, /write static, ecr/],
  ]
  for (const [values, message] of broken) {
    test(`one problem leaves the others alone: ${String(message)}`, () => {
      const good = secret({ url: 'b.io', ...PASSWORD })
      const { credentials, problems } = readRegistries([secret(values), good])

      assert.deepEqual(
        credentials.map(({ address }) => address),
        ['b.io'],
      )
      assert.match(problems[0]?.message ?? '', message)
    })
  }

  test('[000-17] keep their identity when the password changes, and tell when a login is of another configuration', () => {
    const of = (values: Values) => parseRegistry(secret(values))
    const [first, rotated] = [of({ url: 'a.io', ...PASSWORD }), of({ url: 'a.io', ...PASSWORD, password: 'other' })]
    const keys = { url: ECR, awsAccessKeyId: 'AKIA', awsSecretAccessKey: 's' }

    assert.equal(identityOf(first), identityOf(rotated))
    assert.equal(configurationHash(first), configurationHash(rotated))
    for (const change of [{ awsAccessKeyId: 'AKIB' }, { awsSecretAccessKey: 't' }, { awsRoleArn: ROLE }]) {
      assert.notEqual(configurationHash(of(keys)), configurationHash(of({ ...keys, ...change })))
    }
  })

  test('say which ServiceAccounts are meant, and whether they are given out at all', () => {
    const { options } = parseRegistry(
      secret({ url: 'a.io', ...PASSWORD, serviceAccounts: ' a,b ', propagate: 'false' }),
    )

    assert.deepEqual(options, { isPropagated: false, serviceAccounts: 'a,b' })
  })
})
