// The rules of .helmignore: which files of a folder are no part of the chart.
import { CapstanError } from '../../base/errors.ts'
import { compilePathPattern } from '../../base/path-pattern.ts'
import type { PathMatcher } from '../../base/path-pattern.ts'

interface Rule {
  readonly negated: boolean
  readonly foldersOnly: boolean
  /** The base name alone is matched. */
  readonly nameOnly: boolean
  readonly matches: PathMatcher
}

/** Is the path (relative to the chart) ignored? An ignored folder is not entered. */
export type IgnoreRules = (path: string, isFolder: boolean) => boolean

/** Hidden files among the templates are never templates. */
const DEFAULT_RULE = 'templates/.?*'

/**
 * Reads a .helmignore (helm v4.2.1 internal/ignore). A rule with `!` ignores what it does NOT match.
 * Throws `bad-input` for `**` and for malformed patterns.
 */
export function parseIgnoreRules(text: string): IgnoreRules {
  const lines = [...text.split('\n'), DEFAULT_RULE]
  const rules = lines.map((line) => parseRule(line.trim())).filter((rule) => rule !== undefined)
  return (path, isFolder) => rules.some((rule) => ignores(rule, path, isFolder))
}

function parseRule(line: string): Rule | undefined {
  if (line === '' || line.startsWith('#')) return undefined
  if (line.includes('**')) throw new CapstanError('bad-input', 'double-star (**) syntax is not supported')
  const negated = line.startsWith('!')
  const unsigned = negated ? line.slice(1) : line
  const foldersOnly = unsigned.endsWith('/')
  const pattern = foldersOnly ? unsigned.slice(0, -1) : unsigned
  const matches = compilePathPattern(pattern.startsWith('/') ? pattern.slice(1) : pattern)
  if (matches === undefined) throw new CapstanError('bad-input', 'syntax error in pattern')
  return { negated, foldersOnly, nameOnly: !pattern.includes('/'), matches }
}

function ignores(rule: Rule, path: string, isFolder: boolean): boolean {
  if (rule.foldersOnly && !isFolder) return rule.negated
  const subject = rule.nameOnly ? path.slice(path.lastIndexOf('/') + 1) : path
  return rule.matches(subject) !== rule.negated
}
