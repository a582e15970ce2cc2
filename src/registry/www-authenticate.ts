// The WWW-Authenticate header: which ways of logging in a registry offers (RFC 9110 section 11.6.1).

export interface Challenge {
  /** In lower case: `bearer`, `basic`. */
  readonly scheme: string
  /** Names in lower case: `realm`, `service`, `scope`, `error`. */
  readonly parameters: Readonly<Record<string, string>>
}

/** All challenges of all headers, in their order: several may stand in one header, and quoted values may hold commas. */
export function parseChallenges(headers: string | readonly string[] | undefined): readonly Challenge[] {
  const list = typeof headers === 'string' ? [headers] : (headers ?? [])
  return list.flatMap((header) => parseHeader(header))
}

/** RFC 9110 token: what schemes and names are made of. */
const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y
const SPACE = /[ \t]*/y
/** Between challenges and between parameters; empty list elements are allowed. */
const SEPARATOR = /[ \t,]*/y
const EQUALS = /[ \t]*=[ \t]*/y
const TOKEN68 = /[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y

interface Scan {
  readonly text: string
  at: number
}

function parseHeader(text: string): readonly Challenge[] {
  const scan: Scan = { text, at: 0 }
  const challenges: Challenge[] = []
  for (;;) {
    take(scan, SEPARATOR)
    const scheme = take(scan, TOKEN)
    // What follows something unreadable cannot be told apart any more.
    if (scheme === '') return challenges
    challenges.push({ scheme: scheme.toLowerCase(), parameters: parseParameters(scan) })
  }
}

/** Reads until the next challenge begins: a word that no equals sign follows. */
function parseParameters(scan: Scan): Readonly<Record<string, string>> {
  const parameters: Record<string, string> = Object.create(null) as Record<string, string>
  take(scan, SPACE)
  if (take(scan, TOKEN68) !== '') return parameters
  for (;;) {
    const start = scan.at
    take(scan, SEPARATOR)
    const name = take(scan, TOKEN).toLowerCase()
    if (name === '' || take(scan, EQUALS) === '') {
      scan.at = start
      return parameters
    }
    const value = scan.text[scan.at] === '"' ? takeQuoted(scan) : take(scan, TOKEN)
    parameters[name] = value
  }
}

function take(scan: Scan, pattern: RegExp): string {
  const sticky = new RegExp(pattern, 'y')
  sticky.lastIndex = scan.at
  const found = sticky.exec(scan.text)?.[0] ?? ''
  scan.at += found.length
  return found
}

/** A quoted text with its backslashes taken out; one that never ends is empty, and ends the header. */
function takeQuoted(scan: Scan): string {
  let value = ''
  for (let at = scan.at + 1; at < scan.text.length; at++) {
    const character = scan.text[at] ?? ''
    if (character === '"') {
      scan.at = at + 1
      return value
    }
    if (character === '\\') at++
    value += scan.text[at] ?? ''
  }
  scan.at = scan.text.length
  return ''
}
