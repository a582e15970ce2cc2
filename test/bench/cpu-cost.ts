// CPU time of work in this process, and of programs that were run.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { percentile } from './measurement.ts'

export function cpuMs(run: () => unknown): number {
  const before = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

/** Median of so many runs, after as many to get warm. */
export function medianCpuMs(rounds: number, run: () => unknown): number {
  for (let round = 0; round < rounds; round++) run()
  return percentile(
    Array.from({ length: rounds }, () => cpuMs(run)),
    0.5,
  )
}

export interface ProgramCost {
  readonly cpu: number
  readonly wall: number
}

/** Mean CPU time and median time of a program, from the kernel's sum over children that have ended. */
export function childCost(program: string, args: readonly string[], runs: number): ProgramCost {
  runChild(program, args)
  const times: number[] = []
  const before = childTicks()
  for (let run = 0; run < runs; run++) {
    const startMs = performance.now()
    runChild(program, args)
    times.push(performance.now() - startMs)
  }
  return { cpu: ((childTicks() - before) * 10) / runs, wall: percentile(times, 0.5) }
}

function runChild(program: string, args: readonly string[]): void {
  const env = { ...process.env, KUBECONFIG: '/dev/null' }
  const { status, stderr } = spawnSync(program, args, { env, maxBuffer: 256 << 20, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`)
}

/** User and system time of this process' ended children, in hundredths of a second (proc(5): cutime, cstime). */
function childTicks(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return Number(fields[13]) + Number(fields[14])
}

/** How often a program's memory is looked at: the kernel keeps the highest value, so that only its last moments are missed. */
const POLL_MS = 5

/** The most memory a program held at once in MiB (proc(5): VmHWM), of itself without children. */
export async function peakMiB(program: string, args: readonly string[]): Promise<number> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  let peakKib = 0
  const look = setInterval(() => {
    peakKib = Math.max(peakKib, peakKibOf(child.pid ?? 0))
  }, POLL_MS)
  try {
    await once(child, 'exit')
  } finally {
    clearInterval(look)
  }
  if (child.exitCode !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${child.exitCode ?? 'a signal'}`)
  return peakKib / 1024
}

function peakKibOf(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(?<kib>\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.groups?.['kib'] ?? 0)
  } catch {
    // It has ended.
    return 0
  }
}
