// Plain scalars, over as many lines as they take.
import { COLON, HASH, QUESTION, TAB, isBlank, isBlankOrEnd, isBreak, isFlowIndicator } from './chars.ts'
import type { Cursor } from './cursor.ts'
import { foldBreaks } from './cursor.ts'
import type { Mark } from './error.ts'
import { scannerError } from './error.ts'

export interface PlainContext {
  /** Column of the collection around the scalar, -1 at the root. */
  readonly parentIndent: number
  readonly inFlow: boolean
}

export interface ScannedPlain {
  readonly text: string
  /** The scan passed a line break, behind which a simple key may stand again. */
  readonly passedBreak: boolean
}

/** Reads a plain scalar at the cursor, which then stands behind the blanks and breaks that follow it. */
export function scanPlain(cursor: Cursor, context: PlainContext): ScannedPlain {
  const indent = context.parentIndent + 1
  const start = cursor.mark()
  let text = ''
  let gap = ''
  let passedBreak = false
  for (;;) {
    if (cursor.atDocumentMarker() || cursor.peek() === HASH) break
    const from = cursor.pos
    cursor.pos = endOfRun(cursor, context)
    if (cursor.pos > from) {
      text += gap + cursor.text.slice(from, cursor.pos)
      passedBreak = false
      gap = ''
    }
    const c = cursor.peek()
    if (!isBlank(c) && !isBreak(c)) break
    const read = readGap(cursor, indent, start)
    gap = read.text
    passedBreak = read.passedBreak
    if (!context.inFlow && cursor.column < indent) break
  }
  return { text, passedBreak }
}

/** Where the non-blank characters from here end: at a blank, a break, the end, `: ` or what ends a plain scalar in a flow collection. */
function endOfRun(cursor: Cursor, context: PlainContext): number {
  const { text } = cursor
  let { pos } = cursor
  for (;;) {
    const c = text.charCodeAt(pos)
    if (isBlankOrEnd(c)) return pos
    if (c === COLON && isBlankOrEnd(text.charCodeAt(pos + 1))) return pos
    if (context.inFlow && (c === QUESTION || isFlowIndicator(c))) return pos
    pos++
  }
}

function readGap(cursor: Cursor, indent: number, began: Mark): ScannedPlain {
  const start = cursor.pos
  while (isBlank(cursor.peek())) cursor.pos++
  if (!isBreak(cursor.peek())) return { text: cursor.text.slice(start, cursor.pos), passedBreak: false }
  const first = cursor.takeBreak()
  let following = ''
  for (;;) {
    const c = cursor.peek()
    if (isBreak(c)) following += cursor.takeBreak()
    else if (isBlank(c)) {
      if (c === TAB && cursor.column < indent) {
        throw scannerError('found a tab character that violates indentation', cursor.mark(), began)
      }
      cursor.pos++
    } else break
  }
  return { text: foldBreaks(first, following), passedBreak: true }
}
