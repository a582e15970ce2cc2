// Expressions that look around, such as `^((?!kube-).)*$`: Go's package has none, upstream's patterns of names may.

/** Open repeats an expression may have: what backtracking costs is the text's length to this power at most. */
const MAX_REPEATS = 3
/**
 * Ways through the choices of an expression, each of which the repeats may go through again: six of two each, and two where
 * there are as many repeats as may be. Names of 253 letters then take some 30 ms at worst.
 */
const MAX_WAYS = 64
const MAX_WAYS_WITH_ALL_REPEATS = 4
/** Names of Kubernetes are no longer. */
const MAX_TEXT_LENGTH = 253

/**
 * Compiles an expression with JavaScript's engine, which looks around as upstream's does (dlclark/regexp2). Undefined for one that
 * is wrong, or that could go through its choices without end: a repeat of what repeats or has choices (`|`, `?`), or too many of them.
 */
export function compileLookaround(pattern: string): ((text: string) => boolean) | undefined {
  if (!isBounded(pattern)) return undefined
  try {
    const expression = new RegExp(pattern, 'u')
    return (text) => text.length <= MAX_TEXT_LENGTH && expression.test(text)
  } catch {
    return undefined // callers let it fit nothing
  }
}

interface Group {
  repeats: boolean
  hasChoices: boolean
  /** Ways through its alternatives that are complete, through the current one but its last part, and through that part. */
  complete: number
  before: number
  last: number
  /** Some alternative may begin anywhere in the text. */
  isLoose: boolean
}

const TOKEN = /\\.|\[(?:\\.|[^\]\\])*\]|\(\?(?:[:=!]|<[=!]|<\w+>)|\((?!\?)|\)|[*+?]|\{\d*,?\d*\}|\||[^\\[]/gsu

function isBounded(pattern: string): boolean {
  const reading = new Reading()
  for (const [token] of pattern.matchAll(TOKEN)) if (!reading.read(token)) return false
  return reading.isBounded()
}

class Reading {
  readonly #groups: Group[] = [openGroup()]
  #repeats = 0
  #before: 'start' | 'part' | 'repeat' = 'start'
  #closed: Group | undefined

  /** False where the expression is wrong, or repeats what repeats or has choices. */
  read(token: string): boolean {
    const group = this.#groups.at(-1)
    if (group === undefined) return false
    const before = this.#before
    const closed = this.#closed
    this.#closed = undefined
    if (token === '*' || token === '+' || /^\{./.test(token)) {
      this.#before = 'repeat'
      this.#repeats++
      group.repeats = true
      return closed === undefined || !(closed.repeats || closed.hasChoices)
    }
    if (token === '?') {
      // Behind a repeat it makes that one lazy.
      if (before === 'part') choose(group)
      this.#before = 'repeat'
      return true
    }
    if (before === 'start' && token !== '^') group.isLoose = true
    this.#readPart(token, group)
    return true
  }

  /** One that may begin anywhere is tried from everywhere, which is one more repeat. */
  isBounded(): boolean {
    const [top] = this.#groups
    if (top === undefined) return false
    const repeats = this.#repeats + (top.isLoose ? 1 : 0)
    return repeats <= MAX_REPEATS && waysOf(top) <= (repeats < MAX_REPEATS ? MAX_WAYS : MAX_WAYS_WITH_ALL_REPEATS)
  }

  #readPart(token: string, group: Group): void {
    this.#before = token === '|' || token.startsWith('(') ? 'start' : 'part'
    if (token === '|') endAlternative(group)
    else if (token.startsWith('(')) this.#groups.push(openGroup())
    else if (token === ')') this.#closed = close(this.#groups)
    else addPart(group, 1)
  }
}

function openGroup(): Group {
  return { repeats: false, hasChoices: false, complete: 0, before: 1, last: 1, isLoose: false }
}

function addPart(group: Group, ways: number): void {
  group.before *= group.last
  group.last = ways
}

/** The last part may be there or not. */
function choose(group: Group): void {
  group.last++
  group.hasChoices = true
}

function endAlternative(group: Group): void {
  group.complete = waysOf(group)
  group.before = 1
  group.last = 1
  group.hasChoices = true
}

function waysOf({ complete, before, last }: Group): number {
  return complete + before * last
}

/** What a group holds, the one around it holds. */
function close(groups: Group[]): Group | undefined {
  const group = groups.pop()
  const outer = groups.at(-1)
  if (group !== undefined && outer !== undefined) {
    outer.repeats ||= group.repeats
    outer.hasChoices ||= group.hasChoices
    addPart(outer, waysOf(group))
  }
  return group
}
