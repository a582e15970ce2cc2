// Registry credentials in all their ways: many namespaces, several owners, who fights over them, who may have them, what is left behind.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { Secret } from '../../src/base/secret.ts'
import { createLog } from '../../src/base/log.ts'
import type { KubeClient } from '../../src/kube/client/client.ts'
import type { JsonObject, KubeObject } from '../../src/kube/object.ts'
import { pullSecretName } from '../../src/pull-secrets/secret-object.ts'
import type { LoginIssuer } from '../../src/registry/issue.ts'
import { parseRegistry } from '../../src/settings/registries.ts'
import { CONTROL_NAMESPACE, type DeliveryCluster } from '../support/delivery-cluster.ts'
import {
  assertNeverRefused,
  AUTOMATED,
  deployment,
  entriesOf,
  eventsIn,
  loginsIn,
  pullSecretsIn,
  register,
  startShop as shop,
  startRegistryDelivery,
  untilConditions,
  untilRunning,
  untilSecrets,
  withAccount,
} from '../support/registry-delivery.ts'

const ANN = { username: 'ann', password: 'first-secret' }
const NAMESPACES = 100
/** Machines in CI are shared. */
const LONG = { timeout: 280_000 }

/** A hundred Applications at once may take a slow machine longer than any one of them. */
async function patiently<T>(wait: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await wait()
    } catch (error) {
      if (attempt === 5) throw error
    }
  }
}

function account(names: readonly string[], more: JsonObject = {}): string {
  const metadata = { name: 'default', ...more }
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata,
    imagePullSecrets: names.map((name) => ({ name })),
  })
}

async function project(cluster: DeliveryCluster, name: string, sourceRepos: readonly string[]): Promise<void> {
  const spec = {
    sourceRepos,
    destinations: [{ server: '*', namespace: '*' }],
    clusterResourceWhitelist: [{ group: '*', kind: '*' }],
  }
  await cluster.create({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AppProject',
    metadata: { name, namespace: CONTROL_NAMESPACE },
    spec,
  })
}

test(
  `[000-11] the first pods of ${NAMESPACES} fresh namespaces in parallel are never refused their image`,
  LONG,
  async (t) => {
    const { cluster, registry, image } = await startRegistryDelivery(t)
    await register(cluster, 'reg', { url: registry.host, ...ANN })
    const names = Array.from({ length: NAMESPACES }, (_, index) => `shop-${index}`)
    cluster.repository.commit(Object.fromEntries(names.map((name) => [`${name}/web.yaml`, deployment(image)])))

    await Promise.all(names.map((name) => cluster.createApplication(name, AUTOMATED)))

    for (const name of names) {
      await patiently(() => untilRunning(cluster, name))
      await assertNeverRefused(cluster, name)
    }
  },
)

test(
  '[000-09] a ServiceAccount in Git, with self-heal on, keeps its list and ours, however it is applied',
  LONG,
  async (t) => {
    const { cluster } = await shop(t)
    const [ours = ''] = await entriesOf(cluster, 'shop')
    for (const [index, annotations] of [
      {},
      { 'argocd.argoproj.io/sync-options': 'ServerSideApply=true' },
      { 'argocd.argoproj.io/sync-options': 'Replace=true' },
    ].entries()) {
      for (const names of [[`git-${index}`], [`git-${index}`, `more-${index}`]]) {
        const revision = cluster.repository.commit({ 'shop/account.yaml': account(names, { annotations }) })
        await cluster.refresh('shop')
        await cluster.untilSynced('shop', revision)
        assert.deepEqual((await entriesOf(cluster, 'shop')).toSorted(), [ours, ...names].toSorted())
      }
    }
    const before = (await cluster.application('shop')).status?.history?.length
    await cluster.patch(
      'v1/ServiceAccount',
      'default',
      { metadata: { labels: { touched: 'yes' } } },
      { namespace: 'shop' },
    )
    await cluster.refresh('shop', 'hard')
    await cluster.until('shop', ({ metadata }) => metadata.annotations?.['argocd.argoproj.io/refresh'] === undefined)
    await cluster.untilSynced('shop')
    assert.equal((await cluster.application('shop')).status?.history?.length, before)
    const compare = { 'argocd.argoproj.io/compare-options': 'ServerSideDiff=true' }
    const application = 'argoproj.io/v1alpha1/Application'
    await cluster.patch(application, 'shop', { metadata: { annotations: compare } }, { namespace: CONTROL_NAMESPACE })
    await cluster.refresh('shop', 'hard')
    await cluster.until('shop', ({ metadata }) => metadata.annotations?.['argocd.argoproj.io/refresh'] === undefined)
    await cluster.untilSynced('shop')
    assert.equal((await cluster.application('shop')).status?.history?.length, before)

    const revision = cluster.repository.commit({
      'shop/account.yaml': JSON.stringify({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } }),
    })
    await cluster.refresh('shop')
    await cluster.untilSynced('shop', revision)
    await cluster.eventually(async () => ((await entriesOf(cluster, 'shop')).includes(ours) ? true : undefined))
  },
)

