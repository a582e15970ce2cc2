// Evaluates pipelines, commands and operands to values.
import { isTrue } from '../go/truth.ts'
import { ANY } from '../go/values.ts'
import type { GoFunction, GoType, GoValue } from '../go/values.ts'
import { assignConstant, assignValue, canBeNil, idealConstant } from './assign.ts'
import { builtinOf, callValue } from './builtins.ts'
import { checkCount, invoke } from './call.ts'
import { BoundMethod, lookUpField } from './fields.ts'
import type { ChainNode, CommandNode, FieldNode, Node, OperandNode, PipeNode, VariableNode } from './nodes.ts'
import { nodeText } from './node-text.ts'
import { fault, NO_FINAL, pushVariable, spendStep, variableIndex } from './run.ts'
import type { Evaluated, Final, Run } from './run.ts'

/** The value of a pipeline; its variables are declared or assigned. A nil inside an interface becomes no value. */
export function evaluatePipeline(run: Run, pipe: PipeNode): Evaluated {
  run.node = pipe
  let value: Final = NO_FINAL
  for (const command of pipe.commands) {
    value = evaluateCommand(run, command, value) ?? undefined
  }
  const result = value === NO_FINAL ? undefined : value
  run.isBoxed = false
  for (const variable of pipe.declarations) {
    const name = variable.names[0] ?? ''
    if (pipe.isAssign) {
      const index = variableIndex(run, name)
      run.values[index] = result
      run.boxes[index] = false
    } else {
      pushVariable(run, name, result, false)
    }
  }
  return result
}

function evaluateCommand(run: Run, command: CommandNode, final: Final): Evaluated {
  spendStep(run)
  const first = command.args[0]
  switch (first?.kind) {
    case 'field':
      return evaluateField(run, first, command.args, final)
    case 'chain':
      return evaluateChain(run, first, command.args, final)
    case 'variable':
      return evaluateVariable(run, first, command.args, final)
    case 'identifier':
      run.node = first
      return callNamed(run, { name: first.name, node: command, args: command.args, final })
    case 'pipe':
      refuseArguments(run, command.args, final)
      return evaluatePipeline(run, first)
    default:
      run.node = first
      refuseArguments(run, command.args, final)
      return evaluateConstant(run, first)
  }
}

function evaluateConstant(run: Run, node: OperandNode | undefined): Evaluated {
  switch (node?.kind) {
    case 'bool':
      return node.value
    case 'dot':
      run.isBoxed = run.dotIsBoxed
      return run.dot
    case 'number':
      return idealConstant(run, node)
    case 'string':
      return node.text
    case 'nil':
      throw fault(run, 'nil is not a command')
    default:
      throw fault(run, `can't evaluate command ${node === undefined ? '' : nodeText(node)}`)
  }
}

function refuseArguments(run: Run, args: readonly OperandNode[], final: Final): void {
  const [first] = args
  if (first !== undefined && (args.length > 1 || final !== NO_FINAL)) {
    throw fault(run, `can't give argument to non-function ${nodeText(first)}`)
  }
}

/** A call by name: `node` is what an error of the function itself points at; the first of `args` is its name. */
interface NamedCall {
  readonly name: string
  readonly node: Node
  readonly args: readonly OperandNode[]
  readonly final: Final
}

function callNamed(run: Run, call: NamedCall): Evaluated {
  const target = run.functions.get(call.name)
  if (target !== undefined) return callWithFinal(run, target, call)
  const builtin = builtinOf(call.name)
  if (builtin === undefined) throw fault(run, `"${call.name}" is not a defined function`)
  if (call.name === 'and' || call.name === 'or') return shortCircuit(run, builtin, call)
  if (call.name === 'call') return callCallee(run, builtin, call)
  return callWithFinal(run, builtin, call)
}

/** Calls a function or method with its written arguments and the value a pipe hands on. */
function callWithFinal(run: Run, target: GoFunction, call: NamedCall): Evaluated {
  const values = collectArguments(run, target, call)
  return invoke(run, call, () => target.call(values))
}

