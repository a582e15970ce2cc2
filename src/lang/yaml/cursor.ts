// A place that moves through a text, and the breaks it passes.
import { CR, LF, isBreak } from './chars.ts'
import type { Mark } from './error.ts'

/** Reads a text that ends in a NUL character, so that looking ahead needs no bounds. */
export class Cursor {
  readonly text: string
  pos = 0
  line = 0
  lineStart = 0

  /** `text` without its end mark; `pos` and `line` where to begin. */
  constructor(text: string, pos = 0, line = 0) {
    this.text = text
    this.pos = pos
    this.lineStart = pos
    this.line = line
  }

  get column(): number {
    return this.pos - this.lineStart
  }

  mark(): Mark {
    return { line: this.line, column: this.pos - this.lineStart }
  }

  peek(ahead = 0): number {
    return this.text.charCodeAt(this.pos + ahead)
  }

  /** Passes one line break and gives what it becomes in a value: LF, or LS and PS themselves. */
  takeBreak(): string {
    const c = this.text.charCodeAt(this.pos)
    this.pos += c === CR && this.text.charCodeAt(this.pos + 1) === LF ? 2 : 1
    this.line++
    this.lineStart = this.pos
    return c > 0x85 ? String.fromCharCode(c) : '\n'
  }

  /** At `---` or `...` at the start of a line, followed by a blank or the end? */
  atDocumentMarker(): boolean {
    if (this.pos !== this.lineStart) return false
    const { text, pos } = this
    const c = text.charCodeAt(pos)
    if (c !== 0x2d && c !== 0x2e) return false
    if (text.charCodeAt(pos + 1) !== c || text.charCodeAt(pos + 2) !== c) return false
    const after = text.charCodeAt(pos + 3)
    return after === 0 || after === 0x20 || after === 0x09 || isBreak(after)
  }
}

/** Joins two pieces of a folded scalar: `breaks` is the first break, then those of the empty lines that follow it. */
export function foldBreaks(first: string, following: string): string {
  if (first !== '\n') return first + following
  return following === '' ? ' ' : following
}
