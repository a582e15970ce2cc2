// std: order, and lists that are sets because they are in order and hold nothing twice.
import type { CallStack } from '../call.ts'
import { RuntimeFault } from '../error.ts'
import { compare, equals } from '../operators.ts'
import { ArrayValue, asArray, asFunction, type Thunk, type FunctionValue, type Value } from '../values.ts'
import { define, defineLazy, IDENTITY, type Chapter } from './define.ts'
import { itemsOf } from './texts.ts'

interface Keyed {
  readonly item: Thunk
  readonly key: Value
}

export const sets: Chapter = (calls) => ({
  sort: define('arr keyF', (list, key) => unkeyed(sorted(keyed(calls, itemsOf(list), key))), { keyF: IDENTITY }),
  uniq: define('arr keyF', (list, key) => unkeyed(unique(keyed(calls, itemsOf(list), key))), { keyF: IDENTITY }),
  set: define('arr keyF', (list, key) => unkeyed(unique(sorted(keyed(calls, itemsOf(list), key)))), { keyF: IDENTITY }),
  setMember: define(
    'x arr keyF',
    (item, list, key) => {
      const [one] = keyed(calls, ArrayValue.of([item]), key)
      return isMember(one?.key ?? null, keyed(calls, itemsOf(list), key))
    },
    { keyF: IDENTITY },
  ),
  setUnion: define('a b keyF', (a, b, key) => unkeyed(merge(both(calls, [a, b], key), KEEP_ALL)), { keyF: IDENTITY }),
  setInter: define('a b keyF', (a, b, key) => unkeyed(merge(both(calls, [a, b], key), KEEP_SHARED)), {
    keyF: IDENTITY,
  }),
  setDiff: define('a b keyF', (a, b, key) => unkeyed(merge(both(calls, [a, b], key), KEEP_LEFT)), { keyF: IDENTITY }),
  minArray: extreme(calls, (order) => order > 0),
  maxArray: extreme(calls, (order) => order < 0),
})

function keyed(calls: CallStack, list: ArrayValue, key: Value): Keyed[] {
  const keyOf = asFunction(key)
  return list.items.map((item) => {
    return {
      item,
      key: keyOf === IDENTITY ? item.force() : calls.callWith(keyOf, { positional: [item], named: [] }),
    }
  })
}

function both(calls: CallStack, [a, b]: readonly [Value, Value], key: Value): readonly [Keyed[], Keyed[]] {
  return [keyed(calls, itemsOf(a), key), keyed(calls, itemsOf(b), key)]
}

function unkeyed(items: readonly Keyed[]): ArrayValue {
  return new ArrayValue(items.map(({ item }) => item))
}

function sorted(items: readonly Keyed[]): Keyed[] {
  return items.toSorted((a, b) => compare(a.key, b.key))
}

function unique(items: readonly Keyed[]): Keyed[] {
  const kept: Keyed[] = []
  for (const item of items) {
    const last = kept.at(-1)
    if (last === undefined || !equals(last.key, item.key)) kept.push(item)
  }
  return kept
}

function isMember(key: Value, items: readonly Keyed[]): boolean {
  let [low, high] = [0, items.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const order = compare(items[middle]?.key ?? null, key)
    if (order === 0) return true
    if (order < 0) low = middle + 1
    else high = middle
  }
  return false
}

/** Which items of two sets stay. */
interface Keep {
  readonly left: boolean
  readonly right: boolean
  readonly shared: boolean
}

const KEEP_ALL: Keep = { left: true, right: true, shared: true }
const KEEP_SHARED: Keep = { left: false, right: false, shared: true }
const KEEP_LEFT: Keep = { left: true, right: false, shared: false }

function merge([left, right]: readonly [Keyed[], Keyed[]], keep: Keep): Keyed[] {
  const kept: Keyed[] = []
  let at = 0
  for (const item of left) {
    let other = right[at]
    while (other !== undefined && compare(other.key, item.key) < 0) {
      if (keep.right) kept.push(other)
      other = right[++at]
    }
    const isShared = other !== undefined && equals(other.key, item.key)
    if (isShared) at++
    if (isShared ? keep.shared : keep.left) kept.push(item)
  }
  return keep.right ? [...kept, ...right.slice(at)] : kept
}

function extreme(calls: CallStack, isBetter: (order: number) => boolean): FunctionValue {
  const fallback = new RuntimeFault('Expected at least one element in array. Got none')
  return defineLazy(
    'arr keyF onEmpty',
    (list, key, onEmpty) => {
      const items = keyed(calls, asArray(list.force()), key.force())
      const [first, ...others] = items
      if (first === undefined) {
        const value = onEmpty.force()
        if (value === NOTHING) throw fallback
        return value
      }
      let best = first
      for (const item of others) if (isBetter(compare(best.key, item.key))) best = item
      return best.item.force()
    },
    { keyF: IDENTITY, onEmpty: NOTHING },
  )
}

/** Stands for an argument that was not given. */
const NOTHING = new ArrayValue([])
