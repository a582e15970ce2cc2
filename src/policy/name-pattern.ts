// Patterns for names that are a glob, or a regular expression between slashes.
import { matchesGlob } from '../base/glob.ts'

/** Longer patterns are no names; the bound also keeps what a bad expression can cost small. */
const MAX_PATTERN_LENGTH = 256

/** `team-*` or `/^team-[a-z]+$/`; a pattern that does not compile fits nothing (argo-cd v3.5.1 `util/glob/list.go`). */
export function matchesName(pattern: string, name: string): boolean {
  if (pattern.length > MAX_PATTERN_LENGTH) return false
  if (pattern.length < 2 || !pattern.startsWith('/') || !pattern.endsWith('/')) return matchesGlob(pattern, name)
  const expression = compileExpression(pattern.slice(1, -1))
  return expression !== undefined && expression.test(name)
}

/** An unanchored regular expression, or undefined where the text is none. */
export function compileExpression(text: string): RegExp | undefined {
  try {
    return new RegExp(text, 'u')
  } catch {
    return undefined // callers let it fit nothing
  }
}
