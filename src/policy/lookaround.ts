// Expressions that look around, such as `^((?!kube-).)*$`: Go's package has none, upstream's patterns of names may.

/** Open repeats an expression may have: what backtracking costs is the text's length to this power at most. */
const MAX_REPEATS = 3
/** Names of Kubernetes are no longer. */
const MAX_TEXT_LENGTH = 253

/**
 * Compiles an expression with JavaScript's engine, which looks around as upstream's does (dlclark/regexp2). Undefined for one that
 * is wrong, or that could go through its choices without end: a repeat of what repeats or has alternatives, or too many repeats.
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
}

const TOKEN = /\\.|\[(?:\\.|[^\]\\])*\]|\(\?(?:[:=!]|<[=!]|<\w+>)|\((?!\?)|\)|[*+]|\{\d*,?\d*\}|\||[^\\[]/gsu

function isBounded(pattern: string): boolean {
  const groups: Group[] = [{ repeats: false, hasChoices: false }]
  let closed: Group | undefined
  let repeats = 0
  for (const [token] of pattern.matchAll(TOKEN)) {
    const top = groups.at(-1)
    if (top === undefined) return false
    if (token === '*' || token === '+' || /^\{./.test(token)) {
      if (closed !== undefined && (closed.repeats || closed.hasChoices)) return false
      top.repeats = true
      repeats++
    }
    closed = undefined
    if (token === '|') top.hasChoices = true
    else if (token.startsWith('(')) groups.push({ repeats: false, hasChoices: false })
    else if (token === ')') closed = close(groups)
  }
  return repeats <= MAX_REPEATS
}

/** What a group holds, the one around it holds. */
function close(groups: Group[]): Group | undefined {
  const group = groups.pop()
  const outer = groups.at(-1)
  if (group !== undefined && outer !== undefined) {
    outer.repeats ||= group.repeats
    outer.hasChoices ||= group.hasChoices
  }
  return group
}
