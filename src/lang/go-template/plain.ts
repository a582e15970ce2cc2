// Reads templates that are written as most are, in one pass and without tokens; leaves all others to lexer and parser.
import { readNumber } from './number.ts'
import type { BranchNode, CommandNode, ListNode, Node, OperandNode, PipeNode, TemplateNode } from './nodes.ts'
import type { VariableNode } from './nodes.ts'
import { Cursor, NOT_PLAIN } from './plain-cursor.ts'
import { NOT_EXECUTABLE } from './parse-pipeline.ts'
import { KEYWORDS } from './token.ts'

export interface PlainOptions {
  readonly hasFunction: (name: string) => boolean
  readonly maxParenDepth: number
  readonly maxBlockDepth: number
}

/** A template that a text holds. */
export interface PlainTemplate {
  readonly name: string
  readonly root: ListNode
}

/**
 * What lexer and parser would make of the text between `{{` and `}}`: the templates it defines in the order in which
 * they end, then itself. Undefined where something is unusual or wrong; then they decide, and word the error.
 */
export function readPlain(name: string, text: string, options: PlainOptions): readonly PlainTemplate[] | undefined {
  try {
    return new PlainReader(text, options).read(name)
  } catch (error) {
    if (error === NOT_PLAIN) return undefined
    throw error
  }
}

/** How a list ended: an `else` may go on with the word at an offset, as in `{{else if x}}`. */
type Mark = 'end' | 'else' | 'eof'

const DOT = 46
const DOLLAR = 36
const PIPE = 124
const LEFT_PAREN = 40
const RIGHT_PAREN = 41
const COLON = 58
const EQUALS = 61
const COMMA = 44
const QUOTE = 34
const BACKTICK = 96
const BRACE = 125

class PlainReader {
  readonly #at: Cursor
  readonly #options: PlainOptions
  readonly #templates: PlainTemplate[] = []
  #variables: string[] = ['$']
  #rangeDepth = 0
  #parenDepth = 0
  #blockDepth = 0
  /** Where the word behind an `else` begins; negative for `{{else}}`. */
  #elseWord = -1

  constructor(text: string, options: PlainOptions) {
    this.#at = new Cursor(text)
    this.#options = options
  }

  read(name: string): readonly PlainTemplate[] {
    const [root, mark] = this.#list(true)
    if (mark !== 'eof') throw NOT_PLAIN
    this.#templates.push({ name, root })
    return this.#templates
  }

