// Compiles and runs jq programs (gojq's language; no input, files, modules, dates or environment).
import { MAX_VISITS } from './budget.ts'
import { JqLimitError } from './error.ts'
import { Execution } from './evaluate.ts'
import { PLAINS } from './functions.ts'
import { parseDefinitions, parseProgram } from './parser.ts'
import { type Path, withoutPaths } from './paths.ts'
import { PRELUDE } from './prelude.ts'
import type { Library } from './run.ts'
import { bindFunction, EMPTY_SCOPE, type Scope } from './scope.ts'
import { SPECIALS } from './specials.ts'
import type { Node } from './syntax.ts'
import type { Json } from './values.ts'

/** A program ready to run, as often as wanted. */
export interface JqProgram {
  readonly text: string
  readonly node: Node
}

/** About a second of work, upstream's limit (ARGOCD_IGNORE_NORMALIZER_JQ_TIMEOUT). */
const MAX_STEPS = 1_000_000

const LIBRARY: Library = { specials: SPECIALS, plains: PLAINS }
const BUILTINS = [...SPECIALS.keys(), ...PLAINS.keys()]
const DEFINITIONS = parseDefinitions(PRELUDE, new Set(BUILTINS))
const KNOWN: ReadonlySet<string> = new Set([
  ...BUILTINS,
  ...DEFINITIONS.map(({ name, params }) => `${name}/${params.length}`),
])
const PRELUDE_SCOPE = DEFINITIONS.reduce<Scope>((scope, definition) => bindFunction(scope, definition), EMPTY_SCOPE)

/** Throws `JqSyntaxError` for a text that is no program, and for names that nothing defines. */
export function compileJq(text: string): JqProgram {
  return { text, node: parseProgram(text, KNOWN) }
}

export interface RunOptions {
  /** Default 1,000,000. */
  readonly maxSteps?: number
  /** Default 20,000,000. */
  readonly maxVisits?: number
}

/** All values the program makes of one. Throws `JqError` where it fails, `JqLimitError` where it takes too long. */
export function runJq(value: Json, program: JqProgram, options?: RunOptions): readonly Json[] {
  return withinStack(() => [...execution(options).values(program.node, value, PRELUDE_SCOPE)])
}

/** The places the program names in a value. Throws as `runJq`, also where it makes values that stand nowhere. */
export function pathsOfJq(value: Json, program: JqProgram, options?: RunOptions): readonly Path[] {
  return withinStack(() => [...execution(options).paths(program.node, value, PRELUDE_SCOPE)])
}

/** `del(program)`: the value without the places the program names. Throws as `pathsOfJq`. */
export function deletePaths(value: Json, program: JqProgram, options?: RunOptions): Json {
  const run = execution(options)
  return withinStack(() => {
    const paths = [...run.paths(program.node, value, PRELUDE_SCOPE)]
    return paths.length === 0 ? value : withoutPaths(value, paths, run)
  })
}

function execution({ maxSteps = MAX_STEPS, maxVisits = MAX_VISITS }: RunOptions = {}): Execution {
  return new Execution(LIBRARY, { maxSteps, maxVisits })
}

/** A value nested deeper than JavaScript can follow is a limit like any other. */
function withinStack<T>(act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (error instanceof RangeError) throw new JqLimitError('jq value or recursion nested too deep')
    throw error
  }
}