test(
  '[000-17] two Applications of one namespace share the Secret; it goes with the last of them, and only ours goes',
  LONG,
  async (t) => {
    const { cluster, registry, image } = await shop(t)
    cluster.repository.commit({
      'second/job.yaml': deployment(`${registry.host}/team/other:1`, 'second'),
      'shop/web.yaml': deployment(image),
    })
    await cluster.patch(
      'v1/ServiceAccount',
      'default',
      { imagePullSecrets: [{ name: 'mine' }, { name: (await entriesOf(cluster, 'shop'))[0] ?? '' }] },
      { namespace: 'shop' },
    )
    await cluster.createApplication('second', {
      ...AUTOMATED,
      destination: { server: 'https://kubernetes.default.svc', namespace: 'shop' },
    })
    await cluster.untilSynced('second')
    const [shared] = await cluster.eventually(async () => {
      const found = await pullSecretsIn(cluster, 'shop')
      return found[0]?.metadata.annotations?.['capstan.dev/applications'] === 'argocd/second,argocd/shop'
        ? found
        : undefined
    })

    await cluster.delete('argoproj.io/v1alpha1/Application', 'shop', CONTROL_NAMESPACE)
    await cluster.eventually(async () => {
      const [now] = await pullSecretsIn(cluster, 'shop')
      return now?.metadata.annotations?.['capstan.dev/applications'] === 'argocd/second' ? now : undefined
    })
    assert.equal((await pullSecretsIn(cluster, 'shop'))[0]?.metadata.uid, shared?.metadata.uid)

    cluster.repository.commit({ 'second/job.yaml': deployment('nginx', 'second') })
    await cluster.refresh('second')
    await untilSecrets(cluster, 'shop', 0)
    assert.deepEqual(await entriesOf(cluster, 'shop'), ['mine'])
  },
)

test('a Secret of that name that is not ours is left alone, with an event and a condition', LONG, async (t) => {
  const { cluster, registry, image } = await startRegistryDelivery(t, { hasNodes: false })
  await register(cluster, 'reg', { url: registry.host, ...ANN })
  const credential = await cluster.get('v1/Secret', 'reg', CONTROL_NAMESPACE)
  assert.ok(credential)
  const name = pullSecretName(parseRegistry(credential))
  const data = { '.dockerconfigjson': Buffer.from('{"auths":{}}').toString('base64') }
  const labels = { 'capstan.dev/image-pull-secret': name.replace(/^.*-/, '') }
  const annotations = { 'capstan.dev/owner': 'another control plane', 'capstan.dev/applications': 'argocd/theirs' }
  for (const [namespace, metadata] of [
    ['shop', {}],
    ['shared', { labels, annotations }],
  ] as const) {
    await withAccount(cluster, namespace)
    await cluster.create({
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'kubernetes.io/dockerconfigjson',
      metadata: { ...metadata, name, namespace },
      data,
    })
    cluster.repository.commit({ [`${namespace}/web.yaml`]: deployment(image) })
    await cluster.createApplication(namespace, AUTOMATED)

    await untilConditions(cluster, namespace, /exists and was not made by the propagation/)

    const secret = await cluster.get('v1/Secret', name, namespace)
    assert.deepEqual(secret?.['data'], data)
    assert.deepEqual(await entriesOf(cluster, namespace), [])
  }
  await cluster.eventually(async () =>
    (await eventsIn(cluster, CONTROL_NAMESPACE)).find((event) => event.startsWith('ImagePullSecretRefused')),
  )
})

