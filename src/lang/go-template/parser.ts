// Builds the trees of a template file: text, actions, control structures, definitions.
import { unquoteText } from '../go/quote.ts'
import { lexTemplate } from './lexer.ts'
import type { BranchNode, ListNode, MarkNode, Node, PipeNode, TemplateNode } from './nodes.ts'
import { nodeText } from './node-text.ts'
import { readPlain } from './plain.ts'
import { parsePipeline } from './parse-pipeline.ts'
import type { Scope } from './parse-pipeline.ts'
import {
  expectToken,
  nextNonSpace,
  nextToken,
  parseFault,
  peekNonSpace,
  peekToken,
  unexpectedToken,
} from './token-stream.ts'
import type { TokenStream } from './token-stream.ts'
import type { Token } from './token.ts'

export interface ParseOptions {
  /** Which function names exist, built-in ones included. */
  readonly hasFunction: (name: string) => boolean
  readonly leftDelimiter?: string
  readonly rightDelimiter?: string
  /** How deep parentheses may nest; 10,000 in Go, less here because each level needs JavaScript's stack. */
  readonly maxParenDepth?: number
}

/** How deep parentheses may nest: charts use fewer than ten. */
export const MAX_PAREN_DEPTH = 500
/** How deep control structures may nest: charts use fewer than thirty. */
export const MAX_BLOCK_DEPTH = 500

/** A template of a file: the file itself or one it defines. */
export interface ParsedTemplate {
  readonly name: string
  readonly parseName: string
  readonly text: string
  readonly root: ListNode
}

/** The file's own template last, those it defines before it. Throws the first TemplateError. */
export function parseFile(name: string, text: string, options: ParseOptions): ParsedTemplate[] {
  return parsePlain(name, text, options) ?? parseTokens(name, text, options)
}

/** The same by the quick reader; undefined where it does not take the text. */
export function parsePlain(name: string, text: string, options: ParseOptions): ParsedTemplate[] | undefined {
  if (options.leftDelimiter !== undefined || options.rightDelimiter !== undefined) return undefined
  const { hasFunction, maxParenDepth = MAX_PAREN_DEPTH } = options
  const found = new Map<string, ParsedTemplate>()
  const templates = readPlain(name, text, { hasFunction, maxParenDepth, maxBlockDepth: MAX_BLOCK_DEPTH }) ?? []
  for (const { name: own, root } of templates) {
    // Which of two counts, and whether both may stand, is decided below.
    if (found.has(own)) return undefined
    found.set(own, { name: own, parseName: name, text, root })
  }
  return found.size === 0 ? undefined : [...found.values()]
}

/** The same by lexer and parser. */
export function parseTokens(name: string, text: string, options: ParseOptions): ParsedTemplate[] {
  const stream: TokenStream = {
    parseName: name,
    tokens: lexTemplate(text, {
      leftDelimiter: options.leftDelimiter ?? '{{',
      rightDelimiter: options.rightDelimiter ?? '}}',
      breakIsKeyword: !options.hasFunction('break'),
      continueIsKeyword: !options.hasFunction('continue'),
    }),
    index: 0,
    reached: 0,
    actionLine: 0,
  }
  const file: File = { stream, text, found: new Map(), options, blockDepth: 0 }
  const root = parseTop(file, newScope(file))
  addTemplate(file, name, root)
  return [...file.found.values()]
}

/** True for a tree that only holds blank text: such a definition replaces nothing. */
export function isBlankTree(list: ListNode): boolean {
  return list.nodes.every((node) => node.kind === 'text' && node.text.trim() === '')
}

interface File {
  readonly stream: TokenStream
  readonly text: string
  readonly found: Map<string, ParsedTemplate>
  readonly options: ParseOptions
  blockDepth: number
}

function newScope(file: File): Scope {
  const { hasFunction, maxParenDepth } = file.options
  return {
    variables: ['$'],
    rangeDepth: 0,
    parenDepth: 0,
    hasFunction,
    maxParenDepth: maxParenDepth ?? MAX_PAREN_DEPTH,
  }
}

function addTemplate(file: File, name: string, root: ListNode): void {
  const known = file.found.get(name)
  if (known !== undefined && !isBlankTree(known.root)) {
    if (isBlankTree(root)) return
    throw parseFault(file.stream, `template: multiple definition of template "${name}"`)
  }
  file.found.delete(name)
  file.found.set(name, { name, parseName: file.stream.parseName, text: file.text, root })
}

function parseTop(file: File, scope: Scope): ListNode {
  const { stream } = file
  const nodes: Node[] = []
  const { pos } = peekToken(stream)
  while (peekToken(stream).type !== 'eof') {
    if (skipsToDefinition(stream)) {
      parseDefinition(file)
    } else {
      const node = parseTextOrAction(file, scope)
      if (node.kind === 'end' || node.kind === 'else') throw parseFault(stream, `unexpected ${nodeText(node)}`)
      nodes.push(node)
    }
  }
  return { kind: 'list', pos, nodes }
}

function skipsToDefinition(stream: TokenStream): boolean {
  if (peekToken(stream).type !== 'leftDelim') return false
  const start = stream.index
  nextToken(stream)
  if (nextNonSpace(stream).type === 'define') return true
  stream.index = start
  return false
}

