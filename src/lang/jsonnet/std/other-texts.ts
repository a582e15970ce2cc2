// std: values as JSON with a layout of one's own, as INI, Python and XML.
import { formatFloat } from '../../go/numbers.ts'
import { RuntimeFault } from '../error.ts'
import { jsonText, numberText, quoted, toText, type JsonLayout } from '../json-text.ts'
import { ArrayValue, asObject, asString, FunctionValue, ObjectValue, typeOf, type Value } from '../values.ts'
import { deepJoin } from './lists.ts'
import { define, type Chapter } from './define.ts'

export const otherTexts: Chapter = () => ({
  manifestJson: define('value', (value) => jsonText(value, layout('    ', '\n', ': '))),
  manifestJsonMinified: define('value', (value) => jsonText(value, layout('', '', ':'))),
  manifestJsonEx: define(
    'value indent newline key_val_sep',
    (value, indent, newline, colon) => jsonText(value, layout(asString(indent), asString(newline), asString(colon))),
    { newline: '\n', key_val_sep: ': ' },
  ),
  manifestIni: define('ini', iniText),
  manifestPython: define('v', pythonText),
  manifestPythonVars: define('conf', (variables) => {
    const object = asObject(variables)
    return lines(object.names(false).map((name) => `${name} = ${pythonText(object.get(name) ?? null)}`))
  }),
  manifestXmlJsonml: define('value', (value) => {
    if (value instanceof ArrayValue) return xmlText(value)
    throw new RuntimeFault(`Expected a JSONML value (an array), got ${typeOf(value)}`)
  }),
})

/** std.manifestJsonEx puts the newline into empty lists too, and writes numbers with as few digits as needed. */
function layout(indent: string, newline: string, colon: string): JsonLayout {
  return {
    indent,
    newline,
    colon,
    comma: ',',
    empty: undefined,
    number: (value) => formatFloat(value, 'f', -1),
  }
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('')
}

function iniText(value: Value): string {
  const ini = asObject(value)
  const main = ini.has('main', false) ? iniLines(asObject(ini.get('main') ?? null)) : []
  const sections = asObject(ini.get('sections') ?? null)
  const rest = sections.names(false).flatMap((name) => {
    return [`[${name}]`, ...iniLines(asObject(sections.get(name) ?? null))]
  })
  return lines([...main, ...rest])
}

function iniLines(body: ObjectValue): string[] {
  return body.names(false).flatMap((name) => {
    const value = body.get(name) ?? null
    const values = value instanceof ArrayValue ? value.items.map((item) => item.force()) : [value]
    return values.map((one) => `${name} = ${toText(one)}`)
  })
}

function pythonText(value: Value): string {
  if (value instanceof ObjectValue) {
    const fields = value.names(false).map((name) => `${quoted(name)}: ${pythonText(value.get(name) ?? null)}`)
    return `{${fields.join(', ')}}`
  }
  if (value instanceof ArrayValue) return `[${value.items.map((item) => pythonText(item.force())).join(', ')}]`
  if (value instanceof FunctionValue) throw new RuntimeFault('cannot manifest function')
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'number') return numberText(value)
  return value === null ? 'None' : value ? 'True' : 'False'
}

function xmlText(value: Value): string {
  if (typeof value === 'string') return value
  if (!(value instanceof ArrayValue)) throw new RuntimeFault(`Unexpected type ${typeOf(value)}, expected array`)
  const [tag, second, ...others] = value.items.map((item) => item.force())
  const attributes = second instanceof ObjectValue ? second : undefined
  const children = second === undefined || attributes !== undefined ? others : [second, ...others]
  const shown = attributes
    ?.names(false)
    .map((name) => ` ${name}="${toText(attributes.get(name) ?? null)}"`)
    .join('')
  const name = deepJoin(tag ?? null)
  return `<${name}${shown ?? ''}>${children.map(xmlText).join('')}</${name}>`
}
