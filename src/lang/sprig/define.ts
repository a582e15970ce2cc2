// What every function file here is made of: typed parameters, readers for arguments, errors.
import { GoError } from '../go/error.ts'
import { formatValue } from '../go/print.ts'
import { textOfBytes } from '../go/text.ts'
import { bytesOf, elementsOf, GoFunction, GoTyped, integerOf, mapOfValue, stringOf, typeOf } from '../go/values.ts'
import type { GoMap, GoType, GoValue } from '../go/values.ts'

export type Call = (args: readonly GoValue[]) => GoValue

/** Functions by name. */
export type FunctionTable = Readonly<Record<string, GoFunction>>

/** Lists made by a function (until, seq, repeat …) hold at most this many elements. */
export const MAX_ELEMENTS = 1_000_000
/** Texts made by a function (repeat, indent) are at most this long. */
export const MAX_TEXT_LENGTH: number = 64 * 1024 * 1024

/** A function with these parameters. */
export function fixed(params: readonly GoType[], call: Call): GoFunction {
  return new GoFunction(params, call)
}

/** A function whose last parameter may be given any number of times. */
export function variadic(params: readonly GoType[], call: Call): GoFunction {
  return new GoFunction(params, call, true)
}

/** The argument as text; the executor has checked its type. */
export function textAt(args: readonly GoValue[], index: number): string {
  return stringOf(args[index] ?? null) ?? ''
}

/** The argument as a JavaScript number, for counts and positions. */
export function countAt(args: readonly GoValue[], index: number): number {
  return Number(integerOf(args[index] ?? null) ?? 0n)
}

export function valueAt(args: readonly GoValue[], index: number): GoValue {
  return args[index] ?? null
}

/** The argument as a map to read; nil has no entries. */
export function mapAt(args: readonly GoValue[], index: number): GoMap {
  return mapOfValue(args[index] ?? null) ?? new Map<GoValue, GoValue>()
}

/** Sprig's strval: a value as text. */
export function textOf(value: GoValue): string {
  if (typeof value === 'string') return value
  const bytes = bytesOf(value)
  return bytes === undefined ? formatValue(value) : textOfBytes(bytes)
}

/** Sprig's strslice: a list as texts without its nils; another value as a list of one. */
export function textsOf(value: GoValue): string[] {
  const elements = elementsOf(value)
  if (elements !== undefined) return elements.filter((element) => element !== null).map(textOf)
  return value === null ? [] : [textOf(value)]
}

/** The elements of a list argument; `verb` completes the error for what is none. */
export function listAt(args: readonly GoValue[], index: number, verb: string): readonly GoValue[] {
  const value = args[index] ?? null
  if (value === null) throw nilPointer()
  const elements = elementsOf(value)
  if (elements === undefined) throw new GoError(`Cannot ${verb} type ${typeOf(value)?.kind}`)
  return elements
}

export function nilPointer(): GoError {
  return new GoError('runtime error: invalid memory address or nil pointer dereference')
}

/** A typed nil slice, which prints as `[]` and becomes null in JSON. */
export function nilSlice(type: GoType): GoTyped {
  return new GoTyped(type, null)
}

export function requireLength(length: number, max: number, what: string): void {
  if (length > max) throw new GoError(`${what}: ${length} is more than the ${max} allowed`, { code: 'limit' })
}
