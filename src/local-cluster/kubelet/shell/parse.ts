// From the text of a shell script to its parts: the grammar of POSIX sh without here-documents and background jobs.
import { ShellSyntaxError, type ListItem, type Node, type Redirect, type Word } from './syntax.ts'
import { WordReader } from './words.ts'

/** Longer scripts are not read. */
export const MAX_SCRIPT_LENGTH: number = 64 * 1024
/** Commands within commands. */
export const MAX_SHELL_DEPTH = 50

/** Throws `ShellSyntaxError` for what is no script, is too long or too deep, or is more of the language than is known here. */
export function parseScript(script: string, depth = 0): Node {
  if (script.length > MAX_SCRIPT_LENGTH) throw new ShellSyntaxError('the script is too long')
  const parser = new Parser(script, depth)
  return parser.script()
}

const RESERVED = new Set(['then', 'else', 'elif', 'fi', 'do', 'done', 'esac', '}', ')', ';;'])
const OPERATOR = /^(?:&&|\|\||;;|[;&|()\n])/
const REDIRECT = /^(?<from>\d?)(?<operator><<<|<<-?|>>|>&|<&|&>|>\||<|>)/

class Parser {
  readonly #reader: WordReader
  #depth: number

  constructor(script: string, depth: number) {
    this.#reader = new WordReader(script, depth, parseScript)
    this.#depth = depth
  }

  script(): Node {
    const list = this.#list()
    if (!this.#atEnd()) throw new ShellSyntaxError(`syntax error: unexpected "${this.#peek()}"`)
    return list
  }

  /** Blanks, comments and escaped line ends. */
  #skip(): void {
    const found = /^(?:[ \t\r]|\\\n)*(?:#[^\n]*)?/.exec(this.#reader.rest)
    this.#reader.at += found?.[0].length ?? 0
  }

  #atEnd(): boolean {
    this.#skip()
    return this.#reader.at >= this.#reader.script.length
  }

  /** The operator or the plain word that comes next; empty at the end. */
  #peek(): string {
    this.#skip()
    return OPERATOR.exec(this.#reader.rest)?.[0] ?? /^[^\s;&|()<>"'$`\\]+/.exec(this.#reader.rest)?.[0] ?? ''
  }

  #accept(text: string): boolean {
    if (this.#peek() !== text) return false
    this.#reader.at += text.length
    return true
  }

