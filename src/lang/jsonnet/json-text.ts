// Values as JSON: as the program's result, and as text in the forms that go-jsonnet prints.
import { formatFloat } from '../go/numbers.ts'
import { RuntimeFault } from './error.ts'
import { ArrayValue, FunctionValue, ObjectValue, type Value } from './values.ts'

/** How JSON is laid out. */
export interface JsonLayout {
  /** What a level is indented by. */
  readonly indent: string
  readonly newline: string
  readonly colon: string
  /** Stands between items, before the newline. */
  readonly comma: string
  /** What stands between the brackets of what is empty; undefined for two newlines and the indent. */
  readonly empty: string | undefined
  readonly number: (value: number) => string
}

/** A whole number in full, any other with seventeen digits (go-jsonnet interpreter.go `unparseNumber`). */
export function numberText(value: number): string {
  return Number.isInteger(value) ? formatFloat(value, 'f', 0) : formatFloat(value, 'g', 17)
}

const BASE = { empty: ' ', number: numberText } as const

/** The result of a program, as `jsonnet` prints it (without the last newline). */
export const RESULT_LAYOUT: JsonLayout = { ...BASE, indent: '   ', newline: '\n', colon: ': ', comma: ',' }
/** A value within a text. */
export const INLINE_LAYOUT: JsonLayout = { ...BASE, indent: '', newline: '', colon: ': ', comma: ', ' }

/** The JSON of a value. Throws where it holds a function. */
export function jsonText(value: Value, layout: JsonLayout, indent = ''): string {
  if (value instanceof ArrayValue) {
    const inner = indent + layout.indent
    const items = value.items.map((item) => inner + jsonText(item.force(), layout, inner))
    return enclosed('[]', items, layout, indent)
  }
  if (value instanceof ObjectValue) {
    value.checkAsserts()
    const inner = indent + layout.indent
    const items = value
      .names(false)
      .map((name) => inner + quoted(name) + layout.colon + jsonText(value.get(name) ?? null, layout, inner))
    return enclosed('{}', items, layout, indent)
  }
  if (value instanceof FunctionValue) throw new RuntimeFault("couldn't manifest function as JSON")
  if (typeof value === 'string') return quoted(value)
  return typeof value === 'number' ? layout.number(value) : String(value)
}

function enclosed(
  brackets: '[]' | '{}',
  items: readonly string[],
  { newline, comma, empty }: JsonLayout,
  indent: string,
): string {
  const inside = items.length === 0 ? empty : undefined
  const laidOut = inside ?? newline + items.join(comma + newline) + newline + indent
  return brackets.charAt(0) + laidOut + brackets.charAt(1)
}

/** A text in quotes, with the escapes that go-jsonnet writes. */
export function quoted(text: string): string {
  // eslint-disable-next-line no-control-regex -- the control characters are what is looked for
  return `"${text.replaceAll(/["\\\u0000-\u001f\u007f-\u009f]/g, escapeOf)}"`
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': String.raw`\"`,
  '\\': String.raw`\\`,
  '\b': String.raw`\b`,
  '\f': String.raw`\f`,
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
  '\t': String.raw`\t`,
}

function escapeOf(char: string): string {
  return SHORT_ESCAPES[char] ?? String.raw`\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** A value as part of a text: a string as it is, anything else as JSON on one line. */
export function toText(value: Value): string {
  return typeof value === 'string' ? value : jsonText(value, INLINE_LAYOUT)
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/**
 * The result as plain JSON. Whole numbers beyond 2^53 that fit 64 bits are bigint, as a reader of the printed result
 * would have them.
 */
export function plainJson(value: Value): Json {
  if (value instanceof ArrayValue) return value.items.map((item) => plainJson(item.force()))
  if (value instanceof ObjectValue) {
    value.checkAsserts()
    const result: Record<string, Json> = {}
    for (const name of value.names(false)) {
      const field = plainJson(value.get(name) ?? null)
      Object.defineProperty(result, name, { value: field, enumerable: true, configurable: true, writable: true })
    }
    return result
  }
  if (value instanceof FunctionValue) throw new RuntimeFault("couldn't manifest function as JSON")
  if (typeof value !== 'number' || !Number.isInteger(value) || Number.isSafeInteger(value)) return value
  return Math.abs(value) < 2 ** 63 ? (BigInt(value) as unknown as number) : value // bigints count as numbers in JSON
}

/** A JSON value as the program's. */
export function valueOfJson(json: unknown): Value {
  if (json === null || json === undefined) return null
  if (typeof json === 'bigint') return Number(json)
  if (typeof json === 'string' || typeof json === 'number' || typeof json === 'boolean') return json
  if (Array.isArray(json)) return ArrayValue.of(json.map(valueOfJson))
  const fields = Object.entries(json).map(([name, field]): [string, () => Value] => [name, () => valueOfJson(field)])
  return ObjectValue.of(fields)
}