test('an entry that somebody takes out comes back, and who did it is told', LONG, async (t) => {
  const { cluster } = await shop(t)
  const [ours = ''] = await entriesOf(cluster, 'shop')
  const ref = await cluster.ref('v1/ServiceAccount', 'default', 'shop')

  await cluster.client.patch(ref, 'merge', { imagePullSecrets: [{ name: 'theirs' }] }, { fieldManager: 'other-tool' })

  await cluster.eventually(async () => ((await entriesOf(cluster, 'shop')).includes(ours) ? true : undefined))
  assert.deepEqual(await entriesOf(cluster, 'shop'), ['theirs', ours])
  const told = await cluster.eventually(async () =>
    (await eventsIn(cluster, CONTROL_NAMESPACE)).find((event) => event.startsWith('ImagePullSecretEntryRemoved')),
  )
  assert.match(
    told,
    /^ImagePullSecretEntryRemoved (?:other-tool|somebody) took argocd-image-pull-secret-\w+ out of the imagePullSecrets of ServiceAccount shop\/default/,
  )

  const [secret] = await pullSecretsIn(cluster, 'shop')
  const spoiled = { data: { '.dockerconfigjson': Buffer.from('{}').toString('base64') } }
  await cluster.patch('v1/Secret', secret?.metadata.name ?? '', spoiled, { namespace: 'shop' })
  await cluster.eventually(async () => {
    const [now] = await pullSecretsIn(cluster, 'shop')
    return now !== undefined &&
      now.metadata.uid === secret?.metadata.uid &&
      Object.keys(now).includes('data') &&
      loginsOf(now).includes('ann:first-secret')
      ? now
      : undefined
  })
})

function loginsOf(secret: KubeObject): readonly string[] {
  try {
    return Object.values(loginsIn(secret))
  } catch {
    return [] // spoiled
  }
}

test('[000-12] one broken credential among ten leaves nine in place, and says what is wrong', LONG, async (t) => {
  const issuer: LoginIssuer = {
    async issue({ address, login }) {
      if (address.endsWith('/team4')) throw new Error('AccessDeniedException: no')
      return {
        username: login.kind,
        password: new Secret(`of ${address}`),
        issuedAt: new Date(),
        expiresAt: new Date(Date.now() + 3_600_000),
      }
    },
    async close() {},
  }
  const { cluster } = await startRegistryDelivery(t, { hasNodes: false, pullSecrets: { issuer } })
  const host = '123456789012.dkr.ecr.eu-central-1.amazonaws.com'
  const teams = Array.from({ length: 10 }, (_, index) => `team${index}`)
  for (const team of teams) await register(cluster, team, { url: `${host}/${team}` })
  await register(cluster, 'unreadable', { url: 'not a host', ...ANN })
  const files = teams.map((team) => [`shop/${team}.yaml`, deployment(`${host}/${team}/app:1`, team)] as const)
  cluster.repository.commit({ ...Object.fromEntries(files), 'shop/public.yaml': deployment('nginx', 'public') })
  await withAccount(cluster, 'shop')
  await cluster.createApplication('shop', AUTOMATED)
  await cluster.untilSynced('shop')

  await untilSecrets(cluster, 'shop', 9)
  assert.equal((await entriesOf(cluster, 'shop')).length, 9)
  await untilConditions(cluster, 'shop', /team4.*AccessDeniedException: no/)
  await cluster.eventually(async () => {
    const usage = await cluster.get('v1/ConfigMap', 'argocd-registry-usage', CONTROL_NAMESPACE)
    const { team0 = '{}', team4 = '{}', unreadable = '{}' } = (usage?.['data'] ?? {}) as Record<string, string>
    const [good, bad] = [JSON.parse(team0), JSON.parse(team4)]
    return good.namespaceCount === 1 && bad.errors?.length === 1 && /address/.test(unreadable) ? true : undefined
  })
})

