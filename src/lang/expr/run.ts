// The state of one evaluation: what names mean, which element a predicate is at, and what may still be spent.
import { formatValue } from '../go/print.ts'
import type { GoValue } from '../go/values.ts'
import { typeOf } from '../go/values.ts'
import { ExprError } from './error.ts'
import type { ExprLimits } from './limits.ts'
import type { Node } from './nodes.ts'

export interface Run {
  readonly text: string
  readonly environment: GoValue
  readonly limits: ExprLimits
  /** Milliseconds since 1970. */
  readonly nowMs: () => number
  variables: Variable | undefined
  scope: Scope | undefined
  steps: number
  memory: number
  textMade: number
  /** The node whose operation runs: where an error is shown. */
  at: number
}

export interface Variable {
  readonly name: string
  readonly value: GoValue
  readonly outer: Variable | undefined
}

/** A predicate over a collection. */
export interface Scope {
  readonly outer: Scope | undefined
  readonly length: number
  /** The element at an index; throws for what has a length but no elements, such as a map. */
  readonly itemAt: (index: number) => GoValue
  index: number
  accumulator: GoValue
}

/** A run at its beginning. */
export function startRun(given: Pick<Run, 'text' | 'environment' | 'limits' | 'nowMs'>): Run {
  return { ...given, variables: undefined, scope: undefined, steps: 0, memory: 0, textMade: 0, at: 0 }
}

/** An error where the run stands. */
export function fault(run: Run, reason: string, cause?: unknown): ExprError {
  return new ExprError(reason, { text: run.text, at: run.at }, cause === undefined ? undefined : { cause })
}

/** Counts a step. */
export function step(run: Run): void {
  run.steps += 1
  if (run.steps > run.limits.steps) throw fault(run, `step budget exceeded (${run.limits.steps})`)
}

/** Counts elements made. */
export function grow(run: Run, size: number): void {
  run.memory += size
  if (run.memory >= run.limits.memory) throw fault(run, 'memory budget exceeded')
}

/** Counts a text made, and gives it back. */
export function made(run: Run, text: string): string {
  run.textMade += text.length
  if (run.textMade > run.limits.text) throw fault(run, 'memory budget exceeded')
  return text
}

/** A type as fmt's %T names it. */
export function typeName(value: GoValue): string {
  return typeOf(value)?.name ?? '<nil>'
}

/** A value as fmt's %v writes it. */
export function shown(value: GoValue): string {
  return formatValue(value)
}

/** What Go's type assertion to a type panics with. */
export function notA(run: Run, value: GoValue, type: string): ExprError {
  const name = typeOf(value)?.name ?? 'nil'
  return fault(run, `interface conversion: interface {} is ${name}, not ${type}`)
}

export function textOf(run: Run, value: GoValue): string {
  if (typeof value === 'string') return value
  throw notA(run, value, 'string')
}

export function booleanOf(run: Run, value: GoValue): boolean {
  if (typeof value === 'boolean') return value
  throw notA(run, value, 'bool')
}

export type Evaluate = (run: Run, node: Node) => GoValue
