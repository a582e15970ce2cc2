// The limits of reading YAML, each with its reason.

/** Nested collections. Go's readers stop at 10,000; nothing that Kubernetes accepts comes near this, and every level costs stack. */
export const MAX_DEPTH = 1000

/** Characters of one text. A chart's or directory's own limits are lower; this one keeps a single call from taking the process. */
export const MAX_TEXT_LENGTH: number = 256 * 1024 * 1024

/** A key without `?` ends within this many characters (YAML 1.2, 7.4.2; libyaml). */
export const MAX_SIMPLE_KEY_LENGTH = 1024

/**
 * Share of values that may come from aliases: 99% of small documents, falling to 10% of large ones
 * (go-yaml v2.4.3 decode.go: `document contains excessive aliasing`).
 */
const ALIAS_RATIO = { low: 400_000, high: 4_000_000, atLow: 0.99, atHigh: 0.1 } as const

/** Is more of a document made by aliases than is allowed? `values` counts all values made so far, `fromAliases` those inside an alias. */
export function hasTooManyAliases(values: number, fromAliases: number): boolean {
  if (fromAliases <= 100 || values <= 1000) return false
  const { low, high, atLow, atHigh } = ALIAS_RATIO
  const share = Math.min(1, Math.max(0, (values - low) / (high - low)))
  return fromAliases / values > atLow - (atLow - atHigh) * share
}
