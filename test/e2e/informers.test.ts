// Informers of client-go and of client-node stay in step with the embedded API server through ten thousand changes, a restart and a kill.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { CoreV1Api, KubeConfig, makeInformer, type KubernetesObject } from '@kubernetes/client-node'
import { systemClock } from '../../src/base/clock.ts'
import type { KubeClient } from '../../src/kube/client/client.ts'
import { createClient } from '../../src/kube/client/create-client.ts'
import { httpTransport } from '../../src/kube/client/http-transport.ts'
import { loadKubeConfig } from '../../src/kube/client/kubeconfig.ts'
import { makeChanges } from '../support/change-load.ts'
import { freePort } from '../support/free-port.ts'
import { temporaryFolder } from '../support/git.ts'
import { startCapstan, startProgram, type Served } from '../support/processes.ts'
import { peer } from '../support/real-cluster.ts'

const CHANGES = 10_000
const WRITERS = 4
const NAMESPACE = 'default'
const MARKER = 'finish'
const WAIT_MS = 30_000
/** After how many changes the server is ended, and how. */
const RESTARTS: ReadonlyMap<number, NodeJS.Signals> = new Map([
  [3_500, 'SIGTERM'],
  [7_000, 'SIGKILL'],
])
/** A start needs one per kind; a connection cut at an unlucky moment another. More would be a storm. */
const MOST_LISTS = 8

/** Names of a kind's objects and the versions they are at. */
type Held = Readonly<Record<string, string>>

interface Seen {
  readonly held: Readonly<Record<'pods' | 'configmaps', Held>>
  readonly lists: number
  readonly watchLists: number
  readonly watches: number
  readonly notProtobuf: number
  readonly events: number
  /** Updates to a lower version than the one before. */
  readonly backwards: number
}

async function until<T>(what: string, find: () => T | undefined): Promise<T> {
  const endMs = performance.now() + WAIT_MS
  for (;;) {
    const found = find()
    if (found !== undefined) return found
    if (performance.now() > endMs) throw new Error(`waited in vain for ${what}`)
    await pause(20)
  }
}

interface GoInformer {
  finished(): Promise<Seen>
}

/** A process with client-go's informers; `WatchListClient` is how they fill their caches since 1.35. */
async function startGoInformer(t: TestContext, kubeconfig: string, hasWatchList: boolean): Promise<GoInformer> {
  const env = { KUBE_FEATURE_WatchListClient: String(hasWatchList) }
  const flags = ['--kubeconfig', kubeconfig, '--namespace', NAMESPACE]
  const program = await startProgram(t, [peer('informer'), ...flags], /^synced$/m, { env })
  return {
    async finished() {
      const line = await until('client-go', () => /^\{.*\}$/m.exec(program.output())?.[0])
      return JSON.parse(line) as Seen // written by test/peers/informer
    },
  }
}

/** client-node's informers in this process; they end with the test. */
async function startNodeInformer(t: TestContext, kubeconfig: string): Promise<GoInformer> {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  const api = config.makeApiClient(CoreV1Api)
  const counts = { lists: 0, watches: 0, events: 0, backwards: 0 }
  const follow = async (resource: string, list: () => Promise<{ items: KubernetesObject[] }>) => {
    const informer = makeInformer<KubernetesObject>(config, `/api/v1/namespaces/${NAMESPACE}/${resource}`, async () => {
      counts.lists++
      return list()
    })
    const versions = new Map<string, number>()
    const onChange = ({ metadata = {} }: KubernetesObject): void => {
      const version = Number(metadata.resourceVersion)
      counts.events++
      if (version < (versions.get(metadata.name ?? '') ?? 0)) counts.backwards++
      versions.set(metadata.name ?? '', version)
    }
    informer.on('add', onChange)
    informer.on('update', onChange)
    informer.on('delete', ({ metadata = {} }) => versions.delete(metadata.name ?? ''))
    informer.on('connect', () => counts.watches++)
    // As its documentation says: it stops at an error, and its owner starts it again.
    let isOver = false
    informer.on('error', () => {
      if (!isOver) setTimeout(() => void informer.start(), 100)
    })
    t.after(() => {
      isOver = true
      return informer.stop()
    })
    await informer.start()
    return (): Held =>
      Object.fromEntries(
        informer.list().map(({ metadata = {} }) => [metadata.name ?? '', metadata.resourceVersion ?? '']),
      )
  }
  const pods = await follow('pods', () => api.listNamespacedPod({ namespace: NAMESPACE }))
  const configmaps = await follow('configmaps', () => api.listNamespacedConfigMap({ namespace: NAMESPACE }))
  return {
    async finished() {
      await until('client-node', () => (MARKER in pods() && MARKER in configmaps() ? true : undefined))
      return { held: { pods: pods(), configmaps: configmaps() }, ...counts, watchLists: 0, notProtobuf: 0 }
    },
  }
}

