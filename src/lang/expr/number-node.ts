// Number literals.
import { parseFloat64, parseInteger } from '../go/numbers.ts'
import { quoteText } from '../go/quote.ts'
import { fault } from './cursor.ts'
import type { Cursor } from './cursor.ts'
import type { Node } from './nodes.ts'
import type { Token } from './token.ts'

/** The node of a number token, which is taken already; throws for one that Go could not read. */
export function numberNode(cursor: Cursor, { at, value: written }: Token): Node {
  const text = written.replaceAll('_', '')
  const lower = text.toLowerCase()
  const base = lower.slice(0, 2)
  if (base === '0x') return integer('hex', true)
  if (/[.e]/.test(lower)) {
    const value = parseFloat64(text)
    if (typeof value === 'number') return { kind: 'float', at, value }
    throw fault(cursor, `invalid float literal: strconv.ParseFloat: parsing ${quoteText(text)}: ${value}`)
  }
  if (base === '0b') return integer('binary', true)
  return base === '0o' ? integer('octal', true) : integer('integer', false)

  function integer(name: string, hasBase: boolean): Node {
    const value = parseInteger(text, hasBase ? 0 : 10)
    if (typeof value === 'bigint') return { kind: 'integer', at, value }
    throw fault(cursor, `invalid ${name} literal: strconv.ParseInt: parsing ${quoteText(text)}: ${value}`)
  }
}
