// Go values from and to JSON, with encoding/json's text forms.
import { GoError, limitError } from './error.ts'
import { sortedKeys } from './order.ts'
import { formatValue } from './print.ts'
import { byteLength, compareText, normalizeText } from './text.ts'
import {
  bytesOf,
  elementsOf,
  GoStruct,
  GoTyped,
  integerOf,
  isNil,
  mapOfValue,
  stringOf,
  targetOf,
  typeOf,
} from './values.ts'
import type { GoField, GoMap, GoValue } from './values.ts'

/** How deep values may nest when they are read or written. */
export const MAX_JSON_DEPTH = 1000

/** Parsed JSON (or YAML) as Go values: objects become maps, every number a float64. */
export function goValueOf(json: unknown, depth = 0): GoValue {
  switch (typeof json) {
    case 'string':
    case 'boolean':
    case 'number':
    case 'bigint':
      return json
    case 'object':
      return json === null ? null : goContainerOf(json, depth)
    default:
      return null
  }
}

function goContainerOf(json: object, depth: number): GoValue {
  if (depth > MAX_JSON_DEPTH) throw limitError('exceeded max depth')
  if (Array.isArray(json)) return json.map((item) => goValueOf(item, depth + 1))
  const map: GoMap = new Map()
  for (const [key, value] of Object.entries(json)) map.set(key, goValueOf(value, depth + 1))
  return map
}

/** A Go value as plain JSON, for writers; integers beyond 2^53 stay bigints. */
export function jsonOf(value: GoValue, depth = 0): unknown {
  if (depth > MAX_JSON_DEPTH) throw limitError('exceeded max depth')
  const scalar = scalarOf(value)
  if (scalar !== undefined) return scalar
  if (value instanceof GoStruct) return structJson(value, depth)
  const map = mapOfValue(value)
  if (map !== undefined) {
    const object: Record<string, unknown> = Object.create(null) as Record<string, unknown>
    for (const key of sortedKeys(map)) object[keyText(key)] = jsonOf(map.get(key) ?? null, depth + 1)
    return object
  }
  const elements = elementsOf(value)
  if (elements !== undefined) return elements.map((item) => jsonOf(item, depth + 1))
  const target = targetOf(value)
  if (target !== undefined) return jsonOf(target, depth + 1)
  throw new GoError(`json: unsupported type: ${typeOf(value)?.name}`)
}

function scalarOf(value: GoValue): string | number | bigint | boolean | null | undefined {
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return finite(value)
  if (isNil(value)) return null
  const integer = integerOf(value)
  if (integer !== undefined) return Number.isSafeInteger(Number(integer)) ? Number(integer) : integer
  const bytes = bytesOf(value)
  return bytes === undefined ? (ownText(value) ?? stringOf(value)) : Buffer.from(bytes).toString('base64')
}

/** Types with a text of their own (versions, times) marshal as it. */
function ownText(value: GoValue): string | undefined {
  if (!(value instanceof GoStruct || value instanceof GoTyped) || value.type.hasFieldsInJson === true) return undefined
  return value.type.text?.(value)
}

function finite(value: number): number {
  if (Number.isFinite(value)) return value
  throw new GoError(`json: unsupported value: ${formatValue(value)}`)
}

/** Objects made of structs keep the order of their fields; all others are sorted. */
const IN_FIELD_ORDER: unique symbol = Symbol('in field order')

/** Exported fields under their JSON names in their order, those of embedded structs among them. */
function structJson(struct: GoStruct, depth: number): object {
  const object: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  Object.defineProperty(object, IN_FIELD_ORDER, { value: true })
  for (const field of jsonFields(struct)) {
    const value = struct.fields.get(field.name) ?? null
    if (field.isEmbedded === true && value instanceof GoStruct) Object.assign(object, structJson(value, depth + 1))
    else if (field.json?.omitEmpty !== true || !isZero(value)) {
      object[field.json?.name ?? field.name] = jsonOf(value, depth + 1)
    }
  }
  return object
}

/** The exported fields: those of the type, or of a struct without one those it holds. */
function jsonFields({ type, fields }: GoStruct): readonly GoField[] {
  const declared = type.fields ?? []
  const all = declared.length > 0 ? declared : [...fields.keys()].map((name) => ({ name }) as GoField) // only its name is known
  return all.filter(({ name }) => /^\p{Lu}/u.test(name))
}

