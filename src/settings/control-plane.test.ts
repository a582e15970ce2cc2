import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KubeObject } from '../kube/object.ts'
import { parseAccounts } from './accounts.ts'
import { IN_CLUSTER, parseCluster } from './clusters.ts'
import { parseControlPlaneSecret } from './control-plane-secret.ts'
import { parseControlPlaneSettings, resolveReference } from './control-plane.ts'
import { parseDurationMs, parseDurationOrSecondsMs } from '../lang/go/time/duration.ts'
import { parseKnownHosts, parseTlsCertificates } from './known-hosts.ts'
import { readSecret } from './map-reader.ts'
import { customizationsFor } from './resource-customizations.ts'
import { isExcludedResource } from './resource-filter.ts'

function map(
  kind: 'ConfigMap' | 'Secret',
  values: Readonly<Record<string, string>>,
  name: string = 'argocd-cm',
): KubeObject {
  const metadata = { name, namespace: 'argocd' }
  const field = kind === 'Secret' ? 'stringData' : 'data'
  return { apiVersion: 'v1', kind, metadata, [field]: values } as KubeObject
}

const config = (values: Readonly<Record<string, string>>): KubeObject => map('ConfigMap', values)

test('without argocd-cm upstream’s defaults hold', () => {
  const settings = parseControlPlaneSettings(undefined)

  assert.deepEqual(settings.tracking, {
    method: 'annotation',
    labelKey: 'app.kubernetes.io/instance',
    installationId: '',
  })
  assert.deepEqual(settings.reconciliation, { timeoutMs: 120_000, jitterMs: 60_000 })
  assert.equal(settings.sessionDurationMs, 86_400_000)
  assert.equal(settings.compare.ignoreResourceStatusField, 'all')
})

test('values are read with their types', () => {
  const settings = parseControlPlaneSettings(
    config({
      'timeout.reconciliation': '3m',
      'application.resourceTrackingMethod': 'annotation+label',
      'resource.exclusions': '- apiGroups: ["*.example.com"]\n  kinds: ["*"]\n  clusters: ["https://a*"]\n',
      'resource.compareoptions': 'ignoreAggregatedRoles: true\nignoreResourceStatusField: none\n',
      'resource.customizations.ignoreDifferences.apps_Deployment': 'jsonPointers:\n- /spec/replicas\n',
      'resource.customizations.health.ConfigMap': 'return nil',
      'resource.customizations.ignoreResourceUpdates.all': 'jsonPointers: [/status]\n',
      additionalUrls: '- https://b\n',
    }),
  )

  assert.equal(settings.reconciliation.timeoutMs, 180_000)
  assert.equal(settings.tracking.method, 'annotation+label')
  assert.deepEqual(settings.resources.exclusions, [
    { apiGroups: ['*.example.com'], kinds: ['*'], clusters: ['https://a*'] },
  ])
  assert.equal(settings.compare.ignoreAggregatedRoles, true)
  assert.equal(settings.compare.ignoreResourceStatusField, 'none')
  const { customizations } = settings.resources
  assert.deepEqual(
    customizationsFor(customizations, 'apps', 'Deployment').map((entry) => entry.ignoreDifferences?.jsonPointers),
    [['/spec/replicas'], undefined],
  )
  assert.equal(customizationsFor(customizations, '', 'ConfigMap')[0]?.healthLua, 'return nil')
  assert.deepEqual(settings.additionalUrls, ['https://b'])
})

describe('ignoreResourceStatusField', () => {
  const cases: readonly (readonly [written: string, read: string, isWarned?: boolean])[] = [
    ['', 'all'],
    ['""', 'all'],
    ['all', 'all'],
    ['crd', 'crd'],
    ['none', 'none'],
    ['off', 'none'],
    ['"off"', 'none'],
    ['false', 'none'],
    ['some', 'all', true],
    ['true', 'all', true],
    ['7', 'all', true],
  ]
  for (const [written, read, isWarned = false] of cases) {
    test(`${written} is read as ${read}${isWarned ? ' with a warning' : ''}`, () => {
      const warnings: string[] = []
      const value = `ignoreResourceStatusField: ${written}`

      const { compare } = parseControlPlaneSettings(config({ 'resource.compareoptions': value }), (warning) =>
        warnings.push(warning),
      )

      assert.equal(compare.ignoreResourceStatusField, read)
      assert.equal(warnings.length, isWarned ? 1 : 0)
      if (isWarned)
        assert.match(warnings[0] ?? '', /^ConfigMap argocd\/argocd-cm: key resource\.compareoptions: .+ not known/)
    })
  }
})

