// Calling functions of the environment and methods.
import { CapstanError } from '../../base/errors.ts'
import { GoFunction, GoTyped, isIntegerKind, typeOf, zeroValue } from '../go/values.ts'
import type { GoType, GoValue } from '../go/values.ts'
import { numberOf } from './numbers.ts'
import { fault, typeName } from './run.ts'
import type { Run } from './run.ts'

/** The result; the function's own error becomes the expression's. */
export function callFunction(run: Run, target: GoValue, args: readonly GoValue[]): GoValue {
  if (target === null) throw fault(run, 'invalid operation: cannot call nil')
  if (!(target instanceof GoFunction)) {
    throw fault(run, `invalid operation: cannot call non-function of type ${typeName(target)}`)
  }
  checkCount(run, target, args.length)
  const { at } = run
  const given = args.map((value, index) => argument(run, parameterAt(target, index), value))
  try {
    return target.call(given)
  } catch (error) {
    run.at = at
    if (error instanceof CapstanError) throw fault(run, error.message, error)
    throw error
  }
}

function checkCount(run: Run, { params, variadic }: GoFunction, count: number): void {
  const wanted = params.length
  if (variadic ? count >= wanted - 1 : count === wanted) return
  const least = variadic ? `at least ${wanted - 1}` : String(wanted)
  throw fault(run, `invalid number of arguments: expected ${least}, got ${count}`)
}

/** The type of an argument; of a variadic function the last one's is that of all further ones. */
function parameterAt({ params }: GoFunction, index: number): GoType | undefined {
  return params[Math.min(index, params.length - 1)]
}

/** The argument as the parameter wants it: nil is the zero value, numbers take the wanted type, as literals do in Go. */
function argument(run: Run, wanted: GoType | undefined, value: GoValue): GoValue {
  if (wanted === undefined || wanted.kind === 'interface' || wanted.name === 'reflect.Value') return value
  if (value === null) return zeroValue(wanted)
  const type = typeOf(value)
  if (type?.name === wanted.name) return value
  const number = asNumber(wanted, value)
  if (number !== undefined) return number
  if (type?.kind === wanted.kind && isLoose(type, wanted)) return value
  throw fault(run, `reflect: Call using ${typeName(value)} as type ${wanted.name}`)
}

/** A number in the wanted type; undefined where one of them is none. */
function asNumber(wanted: GoType, value: GoValue): GoValue | undefined {
  const number = numberOf(value)
  if (number === undefined || wanted.isNamed === true) return undefined
  if (wanted.kind === 'float64') return Number(number)
  if (typeof number !== 'bigint' || !isIntegerKind(wanted.kind)) return undefined
  return wanted.kind === 'int' ? number : new GoTyped(wanted, number)
}

/** A list or map of anything where one of texts is wanted: our values do not always carry their element types. */
function isLoose(type: GoType, wanted: GoType): boolean {
  return type.kind !== 'struct' && type.isNamed !== true && wanted.isNamed !== true
}