/** What `omitempty` leaves out. */
function isZero(value: GoValue): boolean {
  if (value === '' || value === false || isNil(value)) return true
  return mapOfValue(value)?.size === 0 || elementsOf(value)?.length === 0 || integerOf(value) === 0n
}

function keyText(key: GoValue): string {
  return stringOf(key) ?? formatValue(key)
}

export interface JsonStyle {
  /** Write `<`, `>` and `&` as they are. */
  readonly isRaw?: boolean
  /** What each level is indented by; nothing for one line. */
  readonly indent?: string
}

/** json.Marshal: keys sorted by bytes. Throws a GoError for what JSON cannot hold. */
export function encodeJson(value: GoValue, style: JsonStyle = {}): string {
  return encode(jsonOf(value), style, '\n')
}

function encode(json: unknown, style: JsonStyle, lineStart: string): string {
  if (typeof json === 'string') return encodeText(json, style.isRaw === true)
  if (typeof json !== 'object' || json === null) return Object.is(json, -0) ? '-0' : String(json)
  const inner = style.indent === undefined ? '' : lineStart + style.indent
  const parts = Array.isArray(json) ? json.map((item) => encode(item, style, inner)) : encodeEntries(json, style, inner)
  const [open, close] = Array.isArray(json) ? ['[', ']'] : ['{', '}']
  if (parts.length === 0) return open + close
  return `${open}${inner}${parts.join(`,${inner}`)}${style.indent === undefined ? '' : lineStart}${close}`
}

function encodeEntries(json: object, style: JsonStyle, inner: string): string[] {
  const colon = style.indent === undefined ? ':' : ': '
  const entries = Object.entries(json)
  if (!(IN_FIELD_ORDER in json)) entries.sort(([a], [b]) => compareText(a, b))
  return entries.map(([key, value]) => encodeText(key, style.isRaw === true) + colon + encode(value, style, inner))
}

function encodeText(text: string, isRaw: boolean): string {
  const plain = JSON.stringify(normalizeText(text).toWellFormed())
  const escaped = plain.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
  if (isRaw) return escaped
  return escaped.replaceAll('<', '\\u003c').replaceAll('>', '\\u003e').replaceAll('&', '\\u0026')
}

export type JsonShape = 'any' | 'object' | 'array'

const SHAPE_TYPES = { any: 'interface {}', object: 'map[string]interface {}', array: '[]interface {}' } as const

/** json.Unmarshal into an any, a map or a list: values, or a GoError with Go's text. */
export function decodeJson(text: string, shape: JsonShape): GoValue {
  const json = parseJson(text)
  const kind = json === null ? 'null' : Array.isArray(json) ? 'array' : typeof json
  if (shape === 'any' || kind === shape) return goValueOf(json)
  if (kind === 'null') return null
  const shown = kind === 'boolean' ? 'bool' : kind
  throw new GoError(`json: cannot unmarshal ${shown} into Go value of type ${SHAPE_TYPES[shape]}`)
}

function parseJson(text: string): unknown {
  try {
    return LARGE_EXPONENT.test(text) ? JSON.parse(text, requireFinite) : (JSON.parse(text) as unknown)
  } catch (error) {
    if (error instanceof GoError) throw error
    throw new GoError(jsonFault(text), { cause: error })
  }
}

/** What a number beyond all floats needs; nearly no text has it. */
const LARGE_EXPONENT = /[eE]\+?[0-9]{3}|[0-9]{300}/

function requireFinite(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isFinite(value)) return value
  throw new GoError(
    `json: cannot unmarshal number ${context?.source ?? 'beyond all floats'} into Go value of type float64`,
  )
}

interface Scan {
  readonly text: string
  pos: number
}

/** Why a text is no JSON, in encoding/json's words. */
export function jsonFault(text: string): string {
  const scan: Scan = { text, pos: 0 }
  const fault = scanValue(scan, 'looking for beginning of value', 0)
  if (fault !== undefined) return fault
  skipBlanks(scan)
  return scan.pos < text.length ? invalid(scan, 'after top-level value') : 'unexpected end of JSON input'
}

function skipBlanks(scan: Scan): void {
  while (' \t\r\n'.includes(scan.text[scan.pos] ?? 'x')) scan.pos += 1
}

function invalid(scan: Scan, where: string): string {
  const point = scan.text.codePointAt(scan.pos)
  if (point === undefined) return 'unexpected end of JSON input'
  const char = String.fromCodePoint(point)
  const shown = char === "'" ? `'\\''` : char === '"' ? `'"'` : `'${escapedCharacter(char)}'`
  return `invalid character ${byteLength(char) > 1 ? firstByte(char) : shown} ${where}`
}

