// Sprig's functions on numbers.
import { GoError } from '../go/error.ts'
import { parseInteger } from '../go/numbers.ts'
import { formatValue } from '../go/print.ts'
import { ANY, FLOAT64, INT, int64, ints, STRING } from '../go/values.ts'
import type { GoValue } from '../go/values.ts'
import { toFloat, toInteger } from './cast.ts'
import { addDecimals, divideDecimals, multiplyDecimals, subtractDecimals } from './decimal.ts'
import { countAt, fixed, MAX_ELEMENTS, requireLength, textAt, valueAt, variadic } from './define.ts'
import type { FunctionTable } from './define.ts'

export const MATH_FUNCTIONS: FunctionTable = {
  add1: fixed([ANY], (args) => int64(integerAt(args, 0) + 1n)),
  add: variadic([ANY], (args) => int64(args.reduce<bigint>((sum, value) => sum + toInteger(value), 0n))),
  sub: fixed([ANY, ANY], (args) => int64(integerAt(args, 0) - integerAt(args, 1))),
  div: fixed([ANY, ANY], (args) => int64(integerAt(args, 0) / divisorAt(args, 1))),
  mod: fixed([ANY, ANY], (args) => int64(integerAt(args, 0) % divisorAt(args, 1))),
  mul: variadic([ANY, ANY], (args) => int64(args.reduce<bigint>((product, value) => product * toInteger(value), 1n))),
  max: variadic([ANY, ANY], (args) => int64(args.map(toInteger).reduce((a, b) => (b > a ? b : a)))),
  biggest: variadic([ANY, ANY], (args) => int64(args.map(toInteger).reduce((a, b) => (b > a ? b : a)))),
  min: variadic([ANY, ANY], (args) => int64(args.map(toInteger).reduce((a, b) => (b < a ? b : a)))),
  maxf: variadic([ANY, ANY], (args) => Math.max(...args.map(toFloat))),
  minf: variadic([ANY, ANY], (args) => Math.min(...args.map(toFloat))),
  add1f: fixed([ANY], (args) => addDecimals(toFloat(valueAt(args, 0)), 1)),
  addf: variadic([ANY], (args) => args.map(toFloat).reduce(addDecimals, 0)),
  subf: variadic([ANY, ANY], (args) => args.map(toFloat).reduce(subtractDecimals)),
  divf: variadic([ANY, ANY], (args) => args.map(toFloat).reduce(divideDecimals)),
  mulf: variadic([ANY, ANY], (args) => args.map(toFloat).reduce(multiplyDecimals)),
  ceil: fixed([ANY], (args) => Math.ceil(toFloat(valueAt(args, 0)))),
  floor: fixed([ANY], (args) => Math.floor(toFloat(valueAt(args, 0)))),
  round: variadic([ANY, INT, FLOAT64], (args) => {
    return round(toFloat(valueAt(args, 0)), countAt(args, 1), args.length > 2 ? toFloat(valueAt(args, 2)) : 0.5)
  }),
  int: fixed([ANY], (args) => integerAt(args, 0)),
  int64: fixed([ANY], (args) => int64(integerAt(args, 0))),
  float64: fixed([ANY], (args) => toFloat(valueAt(args, 0))),
  atoi: fixed([STRING], (args) => parsedOrZero(textAt(args, 0))),
  toDecimal: fixed([ANY], (args) => int64(parseOctal(formatValue(valueAt(args, 0))))),
  until: fixed([INT], (args) => ints(steps(0n, wholeAt(args, 0), wholeAt(args, 0) < 0n ? -1n : 1n))),
  untilStep: fixed([INT, INT, INT], (args) => ints(steps(wholeAt(args, 0), wholeAt(args, 1), wholeAt(args, 2)))),
  seq: variadic([INT], (args) => sequence(args.map(toInteger)).join(' ')),
}

function integerAt(args: readonly GoValue[], index: number): bigint {
  return toInteger(valueAt(args, index))
}

function wholeAt(args: readonly GoValue[], index: number): bigint {
  return toInteger(valueAt(args, index))
}

function divisorAt(args: readonly GoValue[], index: number): bigint {
  const divisor = integerAt(args, index)
  if (divisor === 0n) throw new GoError('runtime error: integer divide by zero')
  return divisor
}

function parsedOrZero(text: string): bigint {
  const parsed = parseInteger(text, 10)
  return typeof parsed === 'bigint' ? parsed : 0n
}

function parseOctal(text: string): bigint {
  return /^[+-]?[0-7]+$/.test(text) ? BigInt(`0o${text.replace(/^[+-]/, '')}`) * (text.startsWith('-') ? -1n : 1n) : 0n
}

function round(value: number, places: number, roundOn: number): number {
  const power = 10 ** places
  const digits = power * value
  const rounded = digits - Math.trunc(digits) >= roundOn ? Math.ceil(digits) : Math.floor(digits)
  return rounded / power
}

function steps(start: bigint, stop: bigint, step: bigint): bigint[] {
  const items: bigint[] = []
  if (stop < start ? step >= 0n : step <= 0n) return items
  const count = Number((stop - start) / step)
  requireLength(Math.abs(count), MAX_ELEMENTS, 'list of numbers')
  if (stop < start) for (let value = start; value > stop; value += step) items.push(value)
  else for (let value = start; value < stop; value += step) items.push(value)
  return items
}

/** GNU seq: up to 3 numbers, the last being the end. */
function sequence(params: readonly bigint[]): bigint[] {
  const [first = 0n, second = 0n, third = 0n] = params
  switch (params.length) {
    case 1: {
      const step = first < 1n ? -1n : 1n
      return steps(1n, first + step, step)
    }
    case 2: {
      const step = second < first ? -1n : 1n
      return steps(first, second + step, step)
    }
    case 3:
      if (third < first && second > 0n) return []
      return steps(first, third + (third < first ? -1n : 1n), second)
    default:
      return []
  }
}
