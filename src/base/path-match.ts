// Globs as Go's filepath.Match reads them on Linux: hosts of a docker config, kinds in a project.

type Token =
  | { readonly kind: 'star' | 'any' }
  | { readonly kind: 'literal'; readonly character: string }
  | { readonly kind: 'class'; readonly negated: boolean; readonly ranges: readonly (readonly [string, string])[] }

/** `*` any run without a slash, `?` one character, `[a-z]`, `[^a-z]`, `\` before one that stands for itself. False for a malformed pattern too. */
export function matchGoPath(pattern: string, name: string): boolean {
  if (!/[*?[\\]/.test(pattern)) return pattern === name
  const tokens = tokenize(Array.from(pattern))
  return tokens !== undefined && matches(tokens, Array.from(name))
}

/** The last star takes what it must and no more: time is at most tokens times characters. */
function matches(tokens: readonly Token[], characters: readonly string[]): boolean {
  let token = 0
  let position = 0
  let star: { readonly token: number; position: number } | undefined
  while (position < characters.length || token < tokens.length) {
    const current = tokens[token]
    const character = characters[position]
    if (current?.kind === 'star') {
      star = { token, position }
      token++
    } else if (current !== undefined && character !== undefined && isOne(current, character)) {
      token++
      position++
    } else if (star !== undefined && canGrow(characters[star.position])) {
      star.position++
      position = star.position
      token = star.token + 1
    } else return false
  }
  return true
}

function canGrow(character: string | undefined): boolean {
  return character !== undefined && character !== '/'
}

function isOne(token: Token, character: string): boolean {
  switch (token.kind) {
    case 'star':
      return false
    case 'any':
      return character !== '/'
    case 'literal':
      return token.character === character
    case 'class':
      return isIn(token.ranges, character) !== token.negated
  }
}

function isIn(ranges: readonly (readonly [string, string])[], character: string): boolean {
  const point = character.codePointAt(0) ?? 0
  return ranges.some(([from, to]) => (from.codePointAt(0) ?? 0) <= point && point <= (to.codePointAt(0) ?? 0))
}

/** Undefined for a pattern that Go reports as malformed. */
function tokenize(pattern: readonly string[]): readonly Token[] | undefined {
  const tokens: Token[] = []
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern[index] ?? ''
    if (character === '*') tokens.push({ kind: 'star' })
    else if (character === '?') tokens.push({ kind: 'any' })
    else if (character === '\\') {
      index++
      const escaped = pattern[index]
      if (escaped === undefined) return undefined
      tokens.push({ kind: 'literal', character: escaped })
    } else if (character === '[') {
      const read = readClass(pattern, index + 1)
      if (read === undefined) return undefined
      tokens.push(read.token)
      index = read.end
    } else tokens.push({ kind: 'literal', character })
  }
  return tokens
}

function readClass(
  pattern: readonly string[],
  start: number,
): { readonly token: Token; readonly end: number } | undefined {
  const negated = pattern[start] === '^'
  const ranges: (readonly [string, string])[] = []
  let index = negated ? start + 1 : start
  while (pattern[index] !== ']' || ranges.length === 0) {
    const low = readMember(pattern, index)
    if (low === undefined) return undefined
    const high = pattern[low.next] === '-' ? readMember(pattern, low.next + 1) : low
    if (high === undefined) return undefined
    ranges.push([low.character, high.character])
    index = high.next
  }
  return { token: { kind: 'class', negated, ranges }, end: index }
}

/** One character of a class; a class must not end with it. */
function readMember(
  pattern: readonly string[],
  at: number,
): { readonly character: string; readonly next: number } | undefined {
  const first = pattern[at]
  if (first === undefined || first === '-' || first === ']') return undefined
  const index = first === '\\' ? at + 1 : at
  const character = pattern[index]
  if (character === undefined || index + 1 >= pattern.length) return undefined
  return { character, next: index + 1 }
}
