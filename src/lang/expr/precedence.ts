// How strongly operators bind (expr 1.17 parser/operator).

export const UNARY: Readonly<Record<string, number>> = { not: 50, '!': 50, '-': 90, '+': 90 }

export const BINARY: Readonly<Record<string, number>> = {
  '|': 0,
  or: 10,
  '||': 10,
  and: 15,
  '&&': 15,
  '==': 20,
  '!=': 20,
  '<': 20,
  '>': 20,
  '>=': 20,
  '<=': 20,
  in: 20,
  matches: 20,
  contains: 20,
  startsWith: 20,
  endsWith: 20,
  '..': 25,
  '+': 30,
  '-': 30,
  '*': 60,
  '/': 60,
  '%': 60,
  '**': 100,
  '^': 100,
  '??': 500,
}

/** `2 ** 3 ** 2` is `2 ** (3 ** 2)`; all others bind to the left. */
export function isRightAssociative(operator: string): boolean {
  return operator === '**' || operator === '^'
}

/** `a < b < c` is `a < b && b < c`. */
export function isComparison(operator: string): boolean {
  return operator === '<' || operator === '>' || operator === '>=' || operator === '<='
}

/** `a not in b`. */
export function mayBeNegated(operator: string): boolean {
  return ['contains', 'matches', 'startsWith', 'endsWith', 'in'].includes(operator)
}