test('naming an image is no way to a password: projects, and what opens them', LONG, async (t) => {
  const { cluster, registry, image } = await startRegistryDelivery(t, { hasNodes: false })
  await project(cluster, 'team', ['*'])
  await project(cluster, 'owner', ['*'])
  await register(cluster, 'shared', { url: registry.host, ...ANN })
  await register(cluster, 'owned', { url: `${registry.host}/team`, ...ANN, project: 'owner' })
  cluster.repository.commit({ 'team/web.yaml': deployment(image), 'owner/web.yaml': deployment(image) })
  for (const name of ['team', 'owner']) {
    await withAccount(cluster, name)
    await cluster.createApplication(name, { ...AUTOMATED, project: name })
    await cluster.untilSynced(name)
  }

  await untilSecrets(cluster, 'owner', 1)
  const told = await untilConditions(cluster, 'team', /add 127\.0\.0\.1:\d+ to spec\.sourceRepos of the project/)
  assert.doesNotMatch(told, /owner|first-secret/)
  assert.deepEqual(await pullSecretsIn(cluster, 'team'), [])
  assert.deepEqual(await entriesOf(cluster, 'team'), [])

  await cluster.patch(
    'argoproj.io/v1alpha1/AppProject',
    'team',
    { spec: { sourceRepos: ['*', registry.host] } },
    { namespace: CONTROL_NAMESPACE },
  )
  const [given] = await untilSecrets(cluster, 'team', 1)
  assert.equal(given?.metadata.annotations?.['capstan.dev/registry-credential'], 'shared')
  await untilConditions(cluster, 'team', undefined)
})

test(
  '[000-15] propagation is switched off for a namespace, an Application, a project, and altogether',
  LONG,
  async (t) => {
    const { cluster, image } = await shop(t)
    const off = { 'argocd.argoproj.io/image-pull-secrets': 'disabled' }
    await project(cluster, 'quiet', ['*', image.split('/')[0] ?? ''])
    await cluster.patch(
      'argoproj.io/v1alpha1/AppProject',
      'quiet',
      { metadata: { annotations: off } },
      { namespace: CONTROL_NAMESPACE },
    )
    const names = ['by-namespace', 'by-application', 'by-project', 'by-all']
    cluster.repository.commit(
      Object.fromEntries([...names, 'shop'].map((name) => [`${name}/web.yaml`, deployment(image)])),
    )
    for (const name of names) await withAccount(cluster, name)
    await cluster.patch('v1/Namespace', 'by-namespace', { metadata: { labels: off } })
    await cluster.createApplication('by-namespace', AUTOMATED)
    await cluster.createApplication('by-application', AUTOMATED, { annotations: off })
    await cluster.createApplication('by-project', { ...AUTOMATED, project: 'quiet' })
    for (const name of names.slice(0, 3)) await cluster.untilSynced(name)
    await cluster.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'argocd-cm', namespace: CONTROL_NAMESPACE },
      data: { 'application.sync.imagePullSecrets.enabled': 'false' },
    })
    // What is told of the map and of the Application comes in any order: only a later Application surely sees it off.
    await cluster.createApplication('by-all', { ...AUTOMATED, syncPolicy: {} })
    await cluster.until('by-all', ({ status }) => status?.sync?.status === 'OutOfSync')
    await cluster.sync('by-all')
    await cluster.untilSynced('by-all')

    for (const name of names) {
      assert.deepEqual(await pullSecretsIn(cluster, name), [], name)
      assert.deepEqual(await entriesOf(cluster, name), [], name)
    }
    assert.equal((await pullSecretsIn(cluster, 'shop')).length, 1)
  },
)

test('[000-14] other ServiceAccounts get the entry where the credential or the settings say so', LONG, async (t) => {
  const { cluster, registry, image } = await startRegistryDelivery(t, { hasNodes: false })
  await register(cluster, 'reg', { url: registry.host, ...ANN, serviceAccounts: 'selector:team=a' })
  const accounts = ['builder', 'other'].map(
    (name) =>
      [`shop/${name}.yaml`, account(['own'], { name, labels: { team: name === 'builder' ? 'a' : 'b' } })] as const,
  )
  cluster.repository.commit({ ...Object.fromEntries(accounts), 'shop/web.yaml': deployment(image) })
  await withAccount(cluster, 'shop')
  await cluster.createApplication('shop', AUTOMATED)
  await cluster.untilSynced('shop')
  const [secret] = await untilSecrets(cluster, 'shop', 1)
  const name = secret?.metadata.name ?? ''

  await cluster.eventually(async () =>
    (await entriesOf(cluster, 'shop', 'builder')).includes(name) ? true : undefined,
  )
  assert.deepEqual(await entriesOf(cluster, 'shop', 'other'), ['own'])
  assert.deepEqual(await entriesOf(cluster, 'shop'), [])

  await register(cluster, 'reg', { serviceAccounts: '*' })
  await cluster.eventually(async () => {
    const lists = await Promise.all(['builder', 'other', 'default'].map((one) => entriesOf(cluster, 'shop', one)))
    return lists.every((list) => list.includes(name)) ? true : undefined
  })
})

