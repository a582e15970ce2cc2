// A JSON value as the text of a Lua table: how objects are handed to scripts, which must find real tables and no proxies.
import { LuaError } from './error.ts'

/** Lua's own parser stops at 200 levels of nesting; objects of a cluster have far fewer. */
export const MAX_LITERAL_DEPTH = 150

const NEEDS_ESCAPE = /["\\]|\p{Cc}/gu

/** The Lua expression for a JSON value; null and undefined are nil. Throws LuaError `limit` where it is nested too deep. */
export function luaLiteral(value: unknown): string {
  const parts: string[] = []
  write(value, parts, 0)
  return parts.join('')
}

function write(value: unknown, parts: string[], depth: number): void {
  switch (typeof value) {
    case 'string':
      parts.push(quoteLua(value))
      return
    case 'number':
    case 'bigint':
      parts.push(numberText(value))
      return
    case 'boolean':
      parts.push(value ? 'true' : 'false')
      return
    default:
      if (typeof value === 'object' && value !== null) writeTable(value, parts, depth + 1)
      else parts.push('nil')
  }
}

function writeTable(value: object, parts: string[], depth: number): void {
  if (depth > MAX_LITERAL_DEPTH) {
    throw new LuaError('limit', `the object is nested deeper than ${MAX_LITERAL_DEPTH} levels`)
  }
  parts.push('{')
  if (Array.isArray(value)) {
    for (const item of value) {
      write(item, parts, depth)
      parts.push(',')
    }
  } else {
    for (const [key, held] of Object.entries(value)) {
      if (held === null || held === undefined) continue
      parts.push('[', quoteLua(key), ']=')
      write(held, parts, depth)
      parts.push(',')
    }
  }
  parts.push('}')
}

/** Bytes that end or escape a Lua string are written as three decimal digits. */
export function quoteLua(text: string): string {
  return `"${text.replace(NEEDS_ESCAPE, escapeLua)}"`
}

/** A control character beyond ASCII is no single byte, and harmless. */
function escapeLua(character: string): string {
  const code = character.charCodeAt(0)
  return code < 128 ? `\\${String(code).padStart(3, '0')}` : character
}

function numberText(value: number | bigint): string {
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) return String(value)
  // Beyond an integer Lua would read a float from digits alone; an exponent says so.
  return Number.isInteger(value) ? value.toExponential() : String(value)
}
