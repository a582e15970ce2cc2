// The embedded cluster alone: how fast it is ready, what it holds when empty and with very many objects, what a restart costs.
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { systemClock } from '../../src/base/clock.ts'
import type { KubeClient, ResourceType } from '../../src/kube/client/client.ts'
import { createClient } from '../../src/kube/client/create-client.ts'
import { httpTransport } from '../../src/kube/client/http-transport.ts'
import { loadKubeConfig } from '../../src/kube/client/kubeconfig.ts'
import { inParallel, percentile, type BenchOptions, type Figure } from './measurement.ts'
import { cpuSeconds, processTree, residentMiB } from './process-cost.ts'
import { startProgram, untilPrinted, withFolder, type Program } from './program.ts'

/** A process that has just started still holds what starting took. */
const SETTLE_MS = 2000
const PARALLEL = 16
const UPDATED = 200

interface Cluster {
  readonly program: Program
  readonly client: KubeClient
  readonly readyMs: number
  readonly pids: readonly number[]
  stop(): Promise<void>
}

export async function measureLocalCluster({ isQuick }: BenchOptions): Promise<readonly Figure[]> {
  return withFolder(async (folder) => [
    ...(await startFigures(folder, isQuick ? 2 : 5)),
    ...(await loadFigures(join(folder, 'load'), isQuick ? 5_000 : 50_000)),
    ...(await updateFigures(join(folder, 'updates'), isQuick ? 20_000 : 200_000)),
  ])
}

async function startFigures(folder: string, rounds: number): Promise<readonly Figure[]> {
  const first: number[] = []
  const later: number[] = []
  const memory: number[] = []
  const idle: number[] = []
  for (let round = 0; round < rounds; round++) {
    const dataDir = join(folder, `start-${round}`)
    await using(dataDir, async ({ readyMs }) => void first.push(readyMs))
    await using(dataDir, async ({ readyMs, pids }) => {
      later.push(readyMs)
      await pause(SETTLE_MS)
      memory.push(residentMiB(pids))
      const before = cpuSeconds(pids)
      await pause(SETTLE_MS)
      idle.push(((cpuSeconds(pids) - before) * 1000) / (SETTLE_MS / 1000))
    })
  }
  const median = (values: readonly number[]): number => percentile(values, 0.5)
  return [
    { name: 'start of a new cluster to ready', value: median(first) / 1000, unit: 's', budget: 0.5 },
    { name: 'later start to ready', value: median(later) / 1000, unit: 's', budget: 0.5 },
    { name: 'memory, empty', value: median(memory), unit: 'MiB', budget: 120, note: 'controllers and three nodes' },
    { name: 'CPU per second at rest', value: median(idle), unit: 'ms' },
  ]
}

async function loadFigures(dataDir: string, objects: number): Promise<readonly Figure[]> {
  const made = await using(dataDir, (cluster) => fill(cluster, objects))
  const again = await using(dataDir, async ({ readyMs, pids }) => {
    await pause(SETTLE_MS)
    return { readyMs, memory: residentMiB(pids) }
  })
  const note = `${objects} ConfigMaps of 1 kB`
  return [
    ...made.map((figure) => ({ ...figure, note })),
    { name: 'restart to ready', value: again.readyMs / 1000, unit: 's', note },
    { name: 'memory after a restart', value: again.memory, unit: 'MiB', note },
  ]
}

async function fill(cluster: Cluster, objects: number): Promise<readonly Figure[]> {
  const { client, pids } = cluster
  const type = await configMaps(client)
  const startMs = performance.now()
  const cpu = cpuSeconds(pids)
  await inParallel(objects, PARALLEL, (round) => client.create(type, configMap(`made-${round}`, `${round}`)))
  const createdMs = performance.now() - startMs
  const createCpu = cpuSeconds(pids) - cpu
  const pagesMs = await timed(() => client.list(type, { namespace: 'default' }))
  const watchMs = await timed(() => readInitialEvents(client, type, objects))
  await pause(SETTLE_MS)
  return [
    { name: 'creates', value: objects / (createdMs / 1000), unit: '1/s' },
    { name: 'CPU per create', value: (createCpu * 1000) / objects, unit: 'ms' },
    { name: 'list of all in pages of 500', value: pagesMs / 1000, unit: 's' },
    { name: 'watch of all from the beginning', value: watchMs / 1000, unit: 's' },
    { name: 'memory with all of them', value: residentMiB(pids), unit: 'MiB' },
  ]
}

async function readInitialEvents(client: KubeClient, type: ResourceType, objects: number): Promise<void> {
  let seen = 0
  for await (const _event of client.watch(type, { namespace: 'default', resourceVersion: '0' })) {
    if (++seen >= objects) return
  }
}

async function updateFigures(dataDir: string, updates: number): Promise<readonly Figure[]> {
  const sizes: number[] = []
  const figures = await using(dataDir, async ({ client, pids }) => {
    const type = await configMaps(client)
    for (let at = 0; at < UPDATED; at++) await client.create(type, configMap(`made-${at}`, '0'))
    const startMs = performance.now()
    const cpu = cpuSeconds(pids)
    for (let part = 0; part < 4; part++) {
      await inParallel(updates / 4, PARALLEL, (round) => {
        const ref = { type, namespace: 'default', name: `made-${round % UPDATED}` }
        return client.patch(ref, 'merge', { data: { round: `${part}-${round}` } })
      })
      sizes.push(sizeOf(join(dataDir, 'state.db')))
    }
    const elapsedS = (performance.now() - startMs) / 1000
    return [
      { name: 'updates', value: updates / elapsedS, unit: '1/s' },
      { name: 'CPU per update', value: ((cpuSeconds(pids) - cpu) * 1000) / updates, unit: 'ms' },
      { name: 'memory after all updates', value: residentMiB(pids), unit: 'MiB' },
    ]
  })
  const note = `${updates} merge patches of ${UPDATED} objects`
  const files = sizes.map((value, part) => ({
    name: `file after ${(part + 1) * 25} % of the updates`,
    value,
    unit: 'MiB',
  }))
  return [...figures, ...files].map((figure) => ({ ...figure, note }))
}

function sizeOf(file: string): number {
  return (statSync(file).size + statSync(`${file}-wal`).size) / 1024 / 1024
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now()
  await run()
  return performance.now() - startMs
}

async function using<T>(dataDir: string, use: (cluster: Cluster) => Promise<T>): Promise<T> {
  const cluster = await start(dataDir)
  try {
    return await use(cluster)
  } finally {
    await cluster.stop()
  }
}

async function start(dataDir: string): Promise<Cluster> {
  const startMs = performance.now()
  const program = startProgram(['local-cluster', '--data-dir', dataDir, '--port', '0'])
  await untilPrinted(program, 'ready ')
  const readyMs = performance.now() - startMs
  const { transport } = await loadKubeConfig({ path: join(dataDir, 'kubeconfig'), env: {} })
  const client = createClient(httpTransport(transport), { clock: systemClock, userAgent: 'bench' })
  return {
    program,
    client,
    readyMs,
    pids: processTree(program.pid),
    async stop() {
      await client.close()
      await program.stop()
    },
  }
}

async function configMaps(client: KubeClient): Promise<ResourceType> {
  const type = await client.resourceOf({ group: '', version: 'v1', kind: 'ConfigMap' })
  if (type === undefined) throw new Error('the server serves no ConfigMaps')
  return type
}

function configMap(name: string, text: string): Parameters<KubeClient['create']>[1] {
  const data = Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`key-${at}`, `${text} ${at} `.repeat(8)]))
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data }
  return object
}
