// The embedded API server beside the real kube-apiserver with etcd: the same requests by the same client.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { systemClock } from '../../src/base/clock.ts'
import type { KubeClient, ResourceType } from '../../src/kube/client/client.ts'
import { createClient } from '../../src/kube/client/create-client.ts'
import { httpTransport } from '../../src/kube/client/http-transport.ts'
import { loadKubeConfig } from '../../src/kube/client/kubeconfig.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { startRealCluster } from '../support/real-cluster.ts'
import { inParallel, type BenchOptions, type Figure } from './measurement.ts'
import { cpuSeconds, processTree, residentMiB } from './process-cost.ts'
import { startProgram, withFolder } from './program.ts'

const REAL = join(import.meta.dirname, '../../.peers/bin/kube-apiserver')
const READY_TIMEOUT_MS = 30_000
const POLL_MS = 20
const LISTED = 500
/** Requests that are under way at once, as from a handful of controllers. */
const PARALLEL = 4

interface Server {
  readonly client: KubeClient
  /** What is counted: the server and its store. */
  readonly pids: readonly number[]
  stop(): Promise<void>
}

interface Cost {
  /** CPU milliseconds an operation, or MiB. */
  readonly value: number
  readonly times: number
}

export async function measureApiServer({ isQuick }: BenchOptions): Promise<readonly Figure[]> {
  const times = isQuick ? 100 : 1000
  const embedded = await measureServer(startEmbedded, times)
  if (!existsSync(REAL)) return figuresOf(embedded, undefined)
  return figuresOf(embedded, await measureServer(startReal, times))
}

type Costs = ReadonlyMap<string, Cost>

function figuresOf(embedded: Costs, real: Costs | undefined): readonly Figure[] {
  return [...embedded].flatMap(([verb, ours]) => {
    const theirs = real?.get(verb)
    const note = `n = ${ours.times}`
    const own = { name: `${verb}, embedded`, value: ours.value, unit: unitOf(verb), note }
    if (theirs === undefined) return [own]
    return [
      own,
      { name: `${verb}, kube-apiserver + etcd`, value: theirs.value, unit: unitOf(verb), note },
      {
        name: `${verb}, ratio`,
        value: ours.value / theirs.value,
        unit: '×',
        note: 'below 1: the embedded one is cheaper',
      },
    ]
  })
}

function unitOf(verb: string): string {
  return verb.startsWith('memory') ? 'MiB' : 'ms'
}

async function measureServer(start: (folder: string) => Promise<Server>, times: number): Promise<Costs> {
  return withFolder(async (folder) => {
    const server = await start(folder)
    try {
      return await costsOf(server, times)
    } finally {
      await server.client.close()
      await server.stop()
    }
  })
}

async function costsOf(server: Server, times: number): Promise<Costs> {
  const { client } = server
  const type = await client.resourceOf({ group: '', version: 'v1', kind: 'ConfigMap' })
  if (type === undefined) throw new Error('the server serves no ConfigMaps')
  const costs = new Map<string, Cost>()
  const measure = async (verb: string, count: number, run: (round: number) => Promise<unknown>): Promise<void> => {
    costs.set(verb, await costOf(server, count, run))
  }
  await warmUp(client, type)
  const place = (round: number): { type: ResourceType; namespace: string; name: string } => ({
    type,
    namespace: 'default',
    name: `made-${round % LISTED}`,
  })
  await measure('CPU per create', LISTED, (round) => client.create(type, configMap(`made-${round}`)))
  await measure('CPU per get', times, (round) => client.get(place(round)))
  await measure(`CPU per list of ${LISTED}`, times / 20, () => client.list(type, { namespace: 'default' }))
  await measure('CPU per merge patch', times, (round) =>
    client.patch(place(round), 'merge', { data: { round: `${round}` } }),
  )
  await measure('CPU per server-side apply, create', LISTED, (round) =>
    apply(client, type, `applied-${round}`, 'first'),
  )
  await measure('CPU per server-side apply, update', times, (round) =>
    apply(client, type, `applied-${round % LISTED}`, `round ${round}`),
  )
  costs.set('memory', { value: residentMiB(server.pids), times: 1 })
  return costs
}

/** Both compile or cache on first use, which is not what is asked here. */
async function warmUp(client: KubeClient, type: ResourceType): Promise<void> {
  for (let round = 0; round < 100; round++) {
    const name = `warm-${round}`
    const ref = { type, namespace: 'default', name }
    await client.create(type, configMap(name))
    await client.get(ref)
    await client.patch(ref, 'merge', { data: { warm: 'yes' } })
    await apply(client, type, name, 'warm')
    await client.delete(ref)
  }
}

async function costOf({ pids }: Server, times: number, run: (round: number) => Promise<unknown>): Promise<Cost> {
  const cpu = cpuSeconds(pids)
  await inParallel(times, PARALLEL, run)
  return { value: ((cpuSeconds(pids) - cpu) * 1000) / times, times }
}

function configMap(name: string, text = 'text'): KubeObject & Readonly<Record<string, unknown>> {
  const data = Object.fromEntries(
    Array.from({ length: 10 }, (_, index) => [`key-${index}`, `${text} ${index}`.repeat(8)]),
  )
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default', labels: { app: 'bench' } },
    data,
  }
}

async function apply(client: KubeClient, type: ResourceType, name: string, text: string): Promise<void> {
  // Written above as plain JSON.
  const patch = JSON.parse(JSON.stringify(configMap(name, text))) as never
  await client.patch({ type, namespace: 'default', name }, 'apply', patch, { fieldManager: 'bench', force: true })
}

async function startEmbedded(folder: string): Promise<Server> {
  const kubeconfig = join(folder, 'kubeconfig')
  const off = ['--controllers', 'off', '--kubelet', 'off']
  const program = startProgram([
    'local-cluster',
    '--data-dir',
    folder,
    '--port',
    '0',
    '--kubeconfig',
    kubeconfig,
    ...off,
  ])
  const deadline = performance.now() + READY_TIMEOUT_MS
  while (!program.output().includes('ready ')) {
    if (performance.now() > deadline) throw new Error(`the embedded cluster is not ready:\n${program.output()}`)
    await pause(POLL_MS)
  }
  const pids = processTree(program.pid)
  return { client: await connect(kubeconfig), pids, stop: async () => void (await program.stop()) }
}

async function startReal(): Promise<Server> {
  const before = new Set(processTree(process.pid))
  const cluster = await startRealCluster()
  const pids = processTree(process.pid).filter((pid) => !before.has(pid))
  const client = await connect(cluster.kubeconfig)
  return { client, pids, stop: () => cluster.stop() }
}

async function connect(kubeconfig: string): Promise<KubeClient> {
  const { transport } = await loadKubeConfig({ path: kubeconfig, env: {} })
  return createClient(httpTransport(transport), { clock: systemClock, userAgent: 'bench' })
}
