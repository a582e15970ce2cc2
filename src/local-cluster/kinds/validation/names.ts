// What names, keys and ports must look like, in apimachinery's words (pkg/util/validation, pkg/api/validate/content, 1.36.3).

/** A rule over text: the messages of what is wrong with it, none where nothing is. */
export type TextRule = (text: string) => readonly string[]

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const LETTER_LABEL = '[a-z]([-a-z0-9]*[a-z0-9])?'
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`
const UNDERSCORED_LABEL = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const UNDERSCORED = `${UNDERSCORED_LABEL}(\\.${UNDERSCORED_LABEL})*`
const CONFIG_KEY = '[-._a-zA-Z0-9]+'
const WILDCARD = `\\*\\.${SUBDOMAIN}`
const PERCENT = '[0-9]+%'

const MATCH = {
  label: whole(LABEL),
  letterLabel: whole(LETTER_LABEL),
  subdomain: whole(SUBDOMAIN),
  configKey: whole(CONFIG_KEY),
  underscored: whole(UNDERSCORED),
  wildcard: whole(WILDCARD),
  percent: whole(PERCENT),
}
const ENDS_ALPHANUMERIC = 'and must start and end with an alphanumeric character'
const LABEL_TEXT = `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', ${ENDS_ALPHANUMERIC}`
const LETTER_TEXT =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character"
const SUBDOMAIN_TEXT = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', ${ENDS_ALPHANUMERIC}`
const WILDCARD_TEXT =
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character"

function whole(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`)
}

function patternText(text: string, pattern: string, ...examples: readonly string[]): string {
  const listed = examples.map((example) => `'${example}', `).join(' or ')
  return `${text} (e.g. ${listed}regex used for validation is '${pattern}')`
}

/** A label of DNS: `my-name`. Dots get a word of their own. */
export function dnsLabel(text: string): readonly string[] {
  const faults = longerThan(text, 63, 'characters')
  if (MATCH.label.test(text)) return faults
  if (MATCH.subdomain.test(text)) return [...faults, 'must not contain dots']
  return [...faults, patternText(LABEL_TEXT, LABEL, 'my-name', '123-abc')]
}

/** A label that begins with a letter: `v1beta1`. */
export function letterLabel(text: string): readonly string[] {
  const faults = longerThan(text, 63, 'characters')
  return MATCH.letterLabel.test(text)
    ? faults
    : [...faults, patternText(LETTER_TEXT, LETTER_LABEL, 'my-name', 'abc-123')]
}

/** A name of DNS: `example.com`. What most objects are called. */
export function dnsSubdomain(text: string): readonly string[] {
  const faults = longerThan(text, 253, 'characters')
  return MATCH.subdomain.test(text) ? faults : [...faults, patternText(SUBDOMAIN_TEXT, SUBDOMAIN, 'example.com')]
}

/** A name of DNS with underscores, as service records and search paths have them. */
export function underscoredSubdomain(text: string): readonly string[] {
  const faults = longerThan(text, 253, 'characters')
  const said = SUBDOMAIN_TEXT.replace("'-' or", "'_', '-' or")
  return MATCH.underscored.test(text) ? faults : [...faults, patternText(said, UNDERSCORED, 'example.com')]
}

/** `*.example.com` */
export function wildcardSubdomain(text: string): readonly string[] {
  const faults = longerThan(text, 253, 'characters')
  return MATCH.wildcard.test(text) ? faults : [...faults, patternText(WILDCARD_TEXT, WILDCARD, '*.example.com')]
}

/** A key of a ConfigMap or Secret, which may become the name of a file. */
export function configMapKey(text: string): readonly string[] {
  const faults = longerThan(text, 253, 'characters')
  const said = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
  if (!MATCH.configKey.test(text)) faults.push(patternText(said, CONFIG_KEY, 'key.name', 'KEY_NAME', 'key-name'))
  if (text === '.') faults.push("must not be '.'")
  else if (text === '..') faults.push("must not be '..'")
  else if (text.startsWith('..')) faults.push("must not start with '..'")
  return faults
}

/** The name of a variable: any printable ASCII but `=`. */
export function variableName(text: string): readonly string[] {
  const faults = text === '' ? ['environment variable name must be non-empty'] : []
  const said = "a valid environment variable name must consist only of printable ASCII characters other than '='"
  return /^[\x20-\x3c\x3e-\x7e]*$/.test(text) ? faults : [...faults, said]
}

/** The name of a port: up to 15 letters, digits and hyphens with a letter among them. */
export function portName(text: string): readonly string[] {
  const faults = longerThan(text, 15, 'characters')
  if (!/^[-a-z0-9]+$/.test(text)) faults.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  if (!/[a-z]/.test(text)) faults.push('must contain at least one letter (a-z)')
  if (text.includes('--')) faults.push('must not contain consecutive hyphens')
  if (text.startsWith('-') || text.endsWith('-')) faults.push('must not begin or end with a hyphen')
  return faults
}

/** The number of a port. */
export function portNumber(port: number): readonly string[] {
  return port >= 1 && port <= 65_535 ? [] : ['must be between 1 and 65535, inclusive']
}

/** `25%` */
export function percentage(text: string): readonly string[] {
  const said = "a valid percent string must be a numeric string followed by an ending '%'"
  return MATCH.percent.test(text) ? [] : [patternText(said, PERCENT, '1%', '93%')]
}

/** A segment of a URL's path, as RBAC objects are called. */
export function pathSegment(text: string): readonly string[] {
  if (text === '.' || text === '..') return [`may not be '${text}'`]
  return ['/', '%'].filter((character) => text.includes(character)).map((character) => `may not contain '${character}'`)
}

/** An address as new fields take it, written in the one form that is its own. */
export function addressName(text: string): readonly string[] {
  if (!isIpAddress(text)) return ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']
  const canonical = isIpv4(text) ? text : new URL(`http://[${text}]`).hostname.slice(1, -1)
  return text === canonical ? [] : [`must be in canonical form (${JSON.stringify(canonical)})`]
}

/** An address of IPv4 or IPv6. */
export function isIpAddress(text: string): boolean {
  return isIpv4(text) || isIpv6(text)
}

export function isIpv4(text: string): boolean {
  const parts = text.split('.')
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)
}

export function isIpv6(text: string): boolean {
  const halves = text.split('::')
  if (!text.includes(':') || halves.length > 2) return false
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  const last = groups.at(-1) ?? ''
  const hasIpv4 = isIpv4(last)
  const count = groups.length + (hasIpv4 ? 1 : 0)
  const plain = hasIpv4 ? groups.slice(0, -1) : groups
  return plain.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group)) && (halves.length === 2 ? count < 8 : count === 8)
}

/** A range of addresses: `10.0.0.0/8`. */
export function isCidr(text: string): boolean {
  const { address = '', bits = '' } = /^(?<address>[^/]+)\/(?<bits>0|[1-9]\d{0,2})$/.exec(text)?.groups ?? {}
  if (bits === '') return false
  return (isIpv4(address) && Number(bits) <= 32) || (isIpv6(address) && Number(bits) <= 128)
}

function longerThan(text: string, maximum: number, unit: 'bytes' | 'characters'): string[] {
  return text.length > maximum ? [`must be no more than ${maximum} ${unit}`] : []
}
