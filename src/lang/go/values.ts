// Go's values as JavaScript values, and the types they have.
//
// | Go | JavaScript |
// |---|---|
// | nil | null |
// | bool, string, float64 | boolean, string, number |
// | int | bigint |
// | []interface {} | Array |
// | map[string]interface {} | Map, walked in sorted key order by whoever walks it |
// | func | GoFunction |
// | struct | GoStruct |
// | complex128 | GoComplex |
// | anything else: int64, []string, map[string]string, []byte, pointers, named types, typed nil | GoTyped |
//
// A string is Go's bytes read as UTF-8. A byte that is not UTF-8 stands in it as the lone surrogate U+DC00 + byte, which
// no UTF-8 text can hold, so every byte survives (see text.ts). A []byte is a GoTyped with a Uint8Array.

export type GoKind =
  | 'bool'
  | 'int'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'uintptr'
  | 'float32'
  | 'float64'
  | 'complex128'
  | 'string'
  | 'slice'
  | 'array'
  | 'map'
  | 'struct'
  | 'ptr'
  | 'func'
  | 'interface'

export type GoValue =
  | null
  | boolean
  | string
  | number
  | bigint
  | GoValue[]
  | GoMap
  | GoFunction
  | GoStruct
  | GoComplex
  | GoTyped

/** A Go map; keys are strings for nearly all maps, other scalars for maps such as map[int]string. */
export type GoMap = Map<GoValue, GoValue>

export interface GoField {
  readonly name: string
  readonly type: GoType
  /** An embedded struct, whose fields count as the outer one's. */
  readonly isEmbedded?: boolean
  /** The struct tag for JSON; without it the field's own name counts. */
  readonly json?: { readonly name: string; readonly omitEmpty?: boolean }
}

/** A method: its parameters without the receiver, which `call` gets first. */
export interface GoMethod {
  readonly params: readonly GoType[]
  readonly variadic?: boolean
  readonly result?: GoType
  call(self: GoValue, args: readonly GoValue[]): GoValue
}

export interface GoType {
  /** As reflect.Type prints it: `map[string]interface {}`. */
  readonly name: string
  readonly kind: GoKind
  readonly elem?: GoType
  readonly key?: GoType
  /** The fields of a struct in their order; names in lower case are not exported. */
  readonly fields?: readonly GoField[]
  readonly methods?: Readonly<Record<string, GoMethod>>
  /** The type's own String() or Error() where it has one. */
  readonly text?: (value: GoValue) => string
  /** Its text is for printing alone: JSON shows its fields. */
  readonly hasFieldsInJson?: boolean
  /** A type with a name of its own (`common.Values`): assignable to its underlying type, and back. */
  readonly isNamed?: boolean
}

/** A value whose type is not one that plain JavaScript values stand for; `value` is null for a typed nil. */
export class GoTyped {
  readonly type: GoType
  readonly value: GoValue | Uint8Array

  constructor(type: GoType, value: GoValue | Uint8Array) {
    this.type = type
    this.value = value
  }
}

export class GoStruct {
  readonly type: GoType
  readonly fields: ReadonlyMap<string, GoValue>
  /** What the type's methods work on, such as a parsed version. */
  readonly payload: unknown

  constructor(type: GoType, fields: ReadonlyMap<string, GoValue>, payload?: unknown) {
    this.type = type
    this.fields = fields
    this.payload = payload
  }
}

export class GoComplex {
  readonly real: number
  readonly imaginary: number

  constructor(real: number, imaginary: number) {
    this.real = real
    this.imaginary = imaginary
  }
}

/** A function with typed parameters; for a variadic one the last type is that of one further argument. */
export class GoFunction {
  readonly params: readonly GoType[]
  readonly variadic: boolean
  readonly call: (args: readonly GoValue[]) => GoValue

  constructor(params: readonly GoType[], call: (args: readonly GoValue[]) => GoValue, variadic = false) {
    this.params = params
    this.call = call
    this.variadic = variadic
  }
}

export const ANY: GoType = { name: 'interface {}', kind: 'interface' }
export const BOOL: GoType = { name: 'bool', kind: 'bool' }
export const INT: GoType = { name: 'int', kind: 'int' }
export const INT64: GoType = { name: 'int64', kind: 'int64' }
export const UINT64: GoType = { name: 'uint64', kind: 'uint64' }
export const UINT8: GoType = { name: 'uint8', kind: 'uint8' }
export const FLOAT64: GoType = { name: 'float64', kind: 'float64' }
export const COMPLEX128: GoType = { name: 'complex128', kind: 'complex128' }
export const STRING: GoType = { name: 'string', kind: 'string' }
export const ANY_SLICE: GoType = sliceOf(ANY)
export const STRING_SLICE: GoType = sliceOf(STRING)
export const INT_SLICE: GoType = sliceOf(INT)
export const BYTES: GoType = sliceOf(UINT8)
export const ANY_MAP: GoType = mapOf(STRING, ANY)
export const STRING_MAP: GoType = mapOf(STRING, STRING)
/** The parameter type of built-ins that look at values as they are, nil and missing ones too. */
export const REFLECT_VALUE: GoType = { name: 'reflect.Value', kind: 'struct' }

