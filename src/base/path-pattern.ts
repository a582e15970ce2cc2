// Shell patterns as Go's filepath.Match has them: one pattern against one path, no `**`.

type Token =
  | { readonly kind: 'character'; readonly character: string }
  | { readonly kind: 'one' | 'star' }
  | { readonly kind: 'class'; readonly negated: boolean; readonly ranges: readonly (readonly [number, number])[] }

export type PathMatcher = (path: string) => boolean

/**
 * Compiles a pattern: `*` and `?` do not pass a slash, `[a-z]`, `[^a-z]`, `\` before a character that stands for itself.
 * Undefined for a pattern that is malformed (Go: "syntax error in pattern"). Matching takes pattern times path at most.
 */
export function compilePathPattern(pattern: string): PathMatcher | undefined {
  const tokens = tokenize(Array.from(pattern))
  return tokens === undefined ? undefined : (path) => matches(tokens, Array.from(path))
}

/** Matches one name; false for a malformed pattern, too. */
export function matchGoPath(pattern: string, name: string): boolean {
  // Most patterns of projects and keyrings are plain names.
  if (!/[*?[\\]/.test(pattern)) return pattern === name
  return compilePathPattern(pattern)?.(name) ?? false
}

function tokenize(characters: readonly string[]): readonly Token[] | undefined {
  const tokens: Token[] = []
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? ''
    if (character === '*') {
      if (tokens.at(-1)?.kind !== 'star') tokens.push({ kind: 'star' })
    } else if (character === '?') {
      tokens.push({ kind: 'one' })
    } else if (character === '[') {
      const found = readClass(characters, at + 1)
      if (found === undefined) return undefined
      tokens.push(found.token)
      at = found.end
    } else {
      if (character === '\\') at++
      const literal = characters[at]
      if (literal === undefined) return undefined
      tokens.push({ kind: 'character', character: literal })
    }
  }
  return tokens
}

/** Ranges are of code points: UTF-16 has another order past U+FFFF. */
function isWithin(ranges: readonly (readonly [number, number])[], character: string): boolean {
  const point = pointOf(character)
  return ranges.some(([low, high]) => low <= point && point <= high)
}

function pointOf(character: string): number {
  return character.codePointAt(0) ?? 0
}

/** A class from behind its bracket; `end` is where its closing bracket stands. */
function readClass(characters: readonly string[], start: number): { token: Token; end: number } | undefined {
  const negated = characters[start] === '^'
  const ranges: [number, number][] = []
  let at = negated ? start + 1 : start
  while (characters[at] !== ']' || ranges.length === 0) {
    const low = readMember(characters, at)
    if (low === undefined) return undefined
    at = low.next
    let high = low.character
    if (characters[at] === '-') {
      const end = readMember(characters, at + 1)
      if (end === undefined) return undefined
      high = end.character
      at = end.next
    }
    ranges.push([pointOf(low.character), pointOf(high)])
  }
  return { token: { kind: 'class', negated, ranges }, end: at }
}

function readMember(characters: readonly string[], start: number): { character: string; next: number } | undefined {
  const first = characters[start]
  if (first === undefined || first === '-' || first === ']') return undefined
  const at = first === '\\' ? start + 1 : start
  const character = characters[at]
  return character === undefined || characters[at + 1] === undefined ? undefined : { character, next: at + 1 }
}

/** Goes back to the last star only: no pattern makes it slow. */
function matches(tokens: readonly Token[], path: readonly string[]): boolean {
  let token = 0
  let at = 0
  let star = -1
  let starAt = 0
  while (at < path.length) {
    const current = tokens[token]
    const character = path[at] ?? ''
    if (current?.kind === 'star') {
      star = token++
      starAt = at
    } else if (current !== undefined && accepts(current, character)) {
      token++
      at++
    } else if (star >= 0 && path[starAt] !== '/') {
      token = star + 1
      at = ++starAt
    } else return false
  }
  while (tokens[token]?.kind === 'star') token++
  return token === tokens.length
}

function accepts(token: Token, character: string): boolean {
  switch (token.kind) {
    case 'character':
      return token.character === character
    case 'class':
      return isWithin(token.ranges, character) !== token.negated
    case 'one':
      return character !== '/'
    case 'star':
      return false
  }
}
