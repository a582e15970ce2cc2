// JSON text in and out with every digit of its integers: what JSON.parse would round stands as bigint.
import type { JsonValue } from './object.ts'

/** A number of sixteen digits or more, as it stands behind a colon, a comma or a bracket, may be an integer beyond 2^53. */
const MAY_BE_BIG = /[:,[]\s*-?\d{16}/
const INTEGER = /^-?\d+$/
const MAX_INT64 = 2n ** 63n - 1n
const MIN_INT64 = -(2n ** 63n)

/**
 * Parses JSON as Kubernetes does: integers of 64 bits stay exact (beyond 2^53 as bigint, which counts as a number in
 * every JSON value here), larger ones are rounded. Throws SyntaxError as JSON.parse does.
 */
export function parseJson(text: string): JsonValue {
  // JSON.parse gives nothing but JSON values; the bigints among them are the convention of `JsonKind`.
  if (!MAY_BE_BIG.test(text)) return JSON.parse(text) as JsonValue
  return withSource.parse(text, (_key, value, { source = '' }) => {
    if (typeof value !== 'number' || Number.isSafeInteger(value) || !INTEGER.test(source)) return value
    const exact = BigInt(source)
    return exact > MAX_INT64 || exact < MIN_INT64 ? value : exact
  }) as JsonValue
}

/** JSON text of a value that may hold bigints. */
export function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch (error) {
    // JSON.stringify refuses bigints, which are too rare to look for them each time.
    if (!(error instanceof TypeError)) throw error
    return JSON.stringify(value, (_key, one: unknown) => (typeof one === 'bigint' ? withSource.rawJSON(`${one}`) : one))
  }
}

// The compiler's library does not know the third argument and rawJSON yet; the pinned Node has them.
const withSource = JSON as unknown as {
  parse(text: string, reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown): unknown
  rawJSON(text: string): unknown
}
