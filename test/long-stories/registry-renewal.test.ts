// Logins that expire, clusters beside the own one, pods that were there too early, and a manager inside the controller.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { Secret } from '../../src/base/secret.ts'
import { Informer } from '../../src/kube/client/informer.ts'
import { startLocalCluster } from '../../src/local-cluster/start.ts'
import { startRegistryManager } from '../../src/main/registry-manager.ts'
import { createLoginIssuer } from '../../src/registry/issue.ts'
import { CONTROL_NAMESPACE } from '../support/delivery-cluster.ts'
import { startEcr } from '../support/ecr.ts'
import {
  assertNeverRefused,
  AUTOMATED,
  deployment,
  entriesOf,
  loginsIn,
  podsIn,
  pullSecretsIn,
  register,
  startRegistryDelivery,
  untilRunning,
} from '../support/registry-delivery.ts'

const LONG = { timeout: 280_000 }
/** Fifty in the nightly run. */
const EXPIRIES = Number(process.env['CAPSTAN_TEST_EXPIRIES'] ?? 2)
/** Tokens of AWS live for twelve hours; half of these is time enough on a busy machine, and what many of them leave time for. */
const TTL_SECONDS = EXPIRIES > 5 ? 10 : 40

test(`[003-09] [003-18] tokens of ECR are renewed ${EXPIRIES} times without a gap, one call each`, LONG, async (t) => {
  const ecr = await startEcr(t, { ttlSeconds: TTL_SECONDS, judge: async () => ({ ok: true, why: '' }) })
  ecr.setKey('AKIAEXAMPLEEXAMPLE12', 'secret-key')
  await ecr.push('team/app', '1')
  const issuer = createLoginIssuer({ clock: systemClock, env: ecr.env })
  t.after(() => issuer.close())
  const { cluster } = await startRegistryDelivery(t, { pullSecrets: { issuer } })
  const keys = { awsAccessKeyId: 'AKIAEXAMPLEEXAMPLE12', awsSecretAccessKey: 'secret-key', awsRegion: ecr.region }
  await register(cluster, 'ecr', { url: ecr.host, kind: 'ecr', ...keys })
  const names = ['one', 'two', 'three']
  const files = names.map((name) => [`${name}/web.yaml`, deployment(`${ecr.host}/team/app:1`)] as const)
  cluster.repository.commit(Object.fromEntries(files))
  for (const name of names) await cluster.createApplication(name, AUTOMATED)
  for (const name of names) await untilRunning(cluster, name)
  const password = async (): Promise<string> => {
    const [secret] = await pullSecretsIn(cluster, 'two')
    assert.ok(secret)
    return (loginsIn(secret)[ecr.host] ?? '').replace(/^AWS:/, '')
  }
  const seen = new Set<string>()

  while (seen.size <= EXPIRIES) {
    const shown = await password()
    seen.add(shown)
    // What was read a moment ago may have been replaced since.
    if (!ecr.accepts(shown)) assert.ok(ecr.accepts(await password()), `token ${seen.size} has expired in place`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }

  // One for all namespaces, and one more that may be on its way.
  const issued = ecr.calls.filter(({ action }) => action === 'GetAuthorizationToken').length
  assert.ok(issued >= seen.size && issued <= seen.size + 2, `${issued} calls for ${seen.size} tokens`)
  for (const pod of await podsIn(cluster, 'two')) await cluster.delete('v1/Pod', pod.metadata.name ?? '', 'two')
  await untilRunning(cluster, 'two')
  for (const name of names) await assertNeverRefused(cluster, name)
})

test('[000-06] the Secret goes to the destination cluster, by that cluster own login', LONG, async (t) => {
  const other = await startLocalCluster({ clock: systemClock, log: silentLog })
  t.after(() => other.close())
  const client = other.client('story')
  const { cluster, registry, image } = await startRegistryDelivery(t, {
    hasNodes: false,
    connect: () => other.client('engine'),
  })
  await register(cluster, 'reg', { url: registry.host, username: 'ann', password: 'first-secret' })
  const data = { server: 'https://other.example.com', name: 'other', config: '{}' }
  const labels = { 'argocd.argoproj.io/secret-type': 'cluster' }
  await cluster.create({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'other', namespace: CONTROL_NAMESPACE, labels },
    stringData: data,
  })
  const types = await Promise.all(
    ['Namespace', 'ServiceAccount', 'Secret'].map((kind) => client.resourceOf({ group: '', kind })),
  )
  const [namespaces, accounts, secrets] = types
  assert.ok(namespaces && accounts && secrets)
  await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } })
  await client.create(accounts, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default', namespace: 'shop' },
  })
  await cluster.ensure({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } })
  cluster.repository.commit({ 'shop/web.yaml': deployment(image) })

  await cluster.createApplication('shop', { ...AUTOMATED, destination: { name: 'other', namespace: 'shop' } })
  await cluster.untilSynced('shop')

  const { items } = await client.list(secrets, { namespace: 'shop' })
  const [secret] = items
  assert.ok(secret)
  assert.deepEqual(loginsIn(secret), { [registry.host]: 'ann:first-secret' })
  const account = await client.get({ type: accounts, namespace: 'shop', name: 'default' })
  assert.deepEqual(Object(account)['imagePullSecrets'], [{ name: secret.metadata.name }])
  assert.deepEqual(await pullSecretsIn(cluster, 'shop'), [])
  const usage = await cluster.eventually(async () => {
    const found = await cluster.get('v1/ConfigMap', 'argocd-registry-usage', CONTROL_NAMESPACE)
    const text = String(Object(found?.['data'])['reg'] ?? '')
    return text.includes('other.example.com') ? text : undefined
  })
  assert.deepEqual(JSON.parse(usage).applications, ['argocd/shop'])

  await cluster.delete('argoproj.io/v1alpha1/Application', 'shop', CONTROL_NAMESPACE)
  await cluster.eventually(async () =>
    (await client.list(secrets, { namespace: 'shop' })).items.length === 0 ? true : undefined,
  )
})

