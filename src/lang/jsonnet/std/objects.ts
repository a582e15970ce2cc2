// std: objects.
import type { CallStack } from '../call.ts'
import { equals } from '../operators.ts'
import {
  ArrayValue,
  asBoolean,
  asObject,
  asString,
  ObjectValue,
  type Field,
  type FunctionValue,
  type Value,
} from '../values.ts'
import { RuntimeFault } from '../error.ts'
import { typeOf } from '../values.ts'
import { define, type Chapter } from './define.ts'

export const objects: Chapter = (calls) => ({
  objectFieldsEx: define('obj hidden', (object, hidden) => names(object, asBoolean(hidden))),
  objectFields: define('o', (object) => names(object, false)),
  objectFieldsAll: define('o', (object) => names(object, true)),
  objectHasEx: define('obj fname hidden', (object, name, hidden) => {
    return asObject(object).has(asString(name), asBoolean(hidden))
  }),
  objectHas: define('o f', (object, name) => asObject(object).has(asString(name), false)),
  objectHasAll: define('o f', (object, name) => asObject(object).has(asString(name), true)),
  objectValues: valuesOf(false),
  objectValuesAll: valuesOf(true),
  objectKeysValues: pairsOf(false),
  objectKeysValuesAll: pairsOf(true),
  objectRemoveKey: define('obj key', (object, key) => {
    const { layers } = asObject(object)
    const removed = { name: asString(key), layers: layers.length }
    return new ObjectValue([...layers, { fields: new Map<string, Field>(), asserts: [], removed }])
  }),
  get: define(
    'o f default inc_hidden',
    (object, name, fallback, includesHidden) => {
      const found = asObject(object).has(asString(name), asBoolean(includesHidden))
      return found ? fieldOf(asObject(object), asString(name)) : fallback
    },
    { default: null, inc_hidden: true },
  ),
  mapWithKey: define('func obj', (func, object) => mapWithKey(calls, func, object)),
  mergePatch: define('target patch', mergePatch),
  prune: define('a', prune),
})

function names(object: Value, includesHidden: boolean): ArrayValue {
  return ArrayValue.of(asObject(object).names(includesHidden))
}

function fieldOf(object: ObjectValue, name: string): Value {
  return object.get(name) ?? null
}

function valuesOf(includesHidden: boolean): FunctionValue {
  return define('o', (object) => {
    const source = asObject(object)
    return ArrayValue.ofLater(source.names(includesHidden), (name) => fieldOf(source, name))
  })
}

function pairsOf(includesHidden: boolean): FunctionValue {
  return define('o', (object) => {
    const source = asObject(object)
    return ArrayValue.ofLater(source.names(includesHidden), (name) => {
      return ObjectValue.of([
        ['key', (): Value => name],
        ['value', (): Value => fieldOf(source, name)],
      ])
    })
  })
}

function mapWithKey(calls: CallStack, func: Value, object: Value): ObjectValue {
  if (typeOf(func) !== 'function') {
    throw new RuntimeFault(`std.mapWithKey first param must be function, got ${typeOf(func)}`)
  }
  if (!(object instanceof ObjectValue)) {
    throw new RuntimeFault(`std.mapWithKey second param must be object, got ${typeOf(object)}`)
  }
  const apply = func as FunctionValue // its type was just asked
  return ObjectValue.of(
    object.names(false).map((name) => [name, () => calls.call(apply, name, fieldOf(object, name))] as const),
  )
}

/** RFC 7396. */
function mergePatch(target: Value, patch: Value): Value {
  if (!(patch instanceof ObjectValue)) return patch
  const base = target instanceof ObjectValue ? target : new ObjectValue([])
  const patched = patch.names(false).filter((name) => !equals(fieldOf(patch, name), null))
  const kept = base.names(false).filter((name) => !patch.has(name, false))
  return ObjectValue.of([
    ...kept.map((name) => [name, (): Value => fieldOf(base, name)] as const),
    ...patched.map((name) => {
      const below = (): Value => (base.has(name, false) ? fieldOf(base, name) : null)
      return [name, (): Value => mergePatch(below(), fieldOf(patch, name))] as const
    }),
  ])
}

/** Leaves out null and what is empty, everywhere. */
function prune(value: Value): Value {
  if (value instanceof ArrayValue) {
    return ArrayValue.of(value.items.map((item) => prune(item.force())).filter(isContent))
  }
  if (!(value instanceof ObjectValue)) return value
  const fields = value.names(false).map((name) => [name, prune(fieldOf(value, name))] as const)
  return ObjectValue.of(fields.filter(([, field]) => isContent(field)).map(([name, field]) => [name, () => field]))
}

function isContent(value: Value): boolean {
  if (value instanceof ArrayValue) return value.items.length > 0
  if (value instanceof ObjectValue) return value.names(false).length > 0
  return value !== null
}
