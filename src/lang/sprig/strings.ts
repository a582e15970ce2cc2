// Sprig's functions on strings.
import { stringsFrom } from '../go/capacity.ts'
import { GoError } from '../go/error.ts'
import { sprintf } from '../go/print.ts'
import { quoteText } from '../go/quote.ts'
import { byteLength, compareText, normalizeText, sliceBytes } from '../go/text.ts'
import { ANY, GoTyped, INT, STRING, STRING_MAP } from '../go/values.ts'
import type { GoValue } from '../go/values.ts'
import { countAt, fixed, MAX_TEXT_LENGTH, requireLength, textAt, textOf, textsOf, valueAt, variadic } from './define.ts'
import type { FunctionTable } from './define.ts'
import {
  abbreviate,
  camelCase,
  initials,
  snakeCase,
  swapCase,
  titleCase,
  untitle,
  withoutSpace,
  wrapText,
} from './words.ts'

export const STRING_FUNCTIONS: FunctionTable = {
  hello: fixed([], () => 'Hello!'),
  abbrev: fixed([INT, STRING], (args) => abbreviated(0, countAt(args, 0), textAt(args, 1))),
  abbrevboth: fixed([INT, INT, STRING], (args) => abbreviated(countAt(args, 0), countAt(args, 1), textAt(args, 2))),
  trunc: fixed([INT, STRING], (args) => truncate(countAt(args, 0), textAt(args, 1))),
  trim: fixed([STRING], (args) => trimSpace(textAt(args, 0))),
  upper: fixed([STRING], (args) => mapRunes(textAt(args, 0), 'toUpperCase')),
  lower: fixed([STRING], (args) => mapRunes(textAt(args, 0), 'toLowerCase')),
  title: fixed([STRING], (args) => titleCase(textAt(args, 0))),
  untitle: fixed([STRING], (args) => untitle(textAt(args, 0))),
  substr: fixed([INT, INT, STRING], (args) => substring(countAt(args, 0), countAt(args, 1), textAt(args, 2))),
  repeat: fixed([INT, STRING], (args) => repeat(textAt(args, 1), countAt(args, 0))),
  trimall: fixed([STRING, STRING], (args) => trimChars(textAt(args, 1), textAt(args, 0))),
  trimAll: fixed([STRING, STRING], (args) => trimChars(textAt(args, 1), textAt(args, 0))),
  trimSuffix: fixed([STRING, STRING], (args) => trimSuffix(textAt(args, 1), textAt(args, 0))),
  trimPrefix: fixed([STRING, STRING], (args) => trimPrefix(textAt(args, 1), textAt(args, 0))),
  nospace: fixed([STRING], (args) => withoutSpace(textAt(args, 0))),
  initials: fixed([STRING], (args) => initials(textAt(args, 0))),
  swapcase: fixed([STRING], (args) => swapCase(textAt(args, 0))),
  snakecase: fixed([STRING], (args) => snakeCase(textAt(args, 0), '_')),
  kebabcase: fixed([STRING], (args) => snakeCase(textAt(args, 0), '-')),
  camelcase: fixed([STRING], (args) => camelCase(textAt(args, 0))),
  wrap: fixed([INT, STRING], (args) => wrapText(textAt(args, 1), countAt(args, 0), '\n', false)),
  wrapWith: fixed([INT, STRING, STRING], (args) => {
    return wrapText(textAt(args, 2), countAt(args, 0), textAt(args, 1) || '\n', true)
  }),
  contains: fixed([STRING, STRING], (args) => textAt(args, 1).includes(textAt(args, 0))),
  hasPrefix: fixed([STRING, STRING], (args) => textAt(args, 1).startsWith(textAt(args, 0))),
  hasSuffix: fixed([STRING, STRING], (args) => textAt(args, 1).endsWith(textAt(args, 0))),
  quote: variadic([ANY], (args) =>
    withoutNil(args)
      .map((value) => quoteText(textOf(value)))
      .join(' '),
  ),
  squote: variadic([ANY], (args) =>
    withoutNil(args)
      .map((value) => sprintf("'%v'", [value]))
      .join(' '),
  ),
  cat: variadic([ANY], (args) =>
    withoutNil(args)
      .map((value) => sprintf('%v', [value]))
      .join(' '),
  ),
  indent: fixed([INT, STRING], (args) => indent(countAt(args, 0), textAt(args, 1))),
  nindent: fixed([INT, STRING], (args) => `\n${indent(countAt(args, 0), textAt(args, 1))}`),
  replace: fixed([STRING, STRING, STRING], (args) => replaceAll(textAt(args, 2), textAt(args, 0), textAt(args, 1))),
  plural: fixed([STRING, STRING, INT], (args) => textAt(args, countAt(args, 2) === 1 ? 0 : 1)),
  toString: fixed([ANY], (args) => textOf(valueAt(args, 0))),
  toStrings: fixed([ANY], (args) => exactly(textsOf(valueAt(args, 0)))),
  join: fixed([STRING, ANY], (args) => textsOf(valueAt(args, 1)).join(textAt(args, 0))),
  split: fixed([STRING, STRING], (args) => numbered(splitText(textAt(args, 1), textAt(args, 0), -1))),
  splitn: fixed([STRING, INT, STRING], (args) => {
    return numbered(splitText(textAt(args, 2), textAt(args, 0), countAt(args, 1)))
  }),
  splitList: fixed([STRING, STRING], (args) => exactly(splitText(textAt(args, 1), textAt(args, 0), -1))),
  sortAlpha: fixed([ANY], (args) => exactly(sortedTexts(valueAt(args, 0)))),
}

