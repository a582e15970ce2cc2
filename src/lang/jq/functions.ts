// jq's functions of plain values.
import { type Budget, checkTextLength } from './budget.ts'
import { JqError } from './error.ts'
import { formatText, plainText } from './formats.ts'
import { operate } from './operators.ts'
import { withValueAt, withoutPaths } from './paths.ts'
import { matchesOf } from './regexps.ts'
import type { Plain } from './run.ts'
import { compareValues } from './value-order.ts'
import { describe, preview, textOf } from './value-text.ts'
import { charactersOf, isList, isMap, isTrue, type Json, sortedKeys, typeOf } from './values.ts'

/** By `name/arity`. */
export const PLAINS: ReadonlyMap<string, Plain> = new Map<string, Plain>([
  ['not/0', (value) => !isTrue(value)],
  ['type/0', typeOf],
  ['length/0', lengthOf],
  ['utf8bytelength/0', (value) => Buffer.byteLength(textIn('utf8bytelength', value))],
  ['keys/0', keysOf],
  ['keys_unsorted/0', keysOf],
  [
    'add/0',
    (value, _args, budget) => valuesOf('add', value).reduce((sum, item) => operate('+', sum, item, budget), null),
  ],
  ['any/0', (value) => valuesOf('any', value).some(isTrue)],
  ['all/0', (value) => valuesOf('all', value).every(isTrue)],
  ['flatten/0', (value, _args, budget) => flatten(listIn('flatten', value), Number.POSITIVE_INFINITY, budget)],
  [
    'flatten/1',
    (value, [depth = null], budget) => flatten(listIn('flatten', value), numberIn('flatten', depth), budget),
  ],
  ['reverse/0', (value) => (typeof value === 'string' ? charactersOf(value).toReversed().join('') : reversed(value))],
  ['sort/0', (value, _args, budget) => sorted(listIn('sort', value), budget)],
  ['unique/0', (value, _args, budget) => withoutRepeats(sorted(listIn('unique', value), budget), budget)],
  [
    'sort_pairs/0',
    (value, _args, budget) =>
      listIn('sort_by', value).toSorted((a, b) => compareValues(firstOf(a), firstOf(b), budget)),
  ],
  ['min/0', (value, _args, budget) => sorted(listIn('min', value), budget)[0] ?? null],
  ['max/0', (value, _args, budget) => sorted(listIn('max', value), budget).at(-1) ?? null],
  ['tostring/0', (value, _args, budget) => plainText(value, budget)],
  ['tojson/0', (value, _args, budget) => textOf(value, budget)],
  ['tonumber/0', toNumber],
  ['fromjson/0', fromJson],
  ['floor/0', (value) => Math.floor(numberIn('floor', value))],
  ['ceil/0', (value) => Math.ceil(numberIn('ceil', value))],
  ['round/0', (value) => Math.round(numberIn('round', value))],
  ['abs/0', (value) => Math.abs(numberIn('abs', value))],
  ['ascii_downcase/0', (value) => cased('ascii_downcase', value, /[A-Z]/g, (char) => char.toLowerCase())],
  ['ascii_upcase/0', (value) => cased('ascii_upcase', value, /[a-z]/g, (char) => char.toUpperCase())],
  ['explode/0', (value) => charactersOf(textIn('explode', value)).map((char) => char.codePointAt(0) ?? 0)],
  ['implode/0', implode],
  ['trim/0', (value) => textIn('trim', value).trim()],
  ['ltrim/0', (value) => textIn('ltrim', value).trimStart()],
  ['rtrim/0', (value) => textIn('rtrim', value).trimEnd()],
  ['has/1', has],
  ['contains/1', (value, [part = null], budget) => contains(value, part, budget)],
  [
    'startswith/1',
    (value, [part = null], budget) => affix('startswith', value, part).startsWith(plainText(part, budget)),
  ],
  ['endswith/1', (value, [part = null], budget) => affix('endswith', value, part).endsWith(plainText(part, budget))],
  ['ltrimstr/1', (value, [part = null]) => trimmed(value, part, 'start')],
  ['rtrimstr/1', (value, [part = null]) => trimmed(value, part, 'end')],
  ['split/1', (value, [by = null], budget) => operate('/', affix('split', value, by), by, budget)],
  ['join/1', join],
  ['indices/1', indices],
  [
    'delpaths/1',
    (value, [paths = null], budget) =>
      withoutPaths(
        value,
        listIn('delpaths', paths).map((path) => listIn('delpaths', path)),
        budget,
      ),
  ],
  [
    'setpath/2',
    (value, [path = null, next = null], budget) => withValueAt(value, listIn('setpath', path), next, budget),
  ],
  ['format/1', (value, [name = null], budget) => formatText(textIn('format', name), value, budget)],
  ['_match/3', (value, [pattern = null, flags = null, isTest = null]) => matchesOf(value, { pattern, flags, isTest })],
])

function wrong(name: string, value: Json): JqError {
  return new JqError(`${name} cannot be applied to: ${describe(value)}`)
}

function textIn(name: string, value: Json): string {
  if (typeof value !== 'string') throw wrong(name, value)
  return value
}

function numberIn(name: string, value: Json): number {
  if (typeof value !== 'number') throw wrong(name, value)
  return value
}

