// How long `capstan up` takes until it is ready, how much memory it then holds, and how fast it ends.
import { setTimeout as pause } from 'node:timers/promises'
import { percentile, type BenchOptions, type Figure } from './measurement.ts'
import { processTree, residentMiB } from './process-cost.ts'
import { freePort } from '../support/free-port.ts'
import { startProgram, untilReady, withFolder } from './program.ts'

/** A process that has just started still holds what starting took. */
const SETTLE_MS = 2000

interface Start {
  readonly readyMs: number
  readonly memoryMiB: number
  readonly endMs: number
}

export async function measureStart({ isQuick }: BenchOptions): Promise<readonly Figure[]> {
  return withFolder(async (folder) => {
    const first = await startOnce(`${folder}/first`, { NODE_DISABLE_COMPILE_CACHE: '1' })
    await startOnce(`${folder}/again`)
    const later: Start[] = []
    for (let round = 0; round < (isQuick ? 2 : 5); round++) later.push(await startOnce(`${folder}/again`))
    const median = (of: (start: Start) => number): number => percentile(later.map(of), 0.5)
    return [
      {
        name: 'first start to /readyz',
        value: first.readyMs / 1000,
        unit: 's',
        budget: 2,
        note: 'empty data directory, no compile cache',
      },
      { name: 'later start to /readyz', value: median(({ readyMs }) => readyMs) / 1000, unit: 's', budget: 1 },
      {
        name: 'memory of up',
        value: median(({ memoryMiB }) => memoryMiB),
        unit: 'MiB',
        budget: 200,
        note: 'no application',
      },
      { name: 'Ctrl-C to the end', value: median(({ endMs }) => endMs) / 1000, unit: 's', budget: 1 },
    ]
  })
}

async function startOnce(dataDir: string, env: Readonly<Record<string, string>> = {}): Promise<Start> {
  const port = await freePort()
  const program = startProgram(['up', '--data-dir', dataDir, '--port', String(port)], env)
  try {
    const readyMs = await untilReady(program, `http://127.0.0.1:${port}/readyz`)
    await pause(SETTLE_MS)
    const memoryMiB = residentMiB(processTree(program.pid))
    const endedMs = performance.now()
    await program.stop()
    return { readyMs, memoryMiB, endMs: performance.now() - endedMs }
  } finally {
    await program.stop()
  }
}
