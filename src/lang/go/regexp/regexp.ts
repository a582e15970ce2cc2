// Go's regexp package: compiled patterns, finding, replacing, splitting.
import { GoError } from '../error.ts'
import { canBackquote, quoteText } from '../quote.ts'
import { canBeEmpty, compileProgram, runProgram } from './machine.ts'
import type { Program } from './machine.ts'
import { parseRegexp } from './parse.ts'
import type { RegexpNode } from './syntax.ts'

/** A pattern that can be run. */
export interface GoRegexp {
  readonly root: RegexpNode
  readonly names: readonly string[]
  /** JavaScript's matcher, where it gives the same answers; else nothing. */
  readonly native: RegExp | undefined
  /** How many parts can match any number of characters: what backtracking costs grows with it. */
  readonly openRepeats: number
}

/** Characters × choices a backtracking matcher may go through; beyond it the linear one runs. */
const MAX_BACKTRACKING = 1e9

/** Compiles a pattern. Throws a GoError: `error parsing regexp: …`. */
export function compileRegexp(pattern: string): GoRegexp {
  const { root, names } = parseRegexp(pattern)
  const native = isSameInJavaScript(root, false) ? new RegExp(sourceOf(root), 'dgu') : undefined
  return { root, names, native, openRepeats: countOpenRepeats(root) }
}

/** regexp.MustCompile's panic for a pattern that does not compile. */
export function mustCompileRegexp(pattern: string): GoRegexp {
  try {
    return compileRegexp(pattern)
  } catch (error) {
    if (!(error instanceof GoError)) throw error
    const shown = canBackquote(pattern) ? `\`${pattern}\`` : quoteText(pattern)
    throw new GoError(`regexp: Compile(${shown}): ${error.message}`, { cause: error })
  }
}

/**
 * A repeat inside a repeat may backtrack without end, and a group inside one forgets its text between rounds in
 * JavaScript and keeps it in Go: the linear matcher runs those.
 */
function isSameInJavaScript(node: RegexpNode, isRepeated: boolean): boolean {
  switch (node.kind) {
    case 'repeat':
      if (isRepeated || (node.max > 1 && canBeEmpty(node.node))) return false
      return isSameInJavaScript(node.node, node.max > 1)
    case 'group':
      return !isRepeated && isSameInJavaScript(node.node, isRepeated)
    case 'concat':
    case 'alternate':
      return node.nodes.every((item) => isSameInJavaScript(item, isRepeated))
    default:
      return true
  }
}

function countOpenRepeats(node: RegexpNode): number {
  switch (node.kind) {
    case 'repeat':
      return (node.max - node.min > 10 ? 1 : 0) + countOpenRepeats(node.node)
    case 'group':
      return countOpenRepeats(node.node)
    case 'concat':
    case 'alternate':
      return node.nodes.reduce((sum, item) => sum + countOpenRepeats(item), 0)
    default:
      return 0
  }
}

function sourceOf(node: RegexpNode): string {
  switch (node.kind) {
    case 'empty':
      return '(?:)'
    case 'set':
    case 'assert':
      return node.source
    case 'concat':
      return node.nodes.map(sourceOf).join('')
    case 'alternate':
      return `(?:${node.nodes.map(sourceOf).join('|')})`
    case 'group':
      return `(${sourceOf(node.node)})`
    case 'repeat': {
      const count = `{${node.min},${node.max === Infinity ? '' : node.max}}`
      return `(?:${sourceOf(node.node)})${count}${node.isLazy ? '?' : ''}`
    }
  }
}

/** Pairs of offsets of a match and its groups, -1 for groups that took no part. */
export type Match = readonly number[]

interface Searcher {
  find(from: number): Match | undefined
}

function searcherFor(regexp: GoRegexp, text: string): Searcher {
  const { native } = regexp
  if (native !== undefined && text.length ** (regexp.openRepeats + 1) <= MAX_BACKTRACKING) {
    return { find: (from) => findNative(native, text, from) }
  }
  const program: Program = compileProgram(regexp.root, regexp.names.length)
  return { find: (from) => runProgram(program, text, from) }
}

