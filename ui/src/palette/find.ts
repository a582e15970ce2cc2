// Finds what a person means by a few letters.

export interface Findable {
  readonly title: string
  /** Other words it is found by. */
  readonly words?: string
}

/** The better the match, the higher; undefined where a word is nowhere in it. */
export function scoreOf({ title, words = '' }: Findable, typed: string): number | undefined {
  const text = `${title} ${words}`.toLowerCase()
  let score = 0
  for (const word of typed.toLowerCase().split(/\s+/).filter(Boolean)) {
    const one = scoreOfWord(text, word)
    if (one === undefined) return undefined
    score += one
  }
  // Of two that match alike the shorter is meant more often.
  return score - title.length / 1000
}

function scoreOfWord(text: string, word: string): number | undefined {
  const at = text.indexOf(word)
  if (at === 0) return 4
  if (at > 0) return /[\s\-_./]/.test(text[at - 1] ?? '') ? 3 : 2
  return isSpread(text, word) ? 1 : undefined
}

/** All letters come, in their order: `apt` finds `api-tester`. */
function isSpread(text: string, word: string): boolean {
  let from = 0
  for (const letter of word) {
    const at = text.indexOf(letter, from)
    if (at < 0) return false
    from = at + 1
  }
  return true
}

/** The best matches first; what is typed nothing for comes as it is. */
export function findBest<T extends Findable>(items: readonly T[], typed: string, max: number): readonly T[] {
  if (typed.trim() === '') return items.slice(0, max)
  return items
    .map((item) => ({ item, score: scoreOf(item, typed) }))
    .filter(({ score }) => score !== undefined)
    .toSorted((a, b) => (b.score ?? 0) - (a.score ?? 0))
    .slice(0, max)
    .map(({ item }) => item)
}