/** As strconv.Quote shows one: `\\x00` where JSON would write `\\u0000`. */
function escapedCharacter(char: string): string {
  return JSON.stringify(char)
    .slice(1, -1)
    .replace(/^\\u00(?=[0-9a-f]{2}$)/, '\\x')
}

/** Inside words and numbers Go reports the end of the text as a space. */
function invalidOrEnd(scan: Scan, where: string): string {
  return scan.pos < scan.text.length ? invalid(scan, where) : `invalid character ' ' ${where}`
}

/** Go reads bytes: of a longer character it shows the first one. */
function firstByte(char: string): string {
  const byte = String.fromCharCode(Buffer.from(char, 'utf8')[0] ?? 0)
  return `'${byte}'`
}

function scanValue(scan: Scan, where: string, depth: number): string | undefined {
  if (depth > MAX_JSON_DEPTH) return 'exceeded max depth'
  skipBlanks(scan)
  switch (scan.text[scan.pos]) {
    case '{':
      return scanItems(scan, '}', depth)
    case '[':
      return scanItems(scan, ']', depth)
    case '"':
      return scanText(scan)
    case 't':
      return scanWord(scan, 'true')
    case 'f':
      return scanWord(scan, 'false')
    case 'n':
      return scanWord(scan, 'null')
    default:
      return scanNumber(scan, where)
  }
}

function scanItems(scan: Scan, close: '}' | ']', depth: number): string | undefined {
  scan.pos += 1
  skipBlanks(scan)
  if (scan.text[scan.pos] === close) {
    scan.pos += 1
    return undefined
  }
  for (;;) {
    const fault = close === '}' ? scanEntry(scan, depth) : scanValue(scan, 'looking for beginning of value', depth + 1)
    if (fault !== undefined) return fault
    skipBlanks(scan)
    const char = scan.text[scan.pos]
    if (char !== ',' && char !== close) {
      return invalid(scan, close === '}' ? 'after object key:value pair' : 'after array element')
    }
    scan.pos += 1
    if (char === close) return undefined
  }
}

function scanEntry(scan: Scan, depth: number): string | undefined {
  skipBlanks(scan)
  if (scan.text[scan.pos] !== '"') return invalid(scan, 'looking for beginning of object key string')
  const fault = scanText(scan)
  if (fault !== undefined) return fault
  skipBlanks(scan)
  if (scan.text[scan.pos] !== ':') return invalid(scan, 'after object key')
  scan.pos += 1
  return scanValue(scan, 'looking for beginning of value', depth + 1)
}

function scanText(scan: Scan): string | undefined {
  for (scan.pos += 1; scan.pos < scan.text.length; scan.pos += 1) {
    const char = scan.text[scan.pos] ?? ''
    if (char === '"') {
      scan.pos += 1
      return undefined
    }
    if (char < ' ') return invalid(scan, 'in string literal')
    if (char === '\\') {
      scan.pos += 1
      if (!'"\\/bfnrtu'.includes(scan.text[scan.pos] ?? '\0')) return invalid(scan, 'in string escape code')
      if (scan.text[scan.pos] === 'u' && !/^[0-9a-fA-F]{4}/.test(scan.text.slice(scan.pos + 1))) {
        scan.pos += 1 + (/^[0-9a-fA-F]*/.exec(scan.text.slice(scan.pos + 1))?.[0].length ?? 0)
        return invalid(scan, 'in \\u hexadecimal character escape')
      }
    }
  }
  return 'unexpected end of JSON input'
}

function scanWord(scan: Scan, word: string): string | undefined {
  for (const [index, char] of Array.from(word).entries()) {
    if (scan.text[scan.pos] !== char) return invalidOrEnd(scan, `in literal ${word} (expecting '${word[index]}')`)
    scan.pos += 1
  }
  return undefined
}

function scanNumber(scan: Scan, where: string): string | undefined {
  const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
  number.lastIndex = scan.pos
  if (!number.test(scan.text)) {
    if (scan.text[scan.pos] !== '-') return invalid(scan, where)
    scan.pos += 1
    return invalidOrEnd(scan, 'in numeric literal')
  }
  scan.pos = number.lastIndex
  const next = scan.text[scan.pos]
  if (next === '.' || next === 'e' || next === 'E') {
    scan.pos += 1
    return invalidOrEnd(
      scan,
      next === '.' ? 'after decimal point in numeric literal' : 'in exponent of numeric literal',
    )
  }
  return undefined
}
