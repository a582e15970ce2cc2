// std: lists, and what is done with functions on them.
import type { CallStack } from '../call.ts'
import { RuntimeFault } from '../error.ts'
import { toText } from '../json-text.ts'
import { asInteger, slice } from '../lookup.ts'
import { add, equals } from '../operators.ts'
import {
  ArrayValue,
  asArray,
  asBoolean,
  asFunction,
  asString,
  Thunk,
  typeOf,
  type FunctionValue,
  type Value,
} from '../values.ts'
import { define, type Chapter } from './define.ts'
import { itemsOf } from './texts.ts'

/** Of a list that a number asks for. */
export const MAX_LIST = 10_000_000

export const lists: Chapter = (calls) => ({
  makeArray: define('sz func', (size, func) => {
    const count = asInteger(size)
    if (count < 0) throw new RuntimeFault(`makeArray requires size >= 0, got ${count}`)
    const make = asFunction(func)
    if (make.parameters.length !== 1)
      throw new RuntimeFault(`makeArray function must take 1 param, got: ${make.parameters.length}`)
    return numbered(count, (index) => calls.call(make, index))
  }),
  range: define('from to', (from, to) => {
    const first = asInteger(from)
    return numbered(Math.max(asInteger(to) - first + 1, 0), (index) => first + index)
  }),
  repeat: define('what count', repeat),
  slice: define('indexable index end step', slice),
  map: define('func arr', (func, list) => {
    const apply = parameterFunction(func, 'std.map first')
    const items = itemsOf(list, () => expected('std.map second', 'array / string', list))
    return ArrayValue.ofLater(items.items, (item) => calls.callWith(apply, { positional: [item], named: [] }))
  }),
  mapWithIndex: define('func arr', (func, list) => {
    const apply = parameterFunction(func, 'std.mapWithIndex first')
    const items = itemsOf(list, () => expected('std.mapWithIndex second', 'array', list))
    return ArrayValue.ofLater(items.items, (item, index) =>
      calls.callWith(apply, { positional: [Thunk.of(index), item], named: [] }),
    )
  }),
  filter: define('func arr', (func, list) => {
    const items = asArray(list)
    return filter(calls, asFunction(func), items)
  }),
  filterMap: define('filter_func map_func arr', (keep, func, list) => {
    const [test, apply] = [
      parameterFunction(keep, 'std.filterMap first'),
      parameterFunction(func, 'std.filterMap second'),
    ]
    if (!(list instanceof ArrayValue)) throw expected('std.filterMap third', 'array', list)
    const kept = filter(calls, test, list)
    return ArrayValue.ofLater(kept.items, (item) => calls.callWith(apply, { positional: [item], named: [] }))
  }),
  flatMap: define('func arr', (func, list) => flatMap(calls, func, list)),
  foldl: define('func arr init', (func, list, initial) => {
    const apply = asFunction(func)
    return folded(list, 'foldl').reduce<Value>(
      (sum, item) => calls.callWith(apply, { positional: [Thunk.of(sum), item], named: [] }),
      initial,
    )
  }),
  foldr: define('func arr init', (func, list, initial) => {
    const apply = asFunction(func)
    return folded(list, 'foldr').reduceRight<Value>(
      (sum, item) => calls.callWith(apply, { positional: [item, Thunk.of(sum)], named: [] }),
      initial,
    )
  }),
  join: define('sep arr', join),
  lines: define('arr', (list) => join('\n', new ArrayValue([...asArray(list).items, Thunk.of('')]))),
  deepJoin: define('arr', deepJoin),
  reverse: define('arr', (list) => new ArrayValue(asArray(list).items.toReversed())),
  flattenArrays: define('arrs', (list) => {
    return new ArrayValue(asArray(list).items.flatMap((item) => asArray(item.force()).items))
  }),
  flattenDeepArray: define('value', (value) => new ArrayValue(flattenDeep(value))),
  member: define('arr x', member),
  contains: define('arr elem', (list, item) => asArray(list).items.some((one) => equals(one.force(), item))),
  count: define('arr x', (list, item) => asArray(list).items.filter((one) => equals(one.force(), item)).length),
  find: define('value arr', (value, list) => {
    if (!(list instanceof ArrayValue))
      throw new RuntimeFault(`find second parameter should be an array, got ${typeOf(list)}`)
    const places = [...list.items.keys()].filter((index) => equals(list.items[index]?.force() ?? null, value))
    return ArrayValue.of(places)
  }),
  remove: define('arr elem', (list, item) => {
    const { items } = asArray(list)
    const index = items.findIndex((one) => equals(one.force(), item))
    return index < 0 ? list : new ArrayValue(items.toSpliced(index, 1))
  }),
  removeAt: define('arr at', (list, at) => {
    const { items } = asArray(list)
    return new ArrayValue(items.filter((_item, index) => index !== at))
  }),
  all: define('arr', (list) => booleans(list, 'all').every((item) => item())),
  any: define('arr', (list) => booleans(list, 'any').some((item) => item())),
  sum: define('arr', (list) => asArray(list).items.reduce<Value>((sum, item) => add(sum, item.force()), 0)),
  avg: define('arr', (list) => {
    const { items } = asArray(list)
    if (items.length === 0) throw new RuntimeFault('Cannot calculate average of an empty array.')
    const sum = items.reduce<Value>((so, item) => add(so, item.force()), 0)
    return Number(sum) / items.length
  }),
})

