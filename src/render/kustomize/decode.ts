// Strict decoding of parsed YAML into the fields of a kustomization, with the words of Go's encoding/json.
import { CapstanError } from '../../base/errors.ts'

/** What a field holds. */
export type FieldType =
  | 'string'
  | 'bool'
  | 'int'
  | 'any'
  | 'map[string]string'
  | { readonly list: FieldType }
  | StructType

export interface StructType {
  /** Go's name of the struct: messages have it. */
  readonly struct: string
  readonly fields: Readonly<Record<string, FieldType>>
  /** Structs that Go embeds for some of the fields: messages name them in the path (`ResId.Gvk.`). */
  readonly embedded?: Readonly<Record<string, string>>
}

export interface DecodeOptions {
  /** Fields that the struct does not have are an error (default) or left out. */
  readonly unknownFields?: 'error' | 'ignore'
}

/**
 * The value with only known fields, each of its type; nulls are left out. Names are matched without regard to case, as
 * Go does. Throws `bad-input`: `json: unknown field "x"`, `json: cannot unmarshal bool into Go struct field …`.
 */
export function decodeStruct(value: unknown, type: StructType, options: DecodeOptions = {}): Record<string, unknown> {
  return new Decoder(options).struct(value, type, { owner: type.struct, path: '' })
}

interface Place {
  readonly owner: string
  /** Field names from the outermost struct on, parted by dots. */
  readonly path: string
}

class Decoder {
  readonly #ignoresUnknown: boolean

  constructor(options: DecodeOptions) {
    this.#ignoresUnknown = options.unknownFields === 'ignore'
  }

  struct(value: unknown, type: StructType, place: Place): Record<string, unknown> {
    if (value === null || value === undefined) return {}
    if (!isRecord(value)) throw mismatch(value, place, goName(type))
    const out: Record<string, unknown> = {}
    for (const [key, item] of Object.entries(value)) {
      const name = fieldName(type, key)
      if (name === undefined) {
        if (this.#ignoresUnknown) continue
        throw new CapstanError('bad-input', `json: unknown field ${JSON.stringify(key)}`)
      }
      const fieldType = type.fields[name]
      if (item === null || fieldType === undefined) continue
      const path = `${place.path === '' ? '' : `${place.path}.`}${type.embedded?.[name] ?? ''}${name}`
      out[name] = this.#value(item, fieldType, { owner: type.struct, path })
    }
    return out
  }

  #value(value: unknown, type: FieldType, place: Place): unknown {
    if (type === 'any') return value
    if (type === 'map[string]string') return this.#texts(value, place)
    if (typeof type === 'string') return scalarOf(value, type, place)
    if ('struct' in type) return this.struct(value, type, place)
    if (!Array.isArray(value)) throw mismatch(value, place, goName(type))
    return value.map((item) => (item === null ? zeroOf(type.list) : this.#value(item, type.list, place)))
  }

  #texts(value: unknown, place: Place): Readonly<Record<string, string>> {
    if (!isRecord(value)) throw mismatch(value, place, 'map[string]string')
    const out: Record<string, string> = {}
    for (const [key, item] of Object.entries(value)) {
      if (item !== null && typeof item !== 'string') throw mismatch(item, place, 'string')
      Object.defineProperty(out, key, { value: item ?? '', enumerable: true, configurable: true, writable: true })
    }
    return out
  }
}

function fieldName(type: StructType, key: string): string | undefined {
  if (Object.hasOwn(type.fields, key)) return key
  const lower = key.toLowerCase()
  return Object.keys(type.fields).find((name) => name.toLowerCase() === lower)
}

function scalarOf(value: unknown, type: 'string' | 'bool' | 'int', place: Place): unknown {
  if (type === 'string' && typeof value === 'string') return value
  if (type === 'bool' && typeof value === 'boolean') return value
  if (type === 'int' && typeof value === 'number' && Number.isSafeInteger(value)) return value
  if (type === 'int' && typeof value === 'number') throw mismatch(value, place, 'int', ` ${value}`)
  throw mismatch(value, place, type === 'int' ? 'int64' : type)
}

function zeroOf(type: FieldType): unknown {
  if (type === 'string') return ''
  if (type === 'bool') return false
  return type === 'int' ? 0 : {}
}

function goName(type: FieldType): string {
  if (typeof type === 'string') return type
  return 'struct' in type ? `types.${type.struct}` : `[]${goName(type.list)}`
}

function mismatch(value: unknown, place: Place, type: string, shown = ''): CapstanError {
  const where = place.path === '' ? `Go value` : `Go struct field ${place.owner}.${place.path}`
  return new CapstanError(
    'bad-input',
    `json: cannot unmarshal ${jsonName(value)}${shown} into ${where} of type ${type}`,
  )
}

function jsonName(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
