// helm's toYamlPretty: the same YAML, with lists indented below their key.
import { stringifyYaml } from '../yaml/write.ts'

/** YAML of a JSON value as yaml.v3 writes it with an indentation of two. */
export function prettyYaml(value: unknown): string {
  return `${lines(value).join('\n')}\n`
}

function lines(value: unknown): string[] {
  if (Array.isArray(value) && value.length > 0) return value.flatMap((item) => hung(lines(item), '- '))
  if (typeof value === 'object' && value !== null && Object.keys(value).length > 0) return entryLines(value)
  return stringifyYaml(value).trimEnd().split('\n')
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
    if (isFilled(item)) return [`${key}:`, ...lines(item).map((line) => `  ${line}`)]
    const [first = '', ...more] = stringifyYaml({ k: item }).trimEnd().split('\n')
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
