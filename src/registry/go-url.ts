// The parts of an address as Go's net/url reads them, as far as keys of docker configs need it (Go 1.26, url.go).
import { isIPv6 } from 'node:net'

export interface GoUrl {
  /** Host with its port, percent-decoded; without user and password. */
  readonly host: string
  /** Percent-decoded. */
  readonly path: string
}

/** Bytes that may stand in a host as they are; `[` and `]` only around an IPv6 address. */
const HOST_BYTES = /^[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"\u0080-\u{10ffff}]*$/u
const USER_INFO = /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/
// Go's stringContainsCTLByte.
// oxlint-disable-next-line no-control-regex -- the control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/

/** Reads `https://` or `http://` addresses; undefined where Go reports an error. */
export function parseGoUrl(text: string): GoUrl | undefined {
  const scheme = /^https?:\/\//.exec(text)?.[0]
  if (scheme === undefined || CONTROL.test(text)) return undefined
  const [withoutFragment, fragment] = cut(text.slice(scheme.length), '#')
  if (unescapeText(fragment) === undefined) return undefined
  const [address] = cut(withoutFragment, '?')
  const slash = address.indexOf('/')
  const authority = slash < 0 ? address : address.slice(0, slash)
  const path = unescapeText(slash < 0 ? '' : address.slice(slash))
  const at = authority.lastIndexOf('@')
  if (path === undefined || (at >= 0 && !isUserInfo(authority.slice(0, at)))) return undefined
  const host = parseHost(authority.slice(at + 1))
  return host === undefined ? undefined : { host, path }
}

/** `host:port` taken apart; without a port, or where it cannot be told, all of it is the host (Go's net.SplitHostPort). */
export function splitHostPort(text: string): { readonly host: string; readonly port: string } {
  const whole = { host: text, port: '' }
  const colon = text.lastIndexOf(':')
  if (colon < 0) return whole
  if (text.startsWith('[')) {
    const end = text.indexOf(']')
    if (end < 0 || end + 1 !== colon || /[[\]]/.test(text.slice(1, end) + text.slice(end + 1))) return whole
    return { host: text.slice(1, end), port: text.slice(colon + 1) }
  }
  const host = text.slice(0, colon)
  return host.includes(':') || /[[\]]/.test(text) ? whole : { host, port: text.slice(colon + 1) }
}

function parseHost(text: string): string | undefined {
  const bracket = text.lastIndexOf('[')
  if (bracket > 0) return undefined
  if (bracket === 0) return parseBracketed(text)
  const colon = text.indexOf(':')
  if (colon >= 0 && !isPort(text.slice(colon))) return undefined
  return unescapeHost(text)
}

function parseBracketed(text: string): string | undefined {
  const end = text.lastIndexOf(']')
  const port = text.slice(end + 1)
  if (end < 0 || !isPort(port)) return undefined
  const inside = text.slice(1, end)
  const zone = inside.indexOf('%25')
  const address = unescapeHost(zone < 0 ? inside : inside.slice(0, zone))
  const zoneText = zone < 0 ? '' : unescapeText(inside.slice(zone))
  if (address === undefined || zoneText === undefined) return undefined
  const isZone = zone < 0 || (zoneText.length > 1 && HOST_BYTES.test(zoneText.slice(1).replaceAll(' ', '')))
  return isZone && isIPv6(address) ? `[${address}${zoneText}]${port}` : undefined
}

function isPort(text: string): boolean {
  return /^(?::\d*)?$/.test(text)
}

function isUserInfo(text: string): boolean {
  if (!USER_INFO.test(text)) return false
  const [user, password] = cut(text, ':')
  return unescapeText(user) !== undefined && unescapeText(password) !== undefined
}

/** Only bytes beyond ASCII, and the percent sign itself, may be escaped in a host. */
function unescapeHost(text: string): string | undefined {
  if (/%(?!25)[0-7]/.test(text) || !HOST_BYTES.test(text.replaceAll('%', ''))) return undefined
  return unescapeText(text)
}

/** Undefined for a percent sign without two hexadecimal digits. */
function unescapeText(text: string): string | undefined {
  if (!text.includes('%')) return text
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return undefined
  const bytes: Buffer[] = []
  const parts = text.split(/(?<escaped>%[0-9A-Fa-f]{2})/)
  for (const part of parts) {
    const isEscaped = part.length === 3 && part.startsWith('%')
    bytes.push(isEscaped ? Buffer.of(Number.parseInt(part.slice(1), 16)) : Buffer.from(part))
  }
  return Buffer.concat(bytes).toString('utf8')
}

function cut(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