  #expect(text: string): void {
    if (this.#accept(text)) return
    const found = this.#peek()
    if (this.#atEnd()) throw new ShellSyntaxError(`syntax error: unexpected end of file (expecting "${text}")`, true)
    throw new ShellSyntaxError(`syntax error: unexpected "${found}" (expecting "${text}")`)
  }

  #newlines(): void {
    while (this.#accept('\n'));
  }

  /** Commands up to a word that ends them. */
  #list(): Node {
    if (++this.#depth > MAX_SHELL_DEPTH) throw new ShellSyntaxError('the script is nested too deeply')
    const items: ListItem[] = []
    let after: ListItem['after'] = ';'
    this.#newlines()
    while (!this.#atEnd() && !RESERVED.has(this.#peek())) {
      items.push({ node: this.#pipeline(), after })
      const separator = this.#separator()
      if (separator === undefined) break
      after = separator
    }
    this.#depth--
    return { kind: 'list', items }
  }

  #separator(): ListItem['after'] | undefined {
    for (const operator of ['&&', '||'] as const) {
      if (!this.#accept(operator)) continue
      this.#newlines()
      if (this.#atEnd()) throw new ShellSyntaxError('syntax error: unexpected end of file', true)
      return operator
    }
    if (!this.#accept(';') && !this.#accept('\n')) {
      // A job in the background would need a clock of its own.
      if (this.#peek() === '&') throw new ShellSyntaxError('background jobs are not simulated')
      return undefined
    }
    this.#newlines()
    return ';'
  }

  #pipeline(): Node {
    const negated = this.#accept('!')
    const commands = [this.#command()]
    while (this.#accept('|')) {
      this.#newlines()
      commands.push(this.#command())
    }
    const [only] = commands
    return commands.length === 1 && !negated && only !== undefined ? only : { kind: 'pipeline', negated, commands }
  }

  #command(): Node {
    const word = this.#peek()
    switch (word) {
      case 'if':
        return this.#compound(this.#if())
      case 'while':
      case 'until':
        return this.#compound(this.#while(word))
      case 'for':
        return this.#compound(this.#for())
      case 'case':
        return this.#compound(this.#case())
      case '{':
        return this.#group('{', '}')
      case '(':
        return this.#group('(', ')')
      default:
        return this.#function() ?? this.#simple()
    }
  }

  /** Redirections may follow. */
  #compound(node: Node): Node {
    const redirects = this.#redirects()
    if (redirects.length === 0) return node
    const body: Node = { kind: 'list', items: [{ node, after: ';' }] }
    return { kind: 'group', body, subshell: false, redirects }
  }

  #group(open: string, close: string): Node {
    this.#expect(open)
    const body = this.#list()
    this.#expect(close)
    return { kind: 'group', body, subshell: open === '(', redirects: this.#redirects() }
  }

  #if(): Node {
    const branches: { condition: Node; body: Node }[] = []
    this.#expect('if')
    do {
      const condition = this.#list()
      this.#expect('then')
      branches.push({ condition, body: this.#list() })
    } while (this.#accept('elif'))
    const otherwise = this.#accept('else') ? this.#list() : undefined
    this.#expect('fi')
    return { kind: 'if', branches, otherwise }
  }

  #while(keyword: 'while' | 'until'): Node {
    this.#expect(keyword)
    const condition = this.#list()
    return { kind: 'while', until: keyword === 'until', condition, body: this.#doGroup() }
  }

  #doGroup(): Node {
    this.#expect('do')
    const body = this.#list()
    this.#expect('done')
    return body
  }

  #for(): Node {
    this.#expect('for')
    const name = this.#peek()
    if (!/^[A-Za-z_]\w*$/.test(name)) throw new ShellSyntaxError('syntax error: bad for loop variable')
    this.#reader.at += name.length
    this.#newlines()
    let words: Word[] | undefined
    if (this.#accept('in')) words = this.#words()
    if (!this.#accept(';')) this.#newlines()
    this.#newlines()
    return { kind: 'for', name, words, body: this.#doGroup() }
  }

  #words(): Word[] {
    const words: Word[] = []
    for (;;) {
      this.#skip()
      const word = this.#reader.word()
      if (word === undefined) return words
      words.push(word)
    }
  }

  #case(): Node {
    this.#expect('case')
    this.#skip()
    const word = this.#reader.word()
    if (word === undefined) throw new ShellSyntaxError('syntax error: bad case', this.#atEnd())
    this.#newlines()
    this.#expect('in')
    this.#newlines()
    const arms: { patterns: Word[]; body: Node }[] = []
    while (!this.#accept('esac')) {
      this.#accept('(')
      const patterns = this.#words()
      while (this.#accept('|')) patterns.push(...this.#words())
      this.#expect(')')
      arms.push({ patterns, body: this.#list() })
      this.#accept(';;')
      this.#newlines()
      if (this.#atEnd()) throw new ShellSyntaxError('syntax error: unexpected end of file (expecting "esac")', true)
    }
    return { kind: 'case', word, arms }
  }

  #function(): Node | undefined {
    this.#skip()
    const found = /^(?<name>[A-Za-z_]\w*)[ \t]*\([ \t]*\)/.exec(this.#reader.rest)
    const name = found?.groups?.['name']
    if (found === null || name === undefined) return undefined
    this.#reader.at += found[0].length
    this.#newlines()
    return { kind: 'function', name, body: this.#command() }
  }

  #simple(): Node {
    const assignments: (readonly [string, Word])[] = []
    const words: Word[] = []
    const redirects: Redirect[] = []
    for (;;) {
      const more = this.#redirects()
      redirects.push(...more)
      this.#skip()
      const assigned = words.length === 0 ? /^(?<name>[A-Za-z_]\w*)=/.exec(this.#reader.rest) : null
      this.#reader.at += assigned?.[0].length ?? 0
      const word = this.#reader.word()
      if (assigned !== null) assignments.push([assigned.groups?.['name'] ?? '', word ?? []])
      else if (word !== undefined) words.push(word)
      else if (more.length === 0) break
    }
    if (words.length + assignments.length + redirects.length === 0) this.#unexpected()
    return { kind: 'simple', assignments, words, redirects }
  }

  #unexpected(): never {
    const found = this.#peek()
    const text = found === '' ? 'end of file' : found.replace('\n', 'newline')
    throw new ShellSyntaxError(`syntax error: unexpected "${text}"`, this.#atEnd())
  }

  #redirects(): readonly Redirect[] {
    const redirects: Redirect[] = []
    for (;;) {
      this.#skip()
      const found = REDIRECT.exec(this.#reader.rest)
      if (found === null) return redirects
      this.#reader.at += found[0].length
      redirects.push(...this.#redirect(found.groups ?? {}))
    }
  }

  #redirect(found: Readonly<Record<string, string | undefined>>): readonly Redirect[] {
    const operator = found['operator'] ?? '>'
    this.#skip()
    const target = this.#reader.word()
    if (target === undefined) throw new ShellSyntaxError('syntax error: redirection without a target', this.#atEnd())
    const from = found['from'] === '' || found['from'] === undefined ? undefined : Number(found['from'])
    switch (operator) {
      case '<':
      case '<<<':
        return [{ from: from ?? 0, operator, target }]
      case '&>':
        return [
          { from: 1, operator: '>', target },
          { from: 2, operator: '>&', target: [{ kind: 'text', text: '1', quoted: false }] },
        ]
      case '>':
      case '>|':
        return [{ from: from ?? 1, operator: '>', target }]
      case '>>':
      case '>&':
        return [{ from: from ?? 1, operator, target }]
      default:
        throw new ShellSyntaxError('here-documents are not simulated')
    }
  }
}