/** What is no list becomes a list of one, nil too. */
/** Made for its length. */
function exactly(texts: readonly string[]): GoValue {
  return stringsFrom(texts.length, texts)
}

function sortedTexts(value: GoValue): string[] {
  return value === null ? ['<nil>'] : textsOf(value).sort(compareText)
}

function withoutNil(args: readonly GoValue[]): GoValue[] {
  return args.filter((value) => value !== null)
}

function abbreviated(left: number, right: number, text: string): string {
  return right < 4 || (left > 0 && right < 7) ? text : abbreviate(text, left, right)
}

function truncate(count: number, text: string): string {
  const length = byteLength(text)
  if (count < 0 && length + count > 0) return sliceBytes(text, length + count, length)
  return count >= 0 && length > count ? sliceBytes(text, 0, count) : text
}

function substring(start: number, end: number, text: string): string {
  const length = byteLength(text)
  if (start < 0) return checkedSlice(text, 0, end)
  return end < 0 || end > length ? checkedSlice(text, start, length) : checkedSlice(text, start, end)
}

function checkedSlice(text: string, start: number, end: number): string {
  const length = byteLength(text)
  if (end < 0 || end > length)
    throw new GoError(`runtime error: slice bounds out of range [:${end}] with length ${length}`)
  if (start > end) throw new GoError(`runtime error: slice bounds out of range [${start}:${end}]`)
  return sliceBytes(text, start, end)
}

function repeat(text: string, count: number): string {
  if (count < 0) throw new GoError('strings: negative Repeat count')
  requireLength(text.length * count, MAX_TEXT_LENGTH, 'repeat')
  return normalizeText(text.repeat(count))
}

function indent(spaces: number, text: string): string {
  if (spaces < 0) throw new GoError('strings: negative Repeat count')
  let lines = 1
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1
  requireLength(text.length + spaces * lines, MAX_TEXT_LENGTH, 'indent')
  const padding = ' '.repeat(spaces)
  return padding + (lines === 1 ? text : text.replaceAll('\n', `\n${padding}`))
}

/** strings.TrimSpace: Unicode's white space, which has U+0085 and lacks U+FEFF. */
function trimSpace(text: string): string {
  return text.replace(/^[\s\u0085]+/, keepBom).replace(TRAILING_SPACE, keepBom)
}

const TRAILING_SPACE = /(?<![\s\u0085])[\s\u0085]+$/

function keepBom(space: string): string {
  const bom = space.indexOf('\ufeff')
  return bom < 0 ? '' : space.slice(bom, space.lastIndexOf('\ufeff') + 1)
}

function trimChars(text: string, cutset: string): string {
  const cut = new Set(cutset)
  const chars = Array.from(text)
  let start = 0
  let end = chars.length
  while (start < end && cut.has(chars[start] ?? '')) start += 1
  while (end > start && cut.has(chars[end - 1] ?? '')) end -= 1
  return chars.slice(start, end).join('')
}

function trimSuffix(text: string, suffix: string): string {
  return suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text
}

function trimPrefix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : text
}

/** Go maps each rune to one rune: what would become several letters (ß) stays. */
function mapRunes(text: string, method: 'toUpperCase' | 'toLowerCase'): string {
  const mapped = text[method]()
  if (!/[^\0-\u007f]/.test(text)) return mapped
  let result = ''
  for (const char of text) {
    const one = char[method]()
    if (char === 'İ' && method === 'toLowerCase') result += 'i'
    else result += one.length === char.length || Array.from(one).length === 1 ? one : char
  }
  return result
}

function replaceAll(text: string, from: string, to: string): string {
  requireLength(text.length + (from === '' ? text.length * to.length : 0), MAX_TEXT_LENGTH, 'replace')
  if (from !== '') return text.split(from).join(to)
  return to + Array.from(text, (char) => char + to).join('')
}

/** strings.SplitN: an empty separator splits into characters; `count` -1 means no limit, 0 nothing. */
function splitText(text: string, separator: string, count: number): string[] {
  if (count === 0) return []
  const parts = separator === '' ? Array.from(text) : text.split(separator)
  if (count < 0 || parts.length <= count) return parts
  return [...parts.slice(0, count - 1), parts.slice(count - 1).join(separator)]
}

function numbered(parts: readonly string[]): GoTyped {
  return new GoTyped(STRING_MAP, new Map(parts.map((part, index) => [`_${index}`, part])))
}
