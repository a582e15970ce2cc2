// Globs with the rules of gobwas/glob, matched in time proportional to pattern times text.
import { CapstanError } from './errors.ts'

/** True where the whole text fits the pattern. */
export type GlobMatcher = (text: string) => boolean

/** Patterns come from people and are a line long; the bound keeps pattern times text small. */
const MAX_PATTERN_LENGTH = 4096

/** `{a,b}{c,d}` becomes four patterns; more than this is a mistake or an attack. */
const MAX_ALTERNATIVES = 256

type Token =
  | { readonly kind: 'character'; readonly character: string }
  | { readonly kind: 'one' | 'star' | 'super' }
  | { readonly kind: 'class'; readonly negated: boolean; readonly holds: (character: string) => boolean }

/**
 * Compiles a glob: `*` any run without a separator, `**` any run, `?` one character that is no separator, `[abc]`,
 * `[a-z]`, `[!a-z]`, `{a,b}`, and `\` before a character that stands for itself. Without separators `*` is `**`.
 * Throws a CapstanError `bad-input` for a bracket that is not closed and for patterns over the limits.
 */
export function compileGlob(pattern: string, separators: string = ''): GlobMatcher {
  if (pattern.length > MAX_PATTERN_LENGTH) {
    throw new CapstanError('limit', `glob longer than ${MAX_PATTERN_LENGTH} characters: shorten it`)
  }
  if (!/[*?[{\\]/.test(pattern)) return (text) => text === pattern
  if (separators === '') {
    if (/^\*+$/.test(pattern)) return () => true
    const prefix = /^(?<prefix>[^*?[{\\]*)\*+$/.exec(pattern)?.groups?.['prefix']
    if (prefix !== undefined) return (text) => text.startsWith(prefix)
  }
  const choices = expandAlternatives(pattern).map((choice) => tokenize(choice, pattern))
  return (text) => {
    const characters = Array.from(text)
    return choices.some((tokens) => matchTokens(tokens, characters, separators))
  }
}

/** Compiles and matches at once; a pattern that does not compile matches nothing, as upstream has it. */
export function matchesGlob(pattern: string, text: string, separators: string = ''): boolean {
  try {
    return compileGlob(pattern, separators)(text)
  } catch (error) {
    if (error instanceof CapstanError) return false
    throw error
  }
}

function unclosed(pattern: string): CapstanError {
  return new CapstanError('bad-input', `glob ${JSON.stringify(pattern)}: a bracket is not closed`)
}

/** Writes out every choice of `{a,b}`, the innermost first. */
function expandAlternatives(pattern: string): readonly string[] {
  let pending = [pattern]
  const done: string[] = []
  while (pending.length > 0) {
    const next: string[] = []
    for (const choice of pending) {
      const braces = innermostBraces(choice, pattern)
      if (braces === undefined) done.push(choice)
      else next.push(...braces.options.map((option) => braces.before + option + braces.after))
    }
    if (next.length + done.length > MAX_ALTERNATIVES) {
      throw new CapstanError('limit', `glob ${JSON.stringify(pattern)}: more than ${MAX_ALTERNATIVES} alternatives`)
    }
    pending = next
  }
  return done
}

interface Braces {
  readonly before: string
  readonly options: readonly string[]
  readonly after: string
}

function innermostBraces(text: string, pattern: string): Braces | undefined {
  let open = -1
  let commas: number[] = []
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '\\') at++
    else if (character === '[') at = endOfClass(text, at, pattern)
    else if (character === '{') {
      open = at
      commas = []
    } else if (open >= 0 && character === ',') commas.push(at)
    else if (open >= 0 && character === '}') {
      const ends = [...commas, at]
      const options = ends.map((end, index) => text.slice(index === 0 ? open + 1 : (commas[index - 1] ?? 0) + 1, end))
      return { before: text.slice(0, open), options, after: text.slice(at + 1) }
    }
  }
  if (open >= 0) throw unclosed(pattern)
  return undefined
}

function endOfClass(text: string, open: number, pattern: string): number {
  const close = text.indexOf(']', open + 1)
  if (close < 0) throw unclosed(pattern)
  return close
}

function tokenize(text: string, pattern: string): readonly Token[] {
  const tokens: Token[] = []
  const characters = Array.from(text)
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? ''
    if (character === '*') {
      const isSuper = characters[at + 1] === '*'
      while (characters[at + 1] === '*') at++
      tokens.push({ kind: isSuper ? 'super' : 'star' })
    } else if (character === '?') tokens.push({ kind: 'one' })
    else if (character === '[') {
      const close = characters.indexOf(']', at + 1)
      if (close < 0) throw unclosed(pattern)
      tokens.push(classToken(characters.slice(at + 1, close)))
      at = close
    } else if (character === '\\') {
      at++
      tokens.push({ kind: 'character', character: characters[at] ?? '\\' })
    } else tokens.push({ kind: 'character', character })
  }
  return tokens
}

function classToken(inside: readonly string[]): Token {
  const negated = inside[0] === '!'
  const members = negated ? inside.slice(1) : inside
  const [from, dash, to] = members
  if (members.length === 3 && dash === '-' && from !== undefined && to !== undefined) {
    return { kind: 'class', negated, holds: (character) => character >= from && character <= to }
  }
  const set = new Set(members)
  return { kind: 'class', negated, holds: (character) => set.has(character) }
}

/** Follows all ways through the pattern at once, so no pattern makes it slow. */
function matchTokens(tokens: readonly Token[], characters: readonly string[], separators: string): boolean {
  let active = new Uint8Array(tokens.length + 1)
  active[0] = 1
  skipStars(tokens, active)
  for (const character of characters) {
    const next = new Uint8Array(tokens.length + 1)
    const isSeparator = separators.includes(character)
    for (const [at, token] of tokens.entries()) {
      if (active[at] !== 1 || !accepts(token, character, isSeparator)) continue
      next[token.kind === 'star' || token.kind === 'super' ? at : at + 1] = 1
    }
    skipStars(tokens, next)
    active = next
  }
  return active[tokens.length] === 1
}

function skipStars(tokens: readonly Token[], active: Uint8Array): void {
  for (const [at, token] of tokens.entries()) {
    if (active[at] === 1 && (token.kind === 'star' || token.kind === 'super')) active[at + 1] = 1
  }
}

function accepts(token: Token, character: string, isSeparator: boolean): boolean {
  switch (token.kind) {
    case 'character':
      return token.character === character
    case 'class':
      return token.holds(character) !== token.negated
    case 'super':
      return true
    case 'one':
    case 'star':
      return !isSeparator
  }
}
