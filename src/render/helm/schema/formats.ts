// The formats of JSON Schema that helm's validator asserts, and what it says of texts that have them not.
import { GoError } from '../../../lang/go/error.ts'
import { quoteText } from '../../../lang/go/quote.ts'
import { compileRegexp } from '../../../lang/go/regexp/regexp.ts'
import { dateProblem, dateTimeProblem, timeProblem } from './time-formats.ts'

/** Why a text does not have a format; undefined where it has, and for formats that are not known. */
export function formatProblem(format: string, text: string): string | undefined {
  return Object.hasOwn(FORMATS, format) ? FORMATS[format]?.(text) : undefined
}

type Format = (text: string) => string | undefined

const FORMATS: Readonly<Record<string, Format>> = {
  email: emailProblem,
  hostname: hostnameProblem,
  ipv4: ipv4Problem,
  ipv6: ipv6Problem,
  uri: (text) => uriProblem(text) ?? (/^[a-zA-Z][a-zA-Z0-9+.-]*:/.test(text) ? undefined : 'relative url'),
  'uri-reference': uriReferenceProblem,
  uuid: uuidProblem,
  regex: regexProblem,
  'json-pointer': jsonPointerProblem,
  date: dateProblem,
  time: timeProblem,
  'date-time': dateTimeProblem,
}

const MAX_LOCAL_LENGTH = 64
const MAX_EMAIL_LENGTH = 254

function emailProblem(text: string): string | undefined {
  if (text.length > MAX_EMAIL_LENGTH) return 'more than 255 characters long'
  const at = text.lastIndexOf('@')
  if (at < 0) return 'missing @'
  const local = text.slice(0, at)
  const domain = text.slice(at + 1)
  if (local.length > MAX_LOCAL_LENGTH) return 'local part more than 64 characters long'
  const wrong = /^".*"$/.test(local) ? quotedProblem(local) : localProblem(local)
  if (wrong !== undefined || /^\[.*\]$/.test(domain)) return wrong
  const reason = hostnameProblem(domain)
  return reason === undefined ? undefined : `invalid domain: ${reason}`
}

function quotedProblem(local: string): string | undefined {
  return /[\\"]/.test(local.slice(1, -1)) ? 'backslash and quote are not allowed within quoted local part' : undefined
}

function localProblem(local: string): string | undefined {
  if (local.startsWith('.')) return 'starts with dot'
  if (local.endsWith('.')) return 'ends with dot'
  if (local.includes('..')) return 'consecutive dots'
  const strange = /[^a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]/u.exec(local)?.[0]
  return strange === undefined ? undefined : `invalid character ${rune(strange)}`
}

function rune(character: string): string {
  return `'${character}'`
}

const MAX_HOSTNAME_LENGTH = 253
const MAX_LABEL_LENGTH = 63

function hostnameProblem(text: string): string | undefined {
  const name = text.endsWith('.') ? text.slice(0, -1) : text
  if (name.length > MAX_HOSTNAME_LENGTH) return 'more than 253 characters long'
  for (const label of name.split('.')) {
    const wrong = labelProblem(label)
    if (wrong !== undefined) return wrong
  }
  return undefined
}

function labelProblem(label: string): string | undefined {
  if (label.length === 0 || label.length > MAX_LABEL_LENGTH) return 'label must be 1 to 63 characters long'
  if (label.startsWith('-')) return 'label starts with hyphen'
  if (label.endsWith('-')) return 'label ends with hyphen'
  const strange = /[^a-zA-Z0-9-]/u.exec(label)?.[0]
  return strange === undefined ? undefined : `invalid character ${rune(strange)}`
}

function ipv4Problem(text: string): string | undefined {
  const groups = text.split('.')
  if (groups.length !== 4) return 'expected four decimals'
  for (const group of groups) {
    if (group.length > 1 && group.startsWith('0')) return 'leading zeros'
    if (!/^[+-]?\d+$/.test(group)) return `strconv.Atoi: parsing ${quoteText(group)}: invalid syntax`
    if (Number(group) < 0 || Number(group) > 255) return 'decimal must be between 0 and 255'
  }
  return undefined
}

function ipv6Problem(text: string): string | undefined {
  if (!text.includes(':')) return 'missing colon'
  if (text.includes('%')) return 'zone id is not a part of ipv6 address'
  return isIpv6(text) ? undefined : `ParseAddr(${quoteText(text)}): unable to parse IP`
}

function isIpv6(text: string): boolean {
  const halves = text.split('::')
  if (halves.length > 2) return false
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  const last = groups.at(-1) ?? ''
  const hasV4 = last.includes('.')
  if (hasV4 && ipv4Problem(last) !== undefined) return false
  const plain = hasV4 ? groups.slice(0, -1) : groups
  if (!plain.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return false
  const count = plain.length + (hasV4 ? 2 : 0)
  return halves.length === 2 ? count < 8 : count === 8
}

/** What Go's net/url refuses. */
function uriProblem(text: string): string | undefined {
  const authority = /^(?:[a-zA-Z][a-zA-Z0-9+.-]*:)?\/\/(?<authority>[^/?#]*)/.exec(text)?.groups?.['authority'] ?? ''
  const reason = hostProblem(authority.slice(authority.lastIndexOf('@') + 1)) ?? escapeProblem(text)
  return reason === undefined ? undefined : `parse ${quoteText(text)}: ${reason}`
}

function hostProblem(host: string): string | undefined {
  if (host.startsWith('[') && !host.includes(']')) return "missing ']' in host"
  const strange = /[ "<>^`{|}\\]/.exec(host)?.[0]
  return strange === undefined ? undefined : `invalid character ${quoteText(strange)} in host name`
}

function escapeProblem(text: string): string | undefined {
  const escape = /%(?![0-9a-fA-F]{2}).{0,2}/.exec(text.split(/[?#]/, 1)[0] ?? '')?.[0]
  return escape === undefined ? undefined : `invalid URL escape ${quoteText(escape)}`
}

function uriReferenceProblem(text: string): string | undefined {
  return uriProblem(text) ?? (text.includes('\\') ? 'contains \\' : undefined)
}

const UUID_LENGTHS: readonly number[] = [8, 4, 4, 4, 12]

function uuidProblem(text: string): string | undefined {
  const parts = text.split('-')
  if (parts.length !== UUID_LENGTHS.length) return 'must have 5 elements'
  for (const [index, part] of parts.entries()) {
    const length = UUID_LENGTHS[index]
    if (part.length !== length) return `element ${index + 1} must be ${length} characters long`
    const strange = /[^0-9a-fA-F]/u.exec(part)?.[0]
    if (strange !== undefined) return `non-hex character ${rune(strange)}`
  }
  return undefined
}

function regexProblem(text: string): string | undefined {
  try {
    compileRegexp(text)
    return undefined
  } catch (error) {
    if (error instanceof GoError) return error.message
    throw error
  }
}

function jsonPointerProblem(text: string): string | undefined {
  if (text !== '' && !text.startsWith('/')) return 'not starting with /'
  return /~(?![01])/.test(text) ? '~ must be followed by 0 or 1' : undefined
}
