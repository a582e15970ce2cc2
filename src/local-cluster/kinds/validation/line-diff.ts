// Differences between two values, line by line, as faults of forbidden changes show them (unified, three lines around).
import type { JsonValue } from '../../../kube/object.ts'

const AROUND = 3
/** A table of more cells would cost more than the answer is worth; the whole middle is shown as replaced then. */
const MAX_CELLS = 1_000_000

interface Line {
  readonly mark: ' ' | '-' | '+'
  readonly text: string
}

/** Both values as indented JSON, compared; empty where they are the same (apimachinery `diff.Diff`). */
export function valueDiff(before: JsonValue, after: JsonValue): string {
  return unified(compare(linesOf(before), linesOf(after)))
}

function linesOf(value: JsonValue): readonly string[] {
  return JSON.stringify(value, undefined, 1).split('\n')
}

function compare(before: readonly string[], after: readonly string[]): readonly Line[] {
  let start = 0
  while (start < before.length && before[start] === after[start]) start += 1
  let end = 0
  while (end < Math.min(before.length, after.length) - start && before.at(-1 - end) === after.at(-1 - end)) end += 1
  const same = (texts: readonly string[]): Line[] => texts.map((text) => ({ mark: ' ', text }))
  const middle = compareMiddle(before.slice(start, before.length - end), after.slice(start, after.length - end))
  return [...same(before.slice(0, start)), ...middle, ...same(before.slice(before.length - end))]
}

/** By the longest common subsequence. */
function compareMiddle(before: readonly string[], after: readonly string[]): readonly Line[] {
  if (before.length * after.length > MAX_CELLS) return replaced(before, after)
  const common = commonLengths(before, after)
  const lines: Line[] = []
  let [row, column] = [0, 0]
  while (row < before.length && column < after.length) {
    const isSame = before[row] === after[column]
    const isGone = !isSame && common(row + 1, column) >= common(row, column + 1)
    const mark = isGone ? '-' : '+'
    lines.push({ mark: isSame ? ' ' : mark, text: String(mark === '-' ? before[row] : after[column]) })
    row += Number(isSame || isGone)
    column += Number(!isGone)
  }
  return [...lines, ...replaced(before.slice(row), after.slice(column))]
}

/** How many lines the rests from a row and a column on have in common. */
function commonLengths(before: readonly string[], after: readonly string[]): (row: number, column: number) => number {
  const width = after.length + 1
  const lengths = new Uint32Array((before.length + 1) * width)
  const at = (row: number, column: number): number => lengths[row * width + column] ?? 0
  for (let row = before.length - 1; row >= 0; row -= 1) {
    for (let column = after.length - 1; column >= 0; column -= 1) {
      const isSame = before[row] === after[column]
      const other = Math.max(at(row + 1, column), at(row, column + 1))
      lengths[row * width + column] = isSame ? at(row + 1, column + 1) + 1 : other
    }
  }
  return at
}

function replaced(before: readonly string[], after: readonly string[]): readonly Line[] {
  return [...before.map((text): Line => ({ mark: '-', text })), ...after.map((text): Line => ({ mark: '+', text }))]
}

function unified(lines: readonly Line[]): string {
  let text = ''
  for (const [first, last] of hunksOf(lines)) {
    const shown = lines.slice(first, last)
    const head = lines.slice(0, first)
    text += `@@ -${rangeOf(head, shown, '+')} +${rangeOf(head, shown, '-')} @@\n`
    for (const { mark, text: line } of shown) text += `${mark}${line}\n`
  }
  return text
}

/** Where changes stand with what is around them; those that touch are one. */
function hunksOf(lines: readonly Line[]): readonly (readonly [number, number])[] {
  const hunks: [number, number][] = []
  for (const [index, { mark }] of lines.entries()) {
    if (mark === ' ') continue
    const [first, last] = [Math.max(index - AROUND, 0), Math.min(index + AROUND + 1, lines.length)]
    const open = hunks.at(-1)
    if (open === undefined || open[1] < first) hunks.push([first, last])
    else open[1] = last
  }
  return hunks
}

/** Line and length of a hunk on the side that lacks lines with this mark. */
function rangeOf(head: readonly Line[], shown: readonly Line[], absent: '-' | '+'): string {
  const count = (lines: readonly Line[]): number => lines.filter(({ mark }) => mark !== absent).length
  const length = count(shown)
  const start = count(head) + (length === 0 ? 0 : 1)
  return length === 1 ? String(start) : `${start},${length}`
}
