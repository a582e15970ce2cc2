// The one error of templates: at parsing or at running, with template name, line and column as Go prints them.
import { CapstanError } from '../../base/errors.ts'
import type { ErrorCode } from '../../base/errors.ts'
import { quoteText } from '../go/quote.ts'
import { byteLength } from '../go/text.ts'
import { nodeText } from './node-text.ts'
import type { Node } from './nodes.ts'

/** Where and why a template failed; `message` is Go's whole text. */
export class TemplateError extends CapstanError {
  /** `parse`: the text is no template. `exec`: running it failed. */
  readonly stage: 'parse' | 'exec'
  /** The file or template it happened in, as named when it was parsed. */
  readonly templateName: string
  /** `name:line` when parsing, `name:line:column` when running (column in bytes, from 0). */
  readonly location: string
  /** Go's text without location and context. */
  readonly reason: string

  constructor(parts: TemplateErrorParts) {
    super(parts.code ?? 'bad-input', parts.message, parts.cause === undefined ? undefined : { cause: parts.cause })
    this.name = 'TemplateError'
    this.stage = parts.stage
    this.templateName = parts.templateName
    this.location = parts.location
    this.reason = parts.reason
  }
}

export interface TemplateErrorParts {
  readonly stage: 'parse' | 'exec'
  readonly templateName: string
  readonly location: string
  readonly reason: string
  readonly message: string
  readonly cause?: unknown
  readonly code?: ErrorCode
}

/** An error of parsing: `template: NAME:LINE: reason`. */
export function parseError(parseName: string, line: number, reason: string): TemplateError {
  const location = `${parseName}:${line}`
  return new TemplateError({
    stage: 'parse',
    templateName: parseName,
    location,
    reason,
    message: `template: ${location}: ${reason}`,
  })
}

/** The template that runs, for the place of an error. */
export interface ErrorPlace {
  readonly name: string
  readonly parseName: string
  readonly text: string
}

/** An error of running: `template: NAME:LINE:COLUMN: executing "TEMPLATE" at <NODE>: reason`. */
export function execError(
  place: ErrorPlace,
  node: Node | undefined,
  reason: string,
  options?: ExecErrorOptions,
): TemplateError {
  const base = { stage: 'exec', templateName: place.name, reason, ...options } as const
  if (node === undefined) {
    return new TemplateError({ ...base, location: place.name, message: `template: ${place.name}: ${reason}` })
  }
  const location = locationOf(place, node.pos)
  const context = `executing ${quoteText(place.name)} at <${nodeText(node)}>`
  return new TemplateError({ ...base, location, message: `template: ${location}: ${context}: ${reason}` })
}

export interface ExecErrorOptions {
  readonly cause?: unknown
  readonly code?: ErrorCode
}

function locationOf(place: ErrorPlace, pos: number): string {
  const before = place.text.slice(0, pos)
  const lines = before.split('\n')
  return `${place.parseName}:${lines.length}:${byteLength(lines.at(-1) ?? '')}`
}
