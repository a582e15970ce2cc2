// Thousands of small applications: what each costs where there are many, what the whole holds, and a commit to one of them.
import { setTimeout as pause } from 'node:timers/promises'
import { askRefresh, isRefreshed, nameOf, startFleet, untilApplication, type Fleet } from './fleet.ts'
import { percentile, type BenchOptions, type Figure } from './measurement.ts'
import { measureCommit } from './monorepo.ts'
import { cpuSeconds, processTree, residentMiB } from './process-cost.ts'
import { withFolder } from './program.ts'

const COUNT = 5_000
const QUICK_COUNT = 500
/** Issue 7: resident memory of the whole of Capstan, here with the cluster it runs itself. */
const MEMORY_BUDGET_MIB = 1_024
const SETTLE_MS = 5_000
const ROUNDS = 100

export async function measureLargeFleet({ isQuick }: BenchOptions): Promise<readonly Figure[]> {
  const count = isQuick ? QUICK_COUNT : COUNT
  return withFolder(async (folder) => {
    const fleet = await startFleet(folder, { count })
    try {
      return await measureOn(fleet, count)
    } finally {
      await fleet.stop()
    }
  })
}

async function measureOn(fleet: Fleet, count: number): Promise<readonly Figure[]> {
  const pids = (): readonly number[] => processTree(fleet.program.pid)
  const { filled } = fleet
  const note = 'from creation to delivered, three ConfigMaps each, with the cluster itself'
  const created = { name: `CPU per application, ${count}`, value: (filled.cpuSeconds * 1000) / count, unit: 'ms', note }
  await pause(SETTLE_MS)
  const budget = count === COUNT ? { budget: MEMORY_BUDGET_MIB } : {}
  return [
    created,
    { name: `memory with ${count}`, value: residentMiB(pids()), unit: 'MiB', ...budget },
    ...(await measureLists(fleet, count)),
    await measureRefresh(fleet, count),
    ...(await measureCommit(fleet, count)),
    { name: `memory with ${count} at the end`, value: residentMiB(pids()), unit: 'MiB', ...budget },
  ]
}

async function measureLists({ url, token }: Fleet, count: number): Promise<readonly Figure[]> {
  const headers = { authorization: `Bearer ${token.reveal()}` }
  const times: number[] = []
  for (let round = 0; round < 10; round++) {
    const startMs = performance.now()
    const response = await fetch(`${url}/api/v1/applications?fields=items.metadata.name,items.status.sync`, { headers })
    await response.arrayBuffer()
    times.push(performance.now() - startMs)
  }
  return [{ name: `median time of a list of ${count} by two fields`, value: percentile(times, 0.5), unit: 'ms' }]
}

async function measureRefresh(fleet: Fleet, count: number): Promise<Figure> {
  const cpu = cpuSeconds(processTree(fleet.program.pid))
  for (let round = 0; round < ROUNDS; round++) {
    const name = nameOf(round % count)
    await askRefresh(fleet, name)
    await untilApplication(fleet, name, isRefreshed)
  }
  const value = ((cpuSeconds(processTree(fleet.program.pid)) - cpu) * 1000) / ROUNDS
  return { name: `CPU per refresh, ${count} applications`, value, unit: 'ms' }
}
