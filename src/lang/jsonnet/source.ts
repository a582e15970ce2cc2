// Where things stand in the text of a program, and how a place is told to a person.

/** One file of a program. */
export interface Source {
  /** As errors name it: a path, or `<extvar:name>`. */
  readonly name: string
  readonly text: string
}

/** A piece of a file; `end` is the offset after its last character. */
export interface Span {
  readonly source: Source
  readonly begin: number
  readonly end: number
}

/** `file:1:2-5`, or `file:(1:2)-(3:4)` over several lines, as go-jsonnet prints a range (ast/location.go). */
export function rangeText({ source, begin, end }: Span): string {
  const from = positionOf(source, begin)
  const to = positionOf(source, end)
  if (from.line !== to.line) return `${source.name}:(${from.line}:${from.column})-(${to.line}:${to.column})`
  return `${source.name}:${from.line}:${from.column}${to.column > from.column ? `-${to.column}` : ''}`
}

/** `file:1`, the line where something begins. */
export function lineText({ source, begin }: Span): string {
  return `${source.name}:${positionOf(source, begin).line}`
}

interface Position {
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
}

function positionOf({ text }: Source, offset: number): Position {
  const before = text.slice(0, offset)
  const start = before.lastIndexOf('\n') + 1
  let line = 1
  for (let at = before.indexOf('\n'); at >= 0; at = before.indexOf('\n', at + 1)) line++
  return { line, column: offset - start + 1 }
}
