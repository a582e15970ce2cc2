// Errors of templates in the form in which helm shows them.
import { CapstanError } from '../../base/errors.ts'
import type { ErrorCode } from '../../base/errors.ts'
import { WARNING_END, WARNING_START } from './chart-functions.ts'

/** An error of parsing: `parse error at (FILE:LINE): reason` (helm v4.2.1 cleanupParseError). */
export function parseFailure(file: string, error: CapstanError): CapstanError {
  const parts = error.message.split(': ')
  const place = parts.length === 1 ? `in (${file})` : `at (${parts[1]})`
  // Of a reason with colons the original shows the last part only.
  return new CapstanError(error.code, `parse error ${place}: ${parts.at(-1)}`, { cause: error })
}

/**
 * An error of running (helm v4.2.1 reformatExecErrorMsg): what `required` and `fail` say stands alone; else every level
 * of `include` is a block of its own, unless one of them is no error of a template, or all stay flat as in helm 3: then
 * Go's text stays.
 */
export function executionFailure(file: string, error: CapstanError, isFlat: boolean): CapstanError {
  return new CapstanError(codeOf(error), executionText(file, error, isFlat), { cause: error })
}

/** A limit that was reached deep inside is still a limit. */
function codeOf(error: CapstanError): ErrorCode {
  for (let current: unknown = error; current instanceof Error; current = current.cause) {
    if (current instanceof CapstanError && current.code === 'limit') return 'limit'
  }
  return error.code
}

function executionText(file: string, error: CapstanError, isFlat: boolean): string {
  const [, location, rest] = splitInThree(error.message)
  if (location === undefined || rest === undefined) return `execution error in (${file}): ${error.message}`
  const start = rest.indexOf(WARNING_START)
  const end = rest.lastIndexOf(WARNING_END)
  if (start >= 0 && end >= start) {
    return `execution error at (${location}): ${rest.slice(start + WARNING_START.length, end)}`
  }
  const blocks = isFlat ? undefined : blocksOf(error)
  return blocks === undefined ? error.message : blocks.join('').trim()
}

function splitInThree(message: string): readonly [string, string | undefined, string | undefined] {
  const first = message.indexOf(': ')
  if (first < 0) return [message, undefined, undefined]
  const second = message.indexOf(': ', first + 2)
  if (second < 0) return [message.slice(0, first), message.slice(first + 2), undefined]
  return [message.slice(0, first), message.slice(first + 2, second), message.slice(second + 2)]
}

/** A block for each error in the chain of causes; undefined where one has another form. */
function blocksOf(error: Error): string[] | undefined {
  const blocks: string[] = []
  for (let current: unknown = error; current instanceof Error; current = current.cause) {
    const block = blockOf(current.message)
    if (block === undefined) return undefined
    if (block !== blocks.at(-1)) blocks.push(block)
  }
  return blocks
}

const PREFIX = 'template: '

function blockOf(message: string): string | undefined {
  if (!message.startsWith(PREFIX)) return undefined
  const rest = message.slice(PREFIX.length)
  if (rest.startsWith('no template ')) return `${message}\n`
  return executingBlock(rest) ?? simpleBlock(rest)
}

/** `LOCATION: executing "NAME" at <NODE>: REASON` */
function executingBlock(rest: string): string | undefined {
  const at = rest.indexOf(': executing ')
  if (at < 0) return undefined
  const context = rest.slice(at + 2)
  const end = context.indexOf('>: ')
  if (!context.includes(' at <') || end < 0) return undefined
  const reason = context.slice(end + '>: '.length)
  const inner = reason.indexOf(PREFIX.trim())
  const own = (inner < 0 ? reason : reason.slice(0, inner)).trim()
  return `${rest.slice(0, at)}\n  ${context.slice(0, end + 1)}:\n    ${own}\n`
}

function simpleBlock(rest: string): string | undefined {
  const at = rest.indexOf(': ')
  return at < 0 ? undefined : `${rest.slice(0, at)}\n  ${rest.slice(at + 2)}\n`
}
