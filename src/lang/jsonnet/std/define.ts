// How functions of the standard library are written down.
import type { CallStack } from '../call.ts'
import { FunctionValue, type Thunk, type Value } from '../values.ts'

/** Part of the library: names and what they are, given the way to call a program's functions. */
export type Chapter = (calls: CallStack) => Readonly<Record<string, FunctionValue>>

/**
 * A function whose arguments are all needed. `names` lists the parameters, apart by blanks; those in `defaults` may be
 * left out.
 */
export function define(
  names: string,
  run: (...values: Value[]) => Value,
  defaults: Readonly<Record<string, Value>> = {},
): FunctionValue {
  return defineLazy(names, (...slots) => run(...slots.map((slot) => slot.force())), defaults)
}

/** A function that asks for its arguments itself. */
export function defineLazy(
  names: string,
  run: (...slots: Thunk[]) => Value,
  defaults: Readonly<Record<string, Value>> = {},
): FunctionValue {
  const parameters = names.split(' ').map((name) => {
    const value = defaults[name]
    return { name, fallback: value === undefined ? undefined : (): Value => value }
  })
  return new FunctionValue(parameters, (slots) => run(...slots))
}

/** The function that gives back what it gets: the key of lists that have no other. */
export const IDENTITY: FunctionValue = defineLazy('x', (x) => x.force())