function listIn(name: string, value: Json): readonly Json[] {
  if (!isList(value)) throw wrong(name, value)
  return value
}

function valuesOf(name: string, value: Json): readonly Json[] {
  return isMap(value) ? Object.values(value) : listIn(name, value)
}

function affix(name: string, value: Json, part: Json): string {
  if (typeof value !== 'string' || typeof part !== 'string') throw wrong(`${name}(${preview(part)})`, value)
  return value
}

/** Without a prefix or suffix; what is no text, or lacks it, stays. */
function trimmed(value: Json, part: Json, side: 'start' | 'end'): Json {
  if (typeof value !== 'string' || typeof part !== 'string') return value
  if (side === 'start') return value.startsWith(part) ? value.slice(part.length) : value
  return value.endsWith(part) ? value.slice(0, value.length - part.length) : value
}

function lengthOf(value: Json): Json {
  if (value === null) return 0
  if (typeof value === 'string') return charactersOf(value).length
  if (typeof value === 'number') return Math.abs(value)
  if (typeof value === 'boolean') throw wrong('length', value)
  return Object.keys(value).length
}

function keysOf(value: Json): Json {
  if (isMap(value)) return sortedKeys(value)
  return [...listIn('keys', value).keys()]
}

function flatten(list: readonly Json[], depth: number, budget: Budget): readonly Json[] {
  budget.spend(list.length)
  if (depth < 0) throw new JqError(`flatten depth should not be negative: ${depth}`)
  return list.flatMap((item) => (isList(item) && depth > 0 ? flatten(item, depth - 1, budget) : [item]))
}

function reversed(value: Json): Json {
  return value === null ? [] : listIn('reverse', value).toReversed()
}

/** Of a pair of sort key and value. */
function firstOf(pair: Json): Json {
  return isList(pair) ? (pair[0] ?? null) : null
}

function sorted(list: readonly Json[], budget: Budget): readonly Json[] {
  return list.toSorted((a, b) => compareValues(a, b, budget))
}

function withoutRepeats(ordered: readonly Json[], budget: Budget): readonly Json[] {
  return ordered.filter((item, index) => index === 0 || compareValues(ordered[index - 1] ?? null, item, budget) !== 0)
}

function toNumber(value: Json): Json {
  if (typeof value === 'number') return value
  const number = typeof value === 'string' && /^\s*-?[\d.]/.test(value) ? Number(value) : Number.NaN
  if (Number.isNaN(number)) throw wrong('tonumber', value)
  return number
}

function fromJson(value: Json): Json {
  try {
    return JSON.parse(textIn('fromjson', value))
  } catch (error) {
    if (error instanceof SyntaxError) throw wrong('fromjson', value)
    throw error
  }
}

function cased(name: string, value: Json, chars: RegExp, change: (char: string) => string): string {
  return textIn(name, value).replaceAll(chars, change)
}

function implode(value: Json): Json {
  return listIn('implode', value)
    .map((point) => String.fromCodePoint(numberIn('implode', point)))
    .join('')
}

function has(value: Json, [key = null]: readonly Json[]): Json {
  if (isMap(value) && typeof key === 'string') return Object.hasOwn(value, key)
  if (isList(value) && typeof key === 'number') return key >= 0 && Math.floor(key) < value.length
  throw wrong(`has(${preview(key)})`, value)
}

function contains(value: Json, part: Json, budget: Budget): boolean {
  budget.spend(1)
  if (isMap(value) && isMap(part)) {
    return Object.entries(part).every(
      ([key, item]) => Object.hasOwn(value, key) && contains(value[key] ?? null, item, budget),
    )
  }
  if (isList(value) && isList(part)) return part.every((item) => value.some((other) => mayContain(other, item, budget)))
  if (typeof value === 'string' && typeof part === 'string') return value.includes(part)
  if (typeOf(value) !== typeOf(part)) throw wrong(`contains(${preview(part)})`, value)
  return compareValues(value, part, budget) === 0
}

/** In a list items of other types are no answer, not an error. */
function mayContain(value: Json, part: Json, budget: Budget): boolean {
  return typeOf(value) === typeOf(part) && contains(value, part, budget)
}

function join(value: Json, [by = null]: readonly Json[], budget: Budget): Json {
  const parts = listIn('join', value).map((item) => {
    if (isList(item) || isMap(item)) throw new JqError(`join(${preview(by)}) cannot be applied to: ${describe(value)}`)
    return item === null ? '' : plainText(item, budget)
  })
  const between = affix('join', by, by)
  checkTextLength(parts.reduce((length, part) => length + part.length + between.length, 0))
  return parts.join(between)
}

function indices(value: Json, [part = null]: readonly Json[], budget: Budget): Json {
  if (value === null) return null
  if (typeof value === 'string' && typeof part === 'string') return textIndices(value, part)
  const list = listIn(`indices(${preview(part)})`, value)
  const parts = isList(part) ? part : [part]
  if (parts.length === 0) return null
  return [...list.keys()].filter((start) =>
    parts.every(
      (item, offset) => start + offset < list.length && compareValues(list[start + offset] ?? null, item, budget) === 0,
    ),
  )
}

function textIndices(text: string, part: string): Json {
  if (part === '') return null
  const found: number[] = []
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1))
    found.push(charactersOf(text.slice(0, at)).length)
  return found
}
