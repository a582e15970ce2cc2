// std: values as YAML, in the form that std.manifestYamlDoc has (go-jsonnet builtins.go).
import { formatFloat } from '../../go/numbers.ts'
import { quoted } from '../json-text.ts'
import { RuntimeFault } from '../error.ts'
import { ArrayValue, asBoolean, FunctionValue, ObjectValue, typeOf, type Value } from '../values.ts'
import { define, type Chapter } from './define.ts'

interface YamlForm {
  /** Whether lists within objects are indented. */
  readonly indentsLists: boolean
  readonly quotesKeys: boolean
}

export const yamlTexts: Chapter = () => ({
  manifestYamlDoc: define(
    'value indent_array_in_object quote_keys',
    (value, indentsLists, quotesKeys) => {
      return yamlText(value, { indentsLists: asBoolean(indentsLists), quotesKeys: asBoolean(quotesKeys) })
    },
    { indent_array_in_object: false, quote_keys: true },
  ),
  manifestYamlStream: define(
    'value indent_array_in_object c_document_end quote_keys',
    (value, indentsLists, hasEnd, quotesKeys) => {
      if (!(value instanceof ArrayValue))
        throw new RuntimeFault(`manifestYamlStream only takes arrays, got ${typeOf(value)}`)
      const form = { indentsLists: asBoolean(indentsLists), quotesKeys: asBoolean(quotesKeys) }
      const documents = value.items.map((item) => yamlText(item.force(), form))
      return `---\n${documents.join('\n---\n')}${asBoolean(hasEnd) ? '\n...\n' : '\n'}`
    },
    { indent_array_in_object: false, c_document_end: true, quote_keys: true },
  ),
})

const STEP = '  '

function yamlText(value: Value, form: YamlForm, indent = ''): string {
  if (value instanceof ArrayValue) return listText(value, form, indent)
  if (value instanceof ObjectValue) return objectText(value, form, indent)
  if (value instanceof FunctionValue) throw new RuntimeFault("couldn't manifest function as YAML")
  if (typeof value === 'string') return stringText(value, indent)
  return typeof value === 'number' ? formatFloat(value, 'f', -1) : String(value)
}

function stringText(text: string, indent: string): string {
  if (!text.endsWith('\n')) return quoted(text)
  const lines = text.slice(0, -1).split('\n')
  return ['|', ...lines.map((line) => indent + STEP + line)].join('\n')
}

function listText(list: ArrayValue, form: YamlForm, indent: string): string {
  if (list.items.length === 0) return '[]'
  return list.items
    .map((item) => {
      const value = item.force()
      const isNested = value instanceof ArrayValue && value.items.length > 0
      const inner = value instanceof ArrayValue || value instanceof ObjectValue ? indent + STEP : indent
      return `-${isNested ? `\n${inner}` : ' '}${yamlText(value, form, inner)}`
    })
    .join(`\n${indent}`)
}

function objectText(object: ObjectValue, form: YamlForm, indent: string): string {
  const names = object.names(false)
  if (names.length === 0) return '{}'
  return names
    .map((name) => {
      const value = object.get(name) ?? null
      const key = form.quotesKeys || !isBareKey(name) ? quoted(name) : name
      const inner = innerIndent(value, form, indent)
      const text = yamlText(value, form, inner ?? indent)
      return inner === undefined ? `${key}: ${text}` : `${key}:\n${inner}${text}`
    })
    .join(`\n${indent}`)
}

/** The indent of what goes on the next line; undefined for what stays on this one. */
function innerIndent(value: Value, form: YamlForm, indent: string): string | undefined {
  if (value instanceof ArrayValue && value.items.length > 0) return form.indentsLists ? indent + STEP : indent
  return value instanceof ObjectValue && value.names(false).length > 0 ? indent + STEP : undefined
}

/** What YAML would read as something else than text (std.jsonnet's list, which leaves `0B1` and `0X1` bare). */
const RESERVED = /^(?:true|false|yes|no|on|off|y|n|\.nan|[-+]?\.inf|null|-|---|'')$/i
const LOOKS_SPECIAL = /^(?:\d*-){2}\d*$|^[-+]?0b[01_]+$|[-+]?0x[0-9a-fA-F_]+/
const FLOAT = /^[-+]?(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:e[-+]?\d+)?$|^[-+]?(?:inf|infinity|nan)$/i

function isBareKey(key: string): boolean {
  return /^[\w/.-]+$/.test(key) && !RESERVED.test(key) && !LOOKS_SPECIAL.test(key) && !FLOAT.test(key)
}
