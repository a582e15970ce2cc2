// Regular expressions in jq, as gojq has them: Go's.
import { messageOf } from '../../base/errors.ts'
import { compileRegexp, findAllMatches, type GoRegexp, type Match, matchesRegexp } from '../go/regexp/regexp.ts'
import { JqError } from './error.ts'
import { describe, preview } from './value-text.ts'
import { charactersOf, type Json } from './values.ts'

export interface MatchRequest {
  readonly pattern: Json
  /** Of `g`, `i`, `x`, `s`, `n` and `l`, or null. */
  readonly flags: Json
  /** True for a yes or no. */
  readonly isTest: Json
}

/** What `match` gives as a list, or whether there is a match. */
export function matchesOf(value: Json, { pattern, flags, isTest }: MatchRequest): Json {
  if (typeof value !== 'string' || typeof pattern !== 'string') {
    throw new JqError(`match(${preview(pattern)}) cannot be applied to: ${describe(value)}`)
  }
  if (flags !== null && (typeof flags !== 'string' || !/^[gimxsnlp]*$/.test(flags))) {
    throw new JqError(`unsupported regular expression flag: ${preview(flags)}`)
  }
  const text = flags ?? ''
  const regexp = compile(pattern, text)
  if (isTest === true) return matchesRegexp(regexp, value)
  const matches = findAllMatches(regexp, value, text.includes('g') ? -1 : 1)
  return matches.map((match) => describeMatch(regexp, value, match))
}

function compile(pattern: string, flags: string): GoRegexp {
  const own = ['i', 's'].filter((flag) => flags.includes(flag)).join('')
  try {
    return compileRegexp(own === '' ? pattern : `(?${own})${pattern}`)
  } catch (error) {
    throw new JqError(`invalid regular expression ${JSON.stringify(pattern)}: ${messageOf(error)}`)
  }
}

function describeMatch({ names }: GoRegexp, text: string, match: Match): Json {
  const groups: { [key: string]: Json }[] = []
  for (let at = 0; at < match.length; at += 2) {
    const [start = -1, end = -1] = match.slice(at, at + 2)
    const string = start < 0 ? null : text.slice(start, end)
    const offset = start < 0 ? -1 : charactersOf(text.slice(0, start)).length
    groups.push({
      offset,
      length: string === null ? 0 : charactersOf(string).length,
      string,
      name: names[at / 2 - 1] || null,
    })
  }
  const [whole, ...captures] = groups
  const { name: _name, ...place } = whole ?? {}
  return { ...place, captures }
}
