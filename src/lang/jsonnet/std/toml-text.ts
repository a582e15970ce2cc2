// std: values as TOML (go-jsonnet builtins.go).
import { RuntimeFault } from '../error.ts'
import { numberText, quoted } from '../json-text.ts'
import { ArrayValue, asString, FunctionValue, ObjectValue, typeOf, type Value } from '../values.ts'
import { define, type Chapter } from './define.ts'

export const tomlTexts: Chapter = () => ({
  manifestToml: define('value', (value) => tomlText(value, '  ')),
  manifestTomlEx: define('value indent', (value, indent) => tomlText(value, asString(indent))),
})

function tomlText(value: Value, step: string): string {
  if (!(value instanceof ObjectValue)) throw new RuntimeFault(`TOML body must be an object. Got ${typeOf(value)}`)
  return tableBody(value, { step, indent: '', path: [], place: [] })
}

interface Where {
  /** What a level is indented by. */
  readonly step: string
  readonly indent: string
  /** Names of the tables around. */
  readonly path: readonly string[]
  /** Where errors say they are, indexes included. */
  readonly place: readonly string[]
}

function within(where: Where, name: string): Where {
  return { ...where, path: [...where.path, name], place: [...where.place, name] }
}

function tableBody(table: ObjectValue, where: Where): string {
  const lines: string[] = []
  const sections: string[] = ['']
  for (const name of table.names(false)) {
    const value = table.get(name) ?? null
    const inner = within(where, name)
    if (value instanceof ObjectValue) sections.push(section(value, inner, '[]'))
    else if (isTableList(value)) {
      const tables = value.items.map((item, index) => {
        // Every item was looked at a line above.
        const one = item.force() as ObjectValue
        return section(one, { ...inner, place: [...inner.place, String(index)] }, '[[]]')
      })
      sections.push(tables.join('\n\n'))
    } else lines.push(`${keyText(name)} = ${valueText(value, inner, false)}`)
  }
  const body = lines.flatMap((line) => line.split('\n')).map((line) => where.indent + line)
  return body.join('\n') + sections.join('\n\n')
}

function isTableList(value: Value): value is ArrayValue {
  if (!(value instanceof ArrayValue) || value.items.length === 0) return false
  return value.items.every((item) => item.force() instanceof ObjectValue)
}

function section(table: ObjectValue, where: Where, brackets: '[]' | '[[]]'): string {
  const half = brackets.length / 2
  const title = brackets.slice(0, half) + where.path.map(keyText).join('.') + brackets.slice(half)
  const newline = table.names(false).length > 0 ? '\n' : ''
  return where.indent + title + newline + tableBody(table, { ...where, indent: where.indent + where.step })
}

function valueText(value: Value, where: Where, isInline: boolean): string {
  if (value === null || value instanceof FunctionValue) {
    const what = value === null ? '"null"' : 'function'
    throw new RuntimeFault(`Tried to manifest ${what} at [${where.place.join(' ')}]`)
  }
  if (typeof value === 'number') return numberText(value)
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'boolean') return String(value)
  return value instanceof ArrayValue ? listText(value, where, isInline) : inlineTable(value, where)
}

function listText(list: ArrayValue, where: Where, isInline: boolean): string {
  if (list.items.length === 0) return '[]'
  const [separator, indent] = isInline ? [' ', ''] : ['\n', where.step]
  const items = list.items.map((item, index) => {
    const inner = { ...where, place: [...where.place, String(index)] }
    return indent + valueText(item.force(), inner, true)
  })
  return `[${separator}${items.join(`,${separator}`)}${separator}]`
}

function inlineTable(table: ObjectValue, where: Where): string {
  const fields = table.names(false).map((name) => {
    return `${keyText(name)} = ${valueText(table.get(name) ?? null, within(where, name), true)}`
  })
  return `{ ${fields.join(', ')} }`
}

function keyText(key: string): string {
  if (key === '') return "''"
  return /^[\w-]+$/.test(key) ? key : quoted(key)
}
