// What an expression may cost at most.

/** Characters of an expression: longer text is no condition a person wrote. */
export const MAX_LENGTH = 65_536
/** Nodes of an expression, as upstream's conf.DefaultMaxNodes. */
export const MAX_NODES = 10_000
/** How deep brackets, calls and operators may stand in each other, so that the stack is never the limit. */
export const MAX_NESTING = 500

export interface ExprLimits {
  /** Nodes evaluated, counting every round of a predicate. */
  readonly steps: number
  /** Elements of lists and maps made, as upstream's conf.DefaultMemoryBudget. */
  readonly memory: number
  /** Characters of texts made. */
  readonly text: number
}

export const DEFAULT_LIMITS: ExprLimits = { steps: 2_000_000, memory: 1_000_000, text: 64 * 1024 * 1024 }
