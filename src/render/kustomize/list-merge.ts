// How lists with merge keys come together in a strategic merge, with all the oddities of kyaml's (walk/associative_sequence.go).
import { CapstanError } from '../../base/errors.ts'
import { field, isNilOrEmpty, isNull, scalar, setField, textOf, withQuotingOf, wrongKind } from './node.ts'
import type { Node, SequenceNode } from './node.ts'
import { sequence } from './node.ts'

/** The key values of an item, in the order of the keys; empty where it has none. */
export type KeyValues = readonly string[]

/** The key values of all items of the lists, each combination once, in the order of the lists. */
export function keyValuesOf(lists: readonly (SequenceNode | undefined)[], keys: readonly string[]): KeyValues[] {
  const found: KeyValues[] = []
  const seen = new Set<string>()
  for (const item of lists.flatMap((list) => list?.items ?? [])) {
    const values = keys.map((key) => keyText(field(item, key)))
    const text = JSON.stringify(values)
    if (values.length === 0 || seen.has(text)) continue
    seen.add(text)
    found.push(values)
  }
  return found
}

function keyText(node: Node | undefined): string {
  return isNilOrEmpty(node) || node?.kind !== 'scalar' ? '' : node.text
}

/** The texts of all items of lists of scalars, each once. */
export function scalarValuesOf(lists: readonly (SequenceNode | undefined)[]): KeyValues[] {
  const texts = lists.flatMap((list) => list?.items ?? []).map((item) => (item.kind === 'scalar' ? item.text : ''))
  return [...new Set(texts)].map((text) => [text])
}

/** Where items name some keys only, those that agree in what they name become one. */
export function unifyKeyValues(list: readonly KeyValues[]): KeyValues[] {
  const unified = [...list]
  for (let i = 0; i < unified.length; i++) {
    const values = unified[i] ?? []
    for (let j = 0; j < unified.length; j++) {
      const common = unify(values, unified[j] ?? [])
      if (common === undefined) continue
      unified[i] = common
      unified[j] = common
    }
  }
  return unified
}

function unify(a: KeyValues, b: KeyValues): KeyValues | undefined {
  let isCommon = false
  const result: string[] = []
  for (const [i, value] of a.entries()) {
    const other = b[i] ?? ''
    if (value === other) isCommon = true
    else if (value !== '' && other !== '') return undefined
    result.push(value === '' ? other : value)
  }
  return isCommon ? result : undefined
}

/** A match by some of the keys. */
export interface Match {
  readonly keys: readonly string[]
  readonly values: KeyValues
}

/** Leaves out keys for which no item at all has a value. */
export function usedKeys(all: readonly KeyValues[], match: Match): Match {
  const used = new Set<string>()
  for (const values of all) for (const [i, value] of values.entries()) if (value !== '') used.add(match.keys[i] ?? '')
  if (used.size === 0) return match
  return {
    keys: match.keys.filter((key) => used.has(key)),
    values: match.values.filter((value, i) => value !== '' || used.has(match.keys[i] ?? '')),
  }
}

/** The first item whose fields have these values. */
export function findItem(list: SequenceNode | undefined, { keys, values }: Match): Node | undefined {
  if (list === undefined) return undefined
  if (keys[0] === '' || keys.length === 0) {
    return list.items.find((item) => item.kind === 'scalar' && item.text === (values[0] ?? ''))
  }
  return list.items.find(
    (item) =>
      item.kind === 'mapping' &&
      keys.every((key, i) => {
        const value = field(item, key)
        return value !== undefined && (value.kind === 'scalar' ? value.text : '') === (values[i] ?? '')
      }),
  )
}

