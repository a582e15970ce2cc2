// Reading a part of a value: `object.field`, `list[3]`, `text[0]`, slices.
import { formatFloat } from '../go/numbers.ts'
import { RuntimeFault } from './error.ts'
import { pointAt, pointCount, pointsOf } from './text-points.ts'
import { ArrayValue, asNumber, asString, ObjectValue, wrongType, type Value } from './values.ts'

/** A whole number of 32 bits, as go-jsonnet takes indexes. */
export function asInteger(value: Value): number {
  const number = asNumber(value)
  if ((number | 0) === number) return number
  throw new RuntimeFault(`Expected an integer, but got ${formatFloat(number, 'g', -1)}`)
}

/** `target[key]`. */
export function lookup(target: Value, key: Value): Value {
  if (target instanceof ObjectValue) {
    const name = asString(key)
    const value = target.get(name)
    if (value === undefined) throw new RuntimeFault(`Field does not exist: ${name}`)
    return value
  }
  if (target instanceof ArrayValue) {
    const index = asInteger(key)
    const item = target.items[index]
    if (item === undefined || index < 0) throw outOfBounds(index, target.items.length)
    return item.force()
  }
  if (typeof target !== 'string') throw wrongType(target)
  const index = asInteger(key)
  const char = index < 0 ? '' : pointAt(target, index)
  if (char === '') throw outOfBounds(index, pointCount(target))
  return char
}

function outOfBounds(index: number, length: number): RuntimeFault {
  return new RuntimeFault(`Index ${index} out of bounds, not within [0, ${length})`)
}

/** `target[from:to:step]`; negative bounds count from the end (std.jsonnet `slice`). */
export function slice(target: Value, from: Value, to: Value, step: Value): Value {
  if (typeof target !== 'string' && !(target instanceof ArrayValue)) {
    throw new RuntimeFault(`std.slice accepts a string or an array, but got: ${wrongTypeName(target)}`)
  }
  const length = typeof target === 'string' ? pointCount(target) : target.items.length
  const by = step === null ? 1 : asInteger(step)
  if (by <= 0) {
    throw new RuntimeFault(
      by === 0
        ? `got [${shownBound(from)}:${shownBound(to)}:${by}] but step must be greater than 0`
        : `got [${shownBound(from)}:${shownBound(to)}:${by}] but negative steps are not supported`,
    )
  }
  const begin = bound(from, 0, length)
  const end = Math.min(bound(to, length, length), length)
  return typeof target === 'string'
    ? every(pointsOf(target), by, [begin, end]).join('')
    : new ArrayValue(every(target.items, by, [begin, end]))
}

function wrongTypeName(value: Value): string {
  return value === null ? 'null' : value instanceof ObjectValue ? 'object' : typeof value
}

function shownBound(value: Value): string {
  return typeof value === 'number' ? String(value) : 'null'
}

function bound(value: Value, fallback: number, length: number): number {
  if (value === null) return fallback
  const index = asInteger(value)
  return index < 0 ? Math.max(0, length + index) : index
}

function every<T>(items: readonly T[], step: number, [begin, end]: readonly [number, number]): T[] {
  const found: T[] = []
  for (const [offset, item] of items.slice(begin, Math.max(begin, end)).entries()) {
    if (offset % step === 0) found.push(item)
  }
  return found
}
