// Reads TOML 1.0 into Go values: tables as maps, integers as int64, floats as float64.
import { GoError } from '../go/error.ts'
import { int64 } from '../go/values.ts'
import type { GoMap, GoValue } from '../go/values.ts'

/** How deep lists and inline tables may nest. */
export const MAX_TOML_READ_DEPTH = 1000

/** The table of a text. Throws a GoError `toml: line N …`. */
export function parseToml(text: string): GoMap {
  const root: GoMap = new Map()
  const reader: Reader = { text: text.replaceAll('\r\n', '\n'), pos: 0, lastKey: '', defined: new Set() }
  let table = root
  for (;;) {
    skipBlank(reader)
    if (reader.pos >= reader.text.length) return root
    if (reader.text[reader.pos] === '[') table = readHeader(reader, root)
    else readEntry(reader, table)
    endLine(reader)
  }
}

interface Reader {
  readonly text: string
  pos: number
  lastKey: string
  readonly defined: Set<GoMap>
}

function fault(reader: Reader, reason: string): GoError {
  const line = reader.text.slice(0, reader.pos).split('\n').length
  const key = reader.lastKey === '' ? '' : ` (last key "${reader.lastKey}")`
  return new GoError(`toml: line ${line}${key}: ${reason}`)
}

/** Spaces, line breaks and comments. */
function skipBlank(target: Reader): void {
  skip(target, /(?:[ \t\n]|#[^\n]*)*/y)
}

function skipSpace(target: Reader): void {
  skip(target, /[ \t]*/y)
}

function skip(target: Reader, pattern: RegExp): string {
  const matcher = pattern
  matcher.lastIndex = target.pos
  const found = matcher.exec(target.text)?.[0] ?? ''
  Object.assign(target, { pos: target.pos + found.length })
  return found
}

function endLine(reader: Reader): void {
  skip(reader, /[ \t]*(?:#[^\n]*)?/y)
  const char = reader.text[reader.pos]
  if (char !== undefined && char !== '\n') {
    throw fault(reader, `expected a top-level item to end with a newline, comment, or EOF, but got '${char}' instead`)
  }
}

function readHeader(reader: Reader, root: GoMap): GoMap {
  const isList = reader.text.startsWith('[[', reader.pos)
  skip(reader, isList ? /\[\[/y : /\[/y)
  const keys = readKeys(reader)
  if (skip(reader, isList ? /\]\]/y : /\]/y) === '') throw fault(reader, 'expected end of table name')
  const parent = descend(reader, root, keys.slice(0, -1))
  return isList ? appendTable(reader, parent, keys.at(-1) ?? '') : openTable(reader, parent, keys.at(-1) ?? '')
}

function appendTable(reader: Reader, parent: GoMap, name: string): GoMap {
  const list = parent.get(name) ?? []
  if (!Array.isArray(list)) throw fault(reader, `Key '${name}' has already been defined.`)
  const table: GoMap = new Map()
  list.push(table)
  parent.set(name, list)
  return table
}

function openTable(reader: Reader, parent: GoMap, name: string): GoMap {
  const known = parent.get(name)
  const table = known === undefined ? new Map<GoValue, GoValue>() : known
  if (!(table instanceof Map) || reader.defined.has(table))
    throw fault(reader, `Key '${name}' has already been defined.`)
  reader.defined.add(table)
  parent.set(name, table)
  return table
}

function descend(reader: Reader, from: GoMap, keys: readonly string[]): GoMap {
  let table = from
  for (const key of keys) {
    const found = table.get(key)
    const next = Array.isArray(found) ? found.at(-1) : (found ?? new Map<GoValue, GoValue>())
    if (!(next instanceof Map)) throw fault(reader, `Key '${key}' has already been defined.`)
    if (found === undefined) table.set(key, next)
    table = next
  }
  return table
}

function readKeys(reader: Reader): string[] {
  const keys: string[] = []
  do {
    skipSpace(reader)
    keys.push(readKey(reader))
    skipSpace(reader)
  } while (skip(reader, /\./y) !== '')
  reader.lastKey = keys.join('.')
  return keys
}

function readKey(reader: Reader): string {
  const char = reader.text[reader.pos]
  if (char === '"' || char === "'") return readText(reader)
  const key = skip(reader, /[A-Za-z0-9_-]+/y)
  if (key === '') throw fault(reader, `expected '.' or '=', but got ${shown(char)} instead`)
  return key
}

function shown(char: string | undefined): string {
  if (char === undefined) return 'EOF'
  return char === '\n' ? "'\\n'" : `'${char}'`
}

function readEntry(reader: Reader, table: GoMap): void {
  const keys = readKeys(reader)
  if (skip(reader, /=/y) === '')
    throw fault(reader, `expected '.' or '=', but got ${shown(reader.text[reader.pos])} instead`)
  skipSpace(reader)
  const value = readValue(reader, 0)
  const name = keys.at(-1) ?? ''
  const parent = descend(reader, table, keys.slice(0, -1))
  if (parent.has(name)) throw fault(reader, `Key '${keys.join('.')}' has already been defined.`)
  parent.set(name, value)
}

function readValue(reader: Reader, depth: number): GoValue {
  if (depth > MAX_TOML_READ_DEPTH)
    throw new GoError(`toml: values nest more than ${MAX_TOML_READ_DEPTH} deep`, { code: 'limit' })
  const char = reader.text[reader.pos]
  if (char === undefined) throw fault(reader, 'unexpected EOF; expected value')
  if (char === '"' || char === "'") return readText(reader)
  if (char === '[') return readList(reader, depth)
  if (char === '{') return readInlineTable(reader, depth)
  return readScalar(reader)
}

function readList(reader: Reader, depth: number): GoValue {
  const items: GoValue[] = []
  skip(reader, /\[/y)
  for (;;) {
    skipBlank(reader)
    if (skip(reader, /\]/y) !== '') return items
    items.push(readValue(reader, depth + 1))
    skipBlank(reader)
    if (skip(reader, /,/y) === '' && reader.text[reader.pos] !== ']') {
      throw fault(reader, `expected a comma (',') or array terminator (']'), but got ${shown(reader.text[reader.pos])}`)
    }
  }
}

function readInlineTable(reader: Reader, depth: number): GoValue {
  const table: GoMap = new Map()
  skip(reader, /\{/y)
  skipSpace(reader)
  if (skip(reader, /\}/y) !== '') return table
  for (;;) {
    const keys = readKeys(reader)
    if (skip(reader, /=/y) === '') throw fault(reader, "expected '.' or '='")
    skipSpace(reader)
    descend(reader, table, keys.slice(0, -1)).set(keys.at(-1) ?? '', readValue(reader, depth + 1))
    skipSpace(reader)
    if (skip(reader, /\}/y) !== '') return table
    if (skip(reader, /,/y) === '') throw fault(reader, "expected a comma or an inline table terminator '}'")
  }
}

const DATE =
  /^\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})?)?$|^\d{2}:\d{2}:\d{2}(?:\.\d+)?$/
