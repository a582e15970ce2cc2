// What operators do with values (go-jsonnet builtins.go).
import { compareText } from '../go/text.ts'
import { formatFloat } from '../go/numbers.ts'
import { RuntimeFault } from './error.ts'
import { format } from './format.ts'
import { toText } from './json-text.ts'
import type { BinaryOperator, UnaryOperator } from './syntax.ts'
import {
  ArrayValue,
  asBoolean,
  asNumber,
  asObject,
  asString,
  checkNumber,
  FunctionValue,
  ObjectValue,
  typeOf,
  wrongType,
  type Value,
} from './values.ts'

/** Applies an operator that looks at both sides; `&&` and `||` may not, and are not among them. */
export function binary(operator: EagerOperator, left: Value, right: Value): Value {
  return OPERATIONS[operator](left, right)
}

export type EagerOperator = Exclude<BinaryOperator, '&&' | '||'>

const OPERATIONS: Readonly<Record<EagerOperator, (left: Value, right: Value) => Value>> = {
  '+': add,
  '-': (left, right) => checkNumber(asNumber(left) - asNumber(right)),
  '*': (left, right) => checkNumber(asNumber(left) * asNumber(right)),
  '/': divide,
  '%': modulo,
  '<': (left, right) => compare(left, right) < 0,
  '<=': (left, right) => compare(left, right) <= 0,
  '>': (left, right) => compare(left, right) > 0,
  '>=': (left, right) => compare(left, right) >= 0,
  '==': (left, right) => equals(left, right),
  '!=': (left, right) => !equals(left, right),
  '&': (left, right) => bitwise(left, right, (a, b) => a & b),
  '|': (left, right) => bitwise(left, right, (a, b) => a | b),
  '^': (left, right) => bitwise(left, right, (a, b) => a ^ b),
  '<<': (left, right) => shift(left, right, (a, b) => a << b),
  '>>': (left, right) => shift(left, right, (a, b) => a >> b),
  in: (left, right) => asObject(right).has(asString(left), true),
}

export function unary(operator: UnaryOperator, value: Value): Value {
  switch (operator) {
    case '!':
      return !asBoolean(value)
    case '~':
      return Number(~integer(value))
    case '-':
      return -asNumber(value)
    case '+':
      return asNumber(value)
  }
}

/** Texts, numbers, lists and objects added; anything is text beside a text. */
export function add(left: Value, right: Value): Value {
  if (typeof left === 'string' || typeof right === 'string') return toText(left) + toText(right)
  if (typeof left === 'number') return checkNumber(left + asNumber(right))
  if (left instanceof ArrayValue) {
    if (!(right instanceof ArrayValue)) throw wrongType(right, 'array')
    return new ArrayValue([...left.items, ...right.items])
  }
  if (left instanceof ObjectValue) return new ObjectValue([...left.layers, ...asObject(right).layers])
  throw wrongType(left)
}

function divide(left: Value, right: Value): number {
  const [dividend, divisor] = [asNumber(left), asNumber(right)]
  if (divisor === 0) throw new RuntimeFault('Division by zero.')
  return checkNumber(dividend / divisor)
}

export function modulo(left: Value, right: Value): Value {
  if (typeof left === 'string') return format(left, right)
  if (typeof left !== 'number' || typeof right !== 'number') {
    throw new RuntimeFault(`Operator % cannot be used on types ${typeOf(left)} and ${typeOf(right)}.`)
  }
  if (right === 0) throw new RuntimeFault('Division by zero.')
  return left % right
}

/** Google's rule: what a double may have rounded has no bits to speak of (jsonnet core/vm.cpp). */
function integer(value: Value): bigint {
  const number = Math.trunc(asNumber(value))
  if (Number.isSafeInteger(number)) return BigInt(number)
  if (Math.abs(number) <= 2 ** 63) throw unsafeInteger()
  const range = '[-9223372036854775808, 9223372036854775807]'
  throw new RuntimeFault(`Bitwise operator argument ${formatFloat(number, 'g', -1)} outside of range ${range}`)
}

function unsafeInteger(): RuntimeFault {
  return new RuntimeFault('numeric value outside safe integer range for bitwise operation.')
}

function bitwise(left: Value, right: Value, operate: (a: bigint, b: bigint) => bigint): number {
  return Number(operate(integer(left), integer(right)))
}

function shift(left: Value, right: Value, operate: (a: bigint, b: bigint) => bigint): number {
  const [value, by] = [integer(left), integer(right)]
  if (by < 0n) throw new RuntimeFault('Shift by negative exponent.')
  const result = operate(value, by % 64n)
  if (BigInt.asIntN(64, result) !== result) throw unsafeInteger()
  return Number(result)
}

/** Negative, zero or positive. Numbers, texts and lists have an order. */
export function compare(left: Value, right: Value): number {
  if (typeof left === 'number') return left - asNumber(right)
  if (typeof left === 'string') return compareText(left, asString(right))
  if (!(left instanceof ArrayValue)) throw wrongType(left)
  if (!(right instanceof ArrayValue)) throw wrongType(right, 'array')
  const shared = Math.min(left.items.length, right.items.length)
  for (let index = 0; index < shared; index++) {
    const order = compare(itemAt(left, index), itemAt(right, index))
    if (order !== 0) return order
  }
  return left.items.length - right.items.length
}

function itemAt(list: ArrayValue, index: number): Value {
  return list.items[index]?.force() ?? null
}

/** Equal as JSON: hidden fields do not count. Functions cannot be compared. */
export function equals(left: Value, right: Value): boolean {
  if (typeOf(left) !== typeOf(right)) return false
  if (left instanceof FunctionValue) throw new RuntimeFault('Cannot test equality of functions')
  if (left instanceof ArrayValue && right instanceof ArrayValue) {
    return (
      left.items.length === right.items.length &&
      left.items.every((item, index) => equals(item.force(), itemAt(right, index)))
    )
  }
  if (left instanceof ObjectValue && right instanceof ObjectValue) return objectsEqual(left, right)
  return left === right
}

function objectsEqual(left: ObjectValue, right: ObjectValue): boolean {
  const [names, others] = [left.names(false), right.names(false)]
  return (
    names.length === others.length &&
    names.every((name, index) => name === others[index]) &&
    names.every((name) => equals(left.get(name) ?? null, right.get(name) ?? null))
  )
}