function findNative(pattern: RegExp, text: string, from: number): Match | undefined {
  pattern.lastIndex = from
  const indices = pattern.exec(text)?.indices
  return indices?.flatMap((pair) => pair ?? [-1, -1])
}

/** True where the pattern matches anywhere in the text. */
export function matchesRegexp(regexp: GoRegexp, text: string): boolean {
  return searcherFor(regexp, text).find(0) !== undefined
}

/** The leftmost match. */
export function findRegexp(regexp: GoRegexp, text: string): string {
  const match = searcherFor(regexp, text).find(0)
  return match === undefined ? '' : text.slice(match[0], match[1])
}

/** All matches one after the other, at most `limit`, all for a negative one; an empty one never right after another. */
export function findAllMatches(regexp: GoRegexp, text: string, limit: number): Match[] {
  const searcher = searcherFor(regexp, text)
  const matches: Match[] = []
  let pos = 0
  let previousEnd = -1
  while (pos <= text.length && (limit < 0 || matches.length < limit)) {
    const match = searcher.find(pos)
    if (match === undefined) break
    const [start = 0, end = 0] = match
    if (start !== end || start !== previousEnd) matches.push(match)
    previousEnd = end
    pos = end > pos ? end : afterCharacter(text, end)
  }
  return matches
}

function afterCharacter(text: string, pos: number): number {
  return pos + ((text.codePointAt(pos) ?? 0) > 0xff_ff ? 2 : 1)
}

/** ReplaceAllString: `$1`, `${name}` and `$$` in the replacement. */
export function replaceAllMatches(regexp: GoRegexp, text: string, replacement: string): string {
  return replaceWith(regexp, text, (match) => expand(regexp, text, replacement, match))
}

/** ReplaceAllLiteralString: the replacement as it is. */
export function replaceAllLiterally(regexp: GoRegexp, text: string, replacement: string): string {
  return replaceWith(regexp, text, () => replacement)
}

function replaceWith(regexp: GoRegexp, text: string, replacementOf: (match: Match) => string): string {
  let result = ''
  let end = 0
  for (const match of findAllMatches(regexp, text, -1)) {
    result += text.slice(end, match[0]) + replacementOf(match)
    end = match[1] ?? end
  }
  return result + text.slice(end)
}

const REFERENCE = /\$(?:(?<dollar>\$)|(?<word>[\p{L}\p{Nd}_]+)|\{(?<braced>[\p{L}\p{Nd}_]+)\})/gu

/** A name is as long as it can be: `$1x` is the group named 1x. Names that are no group are empty. */
function expand(regexp: GoRegexp, text: string, template: string, match: Match): string {
  if (!template.includes('$')) return template
  return template.replaceAll(REFERENCE, (_whole, dollar?: string, word?: string, braced?: string) => {
    if (dollar !== undefined) return '$'
    const name = word ?? braced ?? ''
    for (const index of groupsNamed(regexp, name)) {
      const start = match[2 * index] ?? -1
      if (start >= 0) return text.slice(start, match[2 * index + 1])
    }
    return ''
  })
}

/** The groups of a name or number; several may share a name, and the first that took part counts. */
function groupsNamed(regexp: GoRegexp, name: string): number[] {
  if (/^[0-9]+$/.test(name)) return [Number(name)]
  return regexp.names.flatMap((own, index) => (own === name ? [index + 1] : []))
}

/** Split: the parts between matches, at most `limit`, all for a negative one. */
export function splitByRegexp(regexp: GoRegexp, text: string, pattern: string, limit: number): string[] {
  if (limit === 0) return []
  if (pattern !== '' && text === '') return ['']
  const parts: string[] = []
  let start = 0
  let end = 0
  for (const match of findAllMatches(regexp, text, limit)) {
    if (limit > 0 && parts.length === limit - 1) break
    end = match[0] ?? 0
    if (match[1] !== 0) parts.push(text.slice(start, end))
    start = match[1] ?? start
  }
  if (end !== text.length) parts.push(text.slice(start))
  return parts
}

/** QuoteMeta: a pattern that matches the text itself. */
export function quoteRegexp(text: string): string {
  return text.replaceAll(/[\\.+*?()|[\]{}^$]/g, (char) => `\\${char}`)
}
