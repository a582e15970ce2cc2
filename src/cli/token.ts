// What a token says of itself, read without checking it, and how long a new one lasts.
import { CapstanError } from '../base/errors.ts'

export interface Claims {
  readonly sub: string
  readonly iss: string
  readonly jti: string
  /** Seconds since 1970; 0 for none. */
  readonly iat: number
  readonly exp: number
  readonly all: Readonly<Record<string, unknown>>
}

/** Reads a JSON web token's claims; `bad-input` for what is none. */
export function claimsOf(token: string): Claims {
  const all = payloadOf(token)
  const text = (name: string): string => {
    const value = all[name]
    return typeof value === 'string' ? value : ''
  }
  const seconds = (name: string): number => {
    const value = all[name]
    return typeof value === 'number' ? value : 0
  }
  return { sub: text('sub'), iss: text('iss'), jti: text('jti'), iat: seconds('iat'), exp: seconds('exp'), all }
}

function payloadOf(token: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    if (typeof parsed === 'object' && parsed !== null) return { ...parsed }
  } catch (error) {
    throw new CapstanError('bad-input', 'received malformed token', { cause: error })
  }
  throw new CapstanError('bad-input', 'received malformed token')
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** `12h`, `7d`, `90s` as seconds (argoproj/pkg timeutils ParseDuration). */
export function secondsOfDuration(text: string): number {
  const found = /^(?<count>\d+)(?<unit>[smhd])$/.exec(text)?.groups
  if (found === undefined)
    throw new CapstanError(
      'bad-input',
      `invalid since format '${text}', expected format <duration><unit> (e.g. 3h); units are s, m, h and d`,
    )
  return Number(found['count']) * (SECONDS[found['unit'] ?? ''] ?? 1)
}