function numbered(count: number, compute: (index: number) => Value): ArrayValue {
  if (count > MAX_LIST) throw new RuntimeFault(`a list of ${count} items is above ${MAX_LIST}`)
  return new ArrayValue(Array.from({ length: count }, (_none, index) => Thunk.later(() => compute(index))))
}

function expected(parameter: string, what: string, value: Value): RuntimeFault {
  return new RuntimeFault(`${parameter} param must be ${what}, got ${typeOf(value)}`)
}

function parameterFunction(value: Value, parameter: string): FunctionValue {
  if (typeOf(value) !== 'function') throw expected(parameter, 'function', value)
  return asFunction(value)
}

function filter(calls: CallStack, keep: FunctionValue, list: ArrayValue): ArrayValue {
  const kept = list.items.filter((item) => asBoolean(calls.callWith(keep, { positional: [item], named: [] })))
  return new ArrayValue(kept)
}

function flatMap(calls: CallStack, func: Value, list: Value): Value {
  const apply = parameterFunction(func, 'std.flatMap first')
  const { items } = itemsOf(list, () => expected('std.flatMap second', 'array / string', list))
  const results = items.map((item) => calls.callWith(apply, { positional: [item], named: [] }))
  return typeof list === 'string'
    ? results.map(asString).join('')
    : new ArrayValue(results.flatMap((result) => asArray(result).items))
}

function folded(list: Value, name: string): readonly Thunk[] {
  return itemsOf(list, () => {
    return new RuntimeFault(`${name} second parameter should be string or array, got ${typeOf(list)}`)
  }).items
}

function repeat(what: Value, count: Value): Value {
  const times = asInteger(count)
  if (typeof what === 'string') {
    if (what.length * times > MAX_LIST) throw new RuntimeFault(`a text of ${times} times ${what.length} is too long`)
    return what.repeat(times)
  }
  if (!(what instanceof ArrayValue)) {
    throw new RuntimeFault('std.repeat first argument must be an array or a string')
  }
  if (what.items.length * times > MAX_LIST)
    throw new RuntimeFault(`a list of ${times} times ${what.items.length} is too long`)
  return new ArrayValue(Array.from({ length: times }, () => what.items).flat())
}

function join(separator: Value, list: Value): Value {
  if (!(list instanceof ArrayValue))
    throw new RuntimeFault(`join second parameter should be array, got ${typeOf(list)}`)
  const values = list.items.map((item) => item.force()).filter((value) => value !== null)
  if (typeof separator === 'string') return values.map(asString).join(separator)
  if (!(separator instanceof ArrayValue)) {
    throw new RuntimeFault(`join first parameter should be string or array, got ${typeOf(separator)}`)
  }
  const parts = values.flatMap((value, index) => [...(index === 0 ? [] : separator.items), ...asArray(value).items])
  return new ArrayValue(parts)
}

export function deepJoin(value: Value): string {
  if (typeof value === 'string') return value
  if (!(value instanceof ArrayValue)) throw new RuntimeFault(`Expected string or array, got ${typeOf(value)}`)
  return value.items.map((item) => deepJoin(item.force())).join('')
}

function flattenDeep(value: Value): Thunk[] {
  return value instanceof ArrayValue ? value.items.flatMap((item) => flattenDeep(item.force())) : [Thunk.of(value)]
}

function member(list: Value, item: Value): boolean {
  if (list instanceof ArrayValue) return list.items.some((one) => equals(one.force(), item))
  if (typeof list !== 'string') throw new RuntimeFault('std.member first argument must be an array or a string')
  return asString(item) !== '' && list.includes(asString(item))
}

function booleans(list: Value, name: string): readonly (() => boolean)[] {
  if (!(list instanceof ArrayValue))
    throw new RuntimeFault(`${name}() parameter should be an array, got ${typeOf(list)}`)
  return list.items.map((item) => () => {
    const value = item.force()
    if (typeof value === 'boolean') return value
    throw new RuntimeFault(`element "${toText(value)}" of type ${typeOf(value)} is not a boolean`)
  })
}
