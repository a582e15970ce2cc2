// Patterns for names that are a glob, or a regular expression between slashes.
import { matchesGlob } from '../base/glob.ts'
import { compileRegexp, matchesRegexp } from '../lang/go/regexp/regexp.ts'
import { compileLookaround } from './lookaround.ts'

/** Longer patterns are no names; the bound also keeps what a bad expression can cost small. */
const MAX_PATTERN_LENGTH = 256

/** `team-*`, `/^team-[a-z]+$/` or `/^((?!kube-).)*$/`; a pattern that does not compile fits nothing (argo-cd v3.5.1 `util/glob/list.go`). */
export function matchesName(pattern: string, name: string): boolean {
  if (pattern.length > MAX_PATTERN_LENGTH) return false
  if (pattern.length < 2 || !pattern.startsWith('/') || !pattern.endsWith('/')) return matchesGlob(pattern, name)
  const inner = pattern.slice(1, -1)
  const expression = compileExpression(inner) ?? compileLookaround(inner)
  return expression !== undefined && expression(name)
}

/** Says of a text whether Go's regular expression, unanchored, finds something in it; undefined where the pattern is none. */
export function compileExpression(pattern: string): ((text: string) => boolean) | undefined {
  try {
    const expression = compileRegexp(pattern)
    return (text) => matchesRegexp(expression, text)
  } catch {
    return undefined // callers let it fit nothing
  }
}
