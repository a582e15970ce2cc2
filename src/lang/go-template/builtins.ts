// The functions every template has: and or not, comparisons, index slice len call, html js urlquery, print.
import { GoError } from '../go/error.ts'
import { sprint, sprintf, sprintln } from '../go/print.ts'
import { isTrue } from '../go/truth.ts'
import { ANY, GoFunction, isNil, REFLECT_VALUE, STRING, targetOf, typeOf } from '../go/values.ts'
import type { GoType, GoValue } from '../go/values.ts'
import { assignTyped, canBeNil } from './assign.ts'
import { compareOrdered, isEqualToAny } from './compare.ts'
import { escapeHtml, escapeJs, escapeQuery } from './escape.ts'
import { indexValue, lengthOf, sliceValue } from './indexing.ts'

const VALUES: readonly GoType[] = [REFLECT_VALUE, REFLECT_VALUE]
const PAIR: readonly GoType[] = [REFLECT_VALUE, REFLECT_VALUE]

const BUILTINS: ReadonlyMap<string, GoFunction> = new Map([
  // and, or and call are evaluated by evaluate.ts, which needs only their parameters from here
  ['and', new GoFunction(VALUES, (args) => args.at(-1) ?? null, true)],
  ['or', new GoFunction(VALUES, (args) => args.at(-1) ?? null, true)],
  ['call', new GoFunction(VALUES, () => null, true)],
  ['not', new GoFunction([REFLECT_VALUE], ([value]) => !isTrue(value))],
  ['eq', new GoFunction(VALUES, isEqualToAny, true)],
  ['ne', new GoFunction(PAIR, (args) => !isEqualToAny(args))],
  ['lt', new GoFunction(PAIR, ([a = null, b = null]) => compareOrdered(a, b) < 0)],
  ['le', new GoFunction(PAIR, ([a = null, b = null]) => compareOrdered(a, b) <= 0)],
  ['gt', new GoFunction(PAIR, ([a = null, b = null]) => compareOrdered(a, b) > 0)],
  ['ge', new GoFunction(PAIR, ([a = null, b = null]) => compareOrdered(a, b) >= 0)],
  ['index', new GoFunction(VALUES, ([item = null, ...keys]) => indexValue(item, keys), true)],
  ['slice', new GoFunction(VALUES, ([item = null, ...keys]) => sliceValue(item, keys), true)],
  ['len', new GoFunction([REFLECT_VALUE], ([item = null]) => lengthOf(item))],
  ['html', new GoFunction([ANY], (args) => escapeHtml(textOf(args)), true)],
  ['js', new GoFunction([ANY], (args) => escapeJs(textOf(args)), true)],
  ['urlquery', new GoFunction([ANY], (args) => escapeQuery(textOf(args)), true)],
  ['print', new GoFunction([ANY], (args) => sprint(args), true)],
  ['println', new GoFunction([ANY], (args) => sprintln(args), true)],
  [
    'printf',
    new GoFunction([STRING, ANY], ([format, ...args]) => sprintf(typeof format === 'string' ? format : '', args), true),
  ],
])

/** A built-in function, or undefined where there is none of that name. */
export function builtinOf(name: string): GoFunction | undefined {
  return BUILTINS.get(name)
}

function textOf(args: readonly GoValue[]): string {
  const [only] = args
  if (args.length === 1 && typeof only === 'string') return only
  return sprint(args.map((arg) => (arg === null ? '<no value>' : (targetOf(arg) ?? arg))))
}

/** Calls a function that is a value; `name` is how the template wrote it. */
export function callValue(name: string, values: readonly GoValue[]): GoValue {
  const [callee = null, ...args] = values
  if (callee === null) throw new GoError('call of nil')
  if (!(callee instanceof GoFunction)) throw new GoError(`non-function ${name} of type ${typeOf(callee)?.name}`)
  const wanted = callee.params.length
  const fixed = callee.variadic ? wanted - 1 : wanted
  if (callee.variadic ? args.length < fixed : args.length !== fixed) {
    const least = callee.variadic ? 'at least ' : ''
    throw new GoError(`wrong number of args for ${name}: got ${args.length} want ${least}${fixed}`)
  }
  return callee.call(
    args.map((arg, index) => calleeArgument(arg, callee.params[Math.min(index, wanted - 1)] ?? ANY, index)),
  )
}

function calleeArgument(arg: GoValue, type: GoType, index: number): GoValue {
  if (arg === null || (isNil(arg) && canBeNil(type))) {
    if (canBeNil(type)) return arg
    throw new GoError(`arg ${index}: value is nil; should be of type ${type.name}`)
  }
  if (type.kind === 'interface') return arg
  const assigned = assignTyped(arg, type)
  if (assigned === undefined)
    throw new GoError(`arg ${index}: value has type ${typeOf(arg)?.name}; should be ${type.name}`)
  return assigned
}