/** Replaces the items that match by the element, or adds it; without an element they are removed. Empty items go too. */
export function placeItem(list: SequenceNode, match: Match, element: Node | undefined): void {
  const items: Node[] = []
  let isPlaced = false
  for (const item of list.items) {
    if (isNilOrEmpty(item) && item.kind !== 'sequence') continue
    if (!itemMatches(item, match)) {
      // Without any value to look for, kyaml keeps nothing that does not match.
      if (match.values.length > 0) items.push(item)
      continue
    }
    isPlaced = true
    if (element !== undefined) items.push(element)
  }
  if (element !== undefined && !isNull(element) && !isPlaced) items.push(element)
  list.items = items // eslint-disable-line no-param-reassign -- the build owns the list
}

function itemMatches(item: Node, { keys, values }: Match): boolean {
  const byField = (keys[0] ?? '') !== '' && (values[0] ?? '') !== ''
  if (byField && item.kind !== 'mapping') return false
  let last: Node | undefined
  for (const [i, key] of keys.entries()) {
    const value = values[i]
    if (value !== undefined) last = matchField(item, key, value)
    if (last === undefined) return false
  }
  return true
}

function matchField(item: Node, key: string, value: string): Node | undefined {
  if (key === '') {
    if (item.kind !== 'scalar') throw new CapstanError('bad-input', wrongKind('ScalarNode', item))
    return item.text === value ? item : undefined
  }
  if (item.kind !== 'mapping') throw new CapstanError('bad-input', wrongKind('MappingNode', item))
  const found = field(item, key)
  if (found === undefined || value === '') return found
  return found.kind === 'scalar' && found.text === value ? found : undefined
}

/** Adds the items of one list to another, item by item with the same keys replaced. */
export function appendItems(into: SequenceNode, from: SequenceNode, keys: readonly string[]): void {
  for (const item of from.items) {
    if (keys[0] === '') placeItem(into, { keys: [''], values: [item.kind === 'scalar' ? item.text : ''] }, item)
    else appendItem(into, item, keys)
  }
}

function appendItem(into: SequenceNode, item: Node, keys: readonly string[]): void {
  const values: string[] = []
  for (const key of keys) {
    if (item.kind !== 'mapping') throw new CapstanError('bad-input', wrongKind('MappingNode', item))
    const value = field(item, key)
    if (value === undefined) into.items.push(item)
    else values.push(value.kind === 'scalar' ? value.text : '')
  }
  if (keys.length > 1) placeItem(into, { keys, values }, undefined)
  placeItem(into, { keys, values }, item)
}

/** Makes sure that a merged item has the keys it was found by. */
export function withKeys(item: Node, { keys, values }: Match): Node {
  let result = item
  for (const [i, key] of keys.entries()) {
    const value = values[i] ?? ''
    if (value === '' || field(result, key) !== undefined) continue
    if (result.kind === 'mapping') setField(result, key, scalar(value))
    else if (key === '') result = withQuotingOf(scalar(value, result.kind === 'scalar' ? result.tag : ''), result)
  }
  return result
}

/** The key that all items of the lists have, where no schema says any: only `name` is taken for one. */
export function inferKey(lists: readonly (SequenceNode | undefined)[], path: readonly string[]): string {
  let key = ''
  for (const list of lists) {
    if (list === undefined || list.items.length === 0) continue
    const found = hasNames(list) ? 'name' : ''
    if (key !== '' && key !== found) {
      throw new CapstanError('bad-input', `conflicting merge keys [${key},${found}] for field ${path.join('.')}`)
    }
    key = found
  }
  if (key === '') throw new CapstanError('bad-input', `no merge key found for field ${path.join('.')}`)
  return key
}

/** Do all items have a name? True for an empty list. */
export function hasNames(list: SequenceNode): boolean {
  return list.items.every((item) => field(item, 'name') !== undefined)
}

/** An item `$patch: …` of a list says what becomes of the list; it is taken out. */
export function takeListDirective(list: SequenceNode): string | undefined {
  const item = list.items.find((candidate) => field(candidate, '$patch') !== undefined)
  if (item?.kind !== 'mapping' || item.entries.length > 1) return undefined
  const value = textOf(field(item, '$patch'))
  placeItem(list, { keys: ['$patch'], values: [value] }, undefined)
  return value
}

export function emptyList(): SequenceNode {
  return sequence()
}
