// Calling functions: which argument goes to which parameter, how deep calls may go, calls in tail position.
import { RuntimeFault, tooDeep } from './error.ts'
import type { Span } from './source.ts'
import { Thunk, type FunctionValue, type Value, TailCall } from './values.ts'

/** go-jsonnet's default (vm.go `MaxStack`). */
export const MAX_CALLS = 500

export interface Arguments {
  readonly positional: readonly Thunk[]
  readonly named: readonly (readonly [string, Thunk])[]
}

/** Counts the calls that have not returned. */
export class CallStack {
  /** Where the call that runs last was made. */
  place: Span | undefined
  #depth = 0
  readonly #limit: number

  constructor(limit: number = MAX_CALLS) {
    this.#limit = limit
  }

  /** Calls a function with its slots filled, and what it calls in tail position. */
  run(target: FunctionValue, slots: Thunk[]): Value {
    if (this.#depth >= this.#limit) throw tooDeep()
    this.#depth++
    try {
      let result = target.body(slots)
      while (result instanceof TailCall) result = result.target.body(result.slots)
      return result
    } finally {
      this.#depth--
    }
  }

  call(target: FunctionValue, ...values: readonly Value[]): Value {
    return this.callWith(target, { positional: values.map((value) => Thunk.of(value)), named: [] })
  }

  callWith(target: FunctionValue, args: Arguments): Value {
    return this.run(target, slotsOf(target, args))
  }
}

/** A thunk per parameter. Throws what go-jsonnet says of too many, unknown, repeated and missing arguments. */
export function slotsOf(target: FunctionValue, { positional, named }: Arguments): Thunk[] {
  const { parameters } = target
  if (positional.length > parameters.length) {
    throw new RuntimeFault(
      `function expected ${parameters.length} positional argument(s), but got ${positional.length}`,
    )
  }
  const slots: (Thunk | undefined)[] = [...positional]
  for (const [name, thunk] of named) {
    const index = parameters.findIndex((parameter) => parameter.name === name)
    if (index < 0) throw new RuntimeFault(`function has no parameter ${name}`)
    if (slots[index] !== undefined) throw new RuntimeFault(`Argument ${name} already provided`)
    slots[index] = thunk
  }
  return withFallbacks(target, slots)
}

function withFallbacks(target: FunctionValue, given: (Thunk | undefined)[]): Thunk[] {
  const { parameters } = target
  const missing = parameters.filter((_parameter, index) => given[index] === undefined)
  const required = missing.find(({ fallback }) => fallback === undefined)
  if (required !== undefined) throw new RuntimeFault(`Missing argument: ${required.name}`)
  const slots = given as Thunk[] // every gap is filled below, before anybody looks
  if (missing.length === 0) return slots
  const scope = target.scope(slots)
  for (const [index, { fallback }] of parameters.entries()) {
    if (fallback !== undefined) slots[index] ??= Thunk.later(() => fallback(scope))
  }
  return slots
}