/** A client whose writes of Secrets and ServiceAccounts end before the nth: from then on nothing of its process reaches the cluster. */
function killedBefore(nth: number, onKill: () => void): (client: KubeClient) => KubeClient {
  let left = nth
  return (client) =>
    new Proxy(client, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        return (...given: readonly unknown[]): unknown => {
          const { type } = Object(given[0]) as { readonly type?: { readonly kind?: string } }
          const isOurs = ['Secret', 'ServiceAccount'].includes(type?.kind ?? '')
          if (isOurs && (name === 'patch' || name === 'delete') && left-- <= 0) {
            onKill()
            return Promise.reject(new Error('killed'))
          }
          return Reflect.apply(value, target, given) as unknown
        }
      },
    })
}

test(
  'a controller that is killed before any of its writes leaves nothing that the next does not finish',
  LONG,
  async (t) => {
    const { cluster, registry, image } = await startRegistryDelivery(t, { hasNodes: false })
    await register(cluster, 'reg', { url: registry.host, ...ANN })
    await register(cluster, 'more', { url: `${registry.host}/team`, ...ANN })
    for (const nth of [0, 1, 2]) {
      const name = `shop-${nth}`
      await cluster.stopEngine()
      const killed = Promise.withResolvers<void>()
      await cluster.startEngine(killedBefore(nth, killed.resolve))
      await withAccount(cluster, name)
      cluster.repository.commit({ [`${name}/web.yaml`]: deployment(image) })
      await cluster.createApplication(name, AUTOMATED)
      await killed.promise
      await cluster.stopEngine()
      await cluster.startEngine()

      const secrets = await untilSecrets(cluster, name, 2)
      await cluster.eventually(async () => ((await entriesOf(cluster, name)).length === 2 ? true : undefined))
      assert.deepEqual(new Set(await entriesOf(cluster, name)), new Set(secrets.map(({ metadata }) => metadata.name)))

      // And the same for taking away: two entries in one write, then two Secrets.
      await cluster.stopEngine()
      const killedAgain = Promise.withResolvers<void>()
      await cluster.startEngine(killedBefore(nth, killedAgain.resolve))
      await cluster.delete('argoproj.io/v1alpha1/Application', name, CONTROL_NAMESPACE)
      await killedAgain.promise
      await cluster.stopEngine()
      await cluster.startEngine()
      await untilSecrets(cluster, name, 0)
      assert.deepEqual(await entriesOf(cluster, name), [])
    }
  },
)

test('no credential is told in logs, events, Applications, ConfigMaps or ServiceAccounts', LONG, async (t) => {
  const lines: string[] = []
  const log = createLog({ clock: systemClock, level: 'debug', format: 'json', write: (line) => lines.push(line) })
  const { cluster, registry, image } = await startRegistryDelivery(t, { hasNodes: false, log })
  const password = 'pässwörd-"quoted"-密-secret'
  await register(cluster, 'reg', { url: registry.host, username: 'ann', password })
  cluster.repository.commit({ 'shop/web.yaml': deployment(image) })
  await withAccount(cluster, 'shop')
  await cluster.createApplication('shop', AUTOMATED)
  await cluster.untilSynced('shop')
  const [secret] = await untilSecrets(cluster, 'shop', 1)
  assert.ok(secret)
  assert.deepEqual(loginsIn(secret), { [registry.host]: `ann:${password}` })
  await cluster.eventually(() => cluster.get('v1/ConfigMap', 'argocd-registry-usage', CONTROL_NAMESPACE))

  const told: unknown[] = [lines]
  for (const kind of [
    'v1/Event',
    'v1/ConfigMap',
    'v1/ServiceAccount',
    'argoproj.io/v1alpha1/Application',
    'apps/v1/Deployment',
  ]) {
    const { type } = await cluster.ref(kind, '')
    told.push((await cluster.client.list(type)).items)
  }
  const { data: _data, ...rest } = secret as KubeObject & { readonly data?: unknown }
  told.push(rest)
  const text = JSON.stringify(told)
  for (const hidden of [
    password,
    JSON.stringify(password).slice(1, -1),
    Buffer.from(password).toString('base64'),
    Buffer.from(`ann:${password}`).toString('base64'),
  ]) {
    assert.ok(!text.includes(hidden))
  }
})
