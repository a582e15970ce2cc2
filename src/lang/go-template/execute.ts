// Runs a template: walks its nodes, writes what they print.
import { formatValue } from '../go/print.ts'
import { sortedKeys } from '../go/order.ts'
import { isTrue } from '../go/truth.ts'
import { elementsOf, GoFunction, GoStruct, GoTyped, integerOf, mapOfValue, targetOf, typeOf } from '../go/values.ts'
import type { GoMap, GoValue } from '../go/values.ts'
import { execError } from './error.ts'
import { evaluatePipeline } from './evaluate.ts'
import type { BranchNode, ListNode, Node, TemplateNode } from './nodes.ts'
import { nodeText } from './node-text.ts'
import { fault, MAX_TEMPLATE_DEPTH, newBudget, popVariables, spendStep, write } from './run.ts'
import type { Evaluated, ExecuteOptions, Run } from './run.ts'
import { findTemplate } from './template-set.ts'
import type { TemplateSet } from './template-set.ts'

export interface ExecuteInput {
  readonly data: GoValue
  /** All functions by name but the built-in ones, which a function of the same name replaces. */
  readonly functions: ReadonlyMap<string, GoFunction>
  readonly options?: ExecuteOptions
}

/**
 * The text a template of the set writes for the data. Throws a TemplateError with Go's text; what was written before
 * an error is lost, as helm loses it. `options.budget` lets nested runs (`include`, `tpl`) share one limit.
 */
export function executeTemplate(set: TemplateSet, name: string, input: ExecuteInput): string {
  return runTemplate(set, name, input, () => {})
}

/** Like `executeTemplate`; `onPartial` gets what was written before an error, before it is thrown. */
export function runTemplate(
  set: TemplateSet,
  name: string,
  input: ExecuteInput,
  onPartial: (output: string) => void,
): string {
  const template = findTemplate(set, name)
  if (template === undefined) {
    const empty = { name, parseName: name, text: '' }
    throw execError(empty, undefined, `no template "${name}" associated with template set`)
  }
  const run: Run = {
    set,
    template,
    functions: input.functions,
    missingKey: input.options?.missingKey ?? 'default',
    budget: input.options?.budget ?? newBudget(),
    depth: 0,
    names: ['$'],
    values: [input.data],
    boxes: [false],
    dot: input.data ?? undefined,
    dotIsBoxed: false,
    isBoxed: false,
    node: undefined,
    output: '',
  }
  try {
    walkList(run, template.root)
    return run.output
  } catch (error) {
    onPartial(run.output)
    throw asTemplateError(run, error)
  }
}

/** A JavaScript stack that ran out is a limit of ours, not a crash. */
function asTemplateError(run: Run, error: unknown): unknown {
  if (!(error instanceof RangeError) || !error.message.includes('call stack')) return error
  return execError(run.template, undefined, 'templates nest too deep', { code: 'limit', cause: error })
}

/** How a node was left: undefined for the ordinary way. */
type Flow = 'break' | 'continue' | undefined

function walkList(run: Run, list: ListNode): Flow {
  for (const node of list.nodes) {
    const flow = walk(run, node)
    if (flow !== undefined) return flow
  }
  return undefined
}

function walk(run: Run, node: Node): Flow {
  run.node = node
  switch (node.kind) {
    case 'text':
      write(run, node.text)
      return undefined
    case 'action': {
      const value = evaluatePipeline(run, node.pipe)
      if (node.pipe.declarations.length === 0) printValue(run, node, value)
      return undefined
    }
    case 'if':
    case 'with':
      return walkIfOrWith(run, node)
    case 'range':
      walkRange(run, node)
      return undefined
    case 'template':
      walkTemplate(run, node)
      return undefined
    case 'break':
    case 'continue':
      return node.kind
    default:
      throw fault(run, `unknown node: ${nodeText(node)}`)
  }
}

function printValue(run: Run, node: Node, value: Evaluated): void {
  run.node = node
  if (typeof value === 'string') {
    write(run, value)
    return
  }
  const printable = printableValue(value)
  if (printable === undefined) throw fault(run, `can't print ${nodeText(node)} of type ${typeOf(value ?? null)?.name}`)
  write(run, formatValue(printable))
}

/** What is printed for a value: pointers are followed; undefined for functions, which cannot be printed. */
export function printableValue(value: Evaluated): GoValue | undefined {
  if (value === undefined || value === null) return '<no value>'
  if (value instanceof GoFunction) return undefined
  if (value instanceof GoTyped && value.type.kind === 'ptr' && value.type.text === undefined)
    return targetOf(value) ?? value
  return value
}

function walkIfOrWith(run: Run, node: BranchNode): Flow {
  const mark = run.names.length
  const value = evaluatePipeline(run, node.pipe)
  let flow: Flow
  if (!isTrue(value)) {
    flow = node.elseList === undefined ? undefined : walkList(run, node.elseList)
  } else if (node.kind === 'with') {
    flow = walkWithDot(run, node.list, value, false)
  } else {
    flow = walkList(run, node.list)
  }
  popVariables(run, mark)
  return flow
}

