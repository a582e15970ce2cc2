// jq's order of values.
import { type Budget, visitsOfText } from './budget.ts'
import { compareTexts, isList, isMap, type Json, type JsonMap, type JsonType, sortedKeys, typeOf } from './values.ts'

const RANK: Readonly<Record<JsonType, number>> = { null: 0, boolean: 1, number: 3, string: 4, array: 5, object: 6 }

/** jq's order of all values: null, false, true, numbers, strings, arrays, objects (by keys, then values). */
export function compareValues(a: Json, b: Json, budget: Budget): number {
  budget.spend(1)
  const rank = rankOf(a) - rankOf(b)
  if (rank !== 0) return rank
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'string' && typeof b === 'string') {
    if (a !== b) budget.spend(visitsOfText(a.length + b.length))
    return compareTexts(a, b)
  }
  if (isList(a) && isList(b)) return compareLists(a, b, budget)
  return isMap(a) && isMap(b) ? compareMaps(a, b, budget) : 0
}

function rankOf(value: Json): number {
  return value === true ? RANK.boolean + 1 : RANK[typeOf(value)]
}

function compareLists(a: readonly Json[], b: readonly Json[], budget: Budget): number {
  for (const [index, item] of a.entries()) {
    const other = b[index]
    if (other === undefined) return 1
    const order = compareValues(item, other, budget)
    if (order !== 0) return order
  }
  return a.length - b.length
}

function compareMaps(a: JsonMap, b: JsonMap, budget: Budget): number {
  const keys = sortedKeys(a)
  const byKeys = compareLists(keys, sortedKeys(b), budget)
  if (byKeys !== 0) return byKeys
  for (const key of keys) {
    const order = compareValues(a[key] ?? null, b[key] ?? null, budget)
    if (order !== 0) return order
  }
  return 0
}
