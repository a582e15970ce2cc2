// Printer columns of custom resources: simple JSON paths and what their values look like in a table.
import { jsonText } from '../../../kube/json-digits.ts'
import { isObject, kindOfJson } from '../../../kube/json-value.ts'
import type { JsonObject, JsonValue, KubeObject } from '../../../kube/object.ts'
import type { TableColumn } from '../../kinds/contract.ts'
import { ageOf } from '../../kinds/tables/human-duration.ts'
import { textOf } from '../json-text.ts'

export interface CustomColumns {
  readonly columns: readonly TableColumn[]
  readonly cells: (object: KubeObject, nowMs: number) => readonly Cell[]
}

type Cell = string | number | boolean | null
/** A field, an item, or all items; or only those of which a field has a value. */
type Step = string | number | { readonly field?: readonly string[]; readonly equals?: string }

const AGE_DESCRIPTION =
  'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata'

/** The columns of `additionalPrinterColumns`; without any, the age alone. */
export function customColumns(defined: readonly JsonObject[]): CustomColumns {
  if (defined.length === 0) {
    const age: TableColumn = { name: 'Age', type: 'date', format: '', description: AGE_DESCRIPTION, priority: 0 }
    return {
      columns: [age],
      cells: (object, nowMs) => [ageOf(object.metadata.creationTimestamp, nowMs)],
    }
  }
  const parsed = defined.map((column) => ({
    type: textOf(column['type'], 'string'),
    path: parsePath(textOf(column['jsonPath'])),
  }))
  return {
    columns: defined.map(columnOf),
    cells: (object, nowMs) =>
      parsed.map(({ type, path }) => cellOf(valueAt(object as unknown as JsonObject, path), type, nowMs)),
  }
}

function columnOf(column: JsonObject): TableColumn {
  const path = textOf(column['jsonPath'])
  return {
    name: textOf(column['name']),
    type: textOf(column['type'], 'string') as TableColumn['type'], // the definition's schema allows these only
    format: textOf(column['format']),
    description: textOf(column['description'], `Custom resource definition column (in JSONPath format): ${path}`),
    priority: Number(column['priority'] ?? 0),
  }
}

const STEP =
  /\.(?<name>(?:\\\.|[^.[\]\s\\])+)|\[(?<all>\*)\]|\[(?<index>-?\d+)\]|\['(?<quoted>[^']*)'\]|\[\?\(@\.(?<field>[\w.-]+)\s*==\s*["'](?<equals>[^"']*)["']\)\]/y

/** `.status.conditions[?(@.type=="Ready")].status` as steps. Anything else a path may hold selects nothing. */
export function parsePath(path: string): readonly Step[] {
  const text = path.startsWith('{') && path.endsWith('}') ? path.slice(1, -1) : path
  const steps: Step[] = []
  STEP.lastIndex = 0
  for (let at = 0; at < text.length; at = STEP.lastIndex) {
    const match = STEP.exec(text)
    if (match?.groups === undefined) return ['\0']
    const { name, all, index, quoted, field, equals } = match.groups
    if (all !== undefined) steps.push({})
    else if (name !== undefined) steps.push(name.replaceAll('\\.', '.'))
    else if (index !== undefined) steps.push(Number(index))
    else if (quoted !== undefined) steps.push(quoted)
    else steps.push({ field: (field ?? '').split('.'), equals: equals ?? '' })
  }
  return steps
}

/** The first value a path leads to. */
function valueAt(value: JsonValue | undefined, path: readonly Step[], from = 0): JsonValue | undefined {
  const step = path[from]
  if (step === undefined) return value
  if (typeof step === 'string') {
    return isObject(value) && Object.hasOwn(value, step) ? valueAt(value[step], path, from + 1) : undefined
  }
  if (!Array.isArray(value)) return undefined
  const list: readonly JsonValue[] = value
  if (typeof step === 'number') return valueAt(list.at(step), path, from + 1)
  for (const item of list) {
    if (step.field !== undefined && textOf(valueAt(item, step.field)) !== step.equals) continue
    const found = valueAt(item, path, from + 1)
    if (found !== undefined) return found
  }
  return undefined
}

function cellOf(value: JsonValue | undefined, type: string, nowMs: number): Cell {
  if (value === undefined || value === null) return null
  switch (type) {
    case 'date':
      return typeof value === 'string' ? ageOf(value, nowMs) : '<invalid>'
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : exactOrNull(value)
    case 'number':
      return typeof value === 'number' ? value : exactOrNull(value)
    case 'boolean':
      return typeof value === 'boolean' ? value : null
    default:
      return typeof value === 'string' ? value : jsonText(value)
  }
}

/** Integers beyond 2^53 stand as bigint, which no JSON type names. */
function exactOrNull(value: JsonValue): Cell {
  return kindOfJson(value) === 'number' ? (value as number) : null // a number in all that matters here
}
