// Expressions of admission: whether they compile, and to which type (pkg/apis/admissionregistration/validation, validateCELCondition, 1.36.3).
import type { Environment } from '@marcbachmann/cel-js'
import { CapstanError } from '../../../base/errors.ts'
import { createLibrary } from '../../apiserver/crd/cel/library.ts'
import { compileExpression } from '../../apiserver/crd/cel/program.ts'
import type { FieldFault } from '../contract.ts'
import { invalidValue } from './faults.ts'

/** Names that expressions of admission may use, all of them of a type that is known only when a request comes. */
const NAMES = ['object', 'oldObject', 'request', 'namespaceObject']

export interface Scope {
  readonly hasParams: boolean
  readonly hasAuthorizer: boolean
  /** The variables made so far, by name, with their types; undefined where there are none to speak of. */
  readonly variables: ReadonlyMap<string, string> | undefined
}

interface Compiled {
  /** The type's name; undefined where it is not known. */
  readonly type: string | undefined
  readonly faults: readonly FieldFault[]
}

/** Compiles an expression. Only what is certainly wrong is told: names that are not there and text that cannot be read. */
export function compiled(expression: string, field: string, scope: Scope): Compiled {
  try {
    return { type: compileExpression(environmentFor(scope), expression).type, faults: [] }
  } catch (error) {
    if (!(error instanceof CapstanError)) throw error
    const text = certainFault(error, expression)
    return { type: undefined, faults: text === undefined ? [] : [invalidValue(field, expression, text)] }
  }
}

/** Faults of an expression that must come to one of some types. */
export function expressionFaults(
  expression: string,
  field: string,
  scope: Scope,
  types: readonly string[],
): readonly FieldFault[] {
  const { type, faults } = compiled(expression, field, scope)
  if (type === undefined || type === 'dyn' || types.includes(type)) return faults
  const wanted = types.length === 1 ? types[0] : `one of [${types.join(' ')}]`
  return [...faults, invalidValue(field, expression, `must evaluate to ${wanted} but got ${type}`)]
}

function environmentFor({ hasParams, hasAuthorizer, variables }: Scope): Environment {
  const environment = createLibrary()
  for (const name of NAMES) environment.registerVariable(name, 'dyn')
  if (hasParams) environment.registerVariable('params', 'dyn')
  if (hasAuthorizer) environment.registerVariable('authorizer', 'dyn')
  if (variables === undefined) return environment
  class Variables {}
  const fields = Object.fromEntries(variables)
  environment.registerType('kubernetes.variables', { ctor: Variables, fields } as never) // read by their names alone
  environment.registerVariable('variables', 'kubernetes.variables')
  return environment
}

/** Faults the library finds as cel-go does; of others it may be the library that does not know better. */
const CERTAIN: ReadonlySet<string> = new Set([
  'expected_token',
  'no_such_key',
  'no_such_overload',
  'unexpected_character',
  'unexpected_token',
  'unknown_variable',
  'unterminated_string',
])

/** The text of a fault that cel-go would find too; undefined where that is not certain. */
export function certainFault(error: Error, expression: string): string | undefined {
  const { code, range } = error.cause as { readonly code?: string; readonly range?: { readonly start: number } } // the library's own
  if (code === undefined || !CERTAIN.has(code)) return undefined
  if (code !== 'unexpected_character') return error.message
  const rest = expression.slice(range?.start ?? 0)
  const token = /^(?:\w+|.)/.exec(rest)?.[0] ?? ''
  return error.message.replace(/Unexpected character: '.*'/, () => `extraneous input '${token}' expecting <EOF>`)
}
