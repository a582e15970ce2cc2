// Expressions of expr-lang 1.17, as Argo's projects use them in triggers, deep links, workflows and event filters.
import type { GoValue } from '../go/values.ts'
import { check } from './check.ts'
import { evaluate } from './evaluate.ts'
import { fold } from './fold.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import type { ExprLimits } from './limits.ts'
import { parse } from './parser.ts'
import { startRun } from './run.ts'

export interface ExprOptions {
  /**
   * The names of the environment, where they are known (expr.Env): a name that is not among them does not compile, and
   * theirs stand before built-in ones. Without them any name may be used, and one that is not there is nil.
   */
  readonly names?: ReadonlySet<string>
}

export interface EvaluateOptions {
  readonly limits?: Partial<ExprLimits>
  /** Milliseconds since 1970, for `now()`. */
  readonly nowMs: () => number
}

/** An expression that compiled: run it as often as wanted. */
export interface Expression {
  readonly text: string
  /** The value in an environment, usually a Map of names. Throws an ExprError, also where a limit is reached. */
  evaluate(environment: GoValue, options: EvaluateOptions): GoValue
}

/** Compiles an expression. Throws an ExprError with upstream's message, line and column. */
export function compileExpression(text: string, options: ExprOptions = {}): Expression {
  const parsed = parse(text, options.names)
  check(text, parsed, options.names)
  const node = fold(text, parsed)
  return {
    text,
    evaluate(environment, { limits, nowMs }) {
      const allowed = limits === undefined ? DEFAULT_LIMITS : { ...DEFAULT_LIMITS, ...limits }
      return evaluate(startRun({ text, environment, limits: allowed, nowMs }), node)
    },
  }
}
