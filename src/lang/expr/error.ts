// The error of expressions: the reason, the place and the line, in expr's own form.
import { GoError } from '../go/error.ts'

/** Why an expression does not compile or run: expr's message with line, column and the line itself (file/error.go). */
export class ExprError extends GoError {
  /** The reason alone. */
  readonly reason: string

  constructor(reason: string, place?: { readonly text: string; readonly at: number }, options?: ErrorOptions) {
    super(place === undefined ? reason : withPlace(reason, place.text, place.at), options)
    this.name = 'ExprError'
    this.reason = reason
  }
}

/** `at` counts characters (not bytes) from 0. */
function withPlace(reason: string, text: string, at: number): string {
  const before = Array.from(text).slice(0, at).join('')
  const lineStart = before.lastIndexOf('\n') + 1
  const lineEnd = text.indexOf('\n', lineStart)
  const line = text.slice(lineStart, lineEnd < 0 ? text.length : lineEnd)
  if (line === '') return reason
  const column = Array.from(before.slice(lineStart)).length
  const number = before.split('\n').length
  return `${reason} (${number}:${column + 1})\n | ${line.replaceAll('\t', ' ')}\n | ${'.'.repeat(column)}^`
}
