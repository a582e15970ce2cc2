// What a definition may say of its versions beside their schemas: names, columns, scale, selectable fields (apiextensions `validation.go`, v0.36.3).
import { deepEqual, fieldOf, isObject } from '../../../kube/json-value.ts'
import type { JsonObject } from '../../../kube/object.ts'
import type { FieldFault } from '../../kinds/contract.ts'
import { duplicate, invalidValue, notSupported, requiredValue } from '../../kinds/validation/faults.ts'
import { letterLabel } from '../../kinds/validation/names.ts'
import { textOf } from '../json-text.ts'
import type { Definition, DefinitionVersion } from './definition.ts'
import type { Schema } from './structural.ts'

const MAX_WARNING = 256
const SCOPES = ['Cluster', 'Namespaced']

export function scopeFaults({ spec }: Definition): readonly FieldFault[] {
  const scope = textOf(spec.scope)
  if (scope === '') return [requiredValue('spec.scope')]
  return SCOPES.includes(scope) ? [] : [notSupported('spec.scope', scope, SCOPES)]
}

export function versionNameFaults(versions: readonly DefinitionVersion[]): readonly FieldFault[] {
  return versions.flatMap(({ name }, index) => labelFaults(textOf(name), `spec.versions[${index}].name`))
}

/** The first version is, to Go, also the version of the whole. */
export function topVersionFaults([first]: readonly DefinitionVersion[]): readonly FieldFault[] {
  const name = textOf(first?.name)
  return name === '' ? [] : labelFaults(name, 'spec.version')
}

/** Faults of what versions say beside their schemas. */
export function versionFaults({ spec: { versions } }: Definition): readonly FieldFault[] {
  return [
    ...versions.flatMap((version, index) => warningFaults(version, `spec.versions[${index}].deprecationWarning`)),
    ...eachOf(versions, 'additionalPrinterColumns', columnFaults),
    ...eachOf(versions, 'subresources', subresourceFaults),
    ...eachOf(versions, 'selectableFields', selectableFaults),
  ]
}

function labelFaults(name: string, field: string): readonly FieldFault[] {
  const texts = letterLabel(name)
  return texts.length === 0 ? [] : [invalidValue(field, name, texts.join(','))]
}

/** What an old version tells who uses it. */
function warningFaults(
  { deprecated, deprecationWarning: text }: DefinitionVersion,
  field: string,
): readonly FieldFault[] {
  if (typeof text !== 'string') return []
  const says = (said: string): FieldFault => invalidValue(field, text, said)
  const faults = deprecated === true ? [] : [says('can only be set for deprecated versions')]
  if (Buffer.byteLength(text) > MAX_WARNING) faults.push(says(`must be <= ${MAX_WARNING} characters long`))
  if (text === '') faults.push(says('must not be an empty string'))
  return faults
}

type Part = 'additionalPrinterColumns' | 'subresources' | 'selectableFields'

/** What all versions share stands, to Go, at the top of the spec. */
function eachOf(
  versions: readonly DefinitionVersion[],
  part: Part,
  check: (version: DefinitionVersion, path: string) => readonly FieldFault[],
): readonly FieldFault[] {
  const [first, ...others] = versions
  if (first === undefined) return []
  if (others.every((other) => deepEqual(other[part], first[part]))) return check(first, `spec.${part}`)
  return versions.flatMap((version, index) => [...check(version, `spec.versions[${index}].${part}`)])
}

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string']
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password']

function columnFaults({ additionalPrinterColumns = [] }: DefinitionVersion, path: string): readonly FieldFault[] {
  return additionalPrinterColumns.flatMap((column, index) => {
    const faults: FieldFault[] = []
    const at = `${path}[${index}]`
    const [name, type, format] = [textOf(column['name']), textOf(column['type']), textOf(column['format'])]
    if (name === '') faults.push(requiredValue(`${at}.name`))
    if (type === '') faults.push(requiredValue(`${at}.type`, `must be one of ${COLUMN_TYPES.join(',')}`))
    else if (!COLUMN_TYPES.includes(type))
      faults.push(invalidValue(`${at}.type`, type, `must be one of ${COLUMN_TYPES.join(',')}`))
    if (format !== '' && !COLUMN_FORMATS.includes(format))
      faults.push(invalidValue(`${at}.format`, format, `must be one of ${COLUMN_FORMATS.join(',')}`))
    return [...faults, ...pathFaults(textOf(column['jsonPath']), `${at}.JSONPath`, false)]
  })
}

