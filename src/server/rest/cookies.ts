// The session token on its way in and out: bearer header or cookie, split where it is too long for one (util/http, v3.5.1).
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { Secret } from '../../base/secret.ts'

const NAME = 'argocd.token'
/** Browsers keep at least 4,096 bytes of a cookie, name and attributes included. */
const MAX_COOKIE_BYTES = 4093
/** Upstream's `maxNumber`. */
const MAX_PARTS = 20

/** The token a request carries, from the Authorization header or the cookie. */
export function tokenOf(request: IncomingMessage): Secret | undefined {
  return tokenInHeaders(request.headers)
}

/** The token that headers carry; see `tokenOf`. */
export function tokenInHeaders(headers: IncomingHttpHeaders): Secret | undefined {
  const bearer = /^Bearer (?<token>\S+)$/i.exec(headers.authorization ?? '')?.groups?.['token']
  const token = bearer ?? tokenFromCookies(headers.cookie ?? '')
  return token === undefined || token === '' ? undefined : new Secret(token)
}

/** The value of one cookie of a request. */
export function cookieOf(request: IncomingMessage, name: string): string | undefined {
  return readCookies(request.headers.cookie ?? '').get(name)
}

function readCookies(header: string): ReadonlyMap<string, string> {
  return new Map(
    header.split(';').map((pair) => {
      const equals = pair.indexOf('=')
      return [pair.slice(0, Math.max(equals, 0)).trim(), pair.slice(equals + 1).trim()] as const
    }),
  )
}

function tokenFromCookies(header: string): string | undefined {
  const cookies = readCookies(header)
  const first = cookies.get(NAME)
  const split = /^(?<count>\d+):(?<part>.*)$/.exec(first ?? '')?.groups
  if (split === undefined) return first
  const count = Math.min(Number(split['count']), MAX_PARTS)
  const rest = Array.from({ length: Math.max(count - 1, 0) }, (_, index) => cookies.get(`${NAME}-${index + 1}`) ?? '')
  return [split['part'] ?? '', ...rest].join('')
}

/** Who gets a cookie back: the server alone, over TLS alone where it came so, below its path alone. */
export interface CookieScope {
  readonly isSecure: boolean
  /** `/`, or `/argocd`. */
  readonly path: string
}

/** The scope of a server below a base, `/` or `/argocd/`. */
export function cookieScope(base: string, isSecure: boolean): CookieScope {
  return { isSecure, path: `/${base.replace(/^\/+|\/+$/g, '')}` }
}

/** `Set-Cookie` values that store a token. */
export function tokenCookies(token: Secret, scope: CookieScope): string[] {
  const text = token.reveal()
  const attributes = attributesOf(scope)
  const room = MAX_COOKIE_BYTES - NAME.length - attributes.length - 8
  if (text.length <= room) return [`${NAME}=${text}; ${attributes}`]
  const parts = text.match(new RegExp(`.{1,${room}}`, 'g')) ?? []
  return parts.map((part, index) =>
    index === 0 ? `${NAME}=${parts.length}:${part}; ${attributes}` : `${NAME}-${index}=${part}; ${attributes}`,
  )
}

/** `Set-Cookie` values that make a browser forget the token. */
export function clearedTokenCookies(scope: CookieScope): string[] {
  return [`${NAME}=; Max-Age=0; ${attributesOf(scope)}`]
}

/** What follows the value of a cookie. */
export function attributesOf({ isSecure, path }: CookieScope): string {
  return `path=${path}; SameSite=lax; httpOnly${isSecure ? '; Secure' : ''}`
}
