// Deletes what a jq path expression of `ignoreDifferences` names.
import { JqError, JqLimitError } from './error.ts'
import { compileJq, deletePaths, type JqProgram } from './program.ts'
import type { Json } from './values.ts'

/** How many compiled expressions are kept: more than an installation's rules. */
const MAX_PROGRAMS = 1000

/** Deletes from an object; the same function serves all rules, for it keeps what it has compiled. */
export type Deletion = <T extends object>(object: T, expression: string) => T

/**
 * Makes the function that a comparison takes as `deleteByJq` (argo-cd v3.5.1 `util/argo/normalizers/diff_normalizer.go`): an
 * expression that fails on an object, such as `.a[]` where there is no `a`, leaves it as it is. Throws `JqSyntaxError` for
 * what is no expression, and `JqLimitError` for one that takes too long.
 */
export function createJqDeletion(): Deletion {
  const programs = new Map<string, JqProgram>()

  function programFor(expression: string): JqProgram {
    const known = programs.get(expression)
    if (known !== undefined) return known
    const program = compileJq(expression)
    const [oldest] = programs.keys()
    if (programs.size >= MAX_PROGRAMS && oldest !== undefined) programs.delete(oldest)
    programs.set(expression, program)
    return program
  }

  return <T extends object>(object: T, expression: string): T => {
    const program = programFor(expression)
    try {
      // Objects are JSON values, and deleting inside one leaves an object of the same kind, or null for all of it.
      const left = deletePaths(object as unknown as Json, program) as unknown as T | null
      return left === null ? object : left
    } catch (error) {
      if (error instanceof JqLimitError) {
        throw new JqLimitError(`JQ patch execution timed out: ${error.message}`)
      }
      // As upstream: an expression that does not fit the object hides nothing.
      if (error instanceof JqError) return object
      throw error
    }
  }
}
