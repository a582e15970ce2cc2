// Character classes of RE2 as JavaScript class members: perl, POSIX and Unicode ones.
import { syntaxError } from './syntax.ts'

/** \d \s \w, which are ASCII. */
export const PERL_CLASSES: Readonly<Record<string, string>> = {
  d: '0-9',
  s: '\\t\\n\\f\\r ',
  w: '0-9A-Za-z_',
}

export const POSIX_CLASSES: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7f',
  blank: '\\t ',
  cntrl: '\\x00-\\x1f\\x7f',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`\\{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
}

const CATEGORY = /^(?:L[ulmto]?|M[nce]?|N[dlo]?|P[cdseifo]?|S[mcko]?|Z[slp]?|C[cfo]?)$/

/** A class by its Unicode name: a category, a script, or Any; `whole` is how it was written. */
export function unicodeClass(name: string, isNegated: boolean, whole: string): string {
  const escape = isNegated ? '\\P' : '\\p'
  if (name === 'Any') return `${escape}{Any}`
  if (CATEGORY.test(name)) return `${escape}{${name}}`
  const script = `${escape}{Script=${name}}`
  if (!/^[A-Za-z_]+$/.test(name) || !isValid(script)) throw syntaxError('invalid character class range', whole)
  return script
}

function isValid(source: string): boolean {
  try {
    return new RegExp(source, 'u').source !== ''
  } catch {
    return false // a name JavaScript does not know is none of Unicode's scripts
  }
}

/** One code point as a member of a JavaScript class. */
export function classMember(point: number): string {
  return `\\u{${point.toString(16)}}`
}
