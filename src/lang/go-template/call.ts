// What surrounds a call: the number of arguments before it, and the wrapping of the error it fails with.
import { CapstanError } from '../../base/errors.ts'
import type { GoFunction, GoValue } from '../go/values.ts'
import type { Node } from './nodes.ts'
import { fault, NO_FINAL } from './run.ts'
import type { Evaluated, Final, Run } from './run.ts'

interface Call {
  readonly name: string
  readonly node: Node
  /** The function's name and its written arguments. */
  readonly args: readonly Node[]
  readonly final: Final
}

/** Throws unless the function takes as many arguments as the call has. */
export function checkCount(run: Run, target: GoFunction, call: Call): void {
  const written = Math.max(call.args.length - 1, 0)
  const count = written + (call.final === NO_FINAL ? 0 : 1)
  const wanted = target.params.length
  if (target.variadic) {
    if (count >= wanted - 1) return
    throw fault(run, `wrong number of args for ${call.name}: want at least ${wanted - 1} got ${written}`)
  }
  if (count !== wanted) throw fault(run, `wrong number of args for ${call.name}: want ${wanted} got ${count}`)
}

/** Runs the function's body; what it fails with is reported at the call as `error calling NAME: …`. */
export function invoke(run: Run, call: Call, body: () => GoValue): Evaluated {
  try {
    const value = body()
    run.isBoxed = value === null
    return value
  } catch (error) {
    if (!(error instanceof CapstanError)) throw error
    run.node = call.node
    throw fault(run, `error calling ${call.name}: ${error.message}`, error)
  }
}
