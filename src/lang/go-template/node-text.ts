// A node printed back as template source, as error messages show it.
import { quoteText } from '../go/quote.ts'
import type { BranchNode, CommandNode, Node, PipeNode } from './nodes.ts'

/** The source of a node. `quoteTexts` prints plain text between quotes, which tells it from actions in tests. */
export function nodeText(node: Node, quoteTexts = false): string {
  switch (node.kind) {
    case 'text':
      return quoteTexts ? quoteText(node.text) : node.text
    case 'list':
      return node.nodes.map((item) => nodeText(item, quoteTexts)).join('')
    case 'action':
      return `{{${pipeText(node.pipe)}}}`
    case 'if':
    case 'with':
    case 'range':
      return branchText(node, quoteTexts)
    case 'template':
      return `{{template ${quoteText(node.name)}${node.pipe === undefined ? '' : ` ${pipeText(node.pipe)}`}}}`
    case 'break':
    case 'continue':
    case 'else':
    case 'end':
      return `{{${node.kind}}}`
    default:
      return operandText(node)
  }
}

type Operand = Exclude<
  Node,
  { kind: 'text' | 'list' | 'action' | 'if' | 'with' | 'range' | 'template' | 'break' | 'continue' | 'else' | 'end' }
>

function operandText(node: Operand): string {
  switch (node.kind) {
    case 'pipe':
      return pipeText(node)
    case 'command':
      return commandText(node)
    case 'field':
      return `.${node.names.join('.')}`
    case 'variable':
      return node.names.join('.')
    case 'chain':
      return `${node.node.kind === 'pipe' ? `(${pipeText(node.node)})` : nodeText(node.node)}.${node.names.join('.')}`
    case 'identifier':
      return node.name
    case 'dot':
      return '.'
    case 'nil':
      return 'nil'
    case 'bool':
      return String(node.value)
    case 'number':
      return node.text
    case 'string':
      return node.quoted
  }
}

function pipeText(pipe: PipeNode): string {
  const commands = pipe.commands.map(commandText).join(' | ')
  if (pipe.declarations.length === 0) return commands
  const names = pipe.declarations.map((variable) => nodeText(variable)).join(', ')
  return `${names} ${pipe.isAssign ? '=' : ':='} ${commands}`
}

function commandText(command: CommandNode): string {
  return command.args.map((arg) => (arg.kind === 'pipe' ? `(${pipeText(arg)})` : nodeText(arg))).join(' ')
}

function branchText(node: BranchNode, quoteTexts: boolean): string {
  const otherwise = node.elseList === undefined ? '' : `{{else}}${nodeText(node.elseList, quoteTexts)}`
  return `{{${node.kind} ${pipeText(node.pipe)}}}${nodeText(node.list, quoteTexts)}${otherwise}{{end}}`
}
