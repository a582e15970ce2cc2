// JSON whose integers keep their digits, in the form that the YAML reader gives with `bigIntegers: 'exact'`.
import type { YamlValue } from './value.ts'
import { jsonNumber } from './value.ts'

/** Sixteen digits in a row may be an integer beyond 2^53. */
const MAY_BE_BIG = /\d{16}/

/** Parses JSON; integers beyond 2^53 that fit 64 bits stay exact. Throws SyntaxError as JSON.parse does. */
export function parseExactJson(text: string): YamlValue {
  if (!MAY_BE_BIG.test(text)) return JSON.parse(text) as YamlValue // JSON.parse gives nothing else
  return parseWithSource(text, (_key, value, context) => {
    if (typeof value !== 'number' || Number.isSafeInteger(value) || !/^-?\d+$/.test(context.source ?? '')) return value
    return jsonNumber(BigInt(context.source ?? ''), 'exact')
  })
}

// The compiler's library does not know the third argument yet; the pinned Node passes it.
const parseWithSource = JSON.parse as (
  text: string,
  reviver: (key: string, value: YamlValue, context: { readonly source?: string }) => YamlValue,
) => YamlValue
