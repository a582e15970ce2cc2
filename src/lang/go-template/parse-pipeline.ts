// Builds the tree of what stands inside an action: pipelines, commands, operands.
import { quoteText, unquoteText } from '../go/quote.ts'
import type { CommandNode, OperandNode, PipeNode, VariableNode } from './nodes.ts'
import { nodeText } from './node-text.ts'
import { readNumber } from './number.ts'
import { nextNonSpace, nextToken, parseFault, peekNonSpace, peekToken, unexpectedToken } from './token-stream.ts'
import type { TokenStream } from './token-stream.ts'
import type { Token, TokenType } from './token.ts'

/** What is known while a template is parsed. */
export interface Scope {
  readonly variables: string[]
  rangeDepth: number
  parenDepth: number
  readonly hasFunction: (name: string) => boolean
  readonly maxParenDepth: number
}

const OPERAND_STARTS: ReadonlySet<TokenType> = new Set([
  'bool',
  'charConstant',
  'complex',
  'dot',
  'field',
  'identifier',
  'number',
  'nil',
  'rawString',
  'string',
  'variable',
  'leftParen',
])
/** These cannot take the value that a pipe hands on. */
export const NOT_EXECUTABLE: ReadonlySet<OperandNode['kind']> = new Set(['bool', 'dot', 'nil', 'number', 'string'])

/** A pipeline up to its end token, which is consumed. `context` names the place in errors. */
export function parsePipeline(stream: TokenStream, scope: Scope, context: string, end: TokenType): PipeNode {
  const { pos } = peekNonSpace(stream)
  const { declarations, isAssign } = parseDeclarations(stream, scope, context)
  const commands: CommandNode[] = []
  for (;;) {
    const token = nextNonSpace(stream)
    if (token.type === end) break
    if (!OPERAND_STARTS.has(token.type)) throw unexpectedToken(stream, token, context)
    stream.index -= 1
    commands.push(parseCommand(stream, scope))
  }
  checkCommands(stream, commands, context)
  return { kind: 'pipe', pos, isAssign, declarations, commands }
}

function checkCommands(stream: TokenStream, commands: readonly CommandNode[], context: string): void {
  if (commands.length === 0) throw parseFault(stream, `missing value for ${context}`)
  const wrong = commands.findIndex((command, index) => index > 0 && NOT_EXECUTABLE.has(command.args[0]?.kind ?? 'nil'))
  if (wrong > 0) throw parseFault(stream, `non executable command in pipeline stage ${wrong + 1}`)
}

interface Declarations {
  readonly declarations: VariableNode[]
  readonly isAssign: boolean
}

function parseDeclarations(stream: TokenStream, scope: Scope, context: string): Declarations {
  const declarations: VariableNode[] = []
  while (peekNonSpace(stream).type === 'variable') {
    const start = stream.index
    const variable = nextToken(stream)
    const next = peekNonSpace(stream)
    const isComma = next.type === 'char' && next.value === ','
    if (next.type !== 'assign' && next.type !== 'declare' && !isComma) {
      stream.index = start
      break
    }
    nextNonSpace(stream)
    declarations.push({ kind: 'variable', pos: variable.pos, names: [variable.value] })
    scope.variables.push(variable.value)
    if (!isComma) return { declarations, isAssign: next.type === 'assign' }
    checkSecondVariable(stream, context, declarations.length)
  }
  return { declarations, isAssign: false }
}

function checkSecondVariable(stream: TokenStream, context: string, count: number): void {
  if (context !== 'range' || count > 1) throw parseFault(stream, `too many declarations in ${context}`)
  const { type } = peekNonSpace(stream)
  if (type !== 'variable' && type !== 'rightDelim' && type !== 'rightParen') {
    throw parseFault(stream, 'range can only initialize variables')
  }
}

function parseCommand(stream: TokenStream, scope: Scope): CommandNode {
  const { pos } = peekNonSpace(stream)
  const args: OperandNode[] = []
  for (;;) {
    const operand = parseOperand(stream, scope)
    if (operand !== undefined) args.push(operand)
    const token = nextToken(stream)
    if (token.type === 'rightDelim' || token.type === 'rightParen') {
      stream.index -= 1
      break
    }
    if (token.type === 'pipe') break
    if (token.type !== 'space') throw unexpectedToken(stream, token, 'operand')
    peekNonSpace(stream)
  }
  if (args.length === 0) throw parseFault(stream, 'empty command')
  return { kind: 'command', pos, args }
}

/** A term with its fields, or nothing where no term stands. */
function parseOperand(stream: TokenStream, scope: Scope): OperandNode | undefined {
  const node = parseTerm(stream, scope)
  if (node === undefined || peekToken(stream).type !== 'field') return node
  const { pos } = peekToken(stream)
  const names: string[] = []
  while (peekToken(stream).type === 'field') names.push(nextToken(stream).value.slice(1))
  switch (node.kind) {
    case 'field':
    case 'variable':
      return { kind: node.kind, pos, names: [...node.names, ...names] }
    case 'bool':
    case 'string':
    case 'number':
    case 'nil':
    case 'dot':
      throw parseFault(stream, `unexpected . after term ${quoteText(nodeText(node))}`)
    default:
      return { kind: 'chain', pos, node, names }
  }
}

function parseTerm(stream: TokenStream, scope: Scope): OperandNode | undefined {
  const token = nextNonSpace(stream)
  const { pos, value } = token
  switch (token.type) {
    case 'identifier':
      if (!scope.hasFunction(value)) throw parseFault(stream, `function ${quoteText(value)} not defined`)
      return { kind: 'identifier', pos, name: value }
    case 'dot':
    case 'nil':
      return { kind: token.type, pos }
    case 'variable':
      return knownVariable(stream, scope, token)
    case 'field':
      return { kind: 'field', pos, names: [value.slice(1)] }
    case 'bool':
      return { kind: 'bool', pos, value: value === 'true' }
    case 'charConstant':
    case 'complex':
    case 'number':
      return parseNumber(stream, token)
    case 'leftParen':
      return parseParenthesis(stream, scope)
    case 'string':
    case 'rawString':
      return parseString(stream, token)
    default:
      stream.index -= 1
      return undefined
  }
}

function knownVariable(stream: TokenStream, scope: Scope, token: Token): VariableNode {
  if (!scope.variables.includes(token.value)) throw parseFault(stream, `undefined variable "${token.value}"`)
  return { kind: 'variable', pos: token.pos, names: [token.value] }
}

function parseNumber(stream: TokenStream, token: Token): OperandNode {
  const number = readNumber(token)
  if (typeof number === 'string') throw parseFault(stream, number)
  return number
}

function parseParenthesis(stream: TokenStream, scope: Scope): PipeNode {
  if (scope.parenDepth >= scope.maxParenDepth) throw parseFault(stream, 'max expression depth exceeded')
  scope.parenDepth += 1
  const pipe = parsePipeline(stream, scope, 'parenthesized pipeline', 'rightParen')
  scope.parenDepth -= 1
  return pipe
}

function parseString(stream: TokenStream, token: Token): OperandNode {
  const text = unquoteText(token.value)
  if (text === undefined) throw parseFault(stream, 'invalid syntax')
  return { kind: 'string', pos: token.pos, quoted: token.value, text }
}
