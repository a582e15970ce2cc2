// The bounds of CEL in definitions, each with where it comes from.

/** `celconfig.PerCallLimit` of kube-apiserver 1.36.3: what one rule may cost. */
export const MAX_RULE_COST = 1_000_000

/** `celconfig.RuntimeCELCostBudget`: what all rules of one object may cost. */
export const MAX_OBJECT_COST = 10_000_000

/** `celconfig.MaxEvaluatedMessageExpressionSizeBytes`. */
export const MAX_MESSAGE_BYTES: number = 5 * 1024

/** Deeper expressions are refused where upstream's parser stops (`maxRecursionDepth` 250 of cel-go). */
export const MAX_EXPRESSION_DEPTH = 250

/** Nodes of one expression; upstream bounds the characters of one (`expressionCodePointSizeLimit` 100,000). */
export const MAX_EXPRESSION_NODES = 100_000

/** Characters that cost one unit where a function walks over a text (`StringTraversalCostFactor` 0.1 of cel-go). */
export const CHARACTERS_A_UNIT = 10

/** Schemas deeper than this have no rules checked: JSON that deep is refused before. */
export const MAX_SCHEMA_DEPTH = 250

/** `StaticEstimatedCostLimit`: what a rule may cost at most, in all places it is held against, by the bounds of its schema. */
export const MAX_RULE_ESTIMATE = 10_000_000

/** `StaticEstimatedCRDCostLimit`: all rules of one schema together. */
export const MAX_DEFINITION_ESTIMATE = 100_000_000