test('pods that wait for their image are made anew where the settings ask for it', LONG, async (t) => {
  const { cluster, registry, image } = await startRegistryDelivery(t)
  const key = 'application.sync.imagePullSecrets.restartPods'
  await cluster.create({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'argocd-cm', namespace: CONTROL_NAMESPACE },
    data: { [key]: 'true' },
  })
  cluster.repository.commit({ 'shop/web.yaml': deployment(image) })
  await cluster.createApplication('shop', AUTOMATED)
  await cluster.eventually(async () => {
    const [pod] = await podsIn(cluster, 'shop')
    return pod?.status?.containerStatuses?.[0]?.state?.waiting?.reason === 'ImagePullBackOff' ? pod : undefined
  })

  await register(cluster, 'reg', { url: registry.host, username: 'ann', password: 'first-secret' })

  await cluster.eventually(async () => {
    const pods = await podsIn(cluster, 'shop')
    return pods.some(({ status }) => status?.phase === 'Running') ? true : undefined
  })
  assert.equal((await entriesOf(cluster, 'shop')).length, 1)
})

test('a manager configuration in the control plane needs no CronJob, and is cleaned up with it', LONG, async (t) => {
  const { cluster } = await startRegistryDelivery(t, { hasNodes: false })
  const { client } = cluster
  const common = { client, clock: systemClock, log: silentLog, namespace: CONTROL_NAMESPACE }
  const [secrets, configMaps] = await Promise.all(
    ['Secret', 'ConfigMap'].map(async (kind) => {
      const { type } = await cluster.ref(`v1/${kind}`, '')
      const informer = new Informer({ ...common, type })
      t.after(() => informer.stop())
      informer.start()
      await informer.hasSynced
      return informer
    }),
  )
  assert.ok(secrets && configMaps)
  const issuer = {
    issue: async () => ({ username: 'AWS', password: new Secret('x'), issuedAt: new Date() }),
    close: async () => {},
  }
  const stop = startRegistryManager({ ...common, issuer, secrets, configMaps })
  t.after(stop)
  const entry =
    '- {name: hub, kubernetes_namespace: default, type: DOCKER, credential: {docker_registry: r.example.com, docker_user: ann, docker_email: e, docker_password: {secretKeyRef: {name: values, key: password}}}}'
  await cluster.ensure({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } })
  await cluster.create({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'values', namespace: CONTROL_NAMESPACE },
    stringData: { password: 'pa55' },
  })
  const labels = { 'capstan.dev/registry-manager': 'true' }
  const metadata = { name: 'manager', namespace: CONTROL_NAMESPACE, labels }
  await cluster.create({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata,
    data: { 'credentials.yaml': `credentials:\n${entry}\n` },
  })

  const made = await cluster.eventually(() => cluster.get('v1/Secret', 'hub', 'default'))
  assert.deepEqual(loginsIn(made), { 'r.example.com': 'ann:pa55' })

  await cluster.patch(
    'v1/ConfigMap',
    'manager',
    { data: { 'credentials.yaml': 'credentials: []' } },
    { namespace: CONTROL_NAMESPACE },
  )
  await cluster.untilGone('v1/Secret', 'hub', 'default')
})
