// Lists of a strategic merge patch: what is the same item, and in which order items of patch and server stand.
import type { JsonValue } from '../object.ts'
import { asObject, DIRECTIVE, goText, mergeKeyOf } from './strategic-schema.ts'

export type Items = readonly JsonValue[]

/** What identifies an item: the value of its merge key, or the scalar itself. */
export function identityOf(item: JsonValue, mergeKey: string, kind: 'object' | 'scalar'): JsonValue | undefined {
  return kind === 'scalar' ? item : asObject(item)[mergeKey]
}

/** Position of each item in a list by identity; the first one counts. */
export function positionsOf(
  list: Items,
  mergeKey: string,
  kind: 'object' | 'scalar',
): Map<JsonValue | undefined, number> {
  const positions = new Map<JsonValue | undefined, number>()
  list.forEach((item, index) => {
    const identity = identityOf(item, mergeKey, kind)
    if (!positions.has(identity)) positions.set(identity, index)
  })
  return positions
}

interface Ordering {
  readonly mergeKey: string
  readonly kind: 'object' | 'scalar'
}

/**
 * Puts items the patch names in the patch's order and items only the server has in the server's, and interleaves them: a
 * server item stands before a patch item where the server had them so (apimachinery v0.36.3 `normalizeElementOrder`).
 */
export function orderItems(
  fromPatch: Items,
  serverOnly: Items,
  orders: { patch: Items; server: Items },
  by: Ordering,
): JsonValue[] {
  const left = sortByOrder(serverOnly, orders.server, by)
  const right = sortByOrder(fromPatch, orders.patch, by)
  const server = positionsOf(orders.server, by.mergeKey, by.kind)
  const place = (item: JsonValue | undefined): number | undefined =>
    item === undefined ? undefined : server.get(identityOf(item, by.mergeKey, by.kind))
  const all: JsonValue[] = []
  let next = 0
  for (const item of right) {
    const limit = place(item)
    while (next < left.length && isBefore(place(left[next]), limit)) all.push(...left.slice(next, ++next))
    all.push(item)
  }
  return [...all, ...left.slice(next)]
}

function isBefore(a: number | undefined, b: number | undefined): boolean {
  return a !== undefined && b !== undefined && a < b
}

/** Sorts by position in `order`; items to be deleted go last. Items absent from `order` sort as Go's stable insertion sort leaves them. */
export function sortByOrder(items: Items, order: Items, { mergeKey, kind }: Ordering): JsonValue[] {
  const isDeleted = (item: JsonValue): boolean => kind === 'object' && asObject(item)[DIRECTIVE] === 'delete'
  if (kind === 'object') for (const item of [...items, ...order]) mergeKeyOf(item, mergeKey)
  const positions = positionsOf(order, mergeKey, kind)
  const keyed = items
    .filter((item) => !isDeleted(item))
    .map((item) => ({ item, position: positions.get(identityOf(item, mergeKey, kind)) }))
  const sorted = keyed.every((entry) => entry.position !== undefined)
    ? keyed.sort((a, b) => (a.position ?? 0) - (b.position ?? 0))
    : sortPartly(keyed)
  return [...sorted.map((entry) => entry.item), ...items.filter(isDeleted)]
}

interface Keyed {
  readonly item: JsonValue
  readonly position: number | undefined
}

/** Up to this many items Go's sort.SliceStable is a plain insertion sort, whose outcome an inconsistent comparison shows. */
const INSERTION_SORT_LIMIT = 20

/**
 * Upstream's comparison answers "less" whenever one of the two is absent from the order, so what comes out follows from the
 * algorithm alone. Longer lists: the absent items first, last one foremost, then the others.
 */
function sortPartly(items: readonly Keyed[]): readonly Keyed[] {
  if (items.length > INSERTION_SORT_LIMIT) {
    const known = items.filter((entry) => entry.position !== undefined)
    const absent = items.filter((entry) => entry.position === undefined)
    return [...absent.reverse(), ...known.sort((a, b) => (a.position ?? 0) - (b.position ?? 0))]
  }
  const sorted: Keyed[] = []
  for (const entry of items) {
    let index = sorted.length
    while (index > 0 && isLess(entry, sorted[index - 1])) index--
    sorted.splice(index, 0, entry)
  }
  return sorted
}

function isLess(a: Keyed, b: Keyed | undefined): boolean {
  return a.position === undefined || b?.position === undefined || a.position < b.position
}

/** Up to this many items repeated scalars are dropped in upstream's order, which takes quadratic time. */
const SWAPPING_LIMIT = 1000

/** Scalars once each. As upstream does it, the last item takes the place of a repeated one; beyond the limit the order is kept instead. */
export function deduplicate(list: Items): JsonValue[] {
  if (list.length > SWAPPING_LIMIT) return [...new Set(list)]
  const kept = [...list]
  for (let i = 0; i < kept.length; i++) dropRepeats(kept, i)
  return kept
}

function dropRepeats(kept: JsonValue[], index: number): void {
  let other = index + 1
  while (other < kept.length) {
    if (kept[other] !== kept[index]) {
      other++
      continue
    }
    const last = kept.pop()
    if (last !== undefined && other < kept.length) kept.splice(other, 1, last)
  }
}

/** Sorts as upstream does for comparing: by the text Go prints. */
export function sortScalars(list: Items): JsonValue[] {
  return sortByText(list, (item) => item)
}

/** Sorts objects by the text of one field. */
export function sortByField(list: Items, field: string): JsonValue[] {
  return sortByText(list, (item) => asObject(item)[field])
}

function sortByText(list: Items, keyOf: (item: JsonValue) => JsonValue | undefined): JsonValue[] {
  const keyed = list.map((item) => ({ item, text: goText(keyOf(item)) }))
  return keyed.sort((a, b) => compareText(a.text, b.text)).map((entry) => entry.item)
}

function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
