// What an evaluation may still cost: spent by every step of a loop and every function that walks over something.
import { CHARACTERS_A_UNIT, MAX_OBJECT_COST, MAX_RULE_COST } from './limits.ts'

/** A rule, or all of them, cost more than allowed. */
export class CostError extends Error {
  readonly isWhole: boolean

  constructor(isWhole: boolean) {
    super('operation cancelled: actual cost limit exceeded')
    this.name = 'CostError'
    this.isWhole = isWhole
  }
}

/** Counts what one object's rules cost. */
export class CostMeter {
  #left = MAX_OBJECT_COST
  #leftOfRule = MAX_RULE_COST

  /** A new rule begins. */
  begin(): void {
    this.#leftOfRule = MAX_RULE_COST
  }

  /** Throws `CostError` where the rule or the object is beyond its limit. */
  spend(units: number): void {
    this.#left -= units
    this.#leftOfRule -= units
    this.check()
  }

  /** Whether a limit was passed. */
  get isSpent(): boolean {
    return this.#left < 0 || this.#leftOfRule < 0
  }

  /** Throws `CostError` where a limit was passed. */
  check(): void {
    if (this.isSpent) throw new CostError(this.#left < 0)
  }
}

/** What it costs to walk over a value once, at least 1. */
export function sizeOf(value: unknown): number {
  if (typeof value === 'string') return 1 + Math.floor(value.length / CHARACTERS_A_UNIT)
  if (Array.isArray(value)) return 1 + value.length
  if (value instanceof Map) return 1 + value.size
  return value instanceof Uint8Array ? 1 + Math.floor(value.length / CHARACTERS_A_UNIT) : 1
}
