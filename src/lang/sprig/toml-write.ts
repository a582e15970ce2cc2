// Writes TOML as BurntSushi/toml's encoder does: plain keys first, then tables, each level indented by two.
import { GoError } from '../go/error.ts'
import { formatFloat } from '../go/numbers.ts'
import { sortedKeys } from '../go/order.ts'
import { elementsOf, floatOf, integerOf, isNil, mapOfValue, stringOf, typeOf } from '../go/values.ts'
import type { GoMap, GoValue } from '../go/values.ts'

/** How deep tables and lists may nest. */
export const MAX_TOML_DEPTH = 1000

/** The TOML of a map. Throws a GoError for what TOML cannot hold. */
export function stringifyToml(value: GoValue): string {
  const map = mapOfValue(value)
  if (map === undefined) throw new GoError('toml: top-level values must be Go maps or structs')
  const lines: string[] = []
  writeTable(lines, map, [])
  return lines.map((line) => `${line}\n`).join('')
}

function writeTable(lines: string[], map: GoMap, path: readonly string[]): void {
  if (path.length > MAX_TOML_DEPTH)
    throw new GoError(`tables nest more than ${MAX_TOML_DEPTH} levels deep`, { code: 'limit' })
  const indent = '  '.repeat(path.length)
  const tables: string[] = []
  for (const key of sortedKeys(map)) {
    const name = stringOf(key) ?? ''
    const value = map.get(key) ?? null
    if (isNil(value)) continue
    if (isTable(value)) tables.push(name)
    else lines.push(`${indent}${keyText(name)} = ${inlineText(value, 0)}`)
  }
  for (const name of tables) writeSubTable(lines, map.get(name) ?? null, [...path, name])
}

function writeSubTable(lines: string[], value: GoValue, path: readonly string[]): void {
  const indent = '  '.repeat(path.length - 1)
  const title = path.map(keyText).join('.')
  const map = mapOfValue(value)
  if (map !== undefined) {
    // a blank line parts tables of the top level, but not the first line of the text
    if (path.length === 1 && lines.length > 0) lines.push('')
    lines.push(`${indent}[${title}]`)
    writeTable(lines, map, path)
    return
  }
  for (const item of elementsOf(value) ?? []) {
    if (lines.length > 0) lines.push('')
    lines.push(`${indent}[[${title}]]`)
    writeTable(lines, mapOfValue(item) ?? new Map<GoValue, GoValue>(), path)
  }
}

function isTable(value: GoValue): boolean {
  if (mapOfValue(value) !== undefined) return true
  const items = elementsOf(value)
  return items !== undefined && items.length > 0 && items.every((item) => mapOfValue(item) !== undefined)
}

function inlineText(value: GoValue, depth: number): string {
  if (depth > MAX_TOML_DEPTH)
    throw new GoError(`values nest more than ${MAX_TOML_DEPTH} levels deep`, { code: 'limit' })
  const text = stringOf(value)
  if (text !== undefined) return quoted(text)
  if (typeof value === 'boolean') return String(value)
  const number = numberText(value)
  if (number !== undefined) return number
  const map = mapOfValue(value)
  if (map !== undefined) {
    const entries = sortedKeys(map).map(
      (key) => `${keyText(stringOf(key) ?? '')} = ${inlineText(map.get(key) ?? null, depth + 1)}`,
    )
    return `{${entries.join(', ')}}`
  }
  const items = elementsOf(value)
  if (items === undefined) throw new GoError(`unsupported type for key '': ${typeOf(value)?.kind ?? 'invalid'}`)
  if (items.some(isNil)) throw new GoError('toml: cannot encode array with nil element')
  return `[${items.map((item) => inlineText(item, depth + 1)).join(', ')}]`
}

function numberText(value: GoValue): string | undefined {
  const integer = integerOf(value)
  if (integer !== undefined) return String(integer)
  const float = floatOf(value)
  if (float === undefined) return undefined
  if (Number.isNaN(float)) return 'nan'
  if (!Number.isFinite(float)) return float > 0 ? 'inf' : '-inf'
  const digits = formatFloat(float, 'g', -1)
  return /[.e]/.test(digits) ? digits : `${digits}.0`
}

function keyText(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : quoted(key)
}

const NAMED: Readonly<Record<string, string>> = {
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  '"': '\\"',
  '\\': '\\\\',
}

function quoted(text: string): string {
  let result = ''
  for (const char of text) {
    const point = char.codePointAt(0) ?? 0
    const isControl = point < 0x20 || point === 0x7f
    result += NAMED[char] ?? (isControl ? `\\u${point.toString(16).padStart(4, '0')}` : char)
  }
  return `"${result}"`
}
