// Reads the options of services and the blocks of templates: unknown JSON as typed values.
import { CapstanError } from '../base/errors.ts'

export type Fields = Readonly<Record<string, unknown>>

/** The fields of a JSON object; none for anything else. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {} // an object it is
}

/** A text; numbers and booleans, which YAML makes of unquoted ones, as they are written. Empty where there is none. */
export function textOf(fields: Fields, name: string): string {
  const value = fields[name]
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint' ? String(value) : ''
}

export function isSet(fields: Fields, name: string): boolean {
  const value = fields[name]
  return value === true || value === 'true'
}

/** A number, also one written as text; undefined where there is none. */
export function numberOf(fields: Fields, name: string): number | undefined {
  const value = fields[name]
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number(value ?? Number.NaN)
  return Number.isFinite(number) ? number : undefined
}

export function listOf(fields: Fields, name: string): readonly unknown[] {
  const value = fields[name]
  return Array.isArray(value) ? value : []
}

/** The texts of a list; what is none is left out. */
export function textsOf(fields: Fields, name: string): readonly string[] {
  return listOf(fields, name).filter((item) => typeof item === 'string')
}

/** The texts of a map. */
export function textMapOf(fields: Fields, name: string): Readonly<Record<string, string>> {
  const map = fieldsOf(fields[name])
  return Object.fromEntries(Object.keys(map).map((key) => [key, textOf(map, key)]))
}

/** The entry of a map; undefined where there is none. */
export function entryOf(map: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined
}

/** A template's text as JSON; the error names what it is. */
export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new CapstanError('bad-input', `failed to unmarshal ${what}: ${String(error)}`, { cause: error })
  }
}

/** The same as a list; none for empty text. */
export function parseJsonList(text: string, what: string): readonly unknown[] {
  if (text === '') return []
  const value = parseJson(text, what)
  if (Array.isArray(value)) return value
  throw new CapstanError('bad-input', `failed to unmarshal ${what}: it is no list`)
}