function walkWithDot(run: Run, list: ListNode, dot: Evaluated, isBoxed: boolean): Flow {
  const { dot: outerDot, dotIsBoxed: outerBoxed } = run
  run.dot = dot
  run.dotIsBoxed = isBoxed
  const flow = walkList(run, list)
  run.dot = outerDot
  run.dotIsBoxed = outerBoxed
  return flow
}

function walkRange(run: Run, node: BranchNode): void {
  const mark = run.names.length
  const piped = evaluatePipeline(run, node.pipe)
  const value = targetOf(piped ?? null) ?? piped
  const loop: Loop = { run, node, mark: run.names.length }
  const count = value === undefined || value === null ? 0 : rangeOver(loop, value)
  if (count === 0 && node.elseList !== undefined) walkList(run, node.elseList)
  popVariables(run, mark)
}

interface Loop {
  readonly run: Run
  readonly node: BranchNode
  /** The number of variables before those of the body. */
  readonly mark: number
}

/** Runs the body for every element, and returns the number of elements. */
function rangeOver(loop: Loop, value: GoValue): number {
  if (Array.isArray(value)) return rangeOverList(loop, value, true)
  const isBoxed = typeOf(value)?.elem?.kind === 'interface'
  const map = mapOfValue(value)
  if (map !== undefined) return rangeOverMap(loop, map, isBoxed)
  const count = integerOf(value)
  if (count !== undefined) return rangeOverCount(loop, value, count)
  const elements = elementsOf(value)
  if (elements !== undefined) return rangeOverList(loop, elements, isBoxed)
  if (value instanceof GoStruct && value.payload instanceof Sequence) return rangeOverSequence(loop, value.payload)
  throw fault(loop.run, `range can't iterate over ${formatValue(value)}`)
}

function rangeOverMap(loop: Loop, map: GoMap, isBoxed: boolean): number {
  for (const key of sortedKeys(map)) {
    if (!iterate(loop, key, map.get(key), isBoxed)) break
  }
  return map.size
}

/** The payload of a struct that stands for a Go iterator: what it yields, one or two values a time. */
export class Sequence {
  readonly pairs: Iterable<readonly [GoValue, GoValue | undefined]>

  constructor(pairs: Iterable<readonly [GoValue, GoValue | undefined]>) {
    this.pairs = pairs
  }
}

function rangeOverSequence(loop: Loop, sequence: Sequence): number {
  let count = 0
  for (const [first, second] of sequence.pairs) {
    count += 1
    const goesOn = second === undefined ? iterate(loop, undefined, first, false) : iterate(loop, first, second, false)
    if (!goesOn) break
  }
  return count
}

function rangeOverList(loop: Loop, elements: readonly GoValue[], isBoxed: boolean): number {
  for (let index = 0; index < elements.length; index += 1) {
    if (!iterate(loop, BigInt(index), elements[index], isBoxed)) break
  }
  return elements.length
}

function rangeOverCount(loop: Loop, value: GoValue, count: bigint): number {
  if (loop.node.pipe.declarations.length > 1) {
    throw fault(loop.run, `can't use ${formatValue(value)} to iterate over more than one variable`)
  }
  for (let index = 0n; index < count; index += 1n) {
    const element = value instanceof GoTyped ? new GoTyped(value.type, index) : index
    if (!iterate(loop, undefined, element, false)) break
  }
  return count > 0n ? 1 : 0
}

/** One round of the body; false when it is to be the last. */
function iterate(loop: Loop, key: Evaluated, element: Evaluated, isBoxed: boolean): boolean {
  const { run, node, mark } = loop
  spendStep(run)
  setLoopVariables(loop, key, element, isBoxed)
  const flow = walkWithDot(run, node.list, element, isBoxed)
  popVariables(run, mark)
  return flow !== 'break'
}

function setLoopVariables(loop: Loop, key: Evaluated, element: Evaluated, isBoxed: boolean): void {
  const { run, node, mark } = loop
  const { declarations, isAssign } = node.pipe
  if (declarations.length === 0) return
  for (const [position, declaration] of declarations.entries()) {
    const isElement = position === declarations.length - 1
    const index = isAssign ? run.names.lastIndexOf(declaration.names[0] ?? '') : mark - declarations.length + position
    run.values[index] = isElement ? element : key
    run.boxes[index] = isElement && isBoxed
  }
}

function walkTemplate(run: Run, node: TemplateNode): void {
  const template = findTemplate(run.set, node.name)
  if (template === undefined) throw fault(run, `template "${node.name}" not defined`)
  if (run.depth >= MAX_TEMPLATE_DEPTH) throw fault(run, `exceeded maximum template depth (${MAX_TEMPLATE_DEPTH})`)
  const dot = node.pipe === undefined ? undefined : evaluatePipeline(run, node.pipe)
  const inner: Run = {
    ...run,
    template,
    depth: run.depth + 1,
    names: ['$'],
    values: [dot],
    boxes: [false],
    dot,
    dotIsBoxed: false,
    output: '',
  }
  try {
    walkList(inner, template.root)
  } finally {
    run.output += inner.output
  }
}
