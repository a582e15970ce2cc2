// What a cluster's login may not do, and who else writes at the same time.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { pullSecretAuthor } from '../../src/pull-secrets/authorship.ts'
import { ClusterView } from '../../src/controllers/pull-secrets/cluster-view.ts'
import { writeEntries } from '../../src/controllers/pull-secrets/write-entries.ts'
import { type KubeClient, KubeError } from '../../src/kube/client/client.ts'
import { PULL_SECRET_LABEL } from '../../src/pull-secrets/secret-object.ts'
import {
  AUTOMATED,
  deployment,
  entriesOf,
  register,
  startRegistryDelivery,
  startShop as shop,
  untilConditions,
  untilSecrets,
  withAccount,
} from '../support/registry-delivery.ts'

const ANN = { username: 'ann', password: 'first-secret' }
/** Machines in CI are shared. */
const LONG = { timeout: 240_000 }

/** A login that may not list some kinds. */
function refused(...kinds: readonly string[]): (client: KubeClient) => KubeClient {
  return (client) =>
    new Proxy(client, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        return (...given: readonly unknown[]): unknown => {
          const [type, options] = given.map((one) => Object(one) as Readonly<Record<string, unknown>>)
          const isOurs = options?.['labelSelector'] === PULL_SECRET_LABEL || type?.['kind'] !== 'Secret'
          const isRefused = name === 'list' && isOurs && kinds.includes(String(type?.['kind']))
          if (isRefused)
            return Promise.reject(new KubeError(403, 'Forbidden', `${String(type?.['resource'])} is forbidden`))
          return Reflect.apply(value, target, given) as unknown
        }
      },
    })
}

test(
  'a login that may not list Secrets holds no sync up and is told of; one that may not list Namespaces does',
  LONG,
  async (t) => {
    const { cluster, registry, image } = await startRegistryDelivery(t, {
      hasNodes: false,
      settings: { respectRbac: 'normal' },
    })
    await register(cluster, 'reg', { url: registry.host, ...ANN })
    for (const [index, kind] of ['Secret', 'Namespace'].entries()) {
      const name = `shop-${index}`
      await cluster.stopEngine()
      await cluster.startEngine(refused(kind))
      await withAccount(cluster, name)
      cluster.repository.commit({ [`${name}/web.yaml`]: deployment(image) })
      await cluster.createApplication(name, AUTOMATED)
      await cluster.untilSynced(name)
      if (kind === 'Secret') await untilConditions(cluster, name, /secrets is forbidden/)
      else await untilSecrets(cluster, name, 1)
    }
  },
)

test('two writers who add to one list at the same time lose nothing', LONG, async (t) => {
  const { cluster } = await shop(t)
  const ours = await entriesOf(cluster, 'shop')
  const view = new ClusterView({
    cluster: { server: '', client: cluster.client, namespaces: [] },
    author: () => pullSecretAuthor({ id: '', home: 'home', key: undefined }),
    clock: systemClock,
    log: silentLog,
    onChange: () => undefined,
    onAccount: () => undefined,
    onLogin: () => undefined,
  })
  const { signal } = new AbortController()
  const add = async (prefix: string): Promise<void> => {
    for (let index = 0; index < 200; index++) {
      const wish = { namespace: 'shop', name: 'default', wanted: [`${prefix}-${index}`], unwanted: [] }
      await writeEntries(view, wish, undefined, { clock: systemClock, signal })
    }
  }

  await Promise.all([add('a'), add('b')])

  const names = await entriesOf(cluster, 'shop')
  assert.equal(new Set(names).size, names.length)
  const expected = ['a', 'b'].flatMap((prefix) => Array.from({ length: 200 }, (_, index) => `${prefix}-${index}`))
  assert.deepEqual(names.toSorted(), [...ours, ...expected].toSorted())
})
