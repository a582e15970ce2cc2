// Differences of two texts in hunks: lines for the unified view, pairs for the one side by side.
import { structuredPatch } from 'diff'

export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added'
  readonly text: string
  /** From 1; absent on the side where the line is not. */
  readonly before?: number
  readonly after?: number
}

export interface Hunk {
  /** How many equal lines stand between the hunk before, or the start, and this one. */
  readonly skipped: number
  readonly lines: readonly DiffLine[]
}

export interface TextDiff {
  readonly hunks: readonly Hunk[]
  readonly added: number
  readonly removed: number
}

/** Equal lines around a change. */
export const CONTEXT_LINES = 3
/** Past this many edits the texts have nothing in common worth finding; comparing stops and shows both whole. */
export const MAX_EDITS = 5000

/** Compares texts line by line. */
export function compareTexts(before: string, after: string): TextDiff {
  const patch = structuredPatch('', '', before, after, '', '', { context: CONTEXT_LINES, maxEditLength: MAX_EDITS })
  const hunks = patch === undefined ? [replaced(before, after)] : patch.hunks.map(readHunk)
  const withGaps = hunks.map((hunk, index) => ({
    lines: hunk.lines,
    skipped: hunk.start - (hunks[index - 1]?.end ?? 1),
  }))
  const all = hunks.flatMap(({ lines }) => lines)
  return {
    hunks: withGaps,
    added: all.filter(({ kind }) => kind === 'added').length,
    removed: all.filter(({ kind }) => kind === 'removed').length,
  }
}

interface Span {
  readonly lines: readonly DiffLine[]
  /** First line of the old text in it, and the first one behind it. */
  readonly start: number
  readonly end: number
}

interface PatchHunk {
  readonly oldStart: number
  readonly newStart: number
  readonly lines: readonly string[]
}

function readHunk({ oldStart, newStart, lines: marked }: PatchHunk): Span {
  let before = oldStart
  let after = newStart
  const lines: DiffLine[] = []
  for (const line of marked) {
    const text = line.slice(1)
    if (line.startsWith('-')) lines.push({ kind: 'removed', text, before: before++ })
    else if (line.startsWith('+')) lines.push({ kind: 'added', text, after: after++ })
    else if (line.startsWith(' ')) lines.push({ kind: 'same', text, before: before++, after: after++ })
  }
  return { lines, start: oldStart, end: before }
}

function replaced(before: string, after: string): Span {
  const [old, now] = [linesOf(before), linesOf(after)]
  return {
    lines: [
      ...old.map((text, index) => ({ kind: 'removed' as const, text, before: index + 1 })),
      ...now.map((text, index) => ({ kind: 'added' as const, text, after: index + 1 })),
    ],
    start: 1,
    end: old.length + 1,
  }
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n')
}

export interface LinePair {
  readonly left?: DiffLine
  readonly right?: DiffLine
}

/** Puts removed lines beside the added ones that follow them. */
export function pairLines(lines: readonly DiffLine[]): readonly LinePair[] {
  const pairs: LinePair[] = []
  let removed: DiffLine[] = []
  let added: DiffLine[] = []
  function flush(): void {
    for (let index = 0; index < Math.max(removed.length, added.length); index += 1) {
      const [left, right] = [removed[index], added[index]]
      pairs.push({ ...(left === undefined ? {} : { left }), ...(right === undefined ? {} : { right }) })
    }
    removed = []
    added = []
  }
  for (const line of lines) {
    if (line.kind === 'removed') removed.push(line)
    else if (line.kind === 'added') added.push(line)
    else {
      flush()
      pairs.push({ left: line, right: line })
    }
  }
  flush()
  return pairs
}
