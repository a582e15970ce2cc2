// Writes lists as JSON, each item once: objects of a cache never change, and pages and scripts ask for the same ones again and again.
import type { Selection } from './select-fields.ts'

/** Pages of one release ask for the same fields; a script may ask for others beside. */
const TEXTS_PER_ITEM = 2

export interface ListAnswer {
  readonly items: readonly object[]
}

/** Encodes the selected part of a list; `fields` names the selection. */
export type ListEncoder = (answer: ListAnswer, fields: string, select: Selection) => string

/** A list with items that are objects; anything else is encoded as a whole. */
export function isListAnswer(answer: unknown): answer is ListAnswer {
  if (typeof answer !== 'object' || answer === null || !('items' in answer) || !Array.isArray(answer.items))
    return false
  return answer.items.every((item) => typeof item === 'object' && item !== null)
}

/** Texts are kept as long as their items are. An item is known by its identity, so it must not be changed after it was answered. */
export function createListEncoder(): ListEncoder {
  const known = new WeakMap<object, Map<string, string>>()

  function textOf(item: object, fields: string, select: Selection): string {
    const texts = known.get(item) ?? new Map<string, string>()
    const before = texts.get(fields)
    if (before !== undefined) return before
    const text = itemText(item, select)
    const [oldest] = texts.keys()
    if (texts.size >= TEXTS_PER_ITEM && oldest !== undefined) texts.delete(oldest)
    texts.set(fields, text)
    known.set(item, texts)
    return text
  }

  return (answer, fields, select) => {
    const envelope = select({ ...answer, items: [] })
    if (!isListAnswer(envelope)) return JSON.stringify(envelope)
    const { items: _none, ...rest } = envelope
    const items = answer.items.map((item) => textOf(item, fields, select)).join(',')
    const head = JSON.stringify(rest).slice(0, -1)
    return `${head}${head === '{' ? '' : ','}"items":[${items}]}`
  }
}

/** Fields are chosen by their path from the list's top. */
function itemText(item: object, select: Selection): string {
  const selected = select({ items: [item] })
  return JSON.stringify(isListAnswer(selected) ? selected.items[0] : {})
}
