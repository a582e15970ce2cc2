// Evaluates the conditions of triggers (notifications-engine triggers/service.go).
import { createHash } from 'node:crypto'
import { CapstanError } from '../base/errors.ts'
import { compileExpression, type Expression } from '../lang/expr/program.ts'
import { formatValue } from '../lang/go/print.ts'
import type { GoMap, GoValue } from '../lang/go/values.ts'
import type { Condition } from './config.ts'

/** Every condition is looked at for every application: far beyond what one needs, and a tenth of a second at most. */
export const CONDITION_LIMITS = { steps: 200_000, memory: 200_000, text: 4_000_000 } as const

export interface ConditionResult {
  /** `[0].` and the hash of the condition: part of what is remembered as sent. */
  readonly key: string
  readonly when: string
  readonly isTriggered: boolean
  /** What the notification is sent once for; empty without `oncePer`. */
  readonly oncePer: string
  readonly templates: readonly string[]
  /** Why the condition could not be evaluated; it then does not hold. */
  readonly fault?: string
}

/** The conditions of a configuration, compiled when they are first needed. */
export class Triggers {
  readonly #conditions: ReadonlyMap<string, readonly Condition[]>
  readonly #compiled = new Map<string, Expression | CapstanError>()
  readonly #nowMs: () => number

  constructor(conditions: ReadonlyMap<string, readonly Condition[]>, nowMs: () => number) {
    this.#conditions = conditions
    this.#nowMs = nowMs
  }

  /** Each condition's result in order. Throws where there is no such trigger. */
  run(name: string, variables: GoMap): readonly ConditionResult[] {
    const conditions = this.#conditions.get(name)
    if (conditions === undefined) throw new CapstanError('not-found', `trigger '${name}' is not configured`)
    return conditions.map((condition, index) => {
      const key = `[${index}].${createHash('sha1').update(condition.when).digest('base64url')}`
      return { key, when: condition.when, templates: condition.send, ...this.#evaluate(condition, variables) }
    })
  }

  #evaluate(
    { when, oncePer }: Condition,
    variables: GoMap,
  ): Pick<ConditionResult, 'isTriggered' | 'oncePer' | 'fault'> {
    const held = this.#value(when === '' ? 'false' : when, variables)
    if (held.fault !== undefined) return { isTriggered: false, oncePer: '', fault: held.fault }
    if (held.value !== true) return { isTriggered: false, oncePer: '' }
    if (oncePer === '') return { isTriggered: true, oncePer: '' }
    const per = this.#value(oncePer, variables)
    // Upstream sends without it where it cannot be evaluated.
    if (per.fault !== undefined) return { isTriggered: true, oncePer: '', fault: per.fault }
    return { isTriggered: true, oncePer: formatValue(per.value) }
  }

  #value(text: string, variables: GoMap): { readonly value: GoValue; readonly fault?: string } {
    const expression = this.#compile(text)
    if (expression instanceof CapstanError) return { value: null, fault: expression.message }
    try {
      return { value: expression.evaluate(variables, { nowMs: this.#nowMs, limits: CONDITION_LIMITS }) }
    } catch (error) {
      if (error instanceof CapstanError) return { value: null, fault: error.message }
      throw error
    }
  }

  #compile(text: string): Expression | CapstanError {
    const known = this.#compiled.get(text)
    if (known !== undefined) return known
    const compiled = compile(text)
    this.#compiled.set(text, compiled)
    return compiled
  }
}

function compile(text: string): Expression | CapstanError {
  try {
    return compileExpression(text)
  } catch (error) {
    if (error instanceof CapstanError) return error
    throw error
  }
}
