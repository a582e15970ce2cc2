// The lines of logs as they are shown: in order of time, found by a search, no more than a browser can hold.

export interface LogLine {
  readonly id: number
  readonly content: string
  readonly time: string
  readonly pod: string
  readonly container: string
}

/** One message of the stream of logs. */
export interface LogEntry {
  readonly content?: string
  readonly timeStampStr?: string
  readonly podName?: string
  readonly last?: boolean
}

/** Older lines are dropped, so that a page left open over night stays quick. */
export const MAX_LINES = 20_000

/** Adds what has come. Lines of several containers arrive apart: those of the newest are put in order, the rest stays as it is. */
export function addLines(lines: readonly LogLine[], added: readonly LogLine[]): readonly LogLine[] {
  if (added.length === 0) return lines
  const first = added.reduce((time, line) => (line.time < time ? line.time : time), added[0]?.time ?? '')
  let start = lines.length
  while (start > 0 && (lines[start - 1]?.time ?? '') > first) start -= 1
  const tail = [...lines.slice(start), ...added].toSorted((a, b) => compare(a.time, b.time) || a.id - b.id)
  const all = start === 0 ? tail : [...lines.slice(0, start), ...tail]
  return all.length > MAX_LINES ? all.slice(-MAX_LINES) : all
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** Where the words are, in order; none for an empty search. */
export function findLines(
  lines: readonly LogLine[],
  search: string,
  textOf: (line: LogLine) => string,
): readonly number[] {
  const wanted = search.toLowerCase()
  if (wanted === '') return []
  return lines.flatMap((line, index) => (textOf(line).toLowerCase().includes(wanted) ? [index] : []))
}

/** A text cut where a search matches; every second part is a match. */
export function cutMatches(text: string, search: string): readonly string[] {
  if (search === '') return [text]
  const [lower, wanted] = [text.toLowerCase(), search.toLowerCase()]
  // Letters whose lower case is longer would move every place behind them.
  if (lower.length !== text.length) return [text]
  const parts: string[] = []
  let from = 0
  for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, from)) {
    parts.push(text.slice(from, at), text.slice(at, at + wanted.length))
    from = at + wanted.length
  }
  parts.push(text.slice(from))
  return parts
}

/** Splits what comes over the wire into whole JSON lines; the rest waits for more. */
export function splitJsonLines(text: string): { readonly whole: readonly string[]; readonly rest: string } {
  const parts = text.split('\n')
  const rest = parts.pop() ?? ''
  return { whole: parts.filter((part) => part.trim() !== ''), rest }
}
