// `$((…))`: integers, variables, + - * / %, comparisons, && || !, parentheses.
import { ProgramStop } from './machine.ts'

const TOKEN = /\s*(?:(?<number>\d{1,15})|\$?(?<name>[A-Za-z_]\w*)|(?<operator>\*\*|[<>=!]=|&&|\|\||[-+*/%()<>!]))/y
/** Of parentheses. */
const MAX_DEPTH = 50

const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['==', '!='],
  ['<', '<=', '>', '>='],
  ['+', '-'],
  ['*', '/', '%'],
]

/** Throws `ProgramStop` for what is no expression. Names without a number are 0. */
export function evaluateArithmetic(text: string, valueOf: (name: string) => string | undefined): number {
  const tokens = tokensOf(text, valueOf)
  let at = 0
  let depth = 0

  function binary(level: number): number {
    const operators = LEVELS[level]
    if (operators === undefined) return unary()
    let left = binary(level + 1)
    for (let token = tokens[at]; typeof token === 'string' && operators.includes(token); token = tokens[at]) {
      at++
      left = apply(token, left, binary(level + 1))
    }
    return left
  }

  function unary(): number {
    const token = tokens[at++]
    if (typeof token === 'number') return token
    if (token === '-') return -unary()
    if (token === '+') return unary()
    if (token === '!') return unary() === 0 ? 1 : 0
    if (token !== '(' || ++depth > MAX_DEPTH) throw new ProgramStop('arithmetic syntax error', 2)
    const value = binary(0)
    if (tokens[at++] !== ')') throw new ProgramStop('arithmetic syntax error', 2)
    depth--
    return value
  }

  if (tokens.length === 0) return 0
  const value = binary(0)
  if (at !== tokens.length) throw new ProgramStop('arithmetic syntax error', 2)
  return value
}

function tokensOf(text: string, valueOf: (name: string) => string | undefined): readonly (number | string)[] {
  const tokens: (number | string)[] = []
  const source = text.trim()
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < source.length) {
    const groups = TOKEN.exec(source)?.groups
    if (groups === undefined) throw new ProgramStop('arithmetic syntax error', 2)
    const { number, name, operator } = groups
    if (number !== undefined) tokens.push(Number(number))
    else if (name !== undefined) tokens.push(Number.parseInt(valueOf(name) ?? '0', 10) || 0)
    else tokens.push(operator ?? '')
    if (tokens.length > 1000) throw new ProgramStop('arithmetic syntax error', 2)
  }
  return tokens
}

function apply(operator: string, left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
    case '%':
      if (right === 0) throw new ProgramStop('divide by zero', 2)
      return operator === '/' ? Math.trunc(left / right) : left % right
    default:
      return compare(operator, left, right) ? 1 : 0
  }
}

function compare(operator: string, left: number, right: number): boolean {
  switch (operator) {
    case '==':
      return left === right
    case '!=':
      return left !== right
    case '<':
      return left < right
    case '<=':
      return left <= right
    case '>':
      return left > right
    case '>=':
      return left >= right
    case '&&':
      return left !== 0 && right !== 0
    default:
      return left !== 0 || right !== 0
  }
}
