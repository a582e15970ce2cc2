// Directives, tags, anchors and aliases.
import { HASH, isBlank, isBlankOrEnd, isBreak, isBreakOrEnd, isDigit, isWordCharacter } from './chars.ts'
import type { Cursor } from './cursor.ts'
import { scannerError } from './error.ts'

/** Reads the name behind `&` or `*`, on which the cursor stands. */
export function scanAnchorName(cursor: Cursor): string {
  cursor.pos++
  const name = takeWord(cursor)
  const after = cursor.peek()
  if (name === '' || !(isBlankOrEnd(after) || '?:,]}%@`'.includes(String.fromCharCode(after)))) {
    throw scannerError('did not find expected alphabetic or numeric character', cursor.mark())
  }
  return name
}

export interface ScannedTag {
  /** `!`, `!!`, `!name!`; empty for a verbatim tag and the lone `!`. */
  readonly handle: string
  readonly suffix: string
}

/** Reads a tag whose `!` the cursor stands on. */
export function scanTag(cursor: Cursor): ScannedTag {
  const tag = cursor.peek(1) === 0x3c ? scanVerbatim(cursor) : scanShorthand(cursor)
  if (!isBlankOrEnd(cursor.peek())) {
    throw scannerError('did not find expected whitespace or line break', cursor.mark())
  }
  return tag
}

function scanVerbatim(cursor: Cursor): ScannedTag {
  cursor.pos += 2
  const suffix = scanTagUri(cursor, '')
  if (cursor.peek() !== 0x3e) throw scannerError("did not find the expected '>'", cursor.mark())
  cursor.pos++
  return { handle: '', suffix }
}

function scanShorthand(cursor: Cursor): ScannedTag {
  const handle = scanTagHandle(cursor)
  if (handle.length > 1 && handle.endsWith('!')) return { handle, suffix: scanTagUri(cursor, '') }
  // `!name` is the primary handle with a suffix; a lone `!` is a tag of its own.
  const suffix = scanTagUri(cursor, handle)
  return suffix === '' ? { handle: '', suffix: '!' } : { handle: '!', suffix }
}

function scanTagHandle(cursor: Cursor): string {
  if (cursor.peek() !== 0x21) throw scannerError("did not find expected '!'", cursor.mark())
  cursor.pos++
  const name = `!${takeWord(cursor)}`
  if (cursor.peek() !== 0x21) return name
  cursor.pos++
  return `${name}!`
}

const URI_PUNCTUATION = ";/?:@&=+$,.!~*'()[]"

/** `head` is a handle already read whose `!` is not part of the URI. */
function scanTagUri(cursor: Cursor, head: string): string {
  let uri = head.slice(1)
  const start = cursor.pos
  for (;;) {
    const c = cursor.peek()
    if (c === 0x25) uri += scanUriEscape(cursor)
    else if (c !== 0 && (isWordCharacter(c) || URI_PUNCTUATION.includes(String.fromCharCode(c)))) {
      uri += String.fromCharCode(c)
      cursor.pos++
    } else break
  }
  if (cursor.pos === start && head === '') throw scannerError('did not find expected tag URI', cursor.mark())
  return uri
}

/** One character written as `%XX` for each of its UTF-8 bytes. */
function scanUriEscape(cursor: Cursor): string {
  const first = scanOctet(cursor)
  const width = utf8Width(first)
  if (width === 0) throw scannerError('found an incorrect leading UTF-8 octet', cursor.mark())
  const bytes = [first]
  cursor.pos += 3
  while (bytes.length < width) {
    const octet = scanOctet(cursor)
    if ((octet & 0xc0) !== 0x80) throw scannerError('found an incorrect trailing UTF-8 octet', cursor.mark())
    bytes.push(octet)
    cursor.pos += 3
  }
  return Buffer.from(bytes).toString('utf8')
}

function scanOctet(cursor: Cursor): number {
  const escape = cursor.text.slice(cursor.pos, cursor.pos + 3)
  if (!/^%[0-9a-fA-F]{2}$/.test(escape)) throw scannerError('did not find URI escaped octet', cursor.mark())
  return Number.parseInt(escape.slice(1), 16)
}

function utf8Width(byte: number): number {
  if ((byte & 0x80) === 0) return 1
  if ((byte & 0xe0) === 0xc0) return 2
  if ((byte & 0xf0) === 0xe0) return 3
  return (byte & 0xf8) === 0xf0 ? 4 : 0
}

export type ScannedDirective =
  | { readonly type: 'version'; readonly version: string }
  | { readonly type: 'tag-directive'; readonly handle: string; readonly prefix: string }

/** Reads a directive whose `%` the cursor stands on, and its line. */
export function scanDirective(cursor: Cursor): ScannedDirective {
  cursor.pos++
  const name = takeWord(cursor)
  if (name === '') throw scannerError('could not find expected directive name', cursor.mark())
  if (!isBlankOrEnd(cursor.peek())) throw scannerError('found unexpected non-alphabetical character', cursor.mark())
  const directive = scanDirectiveValue(cursor, name)
  skipBlanks(cursor)
  if (cursor.peek() === HASH) while (!isBreakOrEnd(cursor.peek())) cursor.pos++
  if (!isBreakOrEnd(cursor.peek())) throw scannerError('did not find expected comment or line break', cursor.mark())
  if (isBreak(cursor.peek())) cursor.takeBreak()
  return directive
}

function scanDirectiveValue(cursor: Cursor, name: string): ScannedDirective {
  if (name === 'YAML') {
    skipBlanks(cursor)
    const major = scanVersionNumber(cursor)
    if (cursor.peek() !== 0x2e) throw scannerError("did not find expected digit or '.' character", cursor.mark())
    cursor.pos++
    return { type: 'version', version: `${major}.${scanVersionNumber(cursor)}` }
  }
  if (name !== 'TAG') throw scannerError('found unknown directive name', cursor.mark())
  skipBlanks(cursor)
  const handle = scanTagHandle(cursor)
  if (handle !== '!' && !handle.endsWith('!')) throw scannerError("did not find expected '!'", cursor.mark())
  if (!isBlank(cursor.peek())) throw scannerError('did not find expected whitespace', cursor.mark())
  skipBlanks(cursor)
  const prefix = scanTagUri(cursor, '')
  if (!isBlankOrEnd(cursor.peek())) throw scannerError('did not find expected whitespace or line break', cursor.mark())
  return { type: 'tag-directive', handle, prefix }
}

function scanVersionNumber(cursor: Cursor): number {
  let value = 0
  let length = 0
  while (isDigit(cursor.peek())) {
    length++
    if (length > 2) throw scannerError('found extremely long version number', cursor.mark())
    value = value * 10 + cursor.peek() - 0x30
    cursor.pos++
  }
  if (length === 0) throw scannerError('did not find expected version number', cursor.mark())
  return value
}

function takeWord(cursor: Cursor): string {
  const start = cursor.pos
  while (isWordCharacter(cursor.peek())) cursor.pos++
  return cursor.text.slice(start, cursor.pos)
}

function skipBlanks(cursor: Cursor): void {
  while (isBlank(cursor.peek())) cursor.pos++
}
