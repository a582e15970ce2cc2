// Fields of a chart's metadata, read as Go's JSON decoder reads them into its struct.
import { CapstanError } from '../../base/errors.ts'
import { goNumber } from '../../lang/yaml/go-text.ts'
import type { YamlValue } from '../../lang/yaml/value.ts'

export type Table = Readonly<Record<string, YamlValue>>

/** A text; numbers and booleans become their texts, as sigs.k8s.io/yaml makes them for string fields (1.10 → "1.1"). */
export function stringField(table: Table, name: string, type: string, prefix: string = ''): string {
  const value = table[name]
  if (value === undefined || value === null) return ''
  if (typeof value === 'string') return value
  if (typeof value === 'number') return goNumber(value)
  if (typeof value === 'boolean') return String(value)
  throw mismatch(Array.isArray(value) ? 'array' : 'object', `${type}.${prefix}${name}`, 'string')
}

export function stringList(table: Table, name: string): string[] {
  const value = table[name]
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw mismatch(kindOf(value), `Metadata.${name}`, '[]string')
  return value.map((item, index) => stringField({ [index]: item }, String(index), 'Metadata', `${name}.`))
}

export function stringMap(table: Table, name: string): Record<string, string> {
  const value = table[name]
  if (value === undefined || value === null) return {}
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw mismatch(kindOf(value), `Metadata.${name}`, 'map[string]string')
  }
  const entries = Object.keys(value).map((key) => [key, stringField(value, key, 'Metadata', `${name}.`)] as const)
  return Object.fromEntries(entries)
}

/** A list of tables; nulls in it are refused as helm refuses them. */
export function tableField(table: Table, name: string): Table[] {
  const value = table[name]
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw mismatch(kindOf(value), `Metadata.${name}`, `[]*chart.${singular(name)}`)
  return value.map((item) => {
    if (item === null) {
      throw new CapstanError('bad-input', `validation: ${name} must not contain empty or null nodes`)
    }
    if (typeof item === 'object' && !Array.isArray(item)) return item
    throw mismatch(kindOf(item), `Metadata.${name}`, `chart.${singular(name)}`)
  })
}

function singular(name: string): string {
  return name === 'dependencies' ? 'Dependency' : 'Maintainer'
}

function kindOf(value: YamlValue): string {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

function mismatch(kind: string, field: string, type: string): CapstanError {
  return new CapstanError(
    'bad-input',
    'cannot load Chart.yaml: error unmarshaling JSON: while decoding JSON: json: ' +
      `cannot unmarshal ${kind} into Go struct field ${field} of type ${type}`,
  )
}
