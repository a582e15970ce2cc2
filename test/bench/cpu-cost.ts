// CPU time of work in this process, and of programs that were run.
import { spawnSync } from 'node:child_process'
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
