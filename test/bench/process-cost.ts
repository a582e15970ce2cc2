// What processes cost, from /proc: CPU time and resident memory of a process with all it started.
import { readFileSync } from 'node:fs'

/** Linux counts CPU time in hundredths of a second for user space (USER_HZ). */
const TICKS_PER_SECOND = 100
const KIB_PER_MIB = 1024

/** The ids of a process and of everything below it that still runs. */
export function processTree(pid: number): readonly number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`)?.trim().split(' ') ?? []
  return [pid, ...children.filter((id) => id !== '').flatMap((id) => processTree(Number(id)))]
}

/** User and system time so far in seconds, with that of children that have ended, summed over processes. */
export function cpuSeconds(pids: readonly number[]): number {
  let ticks = 0
  for (const pid of pids) {
    // The second field is the program's name in parentheses, which may hold blanks.
    const fields =
      read(`/proc/${pid}/stat`)
        ?.replace(/^.*\) /, '')
        .split(' ') ?? []
    for (const field of fields.slice(11, 15)) ticks += Number(field)
  }
  return ticks / TICKS_PER_SECOND
}

/** Resident memory in MiB, summed: pages that processes share count once for each. */
export function residentMiB(pids: readonly number[]): number {
  let kib = 0
  for (const pid of pids) {
    kib += Number(/^VmRSS:\s+(?<kib>\d+)/m.exec(read(`/proc/${pid}/status`) ?? '')?.groups?.['kib'] ?? 0)
  }
  return kib / KIB_PER_MIB
}

/** Undefined for a process that has ended. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
