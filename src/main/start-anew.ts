// Leaves the snapshot that this process started from: the process becomes the program as it starts without one.
import { startupSnapshot } from 'node:v8'

/** As bin/capstan starts Node. */
const HEAP = '--max-semi-space-size=8'

/**
 * The same command line again, by the launcher's script; nothing may have been printed or read from standard input yet.
 * Throws while the snapshot is built: what it is made of may not need what it leaves out.
 */
export function startAnew(): never {
  if (startupSnapshot.isBuildingSnapshot()) throw new Error('the snapshot leaves out what a rendering asks for')
  if (process.execve === undefined) throw new Error('this system cannot replace a process')
  return process.execve(process.execPath, [process.execPath, HEAP, ...process.argv.slice(1)])
}
