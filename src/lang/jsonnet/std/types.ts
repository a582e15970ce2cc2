// std: what kind of value something is, comparing, and telling.
import { RuntimeFault } from '../error.ts'
import { jsonText, INLINE_LAYOUT, quoted, toText } from '../json-text.ts'
import { compare, equals } from '../operators.ts'
import { pointCount } from '../text-points.ts'
import { ArrayValue, FunctionValue, ObjectValue, typeOf, wrongType, type TypeName, type Value } from '../values.ts'
import { define, type Chapter } from './define.ts'

function isType(type: TypeName): FunctionValue {
  return define('v', (v) => typeOf(v) === type)
}

export const types: Chapter = () => ({
  type: define('x', (x) => typeOf(x)),
  isString: isType('string'),
  isNumber: isType('number'),
  isBoolean: isType('boolean'),
  isObject: isType('object'),
  isArray: isType('array'),
  isFunction: isType('function'),
  isNull: isType('null'),
  length: define('x', lengthOf),
  isEmpty: define('str', (text) => {
    if (typeof text !== 'string') throw wrongType(text, 'string')
    return text === ''
  }),
  toString: define('a', toText),
  equals: define('a b', equals),
  primitiveEquals: define('x y', primitiveEquals),
  xor: define('x y', (x, y) => bool(x) !== bool(y)),
  xnor: define('x y', (x, y) => bool(x) === bool(y)),
  assertEqual: define('a b', (a, b) => {
    if (equals(a, b)) return true
    throw new RuntimeFault(`Assertion failed. ${shown(a)} != ${shown(b)}`)
  }),
  __compare: define('v1 v2', threeWay),
  __compare_array: define('arr1 arr2', threeWay),
  __array_less: define('arr1 arr2', (a, b) => threeWay(a, b) < 0),
  __array_greater: define('arr1 arr2', (a, b) => threeWay(a, b) > 0),
  __array_less_or_equal: define('arr1 arr2', (a, b) => threeWay(a, b) <= 0),
  __array_greater_or_equal: define('arr1 arr2', (a, b) => threeWay(a, b) >= 0),
})

function bool(value: Value): boolean {
  if (typeof value !== 'boolean') throw wrongType(value, 'boolean')
  return value
}

export function lengthOf(value: Value): number {
  if (typeof value === 'string') return pointCount(value)
  if (value instanceof ArrayValue) return value.items.length
  if (value instanceof ObjectValue) return value.names(false).length
  if (value instanceof FunctionValue) return value.parameters.length
  throw wrongType(value)
}

function primitiveEquals(x: Value, y: Value): boolean {
  if (typeOf(x) !== typeOf(y)) return false
  if (x instanceof FunctionValue) throw new RuntimeFault('Cannot test equality of functions')
  if (x instanceof ArrayValue || x instanceof ObjectValue) {
    throw new RuntimeFault(`primitiveEquals operates on primitive types, got ${typeOf(x)}`)
  }
  return x === y
}

function threeWay(a: Value, b: Value): number {
  return Math.sign(compare(a, b))
}

function shown(value: Value): string {
  return typeof value === 'string' ? quoted(value) : jsonText(value, INLINE_LAYOUT)
}
