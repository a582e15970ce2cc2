// What schemas ask of texts and numbers.
import { GoError } from '../../../lang/go/error.ts'
import { compileRegexp, matchesRegexp } from '../../../lang/go/regexp/regexp.ts'
import type { Json, JsonObject } from './document.ts'
import { fault, quoted, shownCount, shownNumber } from './fault.ts'
import type { Fault } from './fault.ts'

/** The bounds `got` does not keep: names of keywords that are lower and upper bounds of a count. */
export function checkCounts(
  schema: JsonObject,
  got: { readonly count: number; readonly at: string },
  keywords: readonly [string, string],
): (Fault | undefined)[] {
  const [low, high] = keywords.map((keyword) => ({ keyword, bound: numberOf(schema[keyword]) }))
  return [low, high].map((limit, index) => {
    if (limit?.bound === undefined) return undefined
    const isKept = index === 0 ? got.count >= limit.bound : got.count <= limit.bound
    const text = `${limit.keyword}: got ${shownCount(got.count)}, want ${shownCount(limit.bound)}`
    return isKept ? undefined : fault(got.at, text)
  })
}

export function numberOf(value: Json | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined
}

export function checkText(schema: JsonObject, value: string, at: string): (Fault | undefined)[] {
  const { pattern } = schema
  const isWrong = typeof pattern === 'string' && !matchesPattern(pattern, value)
  return [
    ...checkCounts(schema, { count: Array.from(value).length, at }, ['minLength', 'maxLength']),
    isWrong ? fault(at, `${quoted(value)} does not match pattern ${quoted(pattern)}`) : undefined,
  ]
}

/** Go's regular expressions, as helm's validator uses them; one that cannot be compiled matches everything. */
export function matchesPattern(pattern: string, text: string): boolean {
  try {
    return matchesRegexp(compileRegexp(pattern), text)
  } catch (error) {
    // ECMA patterns with lookaheads are refused by helm when it reads the schema; here they are let pass.
    if (error instanceof GoError && error.code === 'bad-input') return true
    throw error
  }
}

export function checkNumber(schema: JsonObject, value: number, at: string): (Fault | undefined)[] {
  const wrong = (keyword: string, bound: number): Fault =>
    fault(at, `${keyword}: got ${shownNumber(value)}, want ${shownNumber(bound)}`)
  return boundsOf(schema).map(([keyword, bound]) => {
    return isKept(keyword, value, bound) ? undefined : wrong(keyword, bound)
  })
}

/** In draft 4 `exclusiveMinimum: true` sharpens `minimum`. */
function boundsOf(schema: JsonObject): [string, number][] {
  const found: [string, number][] = []
  for (const keyword of ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']) {
    const bound = numberOf(schema[keyword])
    const sharp = keyword === 'minimum' ? 'exclusiveMinimum' : 'exclusiveMaximum'
    const isSharp = (keyword === 'minimum' || keyword === 'maximum') && schema[sharp] === true
    if (bound !== undefined) found.push([isSharp ? sharp : keyword, bound])
  }
  return found
}

function isKept(keyword: string, value: number, bound: number): boolean {
  switch (keyword) {
    case 'minimum':
      return value >= bound
    case 'maximum':
      return value <= bound
    case 'exclusiveMinimum':
      return value > bound
    case 'exclusiveMaximum':
      return value < bound
    default:
      return bound === 0 || isMultiple(value, bound)
  }
}

/** 0.3 is a multiple of 0.1, although the division of floats leaves a rest. */
function isMultiple(value: number, bound: number): boolean {
  const ratio = value / bound
  return Math.abs(ratio - Math.round(ratio)) < Number.EPSILON * Math.max(1, Math.abs(ratio))
}
