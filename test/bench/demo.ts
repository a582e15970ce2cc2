// How long the demo takes until its applications are delivered, and how much memory it then holds.
import { setTimeout as pause } from 'node:timers/promises'
import { percentile, type BenchOptions, type Figure } from './measurement.ts'
import { cpuSeconds, processTree, residentMiB } from './process-cost.ts'
import { freePort } from '../support/free-port.ts'
import { startProgram, withFolder } from './program.ts'

const APPLICATIONS = 4
/** Far past the budget; a demo that is not done by then is not going to be. */
const PATIENCE_MS = 15_000
const SAMPLE_MS = 50

interface Demo {
  readonly seconds: number
  readonly memoryMiB: number
  readonly cpu: number
  /** How many applications were delivered in the end. */
  readonly delivered: number
}

export async function measureDemo({ isQuick }: BenchOptions): Promise<readonly Figure[]> {
  const demos: Demo[] = []
  for (let round = 0; round < (isQuick ? 1 : 3); round++) demos.push(await demoOnce())
  const median = (of: (demo: Demo) => number): number => percentile(demos.map(of), 0.5)
  const delivered = Math.min(...demos.map((demo) => demo.delivered))
  const note = `${delivered} of ${APPLICATIONS} applications Synced and Healthy`
  return [
    { name: 'demo --once', value: median(({ seconds }) => seconds), unit: 's', budget: 5, note },
    {
      name: 'memory at the end of the demo',
      value: median(({ memoryMiB }) => memoryMiB),
      unit: 'MiB',
      budget: 200,
      note: 'highest of all samples',
    },
    { name: 'CPU time of the demo', value: median(({ cpu }) => cpu), unit: 's' },
  ]
}

async function demoOnce(): Promise<Demo> {
  return withFolder(async (folder) => {
    const startMs = performance.now()
    const port = await freePort()
    const program = startProgram(['demo', '--once', '--data-dir', folder, '--port', String(port)])
    let isEnded = false
    void program.ended.then(() => (isEnded = true))
    const peak = { memoryMiB: 0, cpu: 0 }
    let [lastOutput, lastMs] = ['', startMs]
    while (!isEnded && performance.now() - startMs < PATIENCE_MS) {
      const pids = processTree(program.pid)
      peak.memoryMiB = Math.max(peak.memoryMiB, residentMiB(pids))
      peak.cpu = Math.max(peak.cpu, cpuSeconds(pids))
      if (program.output() !== lastOutput) [lastOutput, lastMs] = [program.output(), performance.now()]
      await pause(SAMPLE_MS)
    }
    const endMs = isEnded ? performance.now() : lastMs
    await program.stop()
    return { ...peak, seconds: (endMs - startMs) / 1000, delivered: deliveredIn(program.output()) }
  })
}

/** Counts the applications whose last line says Synced and Healthy. */
function deliveredIn(output: string): number {
  const last = new Map<string, boolean>()
  for (const line of output.split('\n')) {
    const [name = '', sync = '', health = ''] = line.split(/\s+/)
    if (/^(?:Synced|OutOfSync|Unknown)$/.test(sync)) last.set(name, sync === 'Synced' && health === 'Healthy')
  }
  return [...last.values()].filter(Boolean).length
}
