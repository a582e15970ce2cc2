// The embedded API server beside the real kube-apiserver with etcd: the same requests by the same client.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { systemClock } from '../../src/base/clock.ts'
import type { KubeClient, ResourceType } from '../../src/kube/client/client.ts'
import { createClient } from '../../src/kube/client/create-client.ts'
import { httpTransport } from '../../src/kube/client/http-transport.ts'
import { loadKubeConfig } from '../../src/kube/client/kubeconfig.ts'
import { startRealCluster } from '../support/real-cluster.ts'
import { SAMPLES, type Sample } from './api-objects.ts'
import { inParallel, type BenchOptions, type Figure } from './measurement.ts'
import { cpuSeconds, processTree, residentMiB } from './process-cost.ts'
import { startProgram, withFolder } from './program.ts'

export const REAL: string = join(import.meta.dirname, '../../.peers/bin/kube-apiserver')
const READY_TIMEOUT_MS = 30_000
const POLL_MS = 20
const LISTED = 500
/** Requests that are under way at once, as from a handful of controllers. */
const PARALLEL = 4
const NAMESPACES = 3
const WARM_UP_ROUNDS = 200
const DEFINITIONS = { group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition' }

export interface Server {
  readonly client: KubeClient
  /** Path of the administrator's. */
  readonly kubeconfig: string
  /** What is counted: the server and its store. */
  readonly pids: readonly number[]
  stop(): Promise<void>
}

interface Cost {
  /** CPU milliseconds an operation, or MiB. */
  readonly value: number
  readonly times: number
}

/** What issue 4 asks for. */
const RATIO_BUDGET = 0.33

export async function measureApiServer({ isQuick }: BenchOptions): Promise<readonly Figure[]> {
  const embedded = await measureServer(startEmbedded, isQuick)
  if (!existsSync(REAL)) return figuresOf(embedded, undefined)
  return figuresOf(embedded, await measureServer(startReal, isQuick))
}

type Costs = ReadonlyMap<string, Cost>

function figuresOf(embedded: Costs, real: Costs | undefined): readonly Figure[] {
  return [...embedded].flatMap(([name, ours]) => {
    const theirs = real?.get(name)
    const isMemory = name === 'memory'
    const unit = isMemory ? 'MiB' : 'ms'
    const note = `n = ${ours.times}`
    const own = { name: `${name}, embedded`, value: ours.value, unit, note }
    if (theirs === undefined) return [own]
    return [
      own,
      { name: `${name}, kube-apiserver + etcd`, value: theirs.value, unit, note },
      {
        name: `${name}, ratio`,
        value: ours.value / theirs.value,
        unit: '×',
        ...(isMemory ? {} : { budget: RATIO_BUDGET }),
      },
    ]
  })
}

async function measureServer(start: (folder: string) => Promise<Server>, isQuick: boolean): Promise<Costs> {
  return withFolder(async (folder) => {
    const server = await start(folder)
    const costs = new Map<string, Cost>()
    try {
      await createNamespaces(server.client)
      for (const sample of isQuick ? SAMPLES.slice(0, 1) : SAMPLES)
        await measureSample(server, sample, { isQuick, costs })
      costs.set('memory', { value: residentMiB(server.pids), times: 1 })
      return costs
    } finally {
      await server.client.close()
      await server.stop()
    }
  })
}

interface Plan {
  readonly isQuick: boolean
  readonly costs: Map<string, Cost>
}

async function measureSample(server: Server, sample: Sample, { isQuick, costs }: Plan): Promise<void> {
  const { client } = server
  const type = await typeOf(client, sample)
  const times = isQuick ? 100 : sample.times
  const measure = async (verb: string, count: number, run: (round: number) => Promise<unknown>): Promise<void> => {
    costs.set(`${sample.title}: ${verb}`, await costOf(server, count, run))
  }
  const made = (round: number): Place => ({ type, ...placeOf('made', round % times) })
  await warmUp(client, sample, type)
  await measure('create', times, (round) => client.create(type, sample.make(placeOf('made', round), 'text')))
  await measure('get', times, (round) => client.get(made(round)))
  await measure(`list of ${LISTED}`, Math.ceil(times / 25), () => client.list(type, { namespace: 'bench-0' }))
  await measure('merge patch', times, (round) =>
    client.patch(made(round), 'merge', sample.mergePatch(`${round}`) as never),
  )
  const apply = async (round: number, text: string): Promise<unknown> =>
    applySample(client, { sample, place: { type, ...placeOf('applied', round) }, text })
  await measure('server-side apply, create', times, (round) => apply(round, 'first'))
  await measure('server-side apply, update', times, (round) => apply(round, `round ${round}`))
}

interface Place {
  readonly type: ResourceType
  readonly namespace: string
  readonly name: string
}

/** As many in a namespace as are listed. */
function placeOf(prefix: string, round: number): { readonly namespace: string; readonly name: string } {
  return { namespace: `bench-${Math.floor(round / LISTED)}`, name: `${prefix}-${round}` }
}

async function createNamespaces(client: KubeClient): Promise<void> {
  const type = await client.resourceOf({ group: '', version: 'v1', kind: 'Namespace' })
  if (type === undefined) throw new Error('the server serves no Namespaces')
  for (let index = 0; index < NAMESPACES; index++) {
    await client.create(type, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: `bench-${index}` } })
  }
}

