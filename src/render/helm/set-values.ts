// helm's `--set` and its sisters: `a.b[0]=x,c={1,2}` becomes values.
import { GoError } from '../../lang/go/error.ts'
import { decodeJson } from '../../lang/go/json.ts'
import { parseInteger } from '../../lang/go/numbers.ts'
import { quoteText } from '../../lang/go/quote.ts'
import { int64, typeOf } from '../../lang/go/values.ts'
import type { GoMap, GoValue } from '../../lang/go/values.ts'
import { jsonValueEnd } from './json-extent.ts'
import { MAX_LIST_INDEX, MAX_NAME_LEVELS } from './limits.ts'

/** `typed` is `--set`, `text` is `--set-string`; `literal` and `json` are the flags of that name. */
export type SetKind = 'typed' | 'text' | 'literal' | 'json'

/** What a value of text stands for: itself, a number, a file's content. */
export type ValueReader = (text: string) => GoValue

export interface SetOptions {
  readonly read?: ValueReader
  /** An index without its closing bracket is an error, as in helm 3. */
  readonly isStrict?: boolean
}

/**
 * Sets in `values` what the text says (helm v4.2.1 pkg/strvals). Throws a GoError with helm's text; what stands before
 * the fault is set then.
 */
export function setValues(values: GoMap, text: string, kind: SetKind, options: SetOptions = {}): void {
  const { read = readerOf(kind), isStrict = false } = options
  const parser: Parser = { characters: Array.from(text), at: 0, kind, read, isStrict }
  while (parseKey(parser, values, 0) === 'more');
}

function readerOf(kind: SetKind): ValueReader {
  return kind === 'typed' ? typedValue : (text) => text
}

/** Truth values, null and integers in their own types, everything else as text. */
function typedValue(text: string): GoValue {
  const lower = text.toLowerCase()
  if (lower === 'true' || lower === 'false') return lower === 'true'
  if (lower === 'null') return null
  if (text === '0') return int64(0n)
  const integer = text === '' || text.startsWith('0') ? undefined : parseInteger(text, 10)
  return typeof integer === 'bigint' ? int64(integer) : text
}

interface Parser {
  readonly characters: readonly string[]
  at: number
  readonly kind: SetKind
  readonly read: ValueReader
  readonly isStrict: boolean
}

/** Whether there may be another key behind. */
type Progress = 'more' | 'end'

function parseKey(parser: Parser, data: GoMap, level: number): Progress {
  const { text: key, stop } = readUntil(parser, parser.kind === 'literal' ? '=[.' : '=[,.')
  switch (stop) {
    case undefined:
      if (key === '') return 'end'
      throw new GoError(`key ${quoteText(key)} has no value`)
    case '[':
      return parseListKey(parser, data, { key, level })
    case '=':
      return parseKeyValue(parser, data, key)
    case ',':
      set(data, key, '')
      throw new GoError(`key ${quoteText(key)} has no value (cannot end with ,)`)
    default:
      return parseNested(parser, data, { key, level: level + 1 })
  }
}

interface Name {
  readonly key: string
  readonly level: number
}

function parseListKey(parser: Parser, data: GoMap, name: Name): Progress {
  const index = parseIndex(parser)
  if (index === undefined) return 'end'
  const known = data.get(name.key)
  if (known !== undefined && !Array.isArray(known)) throw notA('[]interface {}', known)
  const item = parseItem(parser, known ?? [], { index, level: name.level })
  set(data, name.key, item.list)
  return item.progress
}

function parseKeyValue(parser: Parser, data: GoMap, key: string): Progress {
  if (parser.kind === 'json') return parseJsonValue(parser, (value) => set(data, key, value))
  if (parser.at >= parser.characters.length) {
    set(data, key, '')
    return 'end'
  }
  set(data, key, parseValue(parser))
  return 'more'
}

function parseNested(parser: Parser, data: GoMap, { key, level }: Name): Progress {
  if (level > MAX_NAME_LEVELS) {
    throw new GoError(`value name nested level is greater than maximum supported nested level of ${MAX_NAME_LEVELS}`, {
      code: 'limit',
    })
  }
  const known = data.get(key)
  if (known !== undefined && !(known instanceof Map)) throw notA('map[string]interface {}', known)
  const inner: GoMap = known ?? new Map<GoValue, GoValue>()
  const progress = parseKey(parser, inner, level)
  if (progress === 'more' && inner.size === 0) throw new GoError(`key map ${quoteText(key)} has no value`)
  if (inner.size > 0) set(data, key, inner)
  return progress
}

function notA(type: string, value: GoValue): GoError {
  const found = typeOf(value)?.name ?? 'nil'
  return new GoError(`unable to parse key: interface conversion: interface {} is ${found}, not ${type}`)
}

function set(data: GoMap, key: string, value: GoValue): void {
  if (key !== '') data.set(key, value)
}