const SIMPLE_PATH = /^\.[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*$/

/** A JSON path of a column begins with a dot; one of a scale is names alone. */
function pathFaults(text: string, field: string, isSimple: boolean): readonly FieldFault[] {
  if (text === '') return [requiredValue(field)]
  if (text.startsWith('.') && (!isSimple || SIMPLE_PATH.test(text))) return []
  return [invalidValue(field, text, 'must be a simple json path starting with .')]
}

function subresourceFaults({ subresources }: DefinitionVersion, path: string): readonly FieldFault[] {
  const scale = subresources?.scale
  if (!isObject(scale)) return []
  const at = `${path}.scale`
  return [
    ...scalePath(scale, 'specReplicasPath', { at, below: ['.spec.'], text: 'should be a json path under .spec' }),
    ...scalePath(scale, 'statusReplicasPath', { at, below: ['.status.'], text: 'should be a json path under .status' }),
    ...(textOf(scale['labelSelectorPath']) === ''
      ? []
      : scalePath(scale, 'labelSelectorPath', {
          at,
          below: ['.spec.', '.status.'],
          text: 'should be a json path under either .spec or .status',
        })),
  ]
}

interface Below {
  readonly at: string
  readonly below: readonly string[]
  readonly text: string
}

function scalePath(scale: JsonObject, key: string, { at, below, text }: Below): readonly FieldFault[] {
  const value = textOf(scale[key])
  const form = pathFaults(value, `${at}.${key}`, true)
  if (form.length > 0) return form
  return below.some((start) => value.startsWith(start)) ? [] : [invalidValue(`${at}.${key}`, value, text)]
}

/** `MaxSelectableFields` */
const MAX_SELECTABLE = 8

function selectableFaults({ selectableFields = [], schema }: DefinitionVersion, path: string): readonly FieldFault[] {
  if (selectableFields.length > 0 && !isObject((schema?.openAPIV3Schema ?? null) as JsonObject | null)) {
    const text = 'may only be set when `version.schema.openAPIV3Schema` is not included'
    return [invalidValue(path, '', text)]
  }
  const seen = new Set<string>()
  const faults = selectableFields.flatMap(({ jsonPath = '' }, index) => {
    const field = `${path}[${index}].jsonPath`
    const found = selectableFault(jsonPath, field, schema?.openAPIV3Schema ?? {})
    const isAgain = seen.has(jsonPath)
    seen.add(jsonPath)
    return [...found, ...(isAgain ? [duplicate(field, jsonPath)] : [])]
  })
  if (selectableFields.length <= MAX_SELECTABLE) return faults
  return [
    ...faults,
    {
      reason: 'FieldValueTooMany',
      field: path,
      message: `Too many: ${selectableFields.length}: must have at most ${MAX_SELECTABLE} items`,
    },
  ]
}

function selectableFault(text: string, field: string, schema: Schema): readonly FieldFault[] {
  if (text === '') return [requiredValue(field)]
  if (!text.startsWith('.')) return [invalidValue(field, text, `is an invalid path: expected [ or . but got: ${text}`)]
  if (text.includes('[')) return [invalidValue(field, text, 'is an invalid path: array notation is not allowed')]
  let current: Schema | undefined = schema
  const steps = text.slice(1).split('.')
  for (const step of steps) {
    const properties: unknown = current?.['properties']
    const next = isObject(properties as JsonObject) ? fieldOf(properties as JsonObject, step) : undefined // a schema is JSON
    current = isObject(next) ? next : undefined
  }
  if (current === undefined || steps[0] === 'metadata')
    return [invalidValue(field, text, 'is an invalid path: does not refer to a valid field')]
  if (['string', 'boolean', 'integer'].includes(textOf(current['type']))) return []
  const wanted =
    'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.'
  return [invalidValue(field, text, wanted)]
}
