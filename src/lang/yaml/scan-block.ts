// Literal and folded block scalars: header, indentation, chomping.
import { DASH, HASH, SPACE, TAB, isBlank, isBreak, isBreakOrEnd, isDigit } from './chars.ts'
import type { Cursor } from './cursor.ts'
import type { Mark } from './error.ts'
import { scannerError } from './error.ts'

interface Header {
  /** -1 strips the final break, 0 keeps one, 1 keeps all. */
  readonly chomping: -1 | 0 | 1
  /** Indentation beyond the parent's; 0 where it is to be found out. */
  readonly increment: number
}

/** A header and where its scalar began, for messages. */
interface StartedHeader extends Header {
  readonly start: Mark
}

/**
 * Reads a block scalar whose indicator (`|` or `>`) the cursor stands on; afterwards it stands on what follows.
 * `parentIndent` is the column of the collection around it, -1 at the root.
 */
export function scanBlockScalar(cursor: Cursor, parentIndent: number): string {
  const start = cursor.mark()
  const literal = cursor.peek() === 0x7c
  cursor.pos++
  const header = scanHeader(cursor, start)
  scanHeaderEnd(cursor, start)

  const known = header.increment === 0 ? 0 : Math.max(parentIndent, 0) + header.increment
  const found = scanBreaks(cursor, known, start)
  const indent = known === 0 ? Math.max(found.widest, parentIndent + 1, 1) : known
  return literal
    ? readLiteral(cursor, indent, found.breaks, { ...header, start })
    : readFolded(cursor, indent, found.breaks, { ...header, start })
}

function scanHeader(cursor: Cursor, start: Mark): Header {
  let chomping = chompingOf(cursor.peek())
  if (chomping !== 0) cursor.pos++
  let increment = 0
  if (isDigit(cursor.peek())) {
    increment = cursor.peek() - 0x30
    if (increment === 0) throw scannerError('found an indentation indicator equal to 0', cursor.mark(), start)
    cursor.pos++
    if (chomping === 0) {
      chomping = chompingOf(cursor.peek())
      if (chomping !== 0) cursor.pos++
    }
  }
  return { chomping, increment }
}

function chompingOf(c: number): -1 | 0 | 1 {
  if (c === 0x2b) return 1
  return c === DASH ? -1 : 0
}

function scanHeaderEnd(cursor: Cursor, start: Mark): void {
  while (isBlank(cursor.peek())) cursor.pos++
  if (cursor.peek() === HASH) while (!isBreakOrEnd(cursor.peek())) cursor.pos++
  if (!isBreakOrEnd(cursor.peek()))
    throw scannerError('did not find expected comment or line break', cursor.mark(), start)
  if (isBreak(cursor.peek())) cursor.takeBreak()
}

/** Passes indentation and empty lines. With an unknown indentation (0) it takes every space and says how wide the widest was. */
function scanBreaks(cursor: Cursor, indent: number, start: Mark): { breaks: string; widest: number } {
  let breaks = ''
  let widest = 0
  for (;;) {
    while ((indent === 0 || cursor.column < indent) && cursor.peek() === SPACE) cursor.pos++
    widest = Math.max(widest, cursor.column)
    const c = cursor.peek()
    if (c === TAB && (indent === 0 || cursor.column < indent)) {
      throw scannerError('found a tab character where an indentation space is expected', cursor.mark(), start)
    }
    if (!isBreak(c)) return { breaks, widest }
    breaks += cursor.takeBreak()
  }
}

function readLiteral(cursor: Cursor, indent: number, leading: string, header: StartedHeader): string {
  let value = ''
  let lineBreak = ''
  let empty = leading
  while (cursor.column === indent && cursor.peek() !== 0) {
    const start = cursor.pos
    skipToBreak(cursor)
    value += lineBreak + empty + cursor.text.slice(start, cursor.pos)
    lineBreak = isBreak(cursor.peek()) ? cursor.takeBreak() : ''
    empty = scanBreaks(cursor, indent, header.start).breaks
  }
  return chomp(value, lineBreak, empty, header.chomping)
}

function readFolded(cursor: Cursor, indent: number, leading: string, header: StartedHeader): string {
  let value = ''
  let lineBreak = ''
  let empty = leading
  let afterBlank = false
  while (cursor.column === indent && cursor.peek() !== 0) {
    const startsBlank = isBlank(cursor.peek())
    // Two lines of text are joined by a space; a line that starts with a blank keeps the breaks around it.
    const folds = !afterBlank && !startsBlank && lineBreak === '\n'
    value += (folds ? (empty === '' ? ' ' : '') : lineBreak) + empty
    afterBlank = startsBlank
    const start = cursor.pos
    skipToBreak(cursor)
    value += cursor.text.slice(start, cursor.pos)
    lineBreak = isBreak(cursor.peek()) ? cursor.takeBreak() : ''
    empty = scanBreaks(cursor, indent, header.start).breaks
  }
  return chomp(value, lineBreak, empty, header.chomping)
}

/** A last line without a break has none to keep: clipping never adds one. */
function chomp(value: string, lineBreak: string, empty: string, chomping: -1 | 0 | 1): string {
  if (chomping === -1) return value
  return chomping === 0 ? value + lineBreak : value + lineBreak + empty
}

function skipToBreak(cursor: Cursor): void {
  const { text } = cursor
  let { pos } = cursor
  while (!isBreakOrEnd(text.charCodeAt(pos))) pos++
  cursor.pos = pos
}
