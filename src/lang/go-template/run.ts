// The state of one run of a template: data, variables, output, limits; kept apart from the template itself.
import type { GoFunction, GoValue } from '../go/values.ts'
import { execError } from './error.ts'
import type { TemplateError } from './error.ts'
import type { Node } from './nodes.ts'
import type { ParsedTemplate } from './parser.ts'
import type { TemplateSet } from './template-set.ts'

/** Nodes evaluated in one rendering, `include` and `tpl` counted: some hundred times what the largest charts need. */
export const MAX_STEPS = 100_000_000
/** Characters one rendering may write. */
export const MAX_OUTPUT_LENGTH: number = 64 * 1024 * 1024
/** How deep `template` may nest: 100,000 in Go, less here because each level needs JavaScript's stack. */
export const MAX_TEMPLATE_DEPTH = 1000

/** What a rendering may use up; one object for all runs of a rendering. */
export interface Budget {
  steps: number
  outputLength: number
}

export interface ExecuteOptions {
  /** What a missing map key gives: `<no value>` (default), the element type's zero value, or an error. */
  readonly missingKey?: 'default' | 'zero' | 'error'
  readonly budget?: Budget
}

/** No value is handed on by a pipe; unlike undefined, which is Go's invalid value. */
export const NO_FINAL: unique symbol = Symbol('no final argument')
export type Final = GoValue | undefined | typeof NO_FINAL

/** A value while it is evaluated: null is a nil inside an interface, undefined is no value at all. */
export type Evaluated = GoValue | undefined

export interface Run {
  readonly set: TemplateSet
  readonly template: ParsedTemplate
  readonly functions: ReadonlyMap<string, GoFunction>
  readonly missingKey: 'default' | 'zero' | 'error'
  readonly budget: Budget
  readonly depth: number
  readonly names: string[]
  readonly values: Evaluated[]
  /** Which variables came out of a container of interface values, which error texts tell. */
  readonly boxes: boolean[]
  dot: Evaluated
  dotIsBoxed: boolean
  /** Whether the value evaluated last has the static type interface {}. */
  isBoxed: boolean
  /** Where an error would be. */
  node: Node | undefined
  output: string
}

export function newBudget(): Budget {
  return { steps: MAX_STEPS, outputLength: MAX_OUTPUT_LENGTH }
}

export function fault(run: Run, reason: string, cause?: unknown): TemplateError {
  return execError(run.template, run.node, reason, cause === undefined ? undefined : { cause })
}

/** Counts a step, and throws when the rendering has used all it may. */
export function spendStep(run: Run): void {
  run.budget.steps -= 1
  if (run.budget.steps < 0) {
    throw execError(run.template, run.node, 'the rendering takes more steps than allowed', { code: 'limit' })
  }
}

export function write(run: Run, text: string): void {
  run.budget.outputLength -= text.length
  if (run.budget.outputLength < 0) {
    throw execError(run.template, run.node, 'the rendering writes more text than allowed', { code: 'limit' })
  }
  run.output += text
}

export function pushVariable(run: Run, name: string, value: Evaluated, isBoxed: boolean): void {
  run.names.push(name)
  run.values.push(value)
  run.boxes.push(isBoxed)
}

/** Forgets the variables declared since there were `count` of them. */
export function popVariables(run: Run, count: number): void {
  run.names.length = count
  run.values.length = count
  run.boxes.length = count
}

/** The place of the innermost variable of that name. */
export function variableIndex(run: Run, name: string): number {
  const index = run.names.lastIndexOf(name)
  if (index < 0) throw fault(run, `undefined variable: ${name}`)
  return index
}