function parseDefinition(file: File): void {
  const { stream } = file
  const context = 'define clause'
  const name = templateName(stream, nextNonSpace(stream), context)
  expectToken(stream, 'rightDelim', context)
  const [root, end] = parseList(file, newScope(file))
  if (end.kind !== 'end') throw parseFault(stream, `unexpected ${nodeText(end)} in ${context}`)
  addTemplate(file, name, root)
}

function templateName(stream: TokenStream, token: Token, context: string): string {
  if (token.type !== 'string' && token.type !== 'rawString') throw unexpectedToken(stream, token, context)
  const name = unquoteText(token.value)
  if (name === undefined) throw parseFault(stream, 'invalid syntax')
  return name
}

/** Nodes up to an `end` or `else`, which comes second. */
function parseList(file: File, scope: Scope): [ListNode, MarkNode] {
  const { stream } = file
  const nodes: Node[] = []
  const { pos } = peekNonSpace(stream)
  file.blockDepth += 1
  if (file.blockDepth > MAX_BLOCK_DEPTH)
    throw parseFault(stream, `control structures nest more than ${MAX_BLOCK_DEPTH} deep`)
  while (peekNonSpace(stream).type !== 'eof') {
    const node = parseTextOrAction(file, scope)
    if (node.kind === 'end' || node.kind === 'else') {
      file.blockDepth -= 1
      return [{ kind: 'list', pos, nodes }, node]
    }
    nodes.push(node)
  }
  throw parseFault(stream, 'unexpected EOF')
}

function parseTextOrAction(file: File, scope: Scope): Node {
  const { stream } = file
  const token = nextNonSpace(stream)
  if (token.type === 'text') return { kind: 'text', pos: token.pos, text: token.value }
  if (token.type !== 'leftDelim') throw unexpectedToken(stream, token, 'input')
  stream.actionLine = token.line
  const node = parseAction(file, scope)
  stream.actionLine = 0
  return node
}

function parseAction(file: File, scope: Scope): Node {
  const { stream } = file
  const token = nextNonSpace(stream)
  switch (token.type) {
    case 'if':
    case 'with':
    case 'range':
      return parseBranch(file, scope, token.type)
    case 'else':
      return parseElse(stream)
    case 'end':
      return { kind: 'end', pos: expectToken(stream, 'rightDelim', 'end').pos }
    case 'template':
      return parseTemplateCall(stream, scope)
    case 'block':
      return parseBlock(file, scope)
    case 'break':
    case 'continue':
      return parseJump(stream, scope, token)
    default:
      stream.index -= 1
      return { kind: 'action', pos: token.pos, pipe: parsePipeline(stream, scope, 'command', 'rightDelim') }
  }
}

function parseJump(stream: TokenStream, scope: Scope, token: Token): MarkNode {
  const kind = token.type === 'break' ? 'break' : 'continue'
  const close = nextNonSpace(stream)
  if (close.type !== 'rightDelim') throw unexpectedToken(stream, close, `{{${kind}}}`)
  if (scope.rangeDepth === 0) throw parseFault(stream, `{{${kind}}} outside {{range}}`)
  return { kind, pos: token.pos }
}

function parseElse(stream: TokenStream): MarkNode {
  const next = peekNonSpace(stream)
  if (next.type === 'if' || next.type === 'with') return { kind: 'else', pos: next.pos }
  return { kind: 'else', pos: expectToken(stream, 'rightDelim', 'else').pos }
}

function parseBranch(file: File, scope: Scope, kind: BranchNode['kind']): BranchNode {
  const { stream } = file
  const variables = scope.variables.length
  const pipe = parsePipeline(stream, scope, kind, 'rightDelim')
  if (kind === 'range') scope.rangeDepth += 1
  const [list, mark] = parseList(file, scope)
  if (kind === 'range') scope.rangeDepth -= 1
  const elseList = mark.kind === 'else' ? parseElseList(file, scope, kind, mark) : undefined
  scope.variables.length = variables
  return { kind, pos: pipe.pos, pipe, list, elseList }
}

function parseElseList(file: File, scope: Scope, kind: BranchNode['kind'], mark: MarkNode): ListNode {
  const { stream } = file
  const next = peekToken(stream)
  if (kind !== 'range' && next.type === kind) {
    nextToken(stream) // "else if" and "else with": one branch inside, sharing the end
    return { kind: 'list', pos: mark.pos, nodes: [parseBranch(file, scope, kind)] }
  }
  const [list, end] = parseList(file, scope)
  if (end.kind !== 'end') throw parseFault(stream, `expected end; found ${nodeText(end)}`)
  return list
}

function parseTemplateCall(stream: TokenStream, scope: Scope): TemplateNode {
  const context = 'template clause'
  const token = nextNonSpace(stream)
  const name = templateName(stream, token, context)
  let pipe: PipeNode | undefined
  if (nextNonSpace(stream).type !== 'rightDelim') {
    stream.index -= 1
    pipe = parsePipeline(stream, scope, context, 'rightDelim')
  }
  return { kind: 'template', pos: token.pos, name, pipe }
}

function parseBlock(file: File, scope: Scope): TemplateNode {
  const { stream } = file
  const context = 'block clause'
  const token = nextNonSpace(stream)
  const name = templateName(stream, token, context)
  const pipe = parsePipeline(stream, scope, context, 'rightDelim')
  const [root, end] = parseList(file, newScope(file))
  if (end.kind !== 'end') throw parseFault(stream, `unexpected ${nodeText(end)} in ${context}`)
  addTemplate(file, name, root)
  return { kind: 'template', pos: token.pos, name, pipe }
}
