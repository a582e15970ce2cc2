// Sprig's functions on defaults, types and flow.
import { deepEqual } from '../go/deep-equal.ts'
import { GoError } from '../go/error.ts'
import { ANY, BOOL, STRING, typeOf } from '../go/values.ts'
import type { GoValue } from '../go/values.ts'
import { fixed, textAt, valueAt, variadic } from './define.ts'
import type { FunctionTable } from './define.ts'
import { isEmpty } from './lists.ts'

export const DEFAULT_FUNCTIONS: FunctionTable = {
  default: variadic([ANY, ANY], (args) => (isEmpty(valueAt(args, 1)) ? valueAt(args, 0) : valueAt(args, 1))),
  empty: fixed([ANY], (args) => isEmpty(valueAt(args, 0))),
  coalesce: variadic([ANY], (args) => args.find((value) => !isEmpty(value)) ?? null),
  all: variadic([ANY], (args) => !args.some(isEmpty)),
  any: variadic([ANY], (args) => args.some((value) => !isEmpty(value))),
  ternary: fixed([ANY, ANY, BOOL], (args) => valueAt(args, args[2] === true ? 0 : 1)),
  typeOf: fixed([ANY], (args) => typeName(valueAt(args, 0))),
  typeIs: fixed([STRING, ANY], (args) => textAt(args, 0) === typeName(valueAt(args, 1))),
  typeIsLike: fixed([STRING, ANY], (args) => {
    const name = typeName(valueAt(args, 1))
    return textAt(args, 0) === name || `*${textAt(args, 0)}` === name
  }),
  kindOf: fixed([ANY], (args) => kindName(valueAt(args, 0))),
  kindIs: fixed([STRING, ANY], (args) => textAt(args, 0) === kindName(valueAt(args, 1))),
  deepEqual: fixed([ANY, ANY], (args) => deepEqual(valueAt(args, 0), valueAt(args, 1))),
  fail: fixed([STRING], (args) => {
    throw new GoError(textAt(args, 0))
  }),
}

function typeName(value: GoValue): string {
  return typeOf(value)?.name ?? '<nil>'
}

function kindName(value: GoValue): string {
  return typeOf(value)?.kind ?? 'invalid'
}
