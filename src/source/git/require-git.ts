// Checks once, at the start, that the one program Capstan needs is there and new enough.
import { CapstanError } from '../../base/errors.ts'
import { runGit } from './command.ts'

/** The oldest version that the tests run with. */
const OLDEST: readonly [number, number] = [2, 39]

/** Throws `not-found` or `unsupported` with what to install. */
export async function requireGit(signal?: AbortSignal): Promise<void> {
  const text = await runGit({ args: ['--version'], ...(signal === undefined ? {} : { signal }) })
  const found = /(?<major>\d+)\.(?<minor>\d+)/.exec(text)?.groups
  const [major, minor] = [Number(found?.['major'] ?? 0), Number(found?.['minor'] ?? 0)]
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return
  throw new CapstanError('unsupported', `git ${major}.${minor} is too old; install git ${OLDEST.join('.')} or newer`)
}
