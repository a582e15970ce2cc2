// JSON pointers (RFC 6901) over plain values: reading, and setting without changing what came in.
import { fieldOf, isList, isObject, setField } from '../json-value.ts'
import type { JsonValue } from '../object.ts'

/** The steps of a pointer; undefined where it does not start with a slash. The empty pointer has none. */
export function parsePointer(pointer: string): readonly string[] | undefined {
  if (pointer === '') return []
  if (!pointer.startsWith('/')) return undefined
  return pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** The value at the steps; undefined where there is none. A negative index counts from the end, as in evanphx/json-patch. */
export function valueAt(value: JsonValue | undefined, steps: readonly string[]): JsonValue | undefined {
  let current = value
  for (const step of steps) {
    if (isObject(current)) current = fieldOf(current, step)
    else if (isList(current)) current = itemAt(current, step)
    else return undefined
  }
  return current
}

const INDEX = /^[+-]?\d+$/

/** A list index as text; undefined where it is no number. */
export function indexOf(step: string): number | undefined {
  const index = INDEX.test(step) ? Number(step) : undefined
  return Number.isSafeInteger(index) ? index : undefined
}

function itemAt(list: readonly JsonValue[], step: string): JsonValue | undefined {
  const index = indexOf(step)
  return index === undefined ? undefined : list[index < 0 ? index + list.length : index]
}

/** How the container at the end of the path becomes another one. */
export type Change = (container: JsonValue | undefined, step: string) => JsonValue

/** The value with one container changed; only the containers on the way are copied. `change` gets undefined where the path ends before. */
export function changeAt(value: JsonValue | undefined, steps: readonly string[], change: Change): JsonValue {
  const [step = '', ...rest] = steps
  if (rest.length === 0) return change(value, step)
  if (isObject(value)) {
    const copy: Record<string, JsonValue> = { ...value }
    setField(copy, step, changeAt(fieldOf(value, step), rest, change))
    return copy
  }
  if (isList(value) && itemAt(value, step) !== undefined) {
    const copy = [...value]
    const index = indexOf(step) ?? 0
    copy[index < 0 ? index + copy.length : index] = changeAt(itemAt(value, step), rest, change)
    return copy
  }
  return change(undefined, rest.at(-1) ?? '')
}
