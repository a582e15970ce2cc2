// std: arithmetic.
import { binaryParts } from '../../go/numbers.ts'
import { RuntimeFault } from '../error.ts'
import { modulo } from '../operators.ts'
import { asNumber, checkNumber, typeOf, type FunctionValue, type Value } from '../values.ts'
import { define, type Chapter } from './define.ts'

function onNumber(compute: (x: number) => number | boolean): FunctionValue {
  return define('x', (x) => {
    const result = compute(asNumber(x))
    return typeof result === 'number' ? checkNumber(result) : result
  })
}

function expected(value: Value, what: string): number {
  if (typeof value === 'number') return value
  throw new RuntimeFault(`${what} expected number, got ${typeOf(value)}`)
}

export const numbers: Chapter = () => ({
  abs: define('n', (n) => Math.abs(expected(n, 'std.abs'))),
  sign: define('n', (n) => Math.sign(expected(n, 'std.sign')) + 0),
  max: define('a b', (a, b) => Math.max(expected(a, 'std.max first param'), expected(b, 'std.max second param'))),
  min: define('a b', (a, b) => Math.min(expected(a, 'std.min first param'), expected(b, 'std.min second param'))),
  clamp: define('x minVal maxVal', (x, low, high) => {
    const value = asNumber(x)
    return value < asNumber(low) ? low : value > asNumber(high) ? high : value
  }),
  mod: define('a b', modulo),
  modulo: define('x y', (x, y) => {
    if (asNumber(y) === 0) throw new RuntimeFault('Division by zero.')
    return asNumber(x) % asNumber(y)
  }),
  pow: define('x n', (x, n) => checkNumber(asNumber(x) ** asNumber(n))),
  hypot: define('x y', (x, y) => checkNumber(Math.hypot(asNumber(x), asNumber(y)))),
  atan2: define('y x', (y, x) => checkNumber(Math.atan2(asNumber(y), asNumber(x)))),
  ceil: onNumber(Math.ceil),
  floor: onNumber(Math.floor),
  // Half away from zero, as Go has it; Math.round takes -0.5 to 0.
  round: onNumber((x) => Math.sign(x) * Math.floor(Math.abs(x) + 0.5)),
  sqrt: onNumber(Math.sqrt),
  exp: onNumber(Math.exp),
  log: onNumber(Math.log),
  log2: onNumber((x) => Math.log(x) / Math.log(2)),
  log10: onNumber((x) => Math.log(x) / Math.log(10)),
  sin: onNumber(Math.sin),
  cos: onNumber(Math.cos),
  tan: onNumber(Math.tan),
  asin: onNumber(Math.asin),
  acos: onNumber(Math.acos),
  atan: onNumber(Math.atan),
  deg2rad: onNumber((x) => (x * Math.PI) / 180),
  rad2deg: onNumber((x) => (x * 180) / Math.PI),
  exponent: onNumber((x) => binaryExponent(x)),
  mantissa: onNumber((x) => (x === 0 ? 0 : x / 2 ** binaryExponent(x))),
  isEven: onNumber((x) => wholePart(x) % 2 === 0),
  isOdd: onNumber((x) => wholePart(x) % 2 !== 0),
  isInteger: onNumber((x) => Number.isInteger(x)),
  isDecimal: onNumber((x) => !Number.isInteger(x)),
})

function wholePart(x: number): number {
  return Math.trunc(x)
}

/** The exponent that leaves a mantissa of at least a half and less than one, as C's frexp. */
function binaryExponent(x: number): number {
  if (x === 0) return 0
  const { mantissa, exponent } = binaryParts(Math.abs(x))
  return exponent + mantissa.toString(2).length
}
