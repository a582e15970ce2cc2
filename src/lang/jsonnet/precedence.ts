// The operators of Jsonnet and how tight they bind.
import type { BinaryOperator } from './syntax.ts'

/** Higher binds tighter (jsonnet core/parser.cpp). */
export const PRECEDENCE: Readonly<Record<BinaryOperator, number>> = {
  '*': 10,
  '/': 10,
  '%': 10,
  '+': 9,
  '-': 9,
  '<<': 8,
  '>>': 8,
  '<': 7,
  '<=': 7,
  '>': 7,
  '>=': 7,
  in: 7,
  '==': 6,
  '!=': 6,
  '&': 5,
  '^': 4,
  '|': 3,
  '&&': 2,
  '||': 1,
}
export const UNARY_OPERATORS: ReadonlySet<string> = new Set(['!', '~', '+', '-'])

/** Undefined for what stands between no two expressions. */
export function asBinary(text: string): BinaryOperator | undefined {
  return Object.hasOwn(PRECEDENCE, text) ? (text as BinaryOperator) : undefined // the table's own keys
}
