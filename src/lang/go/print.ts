// fmt.Sprint, Sprintln and Sprintf.
import { formatArgument } from './format-value.ts'
import { PLAIN_FORMAT } from './format-scalar.ts'
import type { Format } from './format-scalar.ts'
import { integerOf, typeOf } from './values.ts'
import type { GoValue } from './values.ts'

/** Widths and precisions beyond this are refused, as fmt does. */
const MAX_WIDTH = 1_000_000

/** A value as `%v`; strings as they are. */
export function formatValue(value: GoValue): string {
  return typeof value === 'string' ? value : formatArgument(PLAIN_FORMAT, value, 'v')
}

/** fmt.Sprint: a space between two operands only where neither is a string. */
export function sprint(values: readonly GoValue[]): string {
  let text = ''
  let wasText = true
  for (const [index, value] of values.entries()) {
    const isText = typeOf(value)?.kind === 'string'
    if (index > 0 && !isText && !wasText) text += ' '
    text += formatValue(value)
    wasText = isText
  }
  return text
}

/** fmt.Sprintln: spaces between all, and a newline. */
export function sprintln(values: readonly GoValue[]): string {
  return `${values.map((value) => formatValue(value)).join(' ')}\n`
}

/** fmt.Sprintf with all its error forms inside the text. */
export function sprintf(format: string, values: readonly GoValue[]): string {
  const cursor: Cursor = {
    format,
    values,
    index: 0,
    argument: 0,
    reordered: false,
    isGoodIndex: true,
    afterIndex: false,
  }
  let text = ''
  while (cursor.index < format.length) {
    const percent = format.indexOf('%', cursor.index)
    if (percent < 0) {
      text += format.slice(cursor.index)
      break
    }
    text += format.slice(cursor.index, percent)
    cursor.index = percent + 1
    text += directive(cursor)
  }
  return text + extra(cursor)
}

interface Cursor {
  readonly format: string
  readonly values: readonly GoValue[]
  index: number
  argument: number
  /** Some directive chose its argument: then unused ones are no mistake. */
  reordered: boolean
  isGoodIndex: boolean
  /** The last thing read was an argument index such as `[1]`. */
  afterIndex: boolean
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

function directive(cursor: Cursor): string {
  cursor.isGoodIndex = true
  cursor.afterIndex = false
  const format: Mutable<Format> = { ...PLAIN_FORMAT }
  readFlags(cursor, format)
  const faults = readWidth(cursor, format) + readPrecision(cursor, format)
  if (!cursor.afterIndex) readIndex(cursor)
  const char = cursor.format.codePointAt(cursor.index)
  if (char === undefined) return `${faults}%!(NOVERB)`
  const verb = String.fromCodePoint(char)
  cursor.index += verb.length
  return faults + argumentText(cursor, format, verb)
}

function argumentText(cursor: Cursor, format: Mutable<Format>, verb: string): string {
  if (verb === '%') return '%'
  if (!cursor.isGoodIndex) return `%!${verb}(BADINDEX)`
  if (cursor.argument >= cursor.values.length) return `%!${verb}(MISSING)`
  if (verb === 'v') {
    format.sharpV = format.sharp
    format.plusV = format.plus
    format.sharp = false
    format.plus = false
  }
  const value = cursor.values[cursor.argument] ?? null
  cursor.argument += 1
  return formatArgument(format, value, verb)
}

function readFlags(cursor: Cursor, target: Mutable<Format>): void {
  for (;;) {
    switch (cursor.format[cursor.index]) {
      case '#':
        target.sharp = true
        break
      case '0':
        target.zero = true
        break
      case '+':
        target.plus = true
        break
      case '-':
        target.minus = true
        break
      case ' ':
        target.space = true
        break
      default:
        return
    }
    cursor.index += 1
  }
}

function readWidth(cursor: Cursor, target: Mutable<Format>): string {
  readIndex(cursor)
  if (cursor.format[cursor.index] === '*') {
    cursor.index += 1
    const width = numberArgument(cursor)
    if (width === undefined) return '%!(BADWIDTH)'
    target.width = Math.abs(width)
    if (width < 0) target.minus = true
    cursor.afterIndex = false
    return ''
  }
  const width = readNumber(cursor)
  if (width !== undefined) {
    if (cursor.afterIndex) cursor.isGoodIndex = false // "%[3]2d"
    target.width = width
  }
  return ''
}

function readPrecision(cursor: Cursor, target: Mutable<Format>): string {
  if (cursor.format[cursor.index] !== '.') return ''
  cursor.index += 1
  if (cursor.afterIndex) cursor.isGoodIndex = false // "%[3].2d"
  readIndex(cursor)
  if (cursor.format[cursor.index] === '*') {
    cursor.index += 1
    const precision = numberArgument(cursor)
    cursor.afterIndex = false
    if (precision === undefined || precision < 0) return precision === undefined ? '%!(BADPREC)' : ''
    target.precision = precision
    return ''
  }
  target.precision = readNumber(cursor) ?? 0
  return ''
}

function numberArgument(cursor: Cursor): number | undefined {
  const value = cursor.values[cursor.argument]
  if (cursor.argument >= cursor.values.length || value === undefined) return undefined
  cursor.argument += 1
  const number = Number(integerOf(value) ?? Number.NaN)
  return Number.isNaN(number) || Math.abs(number) > MAX_WIDTH ? undefined : number
}

function readNumber(cursor: Cursor): number | undefined {
  const match = /\d*/y
  match.lastIndex = cursor.index
  const digits = match.exec(cursor.format)?.[0] ?? ''
  const number = Number(digits)
  if (digits === '') return undefined
  cursor.index += digits.length
  return number > MAX_WIDTH ? undefined : number
}

/** An argument index such as `[2]`, if one stands here. */
function readIndex(cursor: Cursor): void {
  cursor.afterIndex = false
  if (cursor.format[cursor.index] !== '[') return
  cursor.reordered = true
  const close = cursor.format.indexOf(']', cursor.index)
  const inner = close < 0 ? '' : cursor.format.slice(cursor.index + 1, close)
  const number = /^\d+$/.test(inner) ? Number(inner) : 0
  cursor.index = close < 0 ? cursor.index + 1 : close + 1
  if (number >= 1 && number <= cursor.values.length) {
    cursor.argument = number - 1
    cursor.afterIndex = true
  } else {
    cursor.isGoodIndex = false
    cursor.afterIndex = close >= 0
  }
}

function extra(cursor: Cursor): string {
  if (cursor.reordered || cursor.argument >= cursor.values.length) return ''
  const texts = cursor.values.slice(cursor.argument).map((value) => {
    return value === null ? '<nil>' : `${typeOf(value)?.name}=${formatArgument(PLAIN_FORMAT, value, 'v')}`
  })
  return `%!(EXTRA ${texts.join(', ')})`
}
