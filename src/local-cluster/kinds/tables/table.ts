// What a table of a kind is made of, and the few ways its cells are written.
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import type { TableCell, TableColumn } from '../contract.ts'
import { objectOf, objectsOf, textOf } from '../edit.ts'
import { ageOf } from './human-duration.ts'

export interface KindTable {
  readonly columns: readonly TableColumn[]
  /** One cell a column, those of `-o wide` too: clients leave out what they do not want. */
  readonly cells: (object: JsonObject, nowMs: number) => readonly TableCell[]
  /** The order of rows where it is not that of names. */
  readonly compare?: (a: JsonObject, b: JsonObject) => number
}

/**
 * Columns from a line: `Name Ready Desired:integer Age Containers*`; `_` stands for a blank, `*` marks what `-o wide` shows.
 * The first `Name` names the object. Descriptions are left empty: no client shows them.
 */
export function columns(line: string): readonly TableColumn[] {
  return line.split(' ').map((word) => {
    const [label = '', type = 'string'] = word.replace('*', '').split(':')
    const name = label.replaceAll('_', ' ')
    return {
      name,
      type: columnType(type),
      format: name === 'Name' ? 'name' : '',
      description: '',
      priority: word.endsWith('*') ? 1 : 0,
    }
  })
}

function columnType(text: string): TableColumn['type'] {
  switch (text) {
    case 'integer':
    case 'boolean':
    case 'date':
      return text
    default:
      return 'string'
  }
}

export function nameOf(object: JsonObject): string {
  return textOf(objectOf(object['metadata'])['name'])
}

export function ageCell(object: JsonObject, nowMs: number): string {
  return ageOf(objectOf(object['metadata'])['creationTimestamp'], nowMs)
}

/** Names and images of containers, each as one cell. */
export function containerCells(podSpec: JsonObject): readonly [names: string, images: string] {
  const containers = objectsOf(podSpec['containers'])
  const join = (key: string): string => containers.map((container) => textOf(container[key])).join(',')
  return [join('name'), join('image')]
}

/** `a=1,b=2`; `<none>` where there is nothing. */
export function labelsCell(labels: JsonValue | undefined): string {
  const pairs = Object.entries(objectOf(labels)).map(([key, value]) => `${key}=${textOf(value)}`)
  return pairs.length === 0 ? '<none>' : pairs.sort().join(',')
}

const OPERATORS: Readonly<Record<string, string>> = { In: 'in', NotIn: 'notin' }

/** A label selector as `metav1.FormatLabelSelector` writes it. */
export function selectorCell(selector: JsonValue | undefined): string {
  const { matchLabels, matchExpressions } = objectOf(selector)
  const expressions = objectsOf(matchExpressions).map((expression) => {
    const key = textOf(expression['key'])
    if (expression['operator'] === 'Exists') return key
    if (expression['operator'] === 'DoesNotExist') return `!${key}`
    const values = [...((expression['values'] ?? []) as readonly string[])].sort()
    return `${key} ${OPERATORS[textOf(expression['operator'])] ?? ''} (${values.join(',')})`
  })
  const labels = labelsCell(matchLabels)
  const all = labels === '<none>' ? expressions : [...labels.split(','), ...expressions]
  return all.length === 0 ? '<none>' : all.sort().join(',')
}

/** The first few of a list, and how many more there are. */
export function listWithMore(items: readonly string[], maximum: number, empty: string, joiner = ','): string {
  if (items.length === 0) return empty
  const shown = items.slice(0, maximum).join(joiner)
  return items.length > maximum ? `${shown} + ${items.length - maximum} more...` : shown
}

/** Text, or what stands for none. */
export function orElse(value: JsonValue | undefined, otherwise: string): string {
  const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : textOf(value)
  return text === '' ? otherwise : text
}
