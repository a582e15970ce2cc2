// What a refresh, a sync and a list of applications cost, and how that grows with their number.
import { percentile, type BenchOptions, type Figure } from './measurement.ts'
import {
  askRefresh,
  changeInGit,
  isDelivered,
  isRefreshed,
  nameOf,
  startFleet,
  untilApplication,
  type Fleet,
} from './fleet.ts'
import { cpuSeconds, processTree, residentMiB } from './process-cost.ts'
import { withFolder } from './program.ts'

/** How many applications there are; lists are measured with the most. */
const COUNTS = [1, 50, 500]
const QUICK_COUNTS = [1, 50]
/** The fields the page asks a list for. */
const PAGE_FIELDS = [
  'metadata.resourceVersion',
  ...['metadata.name', 'metadata.namespace', 'metadata.labels', 'metadata.annotations', 'spec', 'operation.sync'].map(
    (field) => `items.${field}`,
  ),
  ...['sync.status', 'sync.revision', 'health', 'summary', 'operationState.phase'].map(
    (field) => `items.status.${field}`,
  ),
].join(',')

export async function measureApplications({ isQuick }: BenchOptions): Promise<readonly Figure[]> {
  const figures: Figure[] = []
  const counts = isQuick ? QUICK_COUNTS : COUNTS
  for (const count of counts) {
    const isLast = count === counts.at(-1)
    figures.push(...(await withFolder((folder) => measureFleet(folder, { count, isQuick, isLast }))))
  }
  return figures
}

interface FleetOptions extends BenchOptions {
  readonly count: number
  readonly isLast: boolean
}

async function measureFleet(folder: string, { count, isQuick, isLast }: FleetOptions): Promise<readonly Figure[]> {
  const startMs = performance.now()
  const fleet = await startFleet(folder, { count })
  try {
    const seconds = (performance.now() - startMs) / 1000
    const cpu = cpuSeconds(processTree(fleet.program.pid))
    const note = 'start, creation and first sync'
    return [
      { name: `until ${count} applications are delivered`, value: seconds, unit: 's', note },
      { name: `CPU until ${count} are delivered`, value: cpu, unit: 's', note },
      ...(await measureRefresh(fleet, count, isQuick ? 20 : 200)),
      ...(await measureSync(fleet, count, isQuick ? 10 : 100)),
      ...(isLast ? await measureList(fleet, count, isQuick ? 20 : 100) : []),
      { name: `memory with ${count} applications`, value: residentMiB(processTree(fleet.program.pid)), unit: 'MiB' },
    ]
  } finally {
    await fleet.stop()
  }
}

interface Cost {
  readonly cpuMs: number
  readonly wallMs: number
}

/** The mean of `times` runs, one after the other. */
async function costOf(fleet: Fleet, times: number, run: (round: number) => Promise<void>): Promise<Cost> {
  const cpu = cpuSeconds(processTree(fleet.program.pid))
  const startMs = performance.now()
  for (let round = 0; round < times; round++) await run(round)
  return {
    cpuMs: ((cpuSeconds(processTree(fleet.program.pid)) - cpu) * 1000) / times,
    wallMs: (performance.now() - startMs) / times,
  }
}

async function measureRefresh(fleet: Fleet, count: number, times: number): Promise<readonly Figure[]> {
  const cost = await costOf(fleet, times, async (round) => {
    const name = nameOf(round % count)
    await askRefresh(fleet, name)
    await untilApplication(fleet, name, isRefreshed)
  })
  const note = `n = ${times}, by annotation, nothing changed`
  return [
    { name: `CPU per refresh, ${count} applications`, value: cost.cpuMs, unit: 'ms', note },
    { name: `time per refresh, ${count} applications`, value: cost.wallMs, unit: 'ms', note },
  ]
}

async function measureSync(fleet: Fleet, count: number, times: number): Promise<readonly Figure[]> {
  const cost = await costOf(fleet, times, async (round) => {
    const name = nameOf(round % count)
    const commit = changeInGit(fleet, name, `round ${round}`)
    await askRefresh(fleet, name)
    await untilApplication(
      fleet,
      name,
      (application) => application.status?.operationState?.syncResult?.revision === commit && isDelivered(application),
    )
  })
  const note = `n = ${times}, automated, one changed ConfigMap; the commit counts in time, not in CPU`
  return [
    { name: `CPU per sync, ${count} applications`, value: cost.cpuMs, unit: 'ms', note },
    { name: `time per sync, ${count} applications`, value: cost.wallMs, unit: 'ms', note },
  ]
}

async function measureList(fleet: Fleet, count: number, times: number): Promise<readonly Figure[]> {
  const figures: Figure[] = []
  for (const [what, query] of [
    ['whole', ''],
    ["the page's fields", `?fields=${PAGE_FIELDS}`],
  ] as const) {
    const latencies: number[] = []
    let bytes = 0
    const cost = await costOf(fleet, times, async () => {
      const startMs = performance.now()
      bytes = await listOnce(fleet, query)
      latencies.push(performance.now() - startMs)
    })
    const note = `n = ${times}, one after the other, ${(bytes / 2 ** 20).toFixed(2)} MiB each`
    figures.push(
      { name: `lists of ${count} applications, ${what}`, value: 1000 / cost.wallMs, unit: '1/s', note },
      { name: `median time of a list, ${what}`, value: percentile(latencies, 0.5), unit: 'ms' },
      { name: `95th percentile of a list, ${what}`, value: percentile(latencies, 0.95), unit: 'ms' },
      { name: `CPU per list, ${what}`, value: cost.cpuMs, unit: 'ms' },
    )
  }
  return figures
}

/** The size of the answer in bytes. */
async function listOnce({ url, token }: Fleet, query: string): Promise<number> {
  const headers = { authorization: `Bearer ${token.reveal()}` }
  const response = await fetch(`${url}/api/v1/applications${query}`, { headers })
  const { byteLength } = await response.arrayBuffer()
  if (!response.ok) throw new Error(`the list was answered with ${response.status}`)
  return byteLength
}
