// Sprig's functions on regular expressions.
import { stringsFrom } from '../go/capacity.ts'
import { GoError } from '../go/error.ts'
import {
  compileRegexp,
  findAllMatches,
  findRegexp,
  matchesRegexp,
  mustCompileRegexp,
  quoteRegexp,
  replaceAllLiterally,
  replaceAllMatches,
  splitByRegexp,
} from '../go/regexp/regexp.ts'
import type { GoRegexp } from '../go/regexp/regexp.ts'
import { INT, STRING, STRING_SLICE } from '../go/values.ts'
import type { GoFunction, GoType, GoValue } from '../go/values.ts'
import { countAt, fixed, nilSlice, textAt } from './define.ts'
import type { FunctionTable } from './define.ts'

type Compile = (pattern: string) => GoRegexp
type Body = (regexp: GoRegexp, args: readonly GoValue[]) => GoValue

const TWO: readonly GoType[] = [STRING, STRING]
const THREE: readonly GoType[] = [STRING, STRING, STRING]
const COUNTED: readonly GoType[] = [STRING, STRING, INT]

export const REGEXP_FUNCTIONS: FunctionTable = {
  regexMatch: fixed(TWO, (args) => {
    try {
      return matchesRegexp(compileRegexp(textAt(args, 0)), textAt(args, 1))
    } catch (error) {
      if (error instanceof GoError) return false // Sprig drops the error of a pattern that does not compile
      throw error
    }
  }),
  mustRegexMatch: withPattern(TWO, compileRegexp, (regexp, args) => matchesRegexp(regexp, textAt(args, 1))),
  ...both('egexFind', TWO, (regexp, args) => findRegexp(regexp, textAt(args, 1))),
  ...both('egexFindAll', COUNTED, findAll),
  ...both('egexReplaceAll', THREE, (regexp, args) => replaceAllMatches(regexp, textAt(args, 1), textAt(args, 2))),
  ...both('egexReplaceAllLiteral', THREE, (regexp, args) =>
    replaceAllLiterally(regexp, textAt(args, 1), textAt(args, 2)),
  ),
  ...both('egexSplit', COUNTED, split),
  regexQuoteMeta: fixed([STRING], (args) => quoteRegexp(textAt(args, 0))),
}

/** The function that panics and its `must` twin: they differ in the error for a bad pattern. */
function both(name: string, params: readonly GoType[], body: Body): FunctionTable {
  return {
    [`r${name}`]: withPattern(params, mustCompileRegexp, body),
    [`mustR${name}`]: withPattern(params, compileRegexp, body),
  }
}

function withPattern(params: readonly GoType[], compile: Compile, body: Body): GoFunction {
  return fixed(params, (args) => body(compile(textAt(args, 0)), args))
}

/** Go makes room for so many before it looks for the first (regexp.go startSize). */
const FIRST_MATCHES = 10

function findAll(regexp: GoRegexp, args: readonly GoValue[]): GoValue {
  const text = textAt(args, 1)
  const matches = findAllMatches(regexp, text, countAt(args, 2))
  if (matches.length === 0) return nilSlice(STRING_SLICE)
  return stringsFrom(
    FIRST_MATCHES,
    matches.map((match) => text.slice(match[0], match[1])),
  )
}

function split(regexp: GoRegexp, args: readonly GoValue[]): GoValue {
  const limit = countAt(args, 2)
  if (limit === 0) return nilSlice(STRING_SLICE)
  const parts = splitByRegexp(regexp, textAt(args, 1), textAt(args, 0), limit)
  return stringsFrom(Math.max(parts.length - 1, 1), parts)
}
