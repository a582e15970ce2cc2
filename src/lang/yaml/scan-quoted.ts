// Single- and double-quoted scalars: escapes, folding.
import { APOSTROPHE, BACKSLASH, QUOTE, isBlank, isBlankOrEnd, isBreak } from './chars.ts'
import type { Cursor } from './cursor.ts'
import { foldBreaks } from './cursor.ts'
import type { Mark } from './error.ts'
import { scannerError } from './error.ts'

/** Reads a quoted scalar whose opening quote the cursor stands on; afterwards it stands behind the closing one. */
export function scanQuoted(cursor: Cursor): string {
  const start = cursor.mark()
  const quote = cursor.peek()
  cursor.pos++
  let value = ''
  for (;;) {
    if (cursor.atDocumentMarker()) throw scannerError('found unexpected document indicator', cursor.mark(), start)
    if (cursor.peek() === 0) throw scannerError('found unexpected end of stream', cursor.mark(), start)
    const run = quote === APOSTROPHE ? readSingle(cursor) : readDouble(cursor, start)
    value += run.text
    if (!run.joinsLine && cursor.peek() === quote) {
      cursor.pos++
      return value
    }
    value += readGap(cursor, run.joinsLine)
  }
}

interface Run {
  readonly text: string
  /** Ended by an escaped line break: the blanks that follow are dropped. */
  readonly joinsLine: boolean
}

/** Text up to a blank, a break, the end or the closing apostrophe. */
function readSingle(cursor: Cursor): Run {
  const { text } = cursor
  let start = cursor.pos
  let out = ''
  for (;;) {
    const c = text.charCodeAt(cursor.pos)
    if (isBlankOrEnd(c)) break
    if (c === APOSTROPHE) {
      if (text.charCodeAt(cursor.pos + 1) !== APOSTROPHE) break
      out += text.slice(start, cursor.pos + 1)
      start = cursor.pos + 2
      cursor.pos++
    }
    cursor.pos++
  }
  return { text: out + text.slice(start, cursor.pos), joinsLine: false }
}

function readDouble(cursor: Cursor, from: Mark): Run {
  const { text } = cursor
  let start = cursor.pos
  let out = ''
  for (;;) {
    const c = text.charCodeAt(cursor.pos)
    if (isBlankOrEnd(c) || c === QUOTE) break
    if (c !== BACKSLASH) {
      cursor.pos++
      continue
    }
    out += text.slice(start, cursor.pos)
    if (isBreak(text.charCodeAt(cursor.pos + 1))) {
      cursor.pos++
      cursor.takeBreak()
      return { text: out, joinsLine: true }
    }
    out += readEscape(cursor, from)
    start = cursor.pos
  }
  return { text: out + text.slice(start, cursor.pos), joinsLine: false }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  "'": "'",
  '\\': '\\',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
}

const CODE_LENGTHS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

function readEscape(cursor: Cursor, start: Mark): string {
  const letter = cursor.text.charAt(cursor.pos + 1)
  const simple = ESCAPES[letter]
  const length = CODE_LENGTHS[letter]
  if (simple === undefined && length === undefined) {
    throw scannerError('found unknown escape character', cursor.mark(), start)
  }
  cursor.pos += 2
  if (length === undefined) return simple as string // one of the two is there, see above
  const digits = cursor.text.slice(cursor.pos, cursor.pos + length)
  if (digits.length < length || !/^[0-9a-fA-F]+$/.test(digits)) {
    throw scannerError('did not find expected hexdecimal number', cursor.mark(), start)
  }
  const code = Number.parseInt(digits, 16)
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) {
    throw scannerError('found invalid Unicode character escape code', cursor.mark(), start)
  }
  cursor.pos += length
  return String.fromCodePoint(code)
}

/** Blanks and breaks between two runs: kept as they are within a line, folded over lines. */
function readGap(cursor: Cursor, joinsLine: boolean): string {
  let blanks = ''
  let first = ''
  let following = ''
  let overLines = joinsLine
  for (;;) {
    const c = cursor.peek()
    if (isBlank(c)) {
      if (!overLines) blanks += cursor.text.charAt(cursor.pos)
      cursor.pos++
    } else if (isBreak(c)) {
      if (overLines) following += cursor.takeBreak()
      else first = cursor.takeBreak()
      overLines = true
    } else break
  }
  if (!overLines) return blanks
  // After an escaped break there is no first break to fold.
  return first === '' ? following : foldBreaks(first, following)
}
