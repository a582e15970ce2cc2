// std: texts.
import { formatFloat } from '../../go/numbers.ts'
import { RuntimeFault } from '../error.ts'
import { format } from '../format.ts'
import { quoted, toText } from '../json-text.ts'
import { pointCount, pointsOf, slicePoints } from '../text-points.ts'
import { ArrayValue, asNumber, asString, typeOf, wrongType, type Value } from '../values.ts'
import { asInteger } from '../lookup.ts'
import { define, type Chapter } from './define.ts'

/** The largest code point. */
const MAX_POINT = 0x10_ff_ff
const BLANKS = ' \t\n\f\r\u0085\u00a0'

export const texts: Chapter = () => ({
  substr: define('str from len', substr),
  startsWith: define('a b', (a, b) => asString(a).startsWith(asString(b))),
  endsWith: define('a b', (a, b) => asString(a).endsWith(asString(b))),
  lstripChars: define('str chars', (text, chars) => strip(text, chars, { left: true, right: false })),
  rstripChars: define('str chars', (text, chars) => strip(text, chars, { left: false, right: true })),
  stripChars: define('str chars', (text, chars) => strip(text, chars, { left: true, right: true })),
  trim: define('str', (text) => strip(text, BLANKS, { left: true, right: true })),
  stringChars: define('str', (text) => ArrayValue.of(pointsOf(asString(text)))),
  codepoint: define('str', (text) => {
    const count = pointCount(asString(text))
    if (count !== 1) throw new RuntimeFault(`codepoint takes a string of length 1, got length ${count}`)
    return asString(text).codePointAt(0) ?? 0
  }),
  char: define('n', char),
  parseInt: define('str', (text) => parseWhole(asString(text), 10, /^-?\d+$/)),
  parseOctal: define('str', (text) => parseWhole(asString(text), 8, /^[0-7]+$/)),
  parseHex: define('str', (text) => parseWhole(asString(text), 16, /^[0-9a-fA-F]+$/)),
  split: define('str c', (text, by) => split(text, by, -1, 'split')),
  splitLimit: define('str c maxsplits', (text, by, most) => split(text, by, asInteger(most), 'splitLimit')),
  splitLimitR: define('str c maxsplits', splitFromRight),
  strReplace: define('str from to', (text, from, to) => {
    const [whole, old, replacement] = [asString(text), asString(from), asString(to)]
    if (old === '') throw new RuntimeFault("'from' string must not be zero length.")
    return whole.replaceAll(old, () => replacement)
  }),
  asciiUpper: define('str', (text) => upper(asString(text))),
  asciiLower: define('str', (text) => lower(asString(text))),
  equalsIgnoreCase: define('str1 str2', (a, b) => lower(asString(a)) === lower(asString(b))),
  format: define('str vals', (text, values) => format(asString(text), values)),
  escapeStringJson: define('str_', (text) => quoted(toText(text))),
  escapeStringPython: define('str', (text) => quoted(toText(text))),
  escapeStringBash: define('str_', (text) => `'${toText(text).replaceAll("'", `'"'"'`)}'`),
  escapeStringDollars: define('str_', (text) => toText(text).replaceAll('$', () => '$$')),
  escapeStringXML: define('str_', (text) =>
    toText(text).replaceAll(/[<>&"']/g, (char_) => XML_ESCAPES[char_] ?? char_),
  ),
  findSubstr: define('pat str', findSubstr),
  resolvePath: define('f r', (file, relative) => {
    const parts = asString(file).split('/')
    return [...parts.slice(0, -1), asString(relative)].join('/')
  }),
})

const XML_ESCAPES: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '"': '&quot;',
  "'": '&apos;',
}

function substr(text: Value, from: Value, length: Value): string {
  if (typeof text !== 'string') throw new RuntimeFault(`substr first parameter should be a string, got ${typeOf(text)}`)
  const start = wholeParameter(from, 'second')
  const count = wholeParameter(length, 'third')
  if (start < 0) throw new RuntimeFault(`substr second parameter should be greater than zero, got ${start}`)
  if (count < 0) throw new RuntimeFault(`substr third parameter should be greater than zero, got ${count}`)
  return slicePoints(text, start, start + count)
}

function wholeParameter(value: Value, which: string): number {
  if (typeof value !== 'number')
    throw new RuntimeFault(`substr ${which} parameter should be a number, got ${typeOf(value)}`)
  if (Number.isInteger(value)) return value
  throw new RuntimeFault(`substr ${which} parameter should be an integer, got ${formatFloat(value, 'f', 6)}`)
}

function strip(text: Value, chars: Value, sides: { readonly left: boolean; readonly right: boolean }): string {
  const stripped = new Set(pointsOf(asString(chars)))
  const points = pointsOf(asString(text))
  let [begin, end] = [0, points.length]
  if (sides.left) while (begin < end && stripped.has(points[begin] ?? '')) begin++
  if (sides.right) while (end > begin && stripped.has(points[end - 1] ?? '')) end--
  return points.slice(begin, end).join('')
}

function char(value: Value): string {
  const point = asNumber(value)
  if (point > MAX_POINT) throw new RuntimeFault(`Invalid unicode codepoint, got ${formatFloat(point, 'g', -1)}`)
  if (point < 0) throw new RuntimeFault(`Codepoints must be >= 0, got ${formatFloat(point, 'g', -1)}`)
  const whole = Math.trunc(point)
  return whole >= 0xd8_00 && whole <= 0xdf_ff ? '\ufffd' : String.fromCodePoint(whole)
}

function parseWhole(text: string, radix: number, digits: RegExp): number {
  if (!digits.test(text)) throw new RuntimeFault(`${text} is not a base ${radix} integer`)
  let value = 0
  const isNegative = text.startsWith('-')
  for (const digit of isNegative ? text.slice(1) : text) value = value * radix + Number.parseInt(digit, radix)
  return isNegative ? -value : value
}

function split(text: Value, by: Value, most: number, name: string): ArrayValue {
  const [whole, separator] = [asString(text), separatorOf(by, name)]
  if (most < -1) throw new RuntimeFault(`std.${name} third parameter should be -1 or non-negative, got ${most}`)
  const parts = whole.split(separator)
  if (most === -1 || parts.length <= most + 1) return ArrayValue.of(parts)
  return ArrayValue.of([...parts.slice(0, most), parts.slice(most).join(separator)])
}

function splitFromRight(text: Value, by: Value, most: Value): ArrayValue {
  const limit = asInteger(most)
  const [whole, separator] = [asString(text), separatorOf(by, 'splitLimitR')]
  if (limit < -1) throw new RuntimeFault(`std.splitLimitR third parameter should be -1 or non-negative, got ${limit}`)
  if (limit === -1) return ArrayValue.of(whole.split(separator))
  const parts: string[] = []
  let end = whole.length
  // From the right, so that overlapping separators are taken from there.
  while (parts.length < limit) {
    const at = end < separator.length ? -1 : whole.lastIndexOf(separator, end - separator.length)
    if (at < 0) break
    parts.unshift(whole.slice(at + separator.length, end))
    end = at
  }
  return ArrayValue.of([whole.slice(0, end), ...parts])
}

function separatorOf(value: Value, name: string): string {
  const separator = asString(value)
  if (separator === '') throw new RuntimeFault(`std.${name} second parameter should have length 1 or greater, got 0`)
  return separator
}

function upper(text: string): string {
  return text.replaceAll(/[a-z]+/g, (letters) => letters.toUpperCase())
}

function lower(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

function findSubstr(pattern: Value, text: Value): ArrayValue {
  if (typeof pattern !== 'string')
    throw new RuntimeFault(`findSubstr first parameter should be a string, got ${typeOf(pattern)}`)
  if (typeof text !== 'string')
    throw new RuntimeFault(`findSubstr second parameter should be a string, got ${typeOf(text)}`)
  const places: number[] = []
  if (pattern === '') return ArrayValue.of(places)
  for (let at = text.indexOf(pattern); at >= 0; at = text.indexOf(pattern, at + 1)) {
    places.push(pointCount(text.slice(0, at)))
  }
  return ArrayValue.of(places)
}

/** The items of a list, or the characters of a text as if they were one. */
export function itemsOf(value: Value, whenNeither: () => RuntimeFault = () => wrongType(value, 'array')): ArrayValue {
  if (value instanceof ArrayValue) return value
  if (typeof value === 'string') return ArrayValue.of(pointsOf(value))
  throw whenNeither()
}
