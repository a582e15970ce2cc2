// Structured logging: a fixed message plus fields, written through a sink that main/ supplies.
import type { Clock } from './clock.ts'
import { messageOf } from './errors.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
export type LogFields = Readonly<Record<string, unknown>>

export interface Log {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** A log whose every line carries `fields` too. */
  with(fields: LogFields): Log
}

export interface LogOptions {
  readonly clock: Clock
  /** Lines below this level are dropped. */
  readonly level: LogLevel
  /** `json`: one object a line; `text`: logfmt for people. */
  readonly format: 'json' | 'text'
  /** Receives each finished line, without its newline. */
  readonly write: (line: string) => void
}

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 }

/** Makes a log; values that are errors are written as their message, secrets as `***` by their own `toJSON`. */
export function createLog(options: LogOptions, fields: LogFields = {}): Log {
  const at = (level: LogLevel) => (message: string, more?: LogFields) => {
    if (RANK[level] < RANK[options.level]) return
    const time = new Date(options.clock.now()).toISOString()
    options.write(formatLine(options.format, { time, level, msg: message, ...fields, ...more }))
  }
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    with: (more) => createLog(options, { ...fields, ...more }),
  }
}

/** A log that drops everything. */
export const silentLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  with: () => silentLog,
}

/** What JSON leaves as it is and ends a line, steers a terminal or turns the direction of a text. */
const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

function formatLine(format: LogOptions['format'], line: LogFields): string {
  const text = lineText(format, line)
  return text.replace(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function lineText(format: LogOptions['format'], line: LogFields): string {
  const plain = Object.entries(line).map(([key, value]) => [key, value instanceof Error ? messageOf(value) : value])
  if (format === 'json') return JSON.stringify(Object.fromEntries(plain))
  return plain.map(([key, value]) => `${String(key)}=${quoteField(value)}`).join(' ')
}

function quoteField(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined')
  return /^[\w./:@+-]+$/.test(text) ? text : JSON.stringify(text)
}
