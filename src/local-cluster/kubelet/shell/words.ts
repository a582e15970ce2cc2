// Reads one word of a shell script at a time: quotes, escapes, variables, substitutions.
import { ShellSyntaxError, type Change, type Node, type Part, type Word } from './syntax.ts'

/** Reads the inside of `$(…)` and backquotes. */
export type ParseScript = (script: string, depth: number) => Node

const NAME = /^[A-Za-z_]\w*/
const SPECIAL = /^[0-9?#@*$!-]/
const WORD_END = new Set([' ', '\t', '\r', '\n', ';', '&', '|', '<', '>', '(', ')'])

/** A cursor over a script that gives words. */
export class WordReader {
  readonly script: string
  at = 0
  readonly #depth: number
  readonly #parse: ParseScript

  constructor(script: string, depth: number, parse: ParseScript) {
    this.script = script
    this.#depth = depth
    this.#parse = parse
  }

  get rest(): string {
    return this.script.slice(this.at)
  }

  /** The word here; undefined where none begins. */
  word(isEnd: (character: string) => boolean = (one) => WORD_END.has(one)): Word | undefined {
    const parts: Part[] = []
    const start = this.at
    while (this.at < this.script.length) {
      const character = this.script.charAt(this.at)
      if (isEnd(character)) break
      this.#part(character, parts)
    }
    return this.at === start ? undefined : parts
  }

  #part(character: string, parts: Part[]): void {
    switch (character) {
      case "'":
        parts.push({ kind: 'text', text: this.#until("'"), quoted: true })
        break
      case '"':
        this.#doubleQuoted(parts)
        break
      case '\\':
        this.#escaped(parts)
        break
      case '$':
      case '`':
        parts.push(this.#dollar(false))
        break
      default:
        addText(parts, character, false)
        this.at++
    }
  }

  #until(quote: string): string {
    const end = this.script.indexOf(quote, this.at + 1)
    if (end < 0) throw new ShellSyntaxError('unterminated quoted string', true)
    const text = this.script.slice(this.at + 1, end)
    this.at = end + 1
    return text
  }

  #escaped(parts: Part[]): void {
    const next = this.script.charAt(this.at + 1)
    if (next !== '\n') addText(parts, next, true)
    this.at += 2
  }

  #doubleQuoted(parts: Part[]): void {
    // Also an empty pair of quotes is a word.
    parts.push({ kind: 'text', text: '', quoted: true })
    this.at++
    while (this.at < this.script.length) {
      const character = this.script.charAt(this.at)
      if (character === '"') {
        this.at++
        return
      }
      if (character === '$' || character === '`') parts.push(this.#dollar(true))
      else if (character === '\\' && /[$`"\\\n]/.test(this.script.charAt(this.at + 1))) this.#escaped(parts)
      else {
        addText(parts, character, true)
        this.at++
      }
    }
    throw new ShellSyntaxError('unterminated quoted string', true)
  }

  /** What begins with a dollar or a backquote. */
  #dollar(quoted: boolean): Part {
    const next = this.script.charAt(this.at + 1)
    if (this.script.charAt(this.at) === '`')
      return { kind: 'command', body: this.#parse(this.#until('`'), this.#depth + 1), quoted }
    if (this.script.startsWith('$((', this.at)) return { kind: 'arithmetic', text: this.#arithmetic(), quoted }
    if (next === '(') return { kind: 'command', body: this.#parse(this.#parenthesised(), this.#depth + 1), quoted }
    if (next === '{') return this.#braced(quoted)
    const name = (NAME.exec(this.script.slice(this.at + 1)) ?? SPECIAL.exec(this.script.slice(this.at + 1)))?.[0]
    this.at += 1 + (name?.length ?? 0)
    return name === undefined
      ? { kind: 'text', text: '$', quoted }
      : { kind: 'variable', name, quoted, change: undefined }
  }

  #arithmetic(): string {
    const end = this.script.indexOf('))', this.at)
    if (end < 0) throw new ShellSyntaxError("expecting '))'", true)
    const text = this.script.slice(this.at + 3, end)
    this.at = end + 2
    return text
  }

  /** The text between `$(` and its closing parenthesis; quotes inside hide parentheses. */
  #parenthesised(): string {
    const start = this.at + 2
    let open = 1
    for (this.at = start; this.at < this.script.length; this.at++) {
      const character = this.script.charAt(this.at)
      if (character === '\\') this.at++
      else if (character === "'" || character === '"') this.#skipQuoted(character)
      else if (character === '(') open++
      else if (character === ')' && --open === 0) break
    }
    if (open > 0) throw new ShellSyntaxError('syntax error: unexpected end of file (expecting ")")', true)
    const text = this.script.slice(start, this.at)
    this.at++
    return text
  }

  /** Leaves the cursor on the closing quote. */
  #skipQuoted(quote: string): void {
    for (this.at++; this.at < this.script.length && this.script.charAt(this.at) !== quote; this.at++) {
      if (quote === '"' && this.script.charAt(this.at) === '\\') this.at++
    }
  }

  #braced(quoted: boolean): Part {
    this.at += 2
    const isLength = /^#[A-Za-z_\d]/.test(this.rest)
    if (isLength) this.at++
    const name = (NAME.exec(this.rest) ?? SPECIAL.exec(this.rest))?.[0]
    if (name === undefined) throw new ShellSyntaxError('syntax error: bad substitution')
    this.at += name.length
    const change: Change | undefined = isLength ? { operator: 'length', orEmpty: false, word: [] } : this.#change()
    if (this.script.charAt(this.at) !== '}') throw new ShellSyntaxError("syntax error: missing '}'", true)
    this.at++
    return { kind: 'variable', name, quoted, change }
  }

  #change(): Change | undefined {
    const found = /^(?::(?<colon>[-=+?])|(?<plain>%%|##|[-=+?%#]))/.exec(this.rest)
    if (found === null) return undefined
    this.at += found[0].length
    const operator = (found.groups?.['colon'] ?? found.groups?.['plain']) as Change['operator'] // as the pattern says
    const word = this.word((one) => one === '}') ?? []
    return { operator, orEmpty: found.groups?.['colon'] !== undefined, word }
  }
}

function addText(parts: Part[], text: string, quoted: boolean): void {
  const last = parts.at(-1)
  if (last?.kind === 'text' && last.quoted === quoted) parts[parts.length - 1] = { ...last, text: last.text + text }
  else parts.push({ kind: 'text', text, quoted })
}
