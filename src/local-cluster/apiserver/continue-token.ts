// Continue tokens of paged lists: where the next page begins, and which state it shows.
import { badRequest } from './status.ts'

export interface ContinueToken {
  /** The revision the first page showed; -1 for "whatever is newest". */
  readonly revision: number
  /** Last key of the page before, without the prefix. */
  readonly after: string
  /** Items behind that key; undefined where selectors hide their number. */
  readonly remaining?: number
}

/** Opaque text for clients, in the shape kube-apiserver gives it (base64 of JSON). */
export function encodeContinue(token: ContinueToken): string {
  const { revision, after, remaining } = token
  const text = JSON.stringify({
    v: 'meta.k8s.io/v1',
    rv: revision,
    start: after,
    ...(remaining === undefined ? {} : { left: remaining }),
  })
  return Buffer.from(text).toString('base64url')
}

/** Reads a token. Throws 400 for anything that is none. */
export function decodeContinue(text: string): ContinueToken {
  const decoded = Buffer.from(text, 'base64url').toString('latin1')
  const parsed = parseToken(decoded)
  const { v, rv, start, left } = parsed
  if (v !== 'meta.k8s.io/v1')
    throw invalidToken(`server does not recognize this encoded version ${typeof v === 'string' ? v : ''}`, '')
  if (typeof rv !== 'number' || !Number.isInteger(rv) || rv === 0)
    throw invalidToken('incorrect encoded start resourceVersion', ' (version meta.k8s.io/v1)')
  if (typeof start !== 'string' || start === '')
    throw invalidToken('encoded start key empty', ' (version meta.k8s.io/v1)')
  // Keys never hold these; what they would be cleaned to lies behind another prefix (`pkg/storage/continue.go`).
  if (start.split('/').some((part) => part === '.' || part === '..')) throw invalidToken(start, '')
  return { revision: rv, after: start, ...(typeof left === 'number' ? { remaining: left } : {}) }
}

function parseToken(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    // The complaint is Go's, about the first character; what JSON.parse says is of no use to a client.
    throw badRequest(
      `invalid continue token: continue key is not valid: invalid character ${quotedCharacter(text)} looking for beginning of value`,
    )
  }
}

/** The first character as Go quotes it: those that cannot be printed as escapes. */
function quotedCharacter(text: string): string {
  const code = text.charCodeAt(0)
  if (code === 0x27) return `'\\''`
  if (code < 0x20 || code === 0x7f) return `'\\x${code.toString(16).padStart(2, '0')}'`
  if (code >= 0x80 && (code <= 0xa0 || code === 0xad)) return `'\\u00${code.toString(16)}'`
  return `'${text[0] ?? ''}'`
}

function invalidToken(why: string, version: string): Error {
  return badRequest(`invalid continue token: continue key is not valid: ${why}${version}`)
}
