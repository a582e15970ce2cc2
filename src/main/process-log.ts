// The log of a process, as its flags want it.
import { systemClock } from '../base/clock.ts'
import { CapstanError } from '../base/errors.ts'
import { createLog, type Log, type LogLevel } from '../base/log.ts'

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

/** The log of a process: lines on standard error. */
export function createLogOf(flags: { readonly logLevel: string; readonly logFormat: string }): Log {
  const level = LEVELS.find((candidate) => candidate === flags.logLevel)
  if (level === undefined)
    throw new CapstanError('bad-input', `--log-level ${flags.logLevel}: one of ${LEVELS.join(', ')}`)
  if (flags.logFormat !== 'text' && flags.logFormat !== 'json') {
    throw new CapstanError('bad-input', `--log-format ${flags.logFormat}: text or json`)
  }
  return createLog({
    clock: systemClock,
    level,
    format: flags.logFormat,
    write: (line) => process.stderr.write(`${line}\n`),
  })
}