const refusals: readonly (readonly [key: string, value: string, message: RegExp])[] = [
  [
    'timeout.reconciliation',
    'soon',
    /^ConfigMap argocd\/argocd-cm: key timeout\.reconciliation holds "soon": write a dur/,
  ],
  ['application.resourceTrackingMethod', 'magic', /write annotation, label, annotation\+label$/],
  ['resource.exclusions', 'a: b', /is no list: write entries with apiGroups/],
  ['resource.exclusions', '- [', /key resource\.exclusions is no YAML: /],
  ['resource.compareoptions', '- a', /is no map: write options/],
  ['resource.compareoptions', 'ignoreAggregatedRoles: "yes"', /has ignoreAggregatedRoles "yes": write true or false$/],
  ['resource.compareoptions', 'ignoreResourceStatusField: []', /holds an ignoreResourceStatusField that is no text$/],
  ['passwordPattern', '(', /is no regular expression/],
  ['globalProjects', '- {}', /has an entry without projectName: add it/],
]

for (const [key, value, message] of refusals) {
  test(`argocd-cm is refused with ${message.source}`, () => {
    assert.throws(() => parseControlPlaneSettings(config({ [key]: value })), { code: 'bad-input', message })
  })
}

test('kinds are left out by exclusions, by missing inclusions, and always', () => {
  const filters = {
    inclusions: [{ apiGroups: ['apps', ''], kinds: [], clusters: [] }],
    exclusions: [{ apiGroups: [''], kinds: ['Secret'], clusters: ['https://prod*'] }],
  }
  const isOut = (group: string, kind: string, server: string): boolean =>
    isExcludedResource({ group, kind, server }, filters)

  assert.equal(isOut('apps', 'Deployment', 'https://dev'), false)
  assert.equal(isOut('batch', 'Job', 'https://dev'), true)
  assert.equal(isOut('', 'Secret', 'https://prod-1'), true)
  assert.equal(isOut('', 'Secret', 'https://dev'), false)
  assert.equal(isOut('', 'Event', 'https://dev'), true)
})