  #list(isTop: boolean): [ListNode, Mark] {
    const at = this.#at
    const nodes: Node[] = []
    let first = -1
    for (;;) {
      const start = at.pos
      const found = at.takeText()
      if (at.textEnd > start) {
        if (first < 0) first = start
        nodes.push({ kind: 'text', pos: start, text: at.slice(start, at.textEnd) })
      }
      if (found < 0) return [{ kind: 'list', pos: first < 0 ? at.pos : first, nodes }, 'eof']
      if (at.takesComment()) continue
      if (first < 0) first = found
      const node = this.#action(isTop)
      if (typeof node === 'string') return [{ kind: 'list', pos: first, nodes }, node]
      if (node !== undefined) nodes.push(node)
    }
  }

  /** A list inside a control structure. */
  #inside(): [ListNode, Mark] {
    this.#blockDepth += 1
    if (this.#blockDepth > this.#options.maxBlockDepth) throw NOT_PLAIN
    const inside = this.#list(false)
    this.#blockDepth -= 1
    return inside
  }

  /** Undefined for a definition, which stands nowhere. */
  #action(isTop: boolean): Node | Mark | undefined {
    const at = this.#at
    at.skipSpaces()
    const { pos } = at
    const word = at.isAtWord() ? at.takeWord() : ''
    if (word === 'if' || word === 'with' || word === 'range') return this.#branch(word)
    if (word === 'end' && at.takesClose()) return 'end'
    if (word === 'else') return this.#else()
    if (KEYWORDS.has(word) && word !== 'nil') return this.#statement(word, pos, isTop)
    at.pos = pos
    return { kind: 'action', pos, pipe: this.#pipeline(false) }
  }

  #statement(word: string, pos: number, isTop: boolean): Node | undefined {
    if (word === 'template' || word === 'block') return this.#call(word)
    if (word === 'break' || word === 'continue') return this.#jump(word, pos)
    if (word !== 'define' || !isTop) throw NOT_PLAIN
    this.#definition()
    return undefined
  }

  #jump(kind: 'break' | 'continue', pos: number): Node {
    if (this.#options.hasFunction(kind) || this.#rangeDepth === 0 || !this.#at.takesClose()) throw NOT_PLAIN
    return { kind, pos }
  }

  #else(): Mark {
    const at = this.#at
    this.#elseWord = -1
    if (at.takesClose()) return 'else'
    this.#elseWord = at.pos
    return 'else'
  }

  #branch(kind: BranchNode['kind']): BranchNode {
    const variables = this.#variables.length
    const pipe = this.#pipeline(false, kind === 'range')
    if (kind === 'range') this.#rangeDepth += 1
    const [list, mark] = this.#inside()
    if (kind === 'range') this.#rangeDepth -= 1
    if (mark === 'eof') throw NOT_PLAIN
    const elseList = mark === 'else' ? this.#elseList(kind) : undefined
    this.#variables.length = variables
    return { kind, pos: pipe.pos, pipe, list, elseList }
  }

  #elseList(kind: BranchNode['kind']): ListNode {
    const pos = this.#elseWord
    if (pos >= 0) {
      if (kind === 'range' || !this.#at.isAtWord() || this.#at.takeWord() !== kind) throw NOT_PLAIN
      return { kind: 'list', pos, nodes: [this.#branch(kind)] }
    }
    const [list, mark] = this.#inside()
    if (mark !== 'end') throw NOT_PLAIN
    return list
  }

  #definition(): void {
    const name = this.#name()
    if (!this.#at.takesClose()) throw NOT_PLAIN
    this.#ownScope(name)
  }

  /** `{{template "x" .}}`, or a block, which is a definition and a call. */
  #call(word: 'template' | 'block'): TemplateNode {
    const at = this.#at
    at.skipSpaces()
    const { pos } = at
    const name = this.#name()
    const pipe = word === 'template' && at.takesClose() ? undefined : this.#pipeline(false)
    if (word === 'block') this.#ownScope(name)
    return { kind: 'template', pos, name, pipe }
  }

  /** The list of a definition, which sees no variable from outside. */
  #ownScope(name: string): void {
    const outer = { variables: this.#variables, rangeDepth: this.#rangeDepth, parenDepth: this.#parenDepth }
    this.#variables = ['$']
    this.#rangeDepth = 0
    this.#parenDepth = 0
    const [root, mark] = this.#inside()
    if (mark !== 'end') throw NOT_PLAIN
    this.#templates.push({ name, root })
    this.#variables = outer.variables
    this.#rangeDepth = outer.rangeDepth
    this.#parenDepth = outer.parenDepth
  }

  #name(): string {
    this.#at.skipSpaces()
    const code = this.#at.code()
    if (code !== QUOTE && code !== BACKTICK) throw NOT_PLAIN
    return this.#at.takeString(code).text
  }

  /** Up to its end, which is taken: a closing delimiter, or a parenthesis. */
  #pipeline(inParens: boolean, isRange = false): PipeNode {
    const at = this.#at
    at.skipSpaces()
    const { pos } = at
    const declarations: VariableNode[] = []
    const isAssign = at.code() === DOLLAR && this.#declarations(declarations, isRange)
    const commands: CommandNode[] = [this.#command()]
    while (at.takesCode(PIPE)) {
      const command = this.#command()
      if (NOT_EXECUTABLE.has(command.args[0]?.kind ?? 'nil')) throw NOT_PLAIN
      commands.push(command)
    }
    if (inParens ? !at.takesCode(RIGHT_PAREN) : !at.takesClose()) throw NOT_PLAIN
    return { kind: 'pipe', pos, isAssign, declarations, commands }
  }

  /** Whether variables that are there are assigned; nothing is taken where none is declared or assigned. */
  #declarations(found: VariableNode[], isRange: boolean): boolean {
    const at = this.#at
    for (;;) {
      const { pos } = at
      const name = at.takeVariable()
      at.skipSpaces()
      const code = at.code()
      const isDeclared = code === COLON && at.code(1) === EQUALS
      if (!isDeclared && code !== EQUALS && code !== COMMA) {
        if (found.length > 0) throw NOT_PLAIN
        at.pos = pos
        return false
      }
      found.push({ kind: 'variable', pos, names: [name] })
      this.#variables.push(name)
      at.pos += isDeclared ? 2 : 1
      if (code !== COMMA) return !isDeclared
      at.skipSpaces()
      if (!isRange || found.length > 1 || at.code() !== DOLLAR) throw NOT_PLAIN
    }
  }

  /** Operands with spaces between them, up to what ends a command, which is left. */
  #command(): CommandNode {
    const at = this.#at
    at.skipSpaces()
    const { pos } = at
    const args: OperandNode[] = [this.#operand()]
    while (at.takesSpaces()) args.push(this.#operand())
    const code = at.code()
    if (code !== PIPE && code !== RIGHT_PAREN && code !== BRACE && !at.isAtTrimmedClose()) throw NOT_PLAIN
    return { kind: 'command', pos, args }
  }

  /** A term with its fields. */
  #operand(): OperandNode {
    const at = this.#at
    const node = this.#term()
    if (at.code() !== DOT) return node
    const { pos } = at
    const names: string[] = []
    while (at.takesCode(DOT)) names.push(at.takeWord())
    if (node.kind === 'field' || node.kind === 'variable')
      return { kind: node.kind, pos, names: [...node.names, ...names] }
    if (node.kind !== 'pipe' && node.kind !== 'identifier') throw NOT_PLAIN
    return { kind: 'chain', pos, node, names }
  }

  #term(): OperandNode {
    const at = this.#at
    const { pos } = at
    const code = at.code()
    switch (code) {
      case DOT:
        return this.#dot()
      case DOLLAR: {
        const name = at.takeVariable()
        if (!this.#variables.includes(name)) throw NOT_PLAIN
        return { kind: 'variable', pos, names: [name] }
      }
      case QUOTE:
      case BACKTICK: {
        const { quoted, text } = at.takeString(code)
        return { kind: 'string', pos, quoted, text }
      }
      case LEFT_PAREN:
        return this.#parenthesis()
      default:
        return at.isAtWord() ? this.#word() : this.#number()
    }
  }

  #dot(): OperandNode {
    const at = this.#at
    const { pos } = at
    at.pos += 1
    if (at.isAtWord()) return { kind: 'field', pos, names: [at.takeWord()] }
    if (!at.isAtTerminator()) throw NOT_PLAIN
    return { kind: 'dot', pos }
  }

  #parenthesis(): PipeNode {
    if (this.#parenDepth >= this.#options.maxParenDepth) throw NOT_PLAIN
    this.#parenDepth += 1
    this.#at.pos += 1
    const pipe = this.#pipeline(true)
    this.#parenDepth -= 1
    return pipe
  }

  #word(): OperandNode {
    const { pos } = this.#at
    const name = this.#at.takeWord()
    if (name === 'true' || name === 'false') return { kind: 'bool', pos, value: name === 'true' }
    if (name === 'nil') return { kind: 'nil', pos }
    if (KEYWORDS.has(name) || !this.#options.hasFunction(name)) throw NOT_PLAIN
    return { kind: 'identifier', pos, name }
  }

  #number(): OperandNode {
    const { pos } = this.#at
    const number = readNumber({ type: 'number', pos, value: this.#at.takeNumber(), line: 0 })
    if (typeof number === 'string') throw NOT_PLAIN
    return number
  }
}