function collectArguments(run: Run, target: GoFunction, call: NamedCall): GoValue[] {
  checkCount(run, target, call)
  const values: GoValue[] = []
  const { params } = target
  const last = params.length - 1
  for (let index = 1; index < call.args.length; index += 1) {
    const node = call.args[index]
    if (node !== undefined) values.push(evaluateArgument(run, node, params[Math.min(index - 1, last)] ?? ANY))
  }
  if (call.final !== NO_FINAL) values.push(assignValue(run, call.final, params[Math.min(values.length, last)] ?? ANY))
  return values
}

/** An argument for a parameter of the type: constants must fit it as they are written. */
function evaluateArgument(run: Run, node: OperandNode, type: GoType): GoValue {
  run.node = node
  switch (node.kind) {
    case 'bool':
    case 'number':
    case 'string':
      return assignConstant(run, node, type)
    case 'nil':
      if (canBeNil(type)) return null
      throw fault(run, `cannot assign nil to ${type.name}`)
    default:
      return assignValue(run, evaluateOperand(run, node), type)
  }
}

/** `and` and `or` evaluate no further than they must, and give the operand that decides. */
function shortCircuit(run: Run, target: GoFunction, call: NamedCall): Evaluated {
  checkCount(run, target, call)
  let value: Evaluated
  for (let index = 1; index < call.args.length; index += 1) {
    const node = call.args[index]
    if (node === undefined) continue
    run.node = node
    value = evaluateOperand(run, node)
    if (isTrue(value) === (call.name === 'or')) return value
  }
  return call.final === NO_FINAL ? value : call.final
}

function callCallee(run: Run, target: GoFunction, call: NamedCall): Evaluated {
  const values = collectArguments(run, target, call)
  const callee = call.args[1]
  const name = callee === undefined ? '<reflect.Value Value>' : nodeText(callee)
  return invoke(run, call, () => callValue(name, values))
}

/** The value of an operand that is an argument where any value is taken. */
export function evaluateOperand(run: Run, node: OperandNode): Evaluated {
  switch (node.kind) {
    case 'field':
      return evaluateField(run, node, [node], NO_FINAL)
    case 'variable':
      return evaluateVariable(run, node, [node], NO_FINAL)
    case 'pipe':
      return evaluatePipeline(run, node)
    case 'identifier':
      return callNamed(run, { name: node.name, node, args: [node], final: NO_FINAL })
    case 'chain':
      return evaluateChain(run, node, [node], NO_FINAL)
    case 'nil':
      return null
    default:
      return evaluateConstant(run, node)
  }
}

function evaluateField(run: Run, node: FieldNode, args: readonly OperandNode[], final: Final): Evaluated {
  run.node = node
  run.isBoxed = run.dotIsBoxed
  return followFields(run, run.dot, { names: node.names, from: 0, node, args, final })
}

function evaluateChain(run: Run, node: ChainNode, args: readonly OperandNode[], final: Final): Evaluated {
  run.node = node
  if (node.node.kind === 'nil') throw fault(run, `indirection through explicit nil in ${nodeText(node)}`)
  run.node = node.node
  const receiver = evaluateOperand(run, node.node)
  run.isBoxed = false
  return followFields(run, receiver, { names: node.names, from: 0, node, args, final })
}

function evaluateVariable(run: Run, node: VariableNode, args: readonly OperandNode[], final: Final): Evaluated {
  run.node = node
  const index = variableIndex(run, node.names[0] ?? '')
  run.isBoxed = run.boxes[index] === true
  if (node.names.length === 1) {
    refuseArguments(run, args, final)
    return run.values[index]
  }
  return followFields(run, run.values[index], { names: node.names, from: 1, node, args, final })
}

interface FieldPath {
  readonly names: readonly string[]
  readonly from: number
  readonly node: Node
  readonly args: readonly OperandNode[]
  readonly final: Final
}

/** Follows the names from a value; only the last may be a method with arguments. */
function followFields(run: Run, receiver: Evaluated, path: FieldPath): Evaluated {
  const { names } = path
  let value = receiver
  for (let index = path.from; index < names.length; index += 1) {
    const isLast = index === names.length - 1
    const call: NamedCall = {
      name: names[index] ?? '',
      node: path.node,
      args: isLast ? path.args : [],
      final: isLast ? path.final : NO_FINAL,
    }
    const hasArguments = call.args.length > 1 || call.final !== NO_FINAL
    const found = lookUpField(run, value, call.name, hasArguments)
    value = found instanceof BoundMethod ? callWithFinal(run, found.target, call) : found
  }
  return value
}
