// Differences of two texts line by line, in the normal format that `diff` prints and argocd shows, and in the unified one.

/** Texts longer than this are compared as a whole: the table of common lines grows with the product of both. */
export const MAX_LINES = 4_000

interface Change {
  /** Line numbers from 0 of the first line, and how many lines. */
  readonly left: number
  readonly leftCount: number
  readonly right: number
  readonly rightCount: number
}

/** `3c3`, `< old`, `---`, `> new`: empty where both are equal. */
export function lineDiff(left: string, right: string): string {
  const [a, b] = [linesOf(left), linesOf(right)]
  return changesOf(a, b)
    .map((change) => formatChange(change, a, b))
    .join('')
}

/** Lines around a change in the unified format. */
const CONTEXT = 3

/** `@@ -3,7 +3,7 @@` and lines that begin with a blank, `-` or `+`, as `diff -u` has them below its heads. */
export function unifiedDiff(left: string, right: string): string {
  const [a, b] = [linesOf(left), linesOf(right)]
  return hunksOf(changesOf(a, b))
    .map((changes) => formatHunk(changes, a, b))
    .join('')
}

/** Changes whose surroundings touch belong together. */
function hunksOf(changes: readonly Change[]): readonly (readonly Change[])[] {
  const hunks: Change[][] = []
  for (const change of changes) {
    const last = hunks.at(-1)?.at(-1)
    const isNear = last !== undefined && change.left - (last.left + last.leftCount) <= 2 * CONTEXT
    if (isNear) hunks.at(-1)?.push(change)
    else hunks.push([change])
  }
  return hunks
}

function formatHunk(changes: readonly Change[], a: readonly string[], b: readonly string[]): string {
  const [first, last] = [changes[0], changes.at(-1)]
  if (first === undefined || last === undefined) return ''
  const before = Math.min(CONTEXT, first.left)
  const [left, right] = [first.left - before, first.right - before]
  const lines: string[] = []
  let at = left
  for (const change of changes) {
    lines.push(...a.slice(at, change.left).map((line) => ` ${line}\n`))
    lines.push(...a.slice(change.left, change.left + change.leftCount).map((line) => `-${line}\n`))
    lines.push(...b.slice(change.right, change.right + change.rightCount).map((line) => `+${line}\n`))
    at = change.left + change.leftCount
  }
  const after = a.slice(at, at + CONTEXT)
  lines.push(...after.map((line) => ` ${line}\n`))
  const leftCount = at + after.length - left
  const rightCount = last.right + last.rightCount + after.length - right
  return `@@ -${unifiedRange(left, leftCount)} +${unifiedRange(right, rightCount)} @@\n${lines.join('')}`
}

/** `3,7`, `3` for one line, or the line before where there is none. */
function unifiedRange(start: number, count: number): string {
  if (count === 0) return `${start},0`
  return count === 1 ? String(start + 1) : `${start + 1},${count}`
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n')
}

function formatChange(
  { left, leftCount, right, rightCount }: Change,
  a: readonly string[],
  b: readonly string[],
): string {
  const letter = leftCount === 0 ? 'a' : rightCount === 0 ? 'd' : 'c'
  const head = `${range(left, leftCount)}${letter}${range(right, rightCount)}\n`
  const old = a.slice(left, left + leftCount).map((line) => `< ${line}\n`)
  const added = b.slice(right, right + rightCount).map((line) => `> ${line}\n`)
  return head + old.join('') + (leftCount > 0 && rightCount > 0 ? '---\n' : '') + added.join('')
}

/** `5`, `5,7`, or the line after which something is added. */
function range(start: number, count: number): string {
  if (count === 0) return String(start)
  return count === 1 ? String(start + 1) : `${start + 1},${start + count}`
}

function changesOf(a: readonly string[], b: readonly string[]): readonly Change[] {
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head++
  let tail = 0
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++
  const [middleA, middleB] = [a.slice(head, a.length - tail), b.slice(head, b.length - tail)]
  if (middleA.length === 0 && middleB.length === 0) return []
  if (middleA.length > MAX_LINES || middleB.length > MAX_LINES) {
    return [{ left: head, leftCount: middleA.length, right: head, rightCount: middleB.length }]
  }
  return changesBetween(middleA, middleB, head)
}

/** Walks the longest common subsequence; runs of lines that are in only one text become changes. */
function changesBetween(a: readonly string[], b: readonly string[], offset: number): readonly Change[] {
  const common = commonLengths(a, b)
  const changes: Change[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    const [left, right] = [i, j]
    while (!isCommon(a, b, i, j) && (i < a.length || j < b.length)) {
      if (isDeletion(a, b, { common, i, j })) i++
      else j++
    }
    if (i > left || j > right) {
      changes.push({ left: left + offset, leftCount: i - left, right: right + offset, rightCount: j - right })
    }
    if (isCommon(a, b, i, j)) {
      i++
      j++
    }
  }
  return changes
}

function isCommon(a: readonly string[], b: readonly string[], i: number, j: number): boolean {
  return i < a.length && j < b.length && a[i] === b[j]
}

/** Whether leaving out the left line keeps at least as many lines in common as leaving out the right one. */
function isDeletion(
  a: readonly string[],
  b: readonly string[],
  { common, i, j }: { readonly common: Uint16Array; readonly i: number; readonly j: number },
): boolean {
  if (i >= a.length || j >= b.length) return i < a.length
  const width = b.length + 1
  return (common[(i + 1) * width + j] ?? 0) >= (common[i * width + j + 1] ?? 0)
}

/** At [i, j]: how many lines the texts from there on have in common, in order. */
function commonLengths(a: readonly string[], b: readonly string[]): Uint16Array {
  const width = b.length + 1
  const lengths = new Uint16Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const isEqual = a[i] === b[j]
      const below = lengths[(i + 1) * width + j] ?? 0
      const beside = lengths[i * width + j + 1] ?? 0
      lengths[i * width + j] = isEqual ? (lengths[(i + 1) * width + j + 1] ?? 0) + 1 : Math.max(below, beside)
    }
  }
  return lengths
}
