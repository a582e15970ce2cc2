// Reads the number constants of templates: integers, floats, characters, complex numbers.
import { parseGoFloatLiteral, parseInteger, parseUnsigned, truncateToInt64 } from '../go/numbers.ts'
import { quoteText, unquoteRune } from '../go/quote.ts'
import { GoComplex } from '../go/values.ts'
import type { NumberNode } from './nodes.ts'
import type { Token } from './token.ts'

/** The node of a number token, or the text of what is wrong with it. */
export function readNumber(token: Token): NumberNode | string {
  const base = { kind: 'number', pos: token.pos, text: token.value } as const
  if (token.type === 'charConstant') {
    const rune = unquoteRune(token.value)
    if (rune === undefined) return `malformed character constant: ${token.value}`
    return { ...base, int: BigInt(rune), uint: BigInt(rune), float: rune }
  }
  if (token.type === 'complex') return readComplex(base, token.value)
  if (token.value.endsWith('i')) {
    const imaginary = parseGoFloatLiteral(token.value.slice(0, -1))
    if (typeof imaginary === 'number') return complexNode(base, 0, imaginary)
  }
  return readReal(base, token.value)
}

type Base = Pick<NumberNode, 'kind' | 'pos' | 'text'>

/** Whole numbers that are exact as floats, which is nearly all there are. */
const SMALL = /^(?:0|[1-9][0-9]{0,14})$/

function readReal(base: Base, text: string): NumberNode | string {
  if (SMALL.test(text)) {
    const int = BigInt(text)
    return { ...base, uint: int, int, float: Number(text) }
  }
  const unsigned = parseUnsigned(text, 0)
  const signed = parseInteger(text, 0)
  const uint = typeof unsigned === 'bigint' ? { uint: unsigned } : {}
  if (typeof signed === 'bigint') return { ...base, ...uint, int: signed, float: Number(signed) }
  if (typeof unsigned === 'bigint') return { ...base, ...uint, float: Number(unsigned) }
  const float = parseGoFloatLiteral(text)
  if (typeof float !== 'number') return `illegal number syntax: ${quoteText(text)}`
  if (!/[.eEpP]/.test(text)) return `integer overflow: ${quoteText(text)}`
  return { ...base, ...wholeParts(float), float }
}

/** A float without fraction counts as an integer too: `trunc 3.0`. */
function wholeParts(float: number): Pick<NumberNode, 'int' | 'uint'> {
  if (!Number.isInteger(float) || Math.abs(float) >= 2 ** 63) return {}
  const int = truncateToInt64(float)
  return int < 0n ? { int } : { int, uint: int }
}

function readComplex(base: Base, text: string): NumberNode | string {
  const split = /^(?<real>.+?)(?<imaginary>(?<![eEpP])[+-][^+-]*(?:[eEpP][+-][^+-]*)?)i$/.exec(text)?.groups
  const real = parseGoFloatLiteral(split?.['real'] ?? '')
  const imaginary = parseGoFloatLiteral(split?.['imaginary'] ?? '')
  // fmt takes a sign alone for a number, which strconv then refuses.
  if (/^[+-]$/.test(split?.['real'] ?? '')) return `strconv.ParseFloat: parsing "${split?.['real']}": invalid syntax`
  if (typeof real !== 'number' || typeof imaginary !== 'number') return 'syntax error scanning complex number'
  return complexNode(base, real, imaginary)
}

function complexNode(base: Base, real: number, imaginary: number): NumberNode {
  const complex = new GoComplex(real, imaginary)
  return imaginary === 0 ? { ...base, ...wholeParts(real), complex, float: real } : { ...base, complex }
}
