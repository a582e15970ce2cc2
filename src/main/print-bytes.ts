// Writes to standard output without the stream that Node makes of it: loading that takes longer than most writing.
import { writeSync } from 'node:fs'
import { ExitCode } from '../cli/context.ts'

const STANDARD_OUTPUT = 1

/** Writes all parts in their order. A reader that has seen enough ends the program as if all went well. */
export function printBytes(parts: readonly Uint8Array[]): void {
  for (const [index, part] of parts.entries()) {
    const written = writeAsMuchAsGoes(part)
    if (written === part.length) continue
    // A terminal or pipe that does not wait: the stream does, and the program ends behind it.
    process.stdout.write(part.subarray(written))
    for (const later of parts.slice(index + 1)) process.stdout.write(later)
    return
  }
}

/** How many of the bytes were written before there was no room for more. */
function writeAsMuchAsGoes(part: Uint8Array): number {
  let written = 0
  try {
    while (written < part.length) written += writeSync(STANDARD_OUTPUT, part, written)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EPIPE') throw new ExitCode(0)
    if (code !== 'EAGAIN') throw error
  }
  return written
}