/** The index up to its bracket; undefined where the text ends before it, which helm lets pass. */
function parseIndex(parser: Parser): number | undefined {
  const { text, stop } = readUntil(parser, ']')
  if (stop === undefined && parser.isStrict) throw new GoError('error parsing index: EOF')
  if (stop === undefined) return undefined
  if (!/^[+-]?\d{1,18}$/.test(text)) {
    throw new GoError(`error parsing index: strconv.Atoi: parsing ${quoteText(text)}: invalid syntax`)
  }
  return Number(text)
}

interface Item {
  readonly list: GoValue[]
  readonly progress: Progress
}

interface Place {
  readonly index: number
  readonly level: number
}

/** A list of characters as Go's %q shows it. */
function quotedRunes(text: string): string {
  const shown = Array.from(text, (char) =>
    char === '"' ? `'"'` : char === "'" ? `'\\''` : `'${quoteText(char).slice(1, -1)}'`,
  )
  return `[${shown.join(' ')}]`
}

/** What stands behind an index: a value, another index, or the rest of a name. */
function parseItem(parser: Parser, list: readonly GoValue[], { index, level }: Place): Item {
  if (index < 0) throw new GoError(`negative ${index} index not allowed`)
  const { text, stop } = readUntil(parser, '[.=')
  if (text !== '') throw new GoError(`unexpected data at end of array index: ${quotedRunes(text)}`)
  if (stop === '=') return parseItemValue(parser, list, index)
  if (stop === undefined) return { list: [...list], progress: 'end' }
  const known = list[index]
  if (stop === '[') {
    const next = parseIndex(parser)
    if (next === undefined) return { list: [...list], progress: 'end' }
    if (known !== undefined && known !== null && !Array.isArray(known)) throw notA('[]interface {}', known)
    const inner = parseItem(parser, known ?? [], { index: next, level })
    return { list: withItem(list, index, inner.list), progress: inner.progress }
  }
  const inner: GoMap = known instanceof Map ? known : new Map<GoValue, GoValue>()
  const progress = parseKey(parser, inner, level)
  return { list: withItem(list, index, inner), progress }
}

function parseItemValue(parser: Parser, list: readonly GoValue[], index: number): Item {
  if (parser.kind === 'json') {
    let changed: GoValue[] = [...list]
    const progress = parseJsonValue(parser, (value) => (changed = withItem(list, index, value)))
    return { list: changed, progress }
  }
  const isEmpty = parser.at >= parser.characters.length
  return { list: withItem(list, index, isEmpty ? '' : parseValue(parser)), progress: isEmpty ? 'end' : 'more' }
}

function withItem(list: readonly GoValue[], index: number, value: GoValue): GoValue[] {
  if (index > MAX_LIST_INDEX) {
    const text = `index of ${index} is greater than maximum supported index of ${MAX_LIST_INDEX}`
    throw new GoError(text, { code: 'limit' })
  }
  const changed = [...list]
  while (changed.length < index) changed.push(null)
  changed[index] = value
  return changed
}

/** A value up to the next comma, or a list in braces. */
function parseValue(parser: Parser): GoValue {
  if (parser.kind === 'literal') {
    const text = parser.characters.slice(parser.at).join('')
    parser.at = parser.characters.length
    return text
  }
  if (parser.characters[parser.at] !== '{') return parser.read(readUntil(parser, ',').text)
  parser.at++
  return parseList(parser)
}

function parseList(parser: Parser): GoValue[] {
  const list: GoValue[] = []
  for (;;) {
    const { text, stop } = readUntil(parser, ',}')
    if (stop === undefined) throw new GoError("list must terminate with '}'")
    list.push(parser.read(text))
    if (stop === '}') {
      if (parser.characters[parser.at] === ',') parser.at++
      return list
    }
  }
}

/** One JSON value and the comma behind it; nothing at all is null. */
function parseJsonValue(parser: Parser, use: (value: GoValue) => void): Progress {
  if (skipsToNext(parser)) {
    use(null)
    return 'more'
  }
  const rest = parser.characters.slice(parser.at).join('')
  const end = jsonValueEnd(rest)
  use(decodeJson(rest.slice(0, end), 'any'))
  parser.at += Array.from(rest.slice(0, end)).length
  skipsToNext(parser)
  return 'more'
}

/** Passes blanks; true where a comma, which is passed too, or the end comes. */
function skipsToNext(parser: Parser): boolean {
  while (/^\s$/.test(parser.characters[parser.at] ?? '')) parser.at++
  const next = parser.characters[parser.at]
  if (next === ',') parser.at++
  return next === undefined || next === ','
}

interface Found {
  readonly text: string
  /** The character it ended at, which is passed; undefined at the end of the text. */
  readonly stop: string | undefined
}

function readUntil(parser: Parser, stops: string): Found {
  let text = ''
  for (;;) {
    const character = parser.characters[parser.at++]
    if (character === undefined) return { text, stop: undefined }
    if (stops.includes(character)) return { text, stop: character }
    if (character !== '\\' || parser.kind === 'literal') text += character
    else {
      const escaped = parser.characters[parser.at++]
      if (escaped === undefined) return { text, stop: undefined }
      text += escaped
    }
  }
}
