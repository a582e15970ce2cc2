// Which values templates and Sprig's `empty` hold for false.
import { bytesOf, elementsOf, GoComplex, GoFunction, GoStruct, GoTyped, mapOfValue } from './values.ts'
import type { GoValue } from './values.ts'

/** text/template's IsTrue: not the zero of its kind; lists, maps and strings by their length, structs always. */
export function isTrue(value: GoValue | undefined): boolean {
  switch (typeof value) {
    case 'string':
      return value !== ''
    case 'number':
      return value !== 0
    case 'bigint':
      return value !== 0n
    case 'boolean':
      return value
    default:
      return value !== undefined && value !== null && isTrueObject(value)
  }
}

function isTrueObject(value: Exclude<GoValue, null | boolean | string | number | bigint>): boolean {
  if (value instanceof GoStruct || value instanceof GoFunction) return true
  if (value instanceof GoComplex) return value.real !== 0 || value.imaginary !== 0
  const map = mapOfValue(value)
  if (map !== undefined) return map.size > 0
  const bytes = bytesOf(value)
  if (bytes !== undefined) return bytes.length > 0
  const elements = elementsOf(value)
  if (elements !== undefined) return elements.length > 0
  if (!(value instanceof GoTyped) || value.value instanceof Uint8Array) return true
  return value.type.kind === 'ptr' ? value.value !== null : isTrue(value.value)
}