const INTEGER =
  /^[+-]?(?:0|[1-9](?:_?\d)*)$|^0x[0-9A-Fa-f](?:_?[0-9A-Fa-f])*$|^0o[0-7](?:_?[0-7])*$|^0b[01](?:_?[01])*$/
const FLOAT = /^[+-]?(?:0|[1-9](?:_?\d)*)(?:\.\d(?:_?\d)*)?(?:[eE][+-]?\d(?:_?\d)*)?$/

function readScalar(reader: Reader): GoValue {
  const word = skip(reader, /[^\s,\]}#]+(?: (?=\d{2}:)[^\s,\]}#]+)?/y)
  if (word === 'true' || word === 'false') return word === 'true'
  const plain = word.replaceAll('_', '')
  if (INTEGER.test(word))
    return int64(BigInt(plain.replace(/^\+/, '').replace(/^-/, '')) * (word.startsWith('-') ? -1n : 1n))
  if (FLOAT.test(word)) return Number(plain)
  if (/^[+-]?inf$/.test(word)) return word.startsWith('-') ? -Infinity : Infinity
  if (/^[+-]?nan$/.test(word)) return Number.NaN
  if (DATE.test(word)) return word
  throw fault(
    reader,
    `expected value but found ${JSON.stringify(word === '' ? (reader.text[reader.pos] ?? '') : word)} instead`,
  )
}

function readText(reader: Reader): string {
  const quote = reader.text[reader.pos] ?? ''
  const isLong = reader.text.startsWith(quote.repeat(3), reader.pos)
  const mark = isLong ? quote.repeat(3) : quote
  const start = reader.pos + mark.length
  const end = endOfText(reader, start, mark)
  const body = reader.text.slice(start, end)
  if (!isLong && body.includes('\n')) throw fault(reader, 'strings cannot contain newlines')
  reader.pos = end + mark.length
  const text = isLong ? body.replace(/^\n/, '') : body
  return quote === "'" ? text : unescapeText(reader, text)
}

function endOfText(reader: Reader, start: number, mark: string): number {
  for (let index = start; index < reader.text.length; index += 1) {
    if (mark.startsWith('"') && reader.text[index] === '\\') index += 1
    else if (reader.text.startsWith(mark, index)) return index
  }
  reader.pos = reader.text.length
  throw fault(reader, `unexpected EOF; expected '${mark[0]}'`)
}

const ESCAPES: Readonly<Record<string, string>> = {
  b: '\b',
  t: '\t',
  n: '\n',
  f: '\f',
  r: '\r',
  e: '\u001b',
  '"': '"',
  '\\': '\\',
}

function unescapeText(reader: Reader, text: string): string {
  return text.replaceAll(
    /\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|[ \t]*\n\s*|([^]?))/g,
    (whole, short?: string, long?: string, named?: string) => {
      const digits = short ?? long
      if (digits !== undefined) return String.fromCodePoint(Math.min(Number.parseInt(digits, 16), 0x10_ff_ff))
      if (named === undefined) return ''
      const char = ESCAPES[named]
      if (char === undefined)
        throw fault(
          reader,
          `invalid escape character '${whole.slice(1)}'; only the following escape characters are allowed: \\b, \\t, \\n, \\f, \\r, \\", \\\\, \\uXXXX, and \\UXXXXXXXX`,
        )
      return char
    },
  )
}