describe('durations', () => {
  const cases: readonly (readonly [text: string, ms: number | undefined])[] = [
    ['3m', 180_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['100ms', 100],
    ['-5s', -5000],
    ['0', 0],
    ['', undefined],
    ['5', undefined],
    ['5 m', undefined],
    ['1d', undefined],
    ['1'.repeat(65), undefined],
  ]
  for (const [text, ms] of cases) test(`${text} is ${ms}`, () => assert.equal(parseDurationMs(text), ms))

  test('retries may be written in seconds', () => assert.equal(parseDurationOrSecondsMs('5'), 5000))
})

test('accounts are read from both maps, admin first', () => {
  const accounts = parseAccounts(
    config({ 'accounts.bot': 'apiKey', 'accounts.eve': 'login, apiKey', 'accounts.eve.enabled': 'false' }),
    map('Secret', {
      'admin.password': '$2a$hash',
      'admin.passwordMtime': '2026-01-01T00:00:00Z',
      'accounts.bot.tokens': '[{"id":"t","iat":1}]',
    }),
  )

  assert.deepEqual([...accounts.keys()], ['admin', 'bot', 'eve'])
  assert.equal(accounts.get('admin')?.passwordHash?.reveal(), '$2a$hash')
  assert.deepEqual(accounts.get('bot')?.tokens, [{ id: 't', iat: 1 }])
  assert.equal(accounts.get('eve')?.enabled, false)
  assert.throws(() => parseAccounts(config({ 'accounts.x': 'sudo' }), map('Secret', {})), {
    message: /key accounts\.x holds "sudo": write login, apiKey or both/,
  })
  assert.throws(() => parseAccounts(config({}), map('Secret', { 'admin.tokens': '{"secret":1}' })), {
    message: /key admin\.tokens is no JSON list of tokens/,
  })
})

test('a cluster is read with its connection', () => {
  const connection = {
    bearerToken: 'top',
    tlsClientConfig: { insecure: true, caData: Buffer.from('PEM').toString('base64') },
    execProviderConfig: { command: 'aws', args: ['eks'], env: { TOKEN: 'x' } },
  }

  const cluster = parseCluster(
    map('Secret', { server: 'https://c/', namespaces: 'a, b', shard: '1', config: JSON.stringify(connection) }),
  )

  assert.equal(cluster.server, 'https://c')
  assert.equal(cluster.name, 'https://c')
  assert.deepEqual(cluster.namespaces, ['a', 'b'])
  assert.equal(cluster.connection.caData, 'PEM')
  assert.equal(cluster.connection.bearerToken?.reveal(), 'top')
  assert.doesNotMatch(JSON.stringify(cluster), /top|"x"/)
  assert.equal(IN_CLUSTER.server, 'https://kubernetes.default.svc')
})

test('a connection that does not parse is refused without showing it', () => {
  assert.throws(
    () => parseCluster(map('Secret', { server: 's', config: '{"bearerToken": topsecret' })),
    (error: Error) => /key config is no JSON: write/.test(error.message) && !/topsecret/.test(error.message),
  )
})

test('host keys and certificates are read, a broken line is named', () => {
  const hosts = parseKnownHosts(
    config({ ssh_known_hosts: '# note\ngithub.com ssh-ed25519 AAAA\n\n@cert-authority *.x ssh-rsa BBBB comment\n' }),
  )

  assert.deepEqual(hosts, [
    { hosts: 'github.com', keyType: 'ssh-ed25519', key: 'AAAA' },
    { hosts: '*.x', keyType: 'ssh-rsa', key: 'BBBB', marker: 'cert-authority' },
  ])
  assert.throws(() => parseKnownHosts(config({ ssh_known_hosts: 'a b' })), { message: /line 1 is no host key/ })
  assert.throws(() => parseKnownHosts(config({ ssh_known_hosts: '\n'.repeat(100_001) })), {
    message: /more than 100000/,
  })
  assert.deepEqual([...parseTlsCertificates(config({ 'x.y': 'PEM' }))], [['x.y', 'PEM']])
  assert.deepEqual(parseKnownHosts(undefined), [])
})

test('references are looked up in argocd-secret, or in labelled Secrets', () => {
  const reader = readSecret(map('Secret', { key: ' value\n' }))
  const lookUp = (name: string): Parameters<typeof resolveReference>[1] extends (n: string) => infer R ? R : never => ({
    reader,
    labels: name === 'labelled' ? { 'app.kubernetes.io/part-of': 'argocd' } : {},
  })

  assert.equal(resolveReference('plain', lookUp), 'plain')
  assert.equal(resolveReference('$key', lookUp), 'value')
  assert.equal(resolveReference('$labelled:key', lookUp), 'value')
  assert.throws(() => resolveReference('$foreign:key', lookUp), {
    message: /label it app\.kubernetes\.io\/part-of: argocd/,
  })
  assert.throws(() => resolveReference('$gone', lookUp), { code: 'not-found', message: /add the key/ })
})

test('the secrets of the server are read and hidden', () => {
  const read = parseControlPlaneSecret(
    map('Secret', { 'server.secretkey': 'k', 'webhook.github.secret': 'g', 'tls.crt': 'PEM' }),
  )

  assert.equal(read.signingKey?.reveal(), 'k')
  assert.equal(JSON.stringify(read), '{"signingKey":"***","tlsCertificate":"PEM","webhooks":{"github":"***"}}')
})
