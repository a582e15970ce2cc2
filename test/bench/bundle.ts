// The bundle that the launcher renders with, as npm ci and npm run build leave it behind.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** Builds it of the sources as they are now: of others the launcher takes none. */
export function buildBundle(): void {
  execFileSync(process.execPath, [join(import.meta.dirname, '../../tools/build-program.js')])
}
