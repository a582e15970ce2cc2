// What hostile clients cost the embedded cluster: its memory before and after, and whether others are still served.
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { loadKubeConfig } from '../../src/kube/client/kubeconfig.ts'
import { HOSTILE_REQUESTS, MAPS } from '../support/hostile-requests.ts'
import { rawClient, type RawClient } from '../support/raw-client.ts'
import { inParallel, type BenchOptions, type Figure } from './measurement.ts'
import { processTree, residentMiB } from './process-cost.ts'
import { startProgram, untilPrinted, withFolder } from './program.ts'

const SETTLE_MS = 3000
/** Connections are opened a few at a time, as every server has a queue for them. */
const OPENED_AT_ONCE = 50

interface Scene {
  readonly client: RawClient
  readonly memory: () => number
  readonly isQuick: boolean
}

export async function measureRobustness({ isQuick }: BenchOptions): Promise<readonly Figure[]> {
  return withFolder(async (folder) => {
    const program = startProgram(['local-cluster', '--data-dir', folder, '--port', '0'])
    try {
      await untilPrinted(program, 'ready ')
      const { transport } = await loadKubeConfig({ path: join(folder, 'kubeconfig'), env: {} })
      const client = rawClient(transport)
      const pids = processTree(program.pid)
      const scene = { client, memory: () => residentMiB(pids), isQuick }
      const figures = [...(await sendHostile(scene)), ...(await openWatches(scene)), ...(await readSlowly(scene))]
      client.close()
      return figures
    } catch (error) {
      throw new Error(`the cluster said:\n${program.output()}`, { cause: error })
    } finally {
      await program.stop()
    }
  })
}

async function sendHostile({ client, memory, isQuick }: Scene): Promise<readonly Figure[]> {
  const round = async (): Promise<void> => {
    for (const request of HOSTILE_REQUESTS) await client.send(request)
  }
  // The first round compiles and fills caches.
  await round()
  await pause(SETTLE_MS)
  const before = memory()
  const rounds = isQuick ? 3 : 100
  for (let done = 0; done < rounds; done++) await round()
  await pause(SETTLE_MS)
  const note = `${rounds} rounds of ${HOSTILE_REQUESTS.length} requests`
  return [
    { name: 'memory before hostile requests', value: before, unit: 'MiB', note },
    { name: 'memory after hostile requests', value: memory(), unit: 'MiB', note },
  ]
}

async function openWatches({ client, memory, isQuick }: Scene): Promise<readonly Figure[]> {
  const count = isQuick ? 500 : 5000
  const before = memory()
  const ends = await openMany(client, count)
  await pause(SETTLE_MS)
  const during = memory()
  const ms = await timeOf(() => create(client, `watched-${count}`, 'x'))
  for (const end of ends) end()
  await pause(SETTLE_MS)
  const note = `${count} connections, a watch each`
  return [
    { name: 'memory a watch', value: ((during - before) * 1024) / count, unit: 'KiB', note },
    { name: 'a create that all of them see', value: ms, unit: 'ms', note },
    { name: 'memory after they went', value: memory(), unit: 'MiB', note },
  ]
}

async function readSlowly({ client, memory, isQuick }: Scene): Promise<readonly Figure[]> {
  const count = isQuick ? 20 : 100
  const changes = isQuick ? 200 : 1000
  const ends = await openMany(client, count)
  let highest = 0
  await inParallel(changes, 4, async (round) => {
    await create(client, `slow-${round}`, 'x'.repeat(100_000))
    highest = Math.max(highest, memory())
  })
  for (const end of ends) end()
  await pause(SETTLE_MS)
  const note = `${count} watches that nobody reads, ${changes} changes of 100 kB`
  return [
    { name: 'highest memory with slow readers', value: highest, unit: 'MiB', note },
    { name: 'memory after slow readers', value: memory(), unit: 'MiB', note },
  ]
}

async function openMany(client: RawClient, count: number): Promise<readonly (() => void)[]> {
  const ends: (() => void)[] = []
  await inParallel(count, OPENED_AT_ONCE, async () => {
    ends.push(await client.openUnread(`${MAPS}?watch=1&timeoutSeconds=3600`))
  })
  return ends
}

async function timeOf(run: () => Promise<void>): Promise<number> {
  const startMs = performance.now()
  await run()
  return performance.now() - startMs
}

async function create(client: RawClient, name: string, data: string): Promise<void> {
  const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { data } })
  const { code, text } = await client.send({ method: 'POST', path: MAPS, type: 'application/json', body })
  if (code !== 201) throw new Error(`a create is answered with ${code}: ${text}`)
}
