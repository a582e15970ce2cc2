// eq, ne, lt, le, gt, ge: only values of one basic kind compare; Go's texts for the others.
import { GoError } from '../go/error.ts'
import { deepEqual } from '../go/deep-equal.ts'
import { sprintf } from '../go/print.ts'
import { compareText } from '../go/text.ts'
import { floatOf, GoComplex, integerOf, isNil, stringOf, typeOf } from '../go/values.ts'
import type { GoKind, GoValue } from '../go/values.ts'

type BasicKind = 'bool' | 'complex' | 'float' | 'int' | 'string' | 'uint'

const NO_COMPARISON = 'invalid type for comparison'

/** True where the first equals any of the others. */
export function isEqualToAny(values: readonly GoValue[]): boolean {
  const [first = null, ...others] = values
  if (others.length === 0) throw new GoError('missing argument for comparison')
  return others.some((other) => isEqual(first, other))
}

function isEqual(a: GoValue, b: GoValue): boolean {
  const kindA = basicKind(a)
  const kindB = basicKind(b)
  if (kindA !== kindB) {
    if (isMixedInteger(kindA, kindB)) return integerOf(a) === integerOf(b)
    if (a !== null && b !== null) throw incompatible(a, b)
    return false
  }
  if (kindA === undefined) return isSameValue(a, b)
  return kindA === 'complex' ? deepEqual(a, b) : orderOf(kindA, a, b) === 0
}

/** Two values that are no numbers, texts or booleans: nil, structs and pointers compare, lists and maps do not. */
function isSameValue(a: GoValue, b: GoValue): boolean {
  if (isNil(a) || isNil(b)) return isNil(a) === isNil(b)
  const type = typeOf(b)
  if (typeOf(a)?.kind !== type?.kind) {
    const shownA = sprintf('%s: %v', [a, typeOf(a)?.name ?? ''])
    throw new GoError(`non-comparable types ${shownA}, ${type?.name}: ${sprintf('%v', [b])}`)
  }
  if (type !== undefined && ['slice', 'map', 'func'].includes(type.kind)) {
    throw new GoError(`non-comparable type ${sprintf('%s', [b])}: ${type.name}`)
  }
  return deepEqual(a, b)
}

/** Negative, zero or positive for two values that have an order. */
export function compareOrdered(a: GoValue, b: GoValue): number {
  const kindA = basicKind(a)
  const kindB = basicKind(b)
  if (kindA === undefined || kindB === undefined) throw new GoError(NO_COMPARISON)
  if (kindA !== kindB) {
    if (!isMixedInteger(kindA, kindB)) throw incompatible(a, b)
    return orderOf('int', a, b)
  }
  if (kindA === 'bool' || kindA === 'complex') throw new GoError(NO_COMPARISON)
  return orderOf(kindA, a, b)
}

function orderOf(kind: BasicKind, a: GoValue, b: GoValue): number {
  switch (kind) {
    case 'string':
      return compareText(stringOf(a) ?? '', stringOf(b) ?? '')
    case 'float':
      return differenceOf(floatOf(a) ?? Number.NaN, floatOf(b) ?? Number.NaN)
    case 'bool':
      return a === b ? 0 : 1
    default:
      return differenceOf(integerOf(a) ?? 0n, integerOf(b) ?? 0n)
  }
}

function differenceOf(a: bigint | number, b: bigint | number): number {
  if (a === b) return 0
  return a < b ? -1 : a > b ? 1 : Number.NaN
}

function isMixedInteger(a: BasicKind | undefined, b: BasicKind | undefined): boolean {
  return (a === 'int' && b === 'uint') || (a === 'uint' && b === 'int')
}

function incompatible(a: GoValue, b: GoValue): GoError {
  return new GoError(`incompatible types for comparison: ${typeOf(a)?.name} and ${typeOf(b)?.name}`)
}

function basicKind(value: GoValue): BasicKind | undefined {
  switch (typeof value) {
    case 'string':
      return 'string'
    case 'number':
      return 'float'
    case 'bigint':
      return 'int'
    case 'boolean':
      return 'bool'
    default:
      return value instanceof GoComplex ? 'complex' : kindGroup(typeOf(value)?.kind)
  }
}

function kindGroup(kind: GoKind | undefined): BasicKind | undefined {
  if (kind === undefined || kind === 'interface') return undefined
  if (kind.startsWith('uint')) return 'uint'
  if (kind.startsWith('int')) return 'int'
  if (kind.startsWith('float')) return 'float'
  return kind === 'string' || kind === 'bool' ? kind : undefined
}
