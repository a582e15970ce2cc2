// helm's toYamlPretty: the same YAML, with lists indented below their key.
import { jsonOf } from '../go/json.ts'
import { formatFloat } from '../go/numbers.ts'
import { floatOf, mapOfValue } from '../go/values.ts'
import type { GoValue } from '../go/values.ts'
import { stringifyYaml, V3_STYLE } from '../yaml/write.ts'

/** YAML of a value as yaml.v3 writes it with an indentation of two. */
export function prettyYaml(value: GoValue): string {
  jsonOf(value) // fails for what is too deep, or holds itself
  return `${lines(plainOf(value)).join('\n')}\n`
}

/** A float as yaml.v3 prints it: it does not go through JSON, which would make 1e+06 of it 1000000. */
class FloatText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** JSON values, but for floats. */
function plainOf(value: GoValue): unknown {
  const float = floatOf(value)
  if (float !== undefined && Number.isFinite(float)) return new FloatText(formatFloat(float, 'g', -1))
  const table = mapOfValue(value)
  if (table !== undefined && [...table.keys()].every((key) => typeof key === 'string')) {
    return Object.fromEntries(Array.from(table, ([key, item]) => [key, plainOf(item)]))
  }
  return Array.isArray(value) ? value.map(plainOf) : jsonOf(value)
}

function lines(value: unknown): string[] {
  if (value instanceof FloatText) return [value.text]
  if (Array.isArray(value) && value.length > 0) return value.flatMap((item) => hung(lines(item), '- '))
  if (typeof value === 'object' && value !== null && Object.keys(value).length > 0) return entryLines(value)
  return stringifyYaml(value, V3_STYLE).trimEnd().split('\n')
}

/** The writer of single entries gives the order of keys, their quoting, and the form of text at its depth. */
function entryLines(value: object): string[] {
  const keys = stringifyYaml(Object.fromEntries(Object.keys(value).map((key) => [key, null])))
  const sorted = keys
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/: null$/, ''))
  const byText = new Map(Object.entries(value).map(([key, item]) => [keyText(key), item]))
  return sorted.flatMap((key) => {
    const item = byText.get(key)
    if (item instanceof FloatText) return [`${key}: ${item.text}`]
    if (isFilled(item)) return [`${key}:`, ...lines(item).map((line) => `  ${line}`)]
    const [first = '', ...more] = stringifyYaml({ k: item }, V3_STYLE).trimEnd().split('\n')
    return [`${key}:${first.slice(2)}`, ...more]
  })
}

function keyText(key: string): string {
  return stringifyYaml({ [key]: null })
    .trimEnd()
    .replace(/: null$/, '')
}

function isFilled(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0
}

function hung(inner: readonly string[], mark: string): string[] {
  return inner.map((line, index) => (index === 0 ? mark + line : `${' '.repeat(mark.length)}${line}`))
}
