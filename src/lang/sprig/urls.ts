// urlParse and urlJoin: Go's net/url as far as they show it.
import { GoError } from '../go/error.ts'
import { quoteText } from '../go/quote.ts'
import { bytesOfText, textOfBytes } from '../go/text.ts'
import { ANY_MAP, STRING, stringOf, typeOf } from '../go/values.ts'
import type { GoMap, GoValue } from '../go/values.ts'
import { fixed, mapAt, textAt } from './define.ts'
import type { FunctionTable } from './define.ts'

export const URL_FUNCTIONS: FunctionTable = {
  urlParse: fixed([STRING], (args) => partsMap(parseUrl(textAt(args, 0), 'unable to parse url'))),
  urlJoin: fixed([ANY_MAP], (args) => joinUrl(mapAt(args, 0))),
}

interface UrlParts {
  scheme: string
  host: string
  path: string
  query: string
  opaque: string
  fragment: string
  userinfo: string
}

function partsMap(parts: UrlParts): GoMap {
  const hostname = parts.host.replace(/^\[(.*)\](?::\d*)?$/, '$1')
  const name = hostname === parts.host ? hostname.replace(/:\d*$/, '') : hostname
  return new Map<GoValue, GoValue>([...Object.entries(parts), ['hostname', name]])
}

function fail(context: string, url: string, reason: string): GoError {
  return new GoError(`${context}: parse ${quoteText(url)}: ${reason}`)
}

/** url.Parse; `context` stands before its error. */
function parseUrl(url: string, context: string): UrlParts {
  const fault: Fault = (reason) => fail(context, url, reason)
  if (/\p{Cc}/u.test(url)) throw fault('net/url: invalid control character in URL')
  const parts: UrlParts = { scheme: '', host: '', path: '', query: '', opaque: '', fragment: '', userinfo: '' }
  const [beforeFragment, fragment = ''] = cut(url, '#')
  parts.fragment = unescaped(fragment, fault)
  const afterScheme = readScheme(parts, beforeFragment, fault)
  const [rest, query = ''] = cut(afterScheme, '?')
  parts.query = query
  if (parts.scheme !== '' && !rest.startsWith('/')) parts.opaque = rest
  else readHierarchy(parts, rest, fault)
  return parts
}

/** Takes the scheme, and returns what follows it. */
function readScheme(target: UrlParts, text: string, fault: Fault): string {
  const scheme = /^(?<scheme>[A-Za-z][A-Za-z0-9+.-]*):/.exec(text)?.groups?.['scheme']
  if (scheme === undefined) {
    if (text.startsWith(':')) throw fault('missing protocol scheme')
    if (/^[^/?#]*:/.test(text)) throw fault('first path segment in URL cannot contain colon')
    return text
  }
  Object.assign(target, { scheme: scheme.toLowerCase() })
  return text.slice(scheme.length + 1)
}

function readHierarchy(target: UrlParts, rest: string, fault: Fault): void {
  const hasAuthority = rest.startsWith('//') && !rest.startsWith('///')
  const slash = hasAuthority ? rest.indexOf('/', 2) : 0
  const pathStart = slash < 0 ? rest.length : slash
  readAuthority(target, hasAuthority ? rest.slice(2, pathStart) : '', fault)
  Object.assign(target, { path: unescaped(rest.slice(pathStart), fault) })
}

type Fault = (reason: string) => GoError

function cut(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

function readAuthority(target: UrlParts, authority: string, fault: Fault): void {
  const at = authority.lastIndexOf('@')
  const host = authority.slice(at + 1)
  const wrong = /[\s"<>^`{|}\\]/.exec(host)?.[0]
  if (wrong !== undefined) throw fault(`invalid character ${quoteText(wrong)} in host name`)
  const port = /:(?<port>[^:\]]*)$/.exec(host)?.groups?.['port']
  if (port !== undefined && !/^\d*$/.test(port)) throw fault(`invalid port ${quoteText(`:${port}`)} after host`)
  if (at >= 0 && !/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(authority.slice(0, at)))
    throw fault('net/url: invalid userinfo')
  const changes = { host: unescaped(host, fault), userinfo: at < 0 ? '' : authority.slice(0, at) }
  Object.assign(target, changes)
}

function unescaped(text: string, fault: Fault): string {
  if (!text.includes('%')) return text
  const wrong = /%(?![0-9A-Fa-f]{2}).{0,2}/su.exec(text)?.[0]
  if (wrong !== undefined) throw fault(`invalid URL escape ${quoteText(wrong)}`)
  const bytes = bytesOfText(text)
    .toString('latin1')
    .replaceAll(/%(..)/g, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return textOfBytes(Buffer.from(bytes, 'latin1'))
}

function joinUrl(map: GoMap): string {
  const part = (key: string): string => textPart(map, key)
  const [scheme, host, path, opaque] = [part('scheme'), part('host'), part('path'), part('opaque')]
  const userinfo = part('userinfo')
  if (userinfo !== '') parseUrl(`proto://${userinfo}@host`, 'unable to parse userinfo in dict')
  const start = scheme === '' ? '' : `${scheme}:`
  const query = part('query') === '' ? '' : `?${part('query')}`
  const fragment = part('fragment') === '' ? '' : `#${escaped(part('fragment'), /[A-Za-z0-9\-._~$&+,/:;=@!'()*?]/)}`
  if (opaque !== '') return start + opaque + query + fragment
  const authority = scheme !== '' || host !== '' || userinfo !== '' ? authorityText({ host, path, userinfo }) : ''
  const needsSlash = path !== '' && !path.startsWith('/') && host !== ''
  const escapedPath = escaped(path, /[A-Za-z0-9\-._~$&+,/:;=@!'()*]/)
  return start + authority + (needsSlash ? '/' : '') + escapedPath + query + fragment
}

function authorityText(parts: Pick<UrlParts, 'host' | 'path' | 'userinfo'>): string {
  if (parts.host === '' && parts.path === '' && parts.userinfo === '') return ''
  if (parts.host === '' && parts.userinfo === '') return parts.path.startsWith('//') ? '//' : ''
  return `//${parts.userinfo === '' ? '' : `${parts.userinfo}@`}${escaped(parts.host, /[A-Za-z0-9\-._~!$&'()*+,;=:[\]<>"]/)}`
}

function textPart(map: GoMap, key: string): string {
  const value = map.get(key)
  if (value === undefined) return ''
  const text = stringOf(value)
  if (text !== undefined) return text
  throw new GoError(`unable to parse ${key} key, must be of type string, but ${typeOf(value)?.kind ?? 'invalid'} found`)
}

function escaped(text: string, plain: RegExp): string {
  let result = ''
  for (const byte of bytesOfText(text)) {
    const char = String.fromCharCode(byte)
    result += plain.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return result
}