export function sliceOf(elem: GoType): GoType {
  return { name: `[]${elem.name}`, kind: 'slice', elem }
}

export function mapOf(key: GoType, elem: GoType): GoType {
  return { name: `map[${key.name}]${elem.name}`, kind: 'map', key, elem }
}

export function pointerTo(elem: GoType): GoType {
  return { name: `*${elem.name}`, kind: 'ptr', elem }
}

/** The type of a value; undefined for nil. */
export function typeOf(value: GoValue): GoType | undefined {
  switch (typeof value) {
    case 'string':
      return STRING
    case 'number':
      return FLOAT64
    case 'bigint':
      return INT
    case 'boolean':
      return BOOL
    default:
      return value === null ? undefined : typeOfObject(value)
  }
}

function typeOfObject(value: GoValue[] | GoMap | GoFunction | GoStruct | GoComplex | GoTyped): GoType {
  if (Array.isArray(value)) return ANY_SLICE
  if (value instanceof Map) return ANY_MAP
  if (value instanceof GoTyped || value instanceof GoStruct) return value.type
  return value instanceof GoComplex ? COMPLEX128 : functionType(value)
}

function functionType(value: GoFunction): GoType {
  const names = value.params.map((type) => type.name)
  if (value.variadic) names.push(`...${names.pop() ?? ''}`)
  return { name: `func(${names.join(', ')}) interface {}`, kind: 'func' }
}

/** The elements of a slice or array of any type; undefined for other values. A nil slice has none. */
export function elementsOf(value: GoValue): readonly GoValue[] | undefined {
  if (Array.isArray(value)) return value
  if (!(value instanceof GoTyped) || (value.type.kind !== 'slice' && value.type.kind !== 'array')) return undefined
  if (value.value instanceof Uint8Array) return Array.from(value.value, (byte) => new GoTyped(UINT8, BigInt(byte)))
  return Array.isArray(value.value) ? value.value : []
}

/** The entries of a map of any type; undefined for other values. A nil map has none. */
export function mapOfValue(value: GoValue): GoMap | undefined {
  if (value instanceof Map) return value
  if (!(value instanceof GoTyped) || value.type.kind !== 'map') return undefined
  return value.value instanceof Map ? value.value : new Map()
}

/** The number as bigint of an integer of any type; undefined for other values. */
export function integerOf(value: GoValue): bigint | undefined {
  if (typeof value === 'bigint') return value
  return value instanceof GoTyped && typeof value.value === 'bigint' && isIntegerKind(value.type.kind)
    ? value.value
    : undefined
}

/** The text of a string of any type (also a named one); undefined for other values. */
export function stringOf(value: GoValue): string | undefined {
  if (typeof value === 'string') return value
  return value instanceof GoTyped && value.type.kind === 'string' && typeof value.value === 'string'
    ? value.value
    : undefined
}

/** The number of a float of any type; undefined for other values. */
export function floatOf(value: GoValue): number | undefined {
  if (typeof value === 'number') return value
  return value instanceof GoTyped && typeof value.value === 'number' ? value.value : undefined
}

/** The bytes of a []byte; undefined for other values. */
export function bytesOf(value: GoValue): Uint8Array | undefined {
  return value instanceof GoTyped && value.value instanceof Uint8Array ? value.value : undefined
}

/** True for nil and for typed nils. */
export function isNil(value: GoValue): boolean {
  return value === null || (value instanceof GoTyped && value.value === null)
}

export function isIntegerKind(kind: GoKind): boolean {
  return kind.startsWith('int') ? kind !== 'interface' : kind.startsWith('uint')
}

/** What a pointer points at; undefined for a nil pointer and for what is no pointer. */
export function targetOf(value: GoValue): GoValue | undefined {
  if (!(value instanceof GoTyped) || value.type.kind !== 'ptr' || value.value instanceof Uint8Array) return undefined
  return value.value ?? undefined
}

export function int64(value: bigint): GoTyped {
  return new GoTyped(INT64, BigInt.asIntN(64, value))
}

export function strings(items: readonly string[]): GoTyped {
  return new GoTyped(STRING_SLICE, [...items])
}

export function ints(items: readonly bigint[]): GoTyped {
  return new GoTyped(INT_SLICE, [...items])
}

/** The value a variable of this type has before anything is assigned. */
export function zeroValue(type: GoType): GoValue {
  switch (type.kind) {
    case 'string':
      return type.isNamed === true ? new GoTyped(type, '') : ''
    case 'bool':
      return false
    case 'float64':
      return 0
    case 'int':
      return 0n
    case 'interface':
      return null
    case 'struct':
      return new GoStruct(type, new Map((type.fields ?? []).map((field) => [field.name, zeroValue(field.type)])))
    default:
      return new GoTyped(type, isIntegerKind(type.kind) ? 0n : null)
  }
}
