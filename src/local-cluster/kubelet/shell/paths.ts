// Paths inside a container, and the patterns that name several of them.
import { ProgramStop, type MachineFiles } from './machine.ts'

/** Steps that one pattern may cost: a shell must not hold up the process it is simulated in. */
const MAX_PATTERN_STEPS = 100_000_000
/** Directories that one pattern may be looked for in, and names that it may be held against. */
const MAX_PATTERN_LOOKS = 10_000

/** An absolute path without `.`, `..` and doubled slashes. */
export function resolvePath(from: string, path: string): string {
  const parts: string[] = []
  for (const part of (path.startsWith('/') ? path : `${from}/${path}`).split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}

/** Whether a text fits a shell pattern of `*`, `?` and `[…]`, in time linear in text times pattern. */
export function matchesPattern(pattern: string, text: string): boolean {
  let [at, textAt] = [0, 0]
  let [starAt, starText] = [-1, 0]
  while (textAt < text.length) {
    const step = pattern.charAt(at) === '*' ? 0 : matchOne(pattern, at, text.charAt(textAt))
    if (pattern.charAt(at) === '*') {
      starAt = at++
      starText = textAt
    } else if (step > 0) {
      at += step
      textAt++
    } else if (starAt >= 0) {
      at = starAt + 1
      textAt = ++starText
    } else return false
  }
  while (pattern.charAt(at) === '*') at++
  return at === pattern.length
}

/** How many characters of the pattern stand for this one; 0 where they do not fit. */
function matchOne(pattern: string, at: number, character: string): number {
  const wanted = pattern.charAt(at)
  if (wanted === '?') return 1
  if (wanted === '[') {
    const end = pattern.indexOf(']', at + 2)
    if (end > 0) return inSet(pattern.slice(at + 1, end), character) ? end - at + 1 : 0
  }
  return wanted !== '' && wanted === character ? 1 : 0
}

function inSet(set: string, character: string): boolean {
  const negated = set.startsWith('!') || set.startsWith('^')
  const members = negated ? set.slice(1) : set
  for (let at = 0; at < members.length; at++) {
    const isRange = members.charAt(at + 1) === '-' && at + 2 < members.length
    const [low, high] = [members.charAt(at), isRange ? members.charAt(at + 2) : members.charAt(at)]
    if (character >= low && character <= high) return !negated
    if (isRange) at += 2
  }
  return negated
}

/** Throws `ProgramStop` where a pattern is to be held against that much text, `times` over. */
export function checkPatternCost(pattern: string, text: string, times = 1): void {
  const rounds = pattern.includes('*') ? text.length + 1 : 1
  if (Math.min(pattern.length, text.length + 1) * rounds * times > MAX_PATTERN_STEPS)
    throw new ProgramStop('pattern too long for its text', 2)
}

/** The paths a pattern names, sorted; the pattern itself where it names none. Throws `ProgramStop` where that takes too long. */
export function expandPattern(files: MachineFiles, workingDir: string, pattern: string): readonly string[] {
  if (!/[*?[]/.test(pattern)) return [pattern]
  const isAbsolute = pattern.startsWith('/')
  let found: readonly string[] = ['']
  let looks = 0
  for (const part of pattern.split('/').filter((one) => one !== '')) {
    found = found.flatMap((head) => {
      const prefix = head === '' && !isAbsolute ? '' : `${head}/`
      if (!/[*?[]/.test(part)) return [`${prefix}${part}`]
      const names = files.list(resolvePath(workingDir, prefix === '' ? '.' : prefix)) ?? []
      looks += 1 + names.length
      if (looks > MAX_PATTERN_LOOKS) throw new ProgramStop('too many words', 2)
      return names.filter((name) => !name.startsWith('.') && matchesPattern(part, name)).map((name) => prefix + name)
    })
  }
  const exist = found.filter((path) => {
    const full = resolvePath(workingDir, path)
    return files.read(full) !== undefined || files.list(full) !== undefined
  })
  return exist.length === 0 ? [pattern] : exist.toSorted()
}