/** Creates the definition first where the kind has one, and waits until it is served. */
async function typeOf(client: KubeClient, { gvk, definition }: Sample): Promise<ResourceType> {
  if (definition !== undefined) {
    const definitions = await client.resourceOf({ ...DEFINITIONS })
    if (definitions === undefined) throw new Error('the server serves no definitions')
    await client.create(definitions, definition)
  }
  const deadline = performance.now() + READY_TIMEOUT_MS
  for (;;) {
    const type = await client.resourceOf(gvk)
    if (type !== undefined) return type
    if (performance.now() > deadline) throw new Error(`the server serves no ${gvk.kind}`)
    await pause(POLL_MS)
  }
}

/** Both compile or cache on first use, which is not what is asked here. */
async function warmUp(client: KubeClient, sample: Sample, type: ResourceType): Promise<void> {
  for (let round = 0; round < WARM_UP_ROUNDS; round++) {
    const place = { type, namespace: 'bench-0', name: `warm-${round}` }
    const { namespace, name } = place
    await client.create(type, sample.make({ namespace, name }, 'text'))
    await client.get(place)
    await client.patch(place, 'merge', sample.mergePatch('warm') as never)
    await applySample(client, { sample, place, text: 'warm' })
    await client.delete(place)
  }
}

async function costOf({ pids }: Server, times: number, run: (round: number) => Promise<unknown>): Promise<Cost> {
  const cpu = cpuSeconds(pids)
  await inParallel(times, PARALLEL, run)
  return { value: ((cpuSeconds(pids) - cpu) * 1000) / times, times }
}

interface Application {
  readonly sample: Sample
  readonly place: Place
  readonly text: string
}

async function applySample(client: KubeClient, { sample, place, text }: Application): Promise<void> {
  const { namespace, name } = place
  // Made of plain JSON values.
  const patch = sample.make({ namespace, name }, text) as never
  await client.patch(place, 'apply', patch, { fieldManager: 'bench', force: true })
}

/** The embedded API server in a process of its own, without controllers and nodes. */
export async function startEmbedded(folder: string): Promise<Server> {
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
  return { client: await connect(kubeconfig), kubeconfig, pids, stop: async () => void (await program.stop()) }
}

/** kube-apiserver and etcd from .peers/bin. */
export async function startReal(): Promise<Server> {
  const before = new Set(processTree(process.pid))
  const cluster = await startRealCluster()
  const pids = processTree(process.pid).filter((pid) => !before.has(pid))
  const client = await connect(cluster.kubeconfig)
  return { client, kubeconfig: cluster.kubeconfig, pids, stop: () => cluster.stop() }
}

async function connect(kubeconfig: string): Promise<KubeClient> {
  const { transport } = await loadKubeConfig({ path: kubeconfig, env: {} })
  return createClient(httpTransport(transport), { clock: systemClock, userAgent: 'bench' })
}