async function heldBy(client: KubeClient, kind: string): Promise<Held> {
  const type = await client.resourceOf({ group: '', kind })
  assert.ok(type)
  const { items } = await client.list(type, { namespace: NAMESPACE })
  return Object.fromEntries(items.map(({ metadata }) => [metadata.name ?? '', metadata.resourceVersion ?? '']))
}

async function createObject(client: KubeClient, kind: string, name: string): Promise<void> {
  const type = await client.resourceOf({ group: '', kind })
  assert.ok(type)
  const rest = kind === 'Pod' ? { spec: { containers: [{ name: 'main', image: 'busybox' }] } } : {}
  await client.create(type, { apiVersion: 'v1', kind, metadata: { name, namespace: NAMESPACE }, ...rest })
}

test(
  'caches of client-go and client-node equal the list after ten thousand changes, a restart and a kill',
  { timeout: 120_000 },
  async (t) => {
    const folder = temporaryFolder(t)
    const kubeconfig = join(folder, 'kubeconfig')
    const flags = ['--data-dir', join(folder, 'data'), '--port', `${await freePort()}`, '--kubeconfig', kubeconfig]
    const start = (): Promise<Served> =>
      startCapstan(t, ['local-cluster', ...flags, '--controllers', 'off', '--kubelet', 'off'], /^ready /m)
    let server = await start()
    const { transport } = await loadKubeConfig({ path: kubeconfig, env: {} })
    const client = createClient(httpTransport(transport), { clock: systemClock, userAgent: 'writer' })
    t.after(() => client.close())
    await createObject(client, 'ServiceAccount', 'default')
    const informers = {
      'client-go with watch lists': await startGoInformer(t, kubeconfig, true),
      'client-go without': await startGoInformer(t, kubeconfig, false),
      'client-node': await startNodeInformer(t, kubeconfig),
    }

    let restarts = Promise.resolve()
    const restart = async (signal: NodeJS.Signals): Promise<void> => {
      await server.end(signal)
      server = await start()
    }
    await makeChanges({
      client,
      namespace: NAMESPACE,
      writers: WRITERS,
      changes: CHANGES,
      onChange: (done) => {
        const signal = RESTARTS.get(done)
        if (signal !== undefined) restarts = restarts.then(() => restart(signal))
      },
    })
    await restarts
    for (const kind of ['Pod', 'ConfigMap']) await createObject(client, kind, MARKER)

    const expected = { pods: await heldBy(client, 'Pod'), configmaps: await heldBy(client, 'ConfigMap') }
    for (const [name, informer] of Object.entries(informers)) {
      const seen = await informer.finished()
      t.diagnostic(`${name}: ${JSON.stringify({ ...seen, held: undefined })}`)
      assert.deepEqual(seen.held, expected, name)
      assert.equal(seen.backwards, 0, `${name}: versions only rise`)
      assert.equal(seen.notProtobuf, 0, `${name}: every answer is protobuf`)
      assert.ok(
        seen.lists + seen.watchLists <= MOST_LISTS,
        `${name}: ${seen.lists} lists, ${seen.watchLists} watch lists`,
      )
    }
  },
)
