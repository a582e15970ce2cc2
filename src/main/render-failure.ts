// How `capstan render` ends where it fails: with the message and the exit code of helm and kustomize.
import { CapstanError, messageOf } from '../base/errors.ts'
import { ExitCode } from '../cli/context.ts'

/** helm's and kustomize's exit code for every error. */
const EXIT_FAILED = 1

/** What errors of an application's chart have in place of the folder that the repository was fetched to. */
const CACHED_SOURCE = '<path to cached source>'

/** Tells what went wrong on standard error, with paths below `root` as they are on disk; defects and aborts are thrown on. */
export function failRender(error: unknown, root: string, signal: AbortSignal): never {
  if (!(error instanceof CapstanError) || signal.aborted) throw error
  const message = messageOf(error).replaceAll(`${CACHED_SOURCE}/`, root.endsWith('/') ? root : `${root}/`)
  process.stderr.write(`Error: ${message}\n`)
  throw new ExitCode(EXIT_FAILED)
}
