// Literal block scalars line by line: most of what descriptions, scripts and dashboards are.
import { DASH, LF, SPACE, TAB } from './chars.ts'

interface Literal {
  readonly value: string
  /** Start of the line behind the scalar and the empty lines that follow it. */
  readonly end: number
}

/**
 * The literal whose `|` stands at `pos`, of a text that knows no other breaks than LF; undefined where the full scan has to
 * decide: a header that says more than how it ends, a first line that is empty, tabs in an indentation, the end of the text.
 */
export function plainLiteral(text: string, pos: number, parentIndent: number): Literal | undefined {
  if (text.charCodeAt(pos) !== 0x7c) return undefined
  const chomping = text.charCodeAt(pos + 1)
  const first = chomping === DASH || chomping === PLUS ? pos + 2 : pos + 1
  if (text.charCodeAt(first) !== LF) return undefined
  const indent = indentAt(text, first + 1)
  const start = text.charCodeAt(first + 1 + indent)
  if (indent === 0 || indent <= parentIndent || start === LF || start === TAB || start === 0) return undefined
  const body = readLines(text, first + 1, indent)
  if (body === undefined) return undefined
  return { value: body.value + keptBreaks(chomping, body.empty), end: body.end }
}

/** What chomping leaves of the last break and those of the empty lines behind it. */
function keptBreaks(chomping: number, empty: string): string {
  if (chomping === DASH) return ''
  return chomping === PLUS ? `\n${empty}` : '\n'
}

const PLUS = 0x2b

interface Lines {
  /** Without the last break. */
  readonly value: string
  /** Breaks of the empty lines behind it. */
  readonly empty: string
  readonly end: number
}

function readLines(text: string, from: number, indent: number): Lines | undefined {
  const margin = ' '.repeat(indent)
  let value = ''
  let lead = ''
  let empty = ''
  for (let at = from; ;) {
    const end = text.indexOf('\n', at)
    if (end < 0) return text.charCodeAt(at) === 0 ? { value, empty, end: at } : undefined
    if (end - at > indent && text.startsWith(margin, at)) {
      value += lead + empty + text.slice(at + indent, end)
      lead = '\n'
      empty = ''
    } else {
      const blank = indentAt(text, at)
      if (at + blank !== end) return isEndAt(text, at + blank) ? { value, empty, end: at } : undefined
      empty += '\n'
    }
    at = end + 1
  }
}

/** Is this no tab, which an indentation may not have? */
function isEndAt(text: string, pos: number): boolean {
  return text.charCodeAt(pos) !== TAB
}

function indentAt(text: string, pos: number): number {
  let at = pos
  while (text.charCodeAt(at) === SPACE) at++
  return at - pos
}
